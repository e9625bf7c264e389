#include "sim/diannao/plan.h"

#include "sim/core/decoder/decode_plan.h"
#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"
#include "sim/diannao/clocked/core.h"
#include "sim/diannao/cost.h"

namespace rebasis::sim::diannao {

namespace {

constexpr std::size_t nbin_channel = 1, sb_channel = 2;  // of the DMA; NBout's is 0

class DianNaoPlan : public LayerPlan {
 public:
  DianNaoPlan(DenseLayer layer, const arch::DianNaoSpec& spec, const CounterNames& names, const MemorySpeed& memory)
      : layer_(std::move(layer)),
        spec_(spec),
        names_(names),
        problem_(tiling_problem(layer_, spec_)),
        tiling_(best_tiling(problem_, spec.objective, memory)),
        steps_(tile_steps(problem_, tiling_, {nbin_channel, sb_channel})) {
    steps_.buffers[input_buffer].write_action = nbin_write;
    steps_.buffers[weight_buffer].write_action = sb_write;
    steps_.output_read_action = nbout_read;
    steps_.output_write_action = nbout_write;
    // As many steps as the pipeline can hold, and the signals of their end.
    steps_.result_slots = static_cast<std::size_t>(spec.final_latency() + 2);
    decode_loads(steps_, plan_decoding(steps_, weight_source(), spec.decoder));
  }

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override {
    auto text = tiling_.describe();
    if (const auto groups = groups_of_pack(layer_.shape(), spec_); groups > 1)
      text["groups_at_once"] = std::to_string(groups);
    return text;
  }
  [[nodiscard]] DramBytes compulsory_traffic() const override {
    return sim::compulsory_traffic(steps_.decoding, sim::compulsory_traffic(problem_));
  }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t) const override {
    const auto busy = [&](Block block) { return static_cast<double>(sum.blocks[block][Cause::busy]); };
    return {{"compute", busy(nfu1) / static_cast<double>(spec_.Tn * spec_.Ti)},
            {"nbin", busy(nbin)},
            {"sb", busy(sb)},
            {"nfu3", busy(nfu3)},
            {"nbout", busy(nbout)}};
  }
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override {
    return static_cast<double>(sum.effective_macs) /
           (static_cast<double>(spec_.Tn * spec_.Ti) * static_cast<double>(sum.cycles));
  }

  [[nodiscard]] LayerRun run_fast(const Activations&, const DramPort& port, bool keep_steps) const override {
    const auto cost = [&](std::size_t step, Counters& counters) {
      const StepCost time = step_cost(layer_, spec_, steps_.steps[step].tile, counters);
      charge_others(names_, counters, time.issue);
      return time;
    };
    return run_sequence(steps_, names_, dma_limits(spec_), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override {
    return std::make_unique<SequencedMachine>(steps_, names_, dma_limits(spec_), port,
                                              std::make_unique<Core>(layer_, spec_, names_, steps_, image));
  }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    return {layer_.weights.begin(), layer_.weights.end()};
  }
  [[nodiscard]] std::string mapping_identity() const override { return identity(steps_); }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override;

 private:
  [[nodiscard]] WeightSource weight_source() const {
    WeightSource source;
    source.weights = layer_.weights;
    source.order = [this](const ConvTile& tile, std::size_t, std::vector<std::int32_t>& order) {
      weight_order(layer_, spec_, tile, order);
    };
    source.bias_bytes = [this](const ConvTile& tile) { return bias_bytes(layer_, tile); };
    source.element_bytes = spec_.element_bytes();
    source.buffer = weight_buffer;
    return source;
  }

  DenseLayer layer_;
  const arch::DianNaoSpec& spec_;
  const CounterNames& names_;
  TilingProblem problem_;  ///< refers to the layer
  Tiling tiling_;
  StepPlan steps_;
};

std::string DianNaoPlan::step_name(const StepTimes& step) const {
  const ConvTile& tile = steps_.steps[static_cast<std::size_t>(step.block)].tile;
  const auto range = [](const char* what, const Range& r) {
    return std::string(", ") + what + " " + std::to_string(r.first) + " to " + std::to_string(r.last - 1);
  };
  return "step " + std::to_string(step.block) + range("groups", tile.groups) + range("filters", tile.filters) +
         range("channels", tile.channels) + range("rows", tile.rows) + range("columns", tile.columns);
}

}  // namespace

std::vector<std::string> shell_names() {
  return SequencedMachine::shell_names({"nbin", "sb", "nfu1", "nfu2", "nfu3", "nbout"});
}

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names({"nbin.valid", "nfu1.valid", "nfu2.valid", "nfu3.valid"});
}

std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::DianNaoSpec& spec, const CounterNames& names,
                                     const MemorySpeed& memory) {
  return std::make_unique<DianNaoPlan>(std::move(layer), spec, names, memory);
}

}  // namespace rebasis::sim::diannao
