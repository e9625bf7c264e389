#include "sim/trec/clocked/core.h"

namespace rebasis::sim::trec {

namespace {

LayerShape one_group(const ReuseLayer& layer) {
  LayerShape shape;
  shape.M = layer.shape().M;
  shape.C = layer.depth();
  return shape;
}

}  // namespace

ReuseCore::ReuseCore(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names,
                     const ReuseSteps& steps, std::int64_t slice, const Activations& image)
    : layer_(layer),
      steps_(steps),
      slice_(slice),
      flat_(one_group(layer)),
      counters_(names),
      nbin_(layer, spec, image, counters_),
      lanes_(layer, spec, counters_),
      accumulators_(layer, spec, counters_),
      dividers_(spec, counters_),
      sb_(layer, spec, counters_),
      nfu1_(flat_, spec, counters_),
      nfu2_(spec, layer.dense.info.name, counters_),
      products_(spec, counters_),
      gather_(layer, spec, counters_),
      nfu3_(spec, counters_),
      nbout_(layer.shape(), spec, counters_) {
  begin_step(0);
}

void ReuseCore::begin_step(std::size_t step) {
  const ConvTile& tile = steps_.plan.steps[step].tile;
  work_ = {tile, steps_.columns[step], slice_, layer_.columns()};
  done_ = {};
  nbin_.begin(work_);
  lanes_.begin();
  accumulators_.begin(work_);
  dividers_.begin(work_);
  sb_.begin(work_);
  products_.begin(work_, tile.groups.first * layer_.shape().filters_per_group());
  gather_.begin(work_);
}

void ReuseCore::evaluate(std::size_t shell, Cycle now) {
  if (!active()) return;
  switch (shell) {
    case nbin_shell:
      return nbin_.evaluate(done_, accumulators_.started());
    case sb_shell:
      return sb_.evaluate(done_, dividers_);
    case nfu1_shell:
      return nfu1_.evaluate(sb_.neurons(), sb_.synapses());
    case nfu2_shell:
      return nfu2_.evaluate(nfu1_.result(), {});
    case nfu3_shell:
      return nfu3_.evaluate(gather_.result());
    case nbout_shell:
      return nbout_.evaluate(gather_.issued(), gather_.result(), nfu3_.result());
    case hash_shell:
      return lanes_.evaluate(nbin_.shown());
    case accumulator_shell:
      return accumulators_.evaluate(done_, lanes_.shown(), now);
    case divider_shell:
      return dividers_.evaluate(done_, accumulators_, now);
    default:
      products_.evaluate(nfu2_.sums());
      gather_.evaluate(done_, accumulators_, products_, nbout_.shown());
  }
}

StepCore::Progress ReuseCore::advance(Cycle) {
  if (!active()) return {};
  const diannao::Operation gathered = gather_.issued();
  const bool finished_outputs = gathered.valid && gathered.last_chunk;
  ++counters_.blocks[diannao::nbout][gathered.valid ? Cause::busy : Cause::idle];
  ++counters_.blocks[diannao::nfu3][finished_outputs ? Cause::busy : Cause::idle];
  nbin_.commit();
  lanes_.commit();
  accumulators_.commit();
  sb_.commit();
  nfu1_.commit();
  nfu2_.commit();
  gather_.commit();
  nfu3_.commit();
  const auto written = static_cast<std::int64_t>(nbout_.commit().size());
  done_ = {accumulators_.finished(), dividers_.finished(), products_.finished(), done_.gather + written};
  gather_.prepare(done_);
  if (done_.gather < work_.slices()) return {};
  if (step() + 1 < steps_.plan.steps.size()) begin_step(step() + 1);
  return {true, 1};
}

std::string ReuseCore::state() const {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  return "slices hashed " + text(done_.hash) + ", divided " + text(done_.mean) + ", multiplied " + text(done_.product) +
         ", gathered " + text(done_.gather) + " of " + text(work_.slices());
}

std::vector<int> ReuseCore::probes() const {
  return {nbin_.shown().valid ? 1 : 0,          nfu1_.result().operation.valid ? 1 : 0,
          nfu2_.sums().operation.valid ? 1 : 0, nfu3_.result().operation.valid ? 1 : 0,
          lanes_.shown().valid ? 1 : 0,         gather_.result().operation.valid ? 1 : 0};
}

}  // namespace rebasis::sim::trec
