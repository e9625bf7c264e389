#include "sim/sparse_tensor_core/plan.h"

#include <algorithm>

#include "sim/core/decoder/decode_plan.h"
#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"
#include "sim/sparse_tensor_core/clocked/core.h"
#include "sim/sparse_tensor_core/cost.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

class SparseTensorCorePlan : public LayerPlan {
 public:
  SparseTensorCorePlan(DenseLayer layer, const arch::SparseTensorCoreSpec& spec, const CounterNames& names,
                       const MemorySpeed& memory)
      : layer_(std::move(layer)), spec_(spec), names_(names), mapping_(map_layer(layer_, spec, memory)) {
    decode_loads(mapping_.steps, plan_decoding(mapping_.steps, weight_source(), spec.decoder));
  }

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override {
    auto text = mapping_.tiling.describe();
    text["pattern"] = mapping_.pattern.text();
    text["pattern_reason"] = mapping_.reason;
    if (const auto groups = groups_of_pack(layer_.shape(), spec_); groups > 1)
      text["groups_at_once"] = std::to_string(groups);
    return text;
  }
  [[nodiscard]] DramBytes compulsory_traffic() const override {
    return sim::compulsory_traffic(mapping_.steps.decoding, mapping_.compulsory);
  }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t) const override;
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override {
    return static_cast<double>(sum.effective_macs) /
           (static_cast<double>(spec_.Tn * spec_.Ti) * static_cast<double>(sum.cycles));
  }
  [[nodiscard]] std::map<std::string, double> statistics() const override {
    const auto non_zero =
        layer_.weights.size() - static_cast<std::size_t>(std::count(layer_.weights.begin(), layer_.weights.end(), 0));
    return {{"weight_density", static_cast<double>(non_zero) / static_cast<double>(layer_.weights.size())},
            {"kept_of_group", static_cast<double>(mapping_.pattern.kept)},
            {"group_channels", static_cast<double>(mapping_.pattern.of)}};
  }

  [[nodiscard]] LayerRun run_fast(const Activations&, const DramPort& port, bool keep_steps) const override {
    const auto cost = [&](std::size_t step, Counters& counters) {
      return step_cost(layer_, spec_, mapping_.pattern, mapping_.steps.steps[step].tile, counters);
    };
    return run_sequence(mapping_.steps, names_, dma_limits(spec_), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override {
    return std::make_unique<SequencedMachine>(
        mapping_.steps, names_, dma_limits(spec_), port,
        std::make_unique<Core>(layer_, spec_, mapping_.pattern, names_, mapping_.steps, image));
  }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    return {layer_.weights.begin(), layer_.weights.end()};
  }
  [[nodiscard]] std::string mapping_identity() const override {
    return identity(mapping_.steps) + " " + mapping_.pattern.text();
  }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override;

 private:
  [[nodiscard]] WeightSource weight_source() const;

  DenseLayer layer_;
  const arch::SparseTensorCoreSpec& spec_;
  const CounterNames& names_;
  Mapping mapping_;
};

/// Kept weights are coded; their positions have a fixed number of bits and travel as they are.
WeightSource SparseTensorCorePlan::weight_source() const {
  WeightSource source;
  source.weights = layer_.weights;
  source.order = [this](const ConvTile& tile, std::size_t, std::vector<std::int32_t>& order) {
    weight_order(layer_, spec_, mapping_.pattern, tile, order);
  };
  source.bias_bytes = [this](const ConvTile& tile) { return bias_bytes(layer_, tile); };
  source.element_bytes = spec_.element_bytes();
  source.buffer = weight_buffer;
  source.index_buffer = mapping_.steps.buffers.size() - 1;
  source.index_travels = true;
  return source;
}

std::vector<Bound> SparseTensorCorePlan::bounds(const Counters& sum, std::int64_t) const {
  const auto busy = [&](std::size_t block) { return static_cast<double>(sum.blocks[block][Cause::busy]); };
  return {{"compute", busy(diannao::nfu1) / static_cast<double>(spec_.Tn * spec_.Ti)},
          {"nbin", busy(diannao::nbin)},
          {"sb", busy(diannao::sb)},
          {"index_buffer", busy(index_buffer)},
          {"nfu3", busy(diannao::nfu3)},
          {"nbout", busy(diannao::nbout)}};
}

std::string SparseTensorCorePlan::step_name(const StepTimes& step) const {
  const ConvTile& tile = mapping_.steps.steps[static_cast<std::size_t>(step.block)].tile;
  const auto range = [](const char* what, const Range& r) {
    return std::string(", ") + what + " " + std::to_string(r.first) + " to " + std::to_string(r.last - 1);
  };
  return "step " + std::to_string(step.block) + " (" + mapping_.pattern.text() + ")" + range("groups", tile.groups) +
         range("filters", tile.filters) + range("channels", tile.channels) + range("rows", tile.rows) +
         range("columns", tile.columns);
}

}  // namespace

std::vector<std::string> shell_names() {
  return SequencedMachine::shell_names(
      {"nbin", "sb", "index_buffer", "operand_selectors", "nfu1", "nfu2", "nfu3", "nbout"});
}

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names(
      {"nbin.valid", "operand_selectors.valid", "nfu1.valid", "nfu2.valid", "nfu3.valid"});
}

std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::SparseTensorCoreSpec& spec,
                                     const CounterNames& names, const MemorySpeed& memory) {
  return std::make_unique<SparseTensorCorePlan>(std::move(layer), spec, names, memory);
}

}  // namespace rebasis::sim::sparse_tensor_core
