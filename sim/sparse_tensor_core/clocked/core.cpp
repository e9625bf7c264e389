#include "sim/sparse_tensor_core/clocked/core.h"

#include <algorithm>

namespace rebasis::sim::sparse_tensor_core {

Core::Core(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
           const CounterNames& names, const StepPlan& plan, const Activations& image)
    : shape_(layer.shape()),
      spec_(spec),
      pattern_(pattern),
      plan_(plan),
      counters_(names),
      loop_(shape_, spec, pattern),
      nbin_(shape_, spec, pattern, image, counters_),
      sb_(layer, spec, pattern, counters_),
      index_(layer, pattern, counters_),
      selectors_(shape_, spec, pattern, counters_),
      nfu1_(spec, counters_),
      nfu2_(spec, layer.info.name, counters_),
      nfu3_(spec, counters_),
      nbout_(shape_, spec, counters_),
      ended_(plan.steps.size()) {
  loop_.begin(plan.steps.front().tile, 0);
}

const diannao::Operation& Core::upcoming_addition() const {
  // The sum registers are register select + nfu1 + nfu2 behind the buffers'; NBout is read a cycle before the addition.
  const auto select = static_cast<std::size_t>(spec_.select_stages), nfu1 = static_cast<std::size_t>(spec_.nfu1_stages);
  const std::size_t behind = select + nfu1 + static_cast<std::size_t>(spec_.nfu2_stages) - 2;
  if (behind == 0) return shown_.operation;
  if (behind <= select) return selectors_.stage(behind - 1).operation;
  if (behind <= select + nfu1) return nfu1_.stage(behind - select - 1).operation;
  return nfu2_.tree(behind - select - nfu1 - 1).operation;
}

void Core::evaluate(std::size_t shell, Cycle) {
  switch (shell) {
    case nbin_shell:
      return nbin_.evaluate(issued());
    case sb_shell:
      return sb_.evaluate(issued());
    case index_shell:
      return index_.evaluate(issued());
    case select_shell:
      return selectors_.evaluate(shown_, nbin_, sb_, index_);
    case nfu1_shell:
      return nfu1_.evaluate(selectors_);
    case nfu2_shell:
      return nfu2_.evaluate(nfu1_.result(), nbout_.shown());
    case nfu3_shell:
      return nfu3_.evaluate(nfu2_.sums());
    default:
      return nbout_.evaluate(upcoming_addition(), nfu2_.sums(), nfu3_.result());
  }
}

/// Accounts of the array and NBout by issue cycle: the pipeline never stalls, so a later stage's cycle is the issue
/// cycle moved by its depth.
void Core::charge(const RowOperation& row) {
  const diannao::Operation& op = row.operation;
  std::int64_t useful = 0;
  for (std::int64_t m = op.filter; m < op.filter + op.filters; ++m) {
    for (const ChannelGroup& group : row.groups)
      useful += std::min(pattern_.kept, own_channels(shape_, m, group.channels).size());
  }
  // Lanes that would have a group if NBin delivered it; filters and groups that do not exist are imbalance.
  const std::int64_t without_neurons =
      std::max<std::int64_t>(0, spec_.Ti - spec_.nbin_neurons / pattern_.of * pattern_.kept);
  const std::int64_t starved = op.filters * without_neurons, lanes = spec_.Tn * spec_.Ti;
  for (const std::size_t block : {std::size_t{diannao::nfu1}, std::size_t{selectors}}) {
    counters_.blocks[block][Cause::busy] += useful;
    counters_.blocks[block][Cause::inputs] += starved;
    counters_.blocks[block][Cause::imbalance] += lanes - useful - starved;
  }
  const auto charge_block = [&](std::size_t block, std::int64_t copies, std::int64_t busy, Cause rest) {
    counters_.blocks[block][Cause::busy] += busy;
    counters_.blocks[block][rest] += copies - busy;
  };
  charge_block(diannao::nfu2, spec_.Tn, op.filters, Cause::imbalance);
  charge_block(diannao::nfu3, 1, op.ends_sum && op.last_chunk ? 1 : 0, Cause::idle);
  const bool reads = op.begins_sum && !op.first_chunk;
  charge_block(diannao::nbout, 1, reads || op.ends_sum ? 1 : 0, Cause::idle);
}

StepCore::Progress Core::advance(Cycle) {
  Progress progress;
  shown_ = issued();
  if (active()) {
    charge(shown_);
    progress.consumed = !loop_.next();
    if (progress.consumed && step() + 1 < plan_.steps.size()) loop_.begin(plan_.steps[step() + 1].tile, step() + 1);
  }
  nbin_.commit();
  sb_.commit();
  index_.commit();
  selectors_.commit();
  nfu1_.commit();
  nfu2_.commit();
  nfu3_.commit();
  for (const std::size_t step : nbout_.commit()) ended_[step] = true;
  for (; in_order_ < ended_.size() && ended_[in_order_]; ++in_order_) ++progress.completed;
  return progress;
}

std::string Core::state() const {
  const diannao::Operation op = loop_.operation().operation;
  return "array " + std::string(active() ? "at" : "before") + " filter " + std::to_string(op.filter) + ", row " +
         std::to_string(op.e) + ", column " + std::to_string(op.f) + " (" + pattern_.text() + "); results of " +
         std::to_string(in_order_) + " steps in NBout";
}

std::vector<int> Core::probes() const {
  return {nbin_.shown().operation.valid ? 1 : 0, selectors_.result().operation.valid ? 1 : 0,
          nfu1_.result().operation.valid ? 1 : 0, nfu2_.sums().operation.valid ? 1 : 0,
          nfu3_.result().operation.valid ? 1 : 0};
}

}  // namespace rebasis::sim::sparse_tensor_core
