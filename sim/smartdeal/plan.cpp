#include "sim/smartdeal/plan.h"

#include <algorithm>

#include "arch/smartdeal/srams.h"
#include "sim/smartdeal/clocked/machine.h"

namespace rebasis::sim::smartdeal {

namespace {

/// The blocks of the block diagram with their copies and accounts, in the order of counter_names().
struct BlockOf {
  const char* name;
  std::int64_t instances;
  Account Counters::*account;
};

std::vector<BlockOf> blocks_of(const arch::SmartDealSpec& spec) {
  const std::int64_t lines = spec.dim_M * spec.dim_C;
  return {{"pe_lines", lines, &Counters::lines},
          {"index_selectors", spec.dim_C, &Counters::selectors},
          {"input_gb_lanes", spec.dim_C, &Counters::lanes},
          {"weight_ports", lines, &Counters::weight_ports},
          {"rebuild_engines", lines * spec.rebuild_engines, &Counters::rebuild_engines},
          {"output_port", 1, &Counters::output_port},
          {"huffman_decoders", spec.huffman_decoders, &Counters::decoders},
          {"dma", 1, &Counters::dma}};
}

enum Block : std::size_t {
  pe_lines,
  index_selectors,
  input_gb_lanes,
  weight_ports,
  rebuild_engines,
  output_port,
  huffman
};

enum Shell : std::size_t { controller_shell, input_shell, output_shell, dma_shell, decoder_shell, first_slice_shell };

/// The machine behind the common interface.
class MachineShells : public sim::Machine {
 public:
  MachineShells(const LayerJob& job, const DramPort& port, std::unique_ptr<CostTable> costs, const CounterNames& names)
      : costs_(std::move(costs)),
        job_{job.layer, job.activations, job.mapping, *costs_, job.spec, true},
        names_(names),
        machine_(job_, port) {}

  void evaluate(std::size_t shell, Cycle now) override {
    if (shell == controller_shell)
      machine_.evaluate_controller(now);
    else if (shell == input_shell)
      machine_.evaluate_input(now);
    else if (shell == output_shell)
      machine_.evaluate_output(now);
    else if (shell == dma_shell)
      machine_.evaluate_dma(now);
    else if (shell == decoder_shell)
      machine_.evaluate_decoders(now);
    else
      machine_.evaluate_slice(now, shell - first_slice_shell);
  }
  void commit(Cycle) override { machine_.commit(); }
  [[nodiscard]] bool finished(Cycle now) const override { return machine_.finished(now); }
  [[nodiscard]] std::uint64_t progress() const override { return machine_.progress(); }
  [[nodiscard]] Cycle memory_busy_until() const override { return machine_.dma.busy_until(); }
  [[nodiscard]] std::string state() const override { return machine_.state(); }
  [[nodiscard]] std::vector<int> probes(Cycle now) const override;
  sim::ClockedRun take_result(Cycle end) override {
    ClockedRun result = machine_.take_result(end);
    return {{generic(result.run.counters, names_), std::move(result.run.tiles)}, std::move(result.outputs)};
  }

 private:
  std::unique_ptr<CostTable> costs_;
  LayerJob job_;
  const CounterNames& names_;
  smartdeal::Machine machine_;
};

std::vector<int> MachineShells::probes(Cycle now) const {
  std::vector<int> values{static_cast<int>(machine_.controller.started().size()),
                          static_cast<int>(machine_.input.passed()),
                          static_cast<int>(machine_.input.busy_lanes()),
                          static_cast<int>(machine_.controller.all_done()),
                          machine_.output.busy(now) ? 1 : 0,
                          static_cast<int>(machine_.dma.requests())};
  for (const PeSlice& slice : machine_.slices) values.push_back(static_cast<int>(slice.working_lines()));
  return values;
}

class SmartDealPlan : public LayerPlan {
 public:
  SmartDealPlan(LayerData layer, const arch::SmartDealSpec& spec, const CounterNames& names, const MemorySpeed& memory)
      : layer_(std::move(layer)), spec_(spec), names_(names), mapping_(map_layer(layer_, spec, memory)) {}

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override { return mapping_.describe(); }
  [[nodiscard]] DramBytes compulsory_traffic() const override { return smartdeal::compulsory_traffic(layer_, spec_); }
  [[nodiscard]] std::vector<Bound> bounds(const sim::Counters& sum, std::int64_t images) const override;
  [[nodiscard]] double mac_utilisation(const sim::Counters& sum) const override;

