#include "sim/cambricon_x/plan.h"

#include <map>

#include "sim/cambricon_x/clocked/core.h"
#include "sim/cambricon_x/mapping.h"
#include "sim/cambricon_x/step_cost.h"
#include "sim/core/decoder/decode_plan.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"

namespace rebasis::sim::cambricon_x {

namespace {

constexpr Cycle multiply_stage = 1, accumulate_stage = 1, write_stage = 1;

/// Time and counts of each step: the same for every image, since zero neurons are not skipped.
class StepTable {
 public:
  StepTable(const SparseLayer& layer, const Mapping& mapping) {
    for (std::size_t i = 0; i < mapping.weight_tiles.size(); ++i)
      costs_.push_back(line_costs(layer, mapping.weight_tiles[i], mapping.passes[i]));
    for (std::size_t step = 0; step < mapping.steps.steps.size(); ++step) {
      const ConvTile& tile = mapping.steps.steps[step].tile;
      const std::size_t weights = mapping.weight_tile_of_step[step];
      const std::int64_t positions = tile.rows.size() * tile.columns.size();
      const auto [time, missing] = times_.try_emplace({weights, positions});
      if (missing) time->second = step_time(costs_[weights], positions, layer.spec());
      of_step_.push_back({weights, &time->second});
    }
  }
  [[nodiscard]] const LineCosts& costs(std::size_t step) const { return costs_[of_step_[step].weights]; }
  [[nodiscard]] const StepTime& time(std::size_t step) const { return *of_step_[step].time; }

 private:
  struct Entry {
    std::size_t weights;
    const StepTime* time;
  };
  std::vector<LineCosts> costs_;
  std::map<std::pair<std::size_t, std::int64_t>, StepTime> times_;
  std::vector<Entry> of_step_;
};

class CambriconXPlan : public LayerPlan {
 public:
  CambriconXPlan(DenseLayer layer, const arch::CambriconXSpec& spec, const CounterNames& names,
                 const MemorySpeed& memory)
      : layer_(std::move(layer), spec),
        spec_(spec),
        names_(names),
        mapping_(map_layer(layer_, memory)),
        steps_(layer_, mapping_) {
    decode_loads(mapping_.steps, plan_decoding(mapping_.steps, weight_source(), spec.decoder));
  }

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.dense().info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override { return mapping_.tiling.describe(); }
  [[nodiscard]] DramBytes compulsory_traffic() const override {
    return sim::compulsory_traffic(mapping_.steps.decoding, mapping_.compulsory);
  }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t images) const override;
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override {
    return static_cast<double>(sum.effective_macs) /
           (static_cast<double>(spec_.pes * spec_.multipliers) * static_cast<double>(sum.cycles));
  }
  [[nodiscard]] std::map<std::string, double> statistics() const override;

  [[nodiscard]] LayerRun run_fast(const Activations&, const DramPort& port, bool keep_steps) const override {
    const auto cost = [&](std::size_t step, Counters& counters) {
      charge_step(layer_, mapping_.steps.steps[step].tile, steps_.costs(step), steps_.time(step), counters);
      return StepCost{steps_.time(step).issue, multiply_stage + spec_.tree_stages() + accumulate_stage + write_stage,
                      0};
    };
    return run_sequence(mapping_.steps, names_, dma_limits(spec_), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override {
    return std::make_unique<SequencedMachine>(mapping_.steps, names_, dma_limits(spec_), port,
                                              std::make_unique<Core>(layer_, mapping_, image, names_));
  }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    return {layer_.dense().weights.begin(), layer_.dense().weights.end()};
  }
  /// The assignment of filters to PEs and the cost of a step follow from its tile.
  [[nodiscard]] std::string mapping_identity() const override { return identity(mapping_.steps); }

 private:
  [[nodiscard]] WeightSource weight_source() const {
    WeightSource source;
    source.weights = layer_.dense().weights;
    source.order = [this](const ConvTile& tile, std::size_t, std::vector<std::int32_t>& order) {
      layer_.order(tile, order);
    };
    source.bias_bytes = [this](const ConvTile& tile) { return layer_.tile_bias_bytes(tile); };
    source.stores_zeros = false;
    source.element_bytes = spec_.element_bytes();
    source.buffer = weight_buffer;
    source.index_buffer = mapping_.steps.buffers.size() - 1;
    return source;
  }

  SparseLayer layer_;
  const arch::CambriconXSpec& spec_;
  const CounterNames& names_;
  Mapping mapping_;
  StepTable steps_;
};

std::vector<Bound> CambriconXPlan::bounds(const Counters& sum, std::int64_t) const {
  const auto lanes = static_cast<double>(spec_.pes);
  const auto scans =
      static_cast<double>(sum.blocks[indexing_lanes][Cause::busy] + sum.blocks[indexing_lanes][Cause::index]);
  const auto products = static_cast<double>(sum.actions[mac]) / static_cast<double>(spec_.macs_per_product());
  // Work divided by what does it.
  return {{"compute", products / (lanes * static_cast<double>(spec_.multipliers))},
          {"indexing_module", scans / lanes},
          {"nbin_port", static_cast<double>(sum.blocks[nbin_port][Cause::busy])},
          {"nbout_banks", static_cast<double>(sum.blocks[nbout_banks][Cause::busy]) / lanes}};
}

std::map<std::string, double> CambriconXPlan::statistics() const {
  std::int64_t kept = 0, non_zero = 0;
  for (std::size_t tile = 0; tile < mapping_.weight_tiles.size(); ++tile) {
    const std::vector<FilterPart>& parts = layer_.parts(mapping_.weight_tiles[tile].channels);
    for (const std::int64_t filter : filters_of(layer_.shape(), mapping_.weight_tiles[tile])) {
      kept += parts[static_cast<std::size_t>(filter)].kept;
      non_zero += parts[static_cast<std::size_t>(filter)].non_zero;
    }
  }
  return {{"weight_density", static_cast<double>(non_zero) / static_cast<double>(layer_.shape().weights())},
          {"placeholder_synapses", static_cast<double>(kept - non_zero)}};
}

}  // namespace

std::vector<std::string> shell_names(const arch::CambriconXSpec& spec) {
  std::vector<std::string> names{"buffer_controller", "indexing_module"};
  for (std::int64_t pe = 0; pe < spec.pes; ++pe) names.push_back("pe_" + std::to_string(pe));
  names.emplace_back("nbout");
  return SequencedMachine::shell_names(std::move(names));
}

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names({"buffer_controller.lines_read", "indexing_module.lanes_taking", "pes.results"});
}

std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::CambriconXSpec& spec, const CounterNames& names,
                                     const MemorySpeed& memory) {
  return std::make_unique<CambriconXPlan>(std::move(layer), spec, names, memory);
}

}  // namespace rebasis::sim::cambricon_x
