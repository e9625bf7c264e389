#include "sim/smartdeal/clocked/pe_slice.h"

#include <algorithm>

#include "sim/smartdeal/latencies.h"
#include "sim/smartdeal/pass_weights.h"

namespace rebasis::sim::smartdeal {

PeSlice::PeSlice(const Context& context, std::int64_t index)
    : context_(context),
      index_(index),
      lines_(static_cast<std::size_t>(context.mode.lines), PeLine(context, index)),
      kept_(static_cast<std::size_t>(context.mode.clusters * context.spec.dim_F), 0) {
  skip_inactive();
  commit();
}

void PeSlice::skip_inactive() {
  while (step_ < context_.steps.size() && !active(step_)) ++step_;
}

bool PeSlice::basis_idle() const {
  return std::all_of(lines_.begin(), lines_.end(), [](const PeLine& line) { return line.basis_idle(); });
}

std::int64_t PeSlice::working_lines() const {
  return std::count_if(lines_.begin(), lines_.end(), [](const PeLine& line) { return line.working(); });
}

void PeSlice::evaluate(Cycle now, std::size_t passed, std::size_t all_done, Counters& counters) {
  const std::size_t step = step_;
  if (step < context_.steps.size()) {
    const auto finished = [&](const PeLine& line) { return line.finished(step); };
    if (!local_done_ && passed > step && now >= events_.gate && std::all_of(lines_.begin(), lines_.end(), finished)) {
      local_done_ = true;
      times_.push_back(
          {static_cast<std::int64_t>(context_.steps[step].block), static_cast<std::int64_t>(step), 0, now, 0});
    }
    if (local_done_ && !tile_done_ && (context_.spec.slice_sync == "slice" || all_done > step)) {
      tile_done_ = true;
      events_.done = now;
    }
    const bool room = !context_.block(step).emits || handed_ - drained_visible_ < context_.spec.output_fifo_tiles;
    if (tile_done_ && room) hand_off(now);
  }
  for (PeLine& line : lines_) line.evaluate(now, step_, events_, counters);
}

void PeSlice::hand_off(Cycle now) {
  const TileStep& step = context_.steps[step_];
  const Block& block = context_.block(step_);
  const auto width = static_cast<std::size_t>(step.tile.width);
  const auto dim_F = static_cast<std::size_t>(context_.spec.dim_F);
  for (PeLine& line : lines_) {
    const std::vector<std::int64_t> sums = line.take_sums();
    std::transform(sums.begin(), sums.end(), kept_.begin(), kept_.begin(), std::plus<>());
  }
  if (block.emits) {
    SliceOutput output;
    output.step = step_;
    output.ready = now + handoff_cycles + output_latency(context_.spec);
    for (std::size_t filter = 0; filter < context_.filters(step_, index_).size(); ++filter) {
      output.sums.insert(output.sums.end(), kept_.begin() + static_cast<std::ptrdiff_t>(filter * dim_F),
                         kept_.begin() + static_cast<std::ptrdiff_t>(filter * dim_F + width));
    }
    leaving_.push_back(std::move(output));
    ++handed_;
    std::fill(kept_.begin(), kept_.end(), 0);
  }
  events_.handoff = now;
  events_.gate = now + handoff_cycles;
  local_done_ = tile_done_ = false;
  ++step_;
  skip_inactive();
}

void PeSlice::commit() {
  for (PeLine& line : lines_) line.commit();
  handed_off_visible_ = step_;
  tiles_done_visible_ = step_ + (local_done_ ? 1 : 0);
  if (local_done_) {
    while (tiles_done_visible_ < context_.steps.size() && !active(tiles_done_visible_)) ++tiles_done_visible_;
  }
  drained_visible_ = drained_;
  for (SliceOutput& output : leaving_) outputs_.push_back(std::move(output));
  leaving_.clear();
}

}  // namespace rebasis::sim::smartdeal