  [[nodiscard]] sim::LayerRun run_fast(const Activations& image, const DramPort& port, bool keep_steps) const override {
    const CostTable costs(layer_, image, spec_);
    LayerRun run = smartdeal::run_fast({layer_, image, mapping_, costs, spec_, keep_steps}, port);
    return {generic(run.counters, names_), std::move(run.tiles)};
  }
  [[nodiscard]] std::unique_ptr<sim::Machine> machine(const Activations& image, const DramPort& port) const override {
    auto costs = std::make_unique<CostTable>(layer_, image, spec_);
    const LayerJob job{layer_, image, mapping_, *costs, spec_, true};
    return std::make_unique<MachineShells>(job, port, std::move(costs), names_);
  }
  void load_values() override { layer_.decode_values(); }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    if (layer_.layout.compressed) return encode::rebuild(layer_.form, layer_.shape());
    return {layer_.original.begin(), layer_.original.end()};
  }
  [[nodiscard]] std::string mapping_identity() const override { return identity(layer_.shape(), mapping_, spec_); }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override {
    const Tile tile = tile_at(layer_.shape(), spec_.dim_F, step.tile);
    return "block " + std::to_string(step.block) + ", output row " + std::to_string(tile.e) + ", column tile " +
           std::to_string(tile.index);
  }

 private:
  LayerData layer_;
  const arch::SmartDealSpec& spec_;
  const CounterNames& names_;
  Mapping mapping_;
};

std::vector<Bound> SmartDealPlan::bounds(const sim::Counters& sum, std::int64_t) const {
  const auto lines = static_cast<double>(spec_.dim_M * spec_.dim_C);
  const auto lanes = static_cast<double>(spec_.dim_C);
  const auto busy = [&](Block block) { return static_cast<double>(sum.blocks[block][Cause::busy]); };
  // Work divided by what does it.
  return {{"compute", busy(pe_lines) / lines},
          {"input_gb", busy(input_gb_lanes) / lanes},
          {"index_selector", busy(index_selectors) / lanes},
          {"weight_port", busy(weight_ports) / lines},
          {"rebuild_engines", busy(rebuild_engines) / (lines * static_cast<double>(spec_.clusters))},
          {"output_port", busy(output_port)},
          {"huffman_decoders", busy(huffman) / static_cast<double>(spec_.huffman_decoders)}};
}

double SmartDealPlan::mac_utilisation(const sim::Counters& sum) const {
  const auto count = [&](Action action) { return sum.actions[static_cast<std::size_t>(action)]; };
  const auto macs = static_cast<double>(spec_.dim_M * spec_.dim_C * spec_.dim_F);
  return static_cast<double>(count(Action::digit_step) + count(Action::mac_operation)) /
         (macs * static_cast<double>(sum.cycles));
}

}  // namespace

CounterNames counter_names(const arch::SmartDealSpec& spec) {
  CounterNames names;
  for (const BlockOf& block : blocks_of(spec))
    names.blocks.push_back({block.name, static_cast<std::uint64_t>(block.instances)});
  for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count); ++i) names.actions.emplace_back(name(Action{i}));
  return names;
}

sim::Counters generic(const Counters& counters, const CounterNames& names) {
  sim::Counters result(names);
  result.cycles = counters.cycles;
  result.effective_macs = counters.effective_macs;
  result.working = counters.mapped_lines;
  const auto blocks = blocks_of({});
  for (std::size_t i = 0; i < blocks.size(); ++i) result.blocks[i] = counters.*blocks[i].account;
  std::copy(counters.actions.begin(), counters.actions.end(), result.actions.begin());
  result.dram = counters.dram;
  return result;
}

arch::EnergyTable::Srams sram_geometry(const arch::SmartDealSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

std::vector<std::string> shell_names(const arch::SmartDealSpec& spec) {
  std::vector<std::string> names{"controller", "input_path", "output_path", "dma", "huffman_decoders"};
  for (std::int64_t slice = 0; slice < spec.dim_M; ++slice) names.push_back("pe_slice_" + std::to_string(slice));
  return names;
}

std::vector<std::string> probe_names(const arch::SmartDealSpec& spec) {
  std::vector<std::string> names{"controller.blocks_started", "index_selectors.tiles_passed", "input_gb.lanes_busy",
                                 "pe_array.tiles_done",       "output_gb.port_busy",          "dma.requests"};
  for (std::int64_t slice = 0; slice < spec.dim_M; ++slice)
    names.push_back("pe_slice_" + std::to_string(slice) + ".lines_working");
  return names;
}

std::unique_ptr<LayerPlan> make_plan(LayerData layer, const arch::SmartDealSpec& spec, const CounterNames& names,
                                     const MemorySpeed& memory) {
  return std::make_unique<SmartDealPlan>(std::move(layer), spec, names, memory);
}

}  // namespace rebasis::sim::smartdeal
