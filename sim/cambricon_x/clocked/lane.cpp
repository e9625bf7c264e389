#include "sim/cambricon_x/clocked/lane.h"

#include <algorithm>

namespace rebasis::sim::cambricon_x {

void Lane::begin(const Program& program, std::size_t lane, std::int64_t positions) {
  filters_ = &program.lanes[lane];
  lines_ = static_cast<std::int64_t>(program.lines.size());
  positions_ = positions;
  position_ = filters_->empty() ? positions : 0;
  filter_ = 0;
  synapse_ = 0;
  at_ = -1;
  fresh_ = true;
  line_ = done() ? 0 : filter().candidates.front().line;
}

std::int64_t Lane::next_line() const { return position_ * lines_ + (done() ? 0 : line_); }

void Lane::next_filter() {
  synapse_ = 0;
  at_ = -1;
  fresh_ = true;
  if (++filter_ == filters_->size()) {
    filter_ = 0;
    ++position_;
  }
  line_ = filter().candidates.front().line;
}

Selection Lane::work(const LineRegisters& shown, std::int64_t multipliers, std::size_t step) {
  Selection selection;
  index_bits_ = 0;
  doing_ = Doing::nothing;
  if (done()) return selection;
  doing_ = Doing::waits;
  if (next_line() >= shown.read) return selection;
  const LaneFilter& now = filter();
  if (fresh_) index_bits_ = now.index_bits;
  fresh_ = false;
  selection = {true, step, now.number, position_, false, {}};
  const auto place = [&] { return now.candidates[static_cast<std::size_t>(at_ + now.steps[synapse_])]; };
  const std::vector<int>& line = shown.at(next_line());
  while (synapse_ < now.steps.size() && static_cast<std::int64_t>(selection.neurons.size()) < multipliers &&
         place().line == line_) {
    selection.neurons.push_back(line[static_cast<std::size_t>(place().offset)]);
    at_ += now.steps[synapse_++];
  }
  doing_ = selection.neurons.empty() ? Doing::scans : Doing::takes;
  if (synapse_ == now.steps.size()) {
    selection.last = true;
    next_filter();
  } else if (place().line != line_) {
    // The next line with neurons of the filter's group.
    line_ = std::find_if(now.candidates.begin(), now.candidates.end(), [&](const Place& p) {
              return p.line > line_;
            })->line;
  }
  return selection;
}

}  // namespace rebasis::sim::cambricon_x
