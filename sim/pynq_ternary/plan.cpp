#include "sim/pynq_ternary/plan.h"

#include "common/units.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"
#include "sim/pynq_ternary/axi.h"
#include "sim/pynq_ternary/clocked/machine.h"
#include "sim/pynq_ternary/cost.h"
#include "sim/pynq_ternary/mapping.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

class TernaryPlan : public LayerPlan {
 public:
  TernaryPlan(TernaryLayer layer, const Spec& spec, const CounterNames& names, const MemorySpeed& memory);

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override;
  [[nodiscard]] DramBytes compulsory_traffic() const override {
    return sim::compulsory_traffic(tiling_problem(job_, job_.shape().E(), job_.shape().F()));
  }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t images) const override;
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override;
  [[nodiscard]] std::map<std::string, double> statistics() const override;
  [[nodiscard]] LayerRun run_fast(const Activations& image, const DramPort& port, bool keep_steps) const override;
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override {
    return make_machine(job_, image, dma_limits(spec_), port);
  }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    return {layer_.codes.begin(), layer_.codes.end()};
  }
  [[nodiscard]] std::string mapping_identity() const override { return identity(steps_); }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override;

 private:
  TernaryLayer layer_;
  const Spec& spec_;
  const CounterNames& names_;
  UnitTable units_;
  StepPlan steps_;
  Job job_;
  Tiling tiling_;
};

TernaryPlan::TernaryPlan(TernaryLayer layer, const Spec& spec, const CounterNames& names, const MemorySpeed& memory)
    : layer_(std::move(layer)),
      spec_(spec),
      names_(names),
      units_(layer_, spec),
      job_{layer_, units_, steps_, spec_, names_} {
  MappedLayer mapped = map_layer(job_, memory);
  tiling_ = mapped.tiling;
  steps_ = std::move(mapped.steps);
  steps_.buffers[input_buffer].write_action = input_write;
  steps_.buffers[weight_buffer].write_action = weight_write;
  steps_.output_read_action = output_read;
  steps_.output_write_action = output_write;
}

std::map<std::string, std::string> TernaryPlan::describe() const {
  auto text = tiling_.describe();
  text["output_tiles"] = std::to_string(steps_.output_banks);
  if (!job_.on_pes()) {
    text["runs_on"] = "MAC engine";
    return text;
  }
  text["runs_on"] = spec_.mac() ? "PEs with 16-bit MACs" : "PEs";
  text["unit"] = std::to_string(units_.channels()) + " channels, " +
                 std::to_string(cut_kernel(layer_.shape(), spec_).size()) + " kernel pieces";
  text["pass"] = job_.loops_over_filters() ? "loop over filters" : "loop over the map";
  return text;
}

std::vector<Bound> TernaryPlan::bounds(const Counters& sum, std::int64_t images) const {
  const auto busy = [&](Block block) { return static_cast<double>(sum.blocks[block][Cause::busy]); };
  const auto engines_in_use = static_cast<double>(job_.on_pes() ? spec_.pes : 1);
  const auto start = static_cast<double>(spec_.host_start * images);
  return {{"compute", start + busy(engines) / engines_in_use},
          {"indexer", start + busy(indexer)},
          {"weight_port", start + busy(weight_loader)},
          {"output_path", start + busy(output_path)},
          {"axi", start + busy(axi_channels) / static_cast<double>(2 * spec_.axi_ports)}};
}

double TernaryPlan::mac_utilisation(const Counters& sum) const {
  const std::int64_t lanes = job_.on_pes() ? spec_.lanes() * spec_.pes : spec_.engine_dsps;
  return static_cast<double>(sum.effective_macs) / (static_cast<double>(sum.cycles) * static_cast<double>(lanes));
}

std::map<std::string, double> TernaryPlan::statistics() const {
  if (!job_.on_pes()) return {};
  return {{"pe_groups", static_cast<double>(units_.total())},
          {"pe_groups_nonzero", static_cast<double>(units_.nonzero_units())}};
}

LayerRun TernaryPlan::run_fast(const Activations&, const DramPort& port, bool keep_steps) const {
  AxiPorts ports(spec_, port);
  const Cycle start = spec_.host_start;
  const DramPort dma = [&](const DramRequest& request, Cycle now) {
    return ports.access(request, now + start) - start;
  };
  Cycle scaling = 0;
  const auto cost = [&](std::size_t step, Counters& counters) {
    scaling += scaling_cycles(job_, steps_.steps[step]);
    return step_cost(job_, steps_.steps[step], counters);
  };
  LayerRun run = run_sequence(steps_, names_, dma_limits(spec_), dma, cost, keep_steps);
  complete_run(job_, run, scaling, ports.beats());
  return run;
}

std::string TernaryPlan::step_name(const StepTimes& step) const {
  const ConvTile& tile = steps_.steps[static_cast<std::size_t>(step.block)].tile;
  return "step " + std::to_string(step.block) + " (filters from " + std::to_string(tile.filters.first) +
         ", channels from " + std::to_string(tile.channels.first) + ", rows from " + std::to_string(tile.rows.first) +
         ", columns from " + std::to_string(tile.columns.first) + ")";
}

}  // namespace

std::unique_ptr<LayerPlan> make_plan(TernaryLayer layer, const Spec& spec, const CounterNames& names,
                                     const MemorySpeed& memory) {
  return std::make_unique<TernaryPlan>(std::move(layer), spec, names, memory);
}

}  // namespace rebasis::sim::pynq_ternary
