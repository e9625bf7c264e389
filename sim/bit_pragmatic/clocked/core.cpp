#include "sim/bit_pragmatic/clocked/core.h"

#include <algorithm>
#include <sstream>

#include "sim/bit_pragmatic/brick_table.h"
#include "sim/bit_pragmatic/names.h"

namespace rebasis::sim::bit_pragmatic {

Core::Core(const DenseLayer& layer, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec, const StepPlan& plan,
           const CounterNames& names, const Activations& image)
    : shape_(layer.shape()),
      bricks_(bricks),
      spec_(spec),
      plan_(plan),
      counters_(names),
      synapse_buffer_(layer, bricks, spec, counters_),
      dispatcher_(shape_, bricks, spec, image, counters_),
      output_port_(shape_, spec, spec.element_bytes(), counters_) {
  for (std::size_t column = 0; column < static_cast<std::size_t>(spec.columns); ++column) {
    columns_.emplace_back(column, spec, format_of(spec, image.is_signed()), bricks.packed(), counters_);
  }
  prepare(0);
}

void Core::prepare(std::size_t step) {
  work_ = std::make_shared<const StepWork>(shape_, bricks_, spec_, plan_.steps[step].tile);
  synapse_buffer_.prepare(work_, spec_.weights_latency());
  dispatcher_.prepare(work_, spec_.bricks_latency());
  for (Column& column : columns_) column.prepare(work_);
  const std::int64_t bricks = work_->bricks().size();
  all_taken_.assign(static_cast<std::size_t>(work_->sets()), 0);
  columns_of_set_.clear();
  for (std::int64_t window = 0; window < work_->sets() / bricks; ++window) {
    std::uint8_t active = 0;
    for (std::int64_t column = 0; column < spec_.columns; ++column)
      active = static_cast<std::uint8_t>(active + (work_->window(window % work_->pallets(), column) ? 1 : 0));
    columns_of_set_.insert(columns_of_set_.end(), static_cast<std::size_t>(bricks), active);
  }
}

void Core::evaluate(std::size_t shell, Cycle) {
  if (begins() && shell == output_port_shell) output_port_.prepare(work_);
  if (shell == output_port_shell) return output_port_.evaluate(columns_, active());
  if (!active()) {
    if (shell >= first_column_shell) columns_[shell - first_column_shell].drain();
    return;
  }
  if (shell == synapse_buffer_shell) return synapse_buffer_.evaluate();
  if (shell == dispatcher_shell) return dispatcher_.evaluate();
  columns_[shell - first_column_shell].evaluate({synapse_buffer_, dispatcher_, all_free_, all_taken_});
}

bool Core::room(std::int64_t set) const {
  const std::int64_t before = set - spec_.sets_held();
  return before < 0 || (before < work_->sets() && all_taken_[static_cast<std::size_t>(before)] != 0);
}

/// One step at a time drains: the controller starts the next when this one is complete.
bool Core::drained() {
  if (!draining_ || !output_port_.finished()) return false;
  draining_ = false;
  return true;
}

StepCore::Progress Core::advance(Cycle) {
  Progress progress;
  const bool in_step = active();
  const std::size_t current = in_step ? step() : 0;
  output_port_.commit(columns_);
  if (drained()) progress.completed = 1;
  for (Column& column : columns_) {
    const auto took = column.commit();
    if (took && --columns_of_set_[static_cast<std::size_t>(*took)] == 0)
      all_taken_[static_cast<std::size_t>(*took)] = 1;
  }
  // Results may still wait for the port when the step has consumed its inputs.
  all_free_ = std::all_of(columns_.begin(), columns_.end(), [](const Column& column) { return column.free(); });
  if (!in_step) return progress;
  synapse_buffer_.commit(room(synapse_buffer_.ready()));
  dispatcher_.commit(room(dispatcher_.ready()));
  progress.consumed =
      std::all_of(columns_.begin(), columns_.end(), [](const Column& column) { return column.finished(); });
  if (progress.consumed) {
    draining_ = true;
    if (current + 1 < plan_.steps.size()) prepare(current + 1);
  }
  return progress;
}

const Counters& Core::counters() const {
  counters_.blocks[columns_block] = {};
  for (const Column& column : columns_) counters_.blocks[columns_block] += column.account();
  counters_.blocks[synapse_buffer_block] = synapse_buffer_.account();
  counters_.blocks[dispatcher_block] = dispatcher_.account();
  counters_.blocks[output_port_block] = output_port_.account();
  return counters_;
}

std::string Core::state() const {
  std::ostringstream text;
  text << "weight sets " << synapse_buffer_.ready() << ", pallets " << dispatcher_.ready() << " of " << work_->sets()
       << ", results " << output_port_.served() << ", columns at set";
  for (const Column& column : columns_) text << ' ' << column.next() << (column.free() ? "" : "*");
  return text.str();
}

std::vector<int> Core::probes() const {
  const auto [last, first] = std::minmax_element(columns_.begin(), columns_.end(),
                                                 [](const Column& a, const Column& b) { return a.next() < b.next(); });
  const auto busy =
      std::count_if(columns_.begin(), columns_.end(), [](const Column& column) { return !column.free(); });
  return {static_cast<int>(busy), static_cast<int>(first->next() - last->next()),
          static_cast<int>(synapse_buffer_.ready()), static_cast<int>(dispatcher_.ready()),
          static_cast<int>(output_port_.served())};
}

}  // namespace rebasis::sim::bit_pragmatic
