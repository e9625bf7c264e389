#include "sim/diannao/clocked/core.h"

#include <algorithm>

namespace rebasis::sim::diannao {

Core::Core(const DenseLayer& layer, const arch::DianNaoSpec& spec, const CounterNames& names, const StepPlan& plan,
           const Activations& image)
    : shape_(layer.shape()),
      spec_(spec),
      names_(names),
      plan_(plan),
      counters_(names),
      loop_(shape_, spec),
      nbin_(shape_, spec, image, counters_),
      sb_(layer, spec, counters_),
      nfu1_(shape_, spec, counters_),
      nfu2_(spec, layer.info.name, counters_),
      nfu3_(spec, counters_),
      nbout_(shape_, spec, counters_),
      ended_(plan.steps.size()) {
  loop_.begin(plan.steps.front().tile, 0);
}

Operation Core::issued() const { return active() ? loop_.operation() : Operation{}; }

const Operation& Core::upcoming_addition() const {
  // The sum registers are register nfu1 + nfu2 behind NBin's and SB's; NBout is read a cycle before the addition.
  const auto behind = static_cast<std::size_t>(spec_.nfu1_stages + spec_.nfu2_stages - 2),
             nfu1 = static_cast<std::size_t>(spec_.nfu1_stages);
  if (behind == 0) return sb_.shown().operation;
  return behind <= nfu1 ? nfu1_.stage(behind - 1).operation : nfu2_.tree(behind - nfu1 - 1).operation;
}

void Core::evaluate(std::size_t shell, Cycle) {
  switch (shell) {
    case nbin_shell:
      return nbin_.evaluate(issued());
    case sb_shell:
      return sb_.evaluate(issued());
    case nfu1_shell:
      return nfu1_.evaluate(nbin_.shown(), sb_.shown());
    case nfu2_shell:
      return nfu2_.evaluate(nfu1_.result(), nbout_.shown());
    case nfu3_shell:
      return nfu3_.evaluate(nfu2_.sums());
    case nbout_shell:
      return nbout_.evaluate(upcoming_addition(), nfu2_.sums(), nfu3_.result());
    default:
      return;  // a block of an accelerator that has more than DianNao's
  }
}

/// Accounts of the array and NBout by issue cycle: the pipeline never stalls, so a later stage's cycle is the issue
/// cycle moved by its depth.
void Core::charge(const Operation& op) {
  std::int64_t useful = 0;
  for (std::int64_t m = op.filter; m < op.filter + op.filters; ++m) {
    for (std::int64_t c = op.channel; c < op.channel + op.channels; ++c) {
      useful += m / shape_.filters_per_group() == c / shape_.channels_per_group() ? 1 : 0;
    }
  }
  const auto charge_block = [&](Block block, std::int64_t copies, std::int64_t busy, Cause rest) {
    counters_.blocks[block][Cause::busy] += busy;
    counters_.blocks[block][rest] += copies - busy;
  };
  charge_block(nfu1, spec_.Tn * spec_.Ti, useful, Cause::imbalance);
  charge_block(nfu2, spec_.Tn, op.filters, Cause::imbalance);
  charge_block(nfu3, 1, op.ends_sum && op.last_chunk ? 1 : 0, Cause::idle);
  const bool reads = op.begins_sum && !op.first_chunk;
  charge_block(nbout, 1, reads || op.ends_sum ? 1 : 0, Cause::idle);
}

StepCore::Progress Core::advance(Cycle) {
  Progress progress;
  if (active()) {
    charge(loop_.operation());
    charge_others(names_, counters_, 1);
    progress.consumed = !loop_.next();
    if (progress.consumed && step() + 1 < plan_.steps.size()) loop_.begin(plan_.steps[step() + 1].tile, step() + 1);
  }
  nbin_.commit();
  sb_.commit();
  nfu1_.commit();
  nfu2_.commit();
  nfu3_.commit();
  for (const std::size_t step : nbout_.commit()) ended_[step] = true;
  for (; in_order_ < ended_.size() && ended_[in_order_]; ++in_order_) ++progress.completed;
  return progress;
}

std::string Core::state() const {
  const Operation op = loop_.operation();
  return std::string("NFU ") + (active() ? "at" : "before") + " filter " + std::to_string(op.filter) + ", row " +
         std::to_string(op.e) + ", column " + std::to_string(op.f) + "; results of " + std::to_string(in_order_) +
         " steps in NBout";
}

std::vector<int> Core::probes() const {
  return {nbin_.shown().operation.valid ? 1 : 0, nfu1_.result().operation.valid ? 1 : 0,
          nfu2_.sums().operation.valid ? 1 : 0, nfu3_.result().operation.valid ? 1 : 0};
}

}  // namespace rebasis::sim::diannao
