// SmartDeal as an Accelerator: layers of a trace in, results out.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "arch/energy/energy_table.h"
#include "arch/smartdeal/spec.h"
#include "common/error.h"
#include "sim/accelerator.h"
#include "sim/core/reference_convolution.h"
#include "sim/smartdeal/auxiliary.h"
#include "sim/smartdeal/layer_result.h"
#include "sim/smartdeal/systemc/top.h"

namespace rebasis::sim::smartdeal {

namespace {

/// A layer that is known to fit.
struct Prepared {
  LayerData layer;
  Mapping mapping;
};

class SmartDeal : public Accelerator {
 public:
  explicit SmartDeal(const arch::AcceleratorFile& file)
      : name_(file.source_path),
        spec_(arch::smartdeal_parameters().resolve(file.config)),
        energy_(arch::EnergyTable::load(file.energy_table.empty() ? "smartdeal-28nm" : file.energy_table)),
        memory_(speed_of(*make_dram(dram_spec()))) {}

  Result simulate(const trace::TraceReader& trace, const SimulateOptions& options) override;
  std::vector<LayerVerdict> verify(const trace::TraceReader& trace, const VerifyOptions& options) override;

 private:
  [[nodiscard]] DramSpec dram_spec() const {
    return {spec_.dram_model, spec_.dram_bandwidth_gb_s, spec_.dram_latency_ns, spec_.frequency_hz, spec_.dram_mapping};
  }
  [[nodiscard]] Result header(const trace::TraceReader& trace, const SimulateOptions& options) const;
  /// Traffic of the operators behind layer `after` ("": before the first).
  void add_auxiliaries(const trace::TraceReader& trace, const std::string& after, std::int64_t images, Top& top, Result& result);
  /// Reads and maps every layer, so that a design that cannot run one is refused before the first is simulated.
  [[nodiscard]] std::vector<Prepared> prepare(const trace::TraceReader& trace, const std::vector<std::string>& wanted) const;
  LayerResult simulate_layer(const trace::TraceReader& trace, Prepared& prepared, Top& top, const SimulateOptions& options);
  LayerVerdict verify_layer(const trace::TraceReader& trace, const Prepared& prepared, std::int64_t image, Top& top);

  std::string name_;
  arch::SmartDealSpec spec_;
  arch::EnergyTable energy_;
  MemorySpeed memory_;
  std::uint64_t timeline_clock_ = 0;
};

Result SmartDeal::header(const trace::TraceReader& trace, const SimulateOptions& options) const {
  Result result;
  result.accelerator = name_;
  result.fidelity = options.fidelity == Fidelity::fast ? "fast" : "clocked";
  result.frequency_hz = spec_.frequency_hz;
  result.peak_macs_per_cycle = static_cast<double>(spec_.dim_M * spec_.dim_C * spec_.dim_F);
  result.dram_bytes_per_cycle = std::isfinite(memory_.bytes_per_cycle) ? memory_.bytes_per_cycle : 0;
  result.network = trace.metadata().network;
  result.dram_model = spec_.dram_model;
  result.parameters = arch::smartdeal_parameters().print(spec_);
  result.trace_path = trace.path();
  result.trace_provenance = trace.metadata().provenance;
  result.energy_table = energy_.name();
  result.notes = energy_.warnings(sram_geometry(spec_));
  return result;
}

Result SmartDeal::simulate(const trace::TraceReader& trace, const SimulateOptions& options) {
  Top top("smartdeal", spec_, options.fidelity == Fidelity::clocked);
  if (!options.vcd.empty()) top.trace_waveform(options.vcd);
  Result result = header(trace, options);
  timeline_clock_ = 0;
  const auto& layers = trace.metadata().layers;
  const auto& wanted = options.only_layers;
  std::vector<Prepared> prepared = prepare(trace, wanted);
  if (wanted.empty() && !layers.empty()) add_auxiliaries(trace, "", layers.front().images, top, result);
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    const trace::LayerInfo info = prepared[i].layer.info;
    if (options.progress) options.progress(i, prepared.size(), info.name);
    result.layers.push_back(simulate_layer(trace, prepared[i], top, options));
    prepared[i] = {};
    add_auxiliaries(trace, info.name, info.images, top, result);
  }
  top.close_waveform();
  if (result.layers.empty()) fail_input(trace.path() + ": no layer to simulate");
  const bool synthetic = std::any_of(result.layers.begin(), result.layers.end(), [](const LayerResult& layer) { return layer.synthetic; });
  if (synthetic) result.notes.emplace_back("SYNTHETIC weights or activations: figures do not describe a trained network");
  return result;
}

std::vector<Prepared> SmartDeal::prepare(const trace::TraceReader& trace, const std::vector<std::string>& wanted) const {
  std::vector<Prepared> prepared;
  for (const trace::LayerInfo& info : trace.metadata().layers) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), info.name) == wanted.end()) continue;
    LayerData layer = load_layer(trace, info);
    Mapping mapping = map_layer(layer, spec_, memory_);
    prepared.push_back({std::move(layer), std::move(mapping)});
  }
  return prepared;
}

void add_timeline(const LayerRun& run, const std::string& layer, std::uint64_t start, std::vector<TimelineEvent>& events) {
  const auto at = [&](Cycle cycle) { return start + static_cast<std::uint64_t>(cycle); };
  events.push_back({"layers", layer, start, at(run.counters.cycles)});
  Cycle free = 0;
  for (std::size_t i = 0; i < run.tiles.size();) {
    std::size_t last = i;
    while (last + 1 < run.tiles.size() && run.tiles[last + 1].block == run.tiles[i].block) ++last;
    const std::string block = "block " + std::to_string(run.tiles[i].block);
    const Cycle begin = std::max(free, run.tiles[i].ready);
    if (begin > free) events.push_back({"PE array", "wait for data of " + block, at(free), at(begin)});
    events.push_back({"PE array", block, at(begin), at(run.tiles[last].done)});
    events.push_back({"output path", "drain " + block, at(run.tiles[last].done), at(run.tiles[last].drained)});
    free = run.tiles[last].done;
    i = last + 1;
  }
}

void SmartDeal::add_auxiliaries(const trace::TraceReader& trace, const std::string& after, std::int64_t images, Top& top, Result& result) {
  for (const trace::AuxiliaryInfo& auxiliary : trace.metadata().auxiliary) {
    const bool moves = auxiliary.input_elements > 0 || auxiliary.output_elements > 0;
    if (auxiliary.after != after || !moves) continue;
    result.layers.push_back(simulate_auxiliary(auxiliary, images, spec_, energy_, top.memory()));
    timeline_clock_ += result.layers.back().cycles;
  }
}

LayerResult SmartDeal::simulate_layer(const trace::TraceReader& trace, Prepared& prepared, Top& top, const SimulateOptions& options) {
  LayerData& layer = prepared.layer;
  const Mapping& mapping = prepared.mapping;
  const trace::LayerInfo& info = layer.info;
  if (options.fidelity == Fidelity::clocked) layer.decode_values();
  const trace::TensorView view = trace.tensor(info.name + "/activations");
  LayerResultBuilder builder(layer, mapping, spec_, energy_, memory_.bytes_per_cycle);
  for (std::int64_t image = 0; image < info.images; ++image) {
    const Activations activations(view, info.shape, image);
    const CostTable costs(layer, activations, spec_);
    const LayerJob job{layer, activations, mapping, costs, spec_, options.timeline != nullptr};
    const LayerRun run = options.fidelity == Fidelity::fast ? top.run_fast(job) : top.run_clocked(job).run;
    builder.add(run.counters);
    if (options.timeline != nullptr) add_timeline(run, info.name, timeline_clock_, *options.timeline);
    timeline_clock_ += static_cast<std::uint64_t>(run.counters.cycles);
  }
  return builder.finish();
}

std::vector<std::int32_t> integer_weights(const LayerData& layer) {
  if (layer.layout.compressed) return encode::rebuild(layer.form, layer.shape());
  return {layer.original.begin(), layer.original.end()};
}

/// First difference between the two fidelities, or empty.
std::string compare_runs(const LayerRun& fast, const LayerRun& clocked, const LayerShape& shape, std::int64_t dim_F) {
  for (std::size_t i = 0; i < fast.tiles.size(); ++i) {
    const TileTimes& a = fast.tiles[i];
    const TileTimes& b = clocked.tiles[i];
    if (a == b) continue;
    const Tile tile = tile_at(shape, dim_F, a.tile);
    const auto pair = [](const char* what, Cycle left, Cycle right) {
      return std::string(what) + " at cycle " + std::to_string(left) + " (fast), " + std::to_string(right) + " (clocked)";
    };
    const std::string where = "block " + std::to_string(a.block) + ", output row " + std::to_string(tile.e) + ", column tile " + std::to_string(tile.index) + ": ";
    if (a.ready != b.ready) return where + pair("data ready", a.ready, b.ready);
    if (a.done != b.done) return where + pair("partial sums done", a.done, b.done);
    return where + pair("outputs drained", a.drained, b.drained);
  }
  const std::string counter = first_difference(fast.counters, clocked.counters);
  return counter.empty() ? "" : "counter " + counter + " (fast != clocked)";
}

std::string compare_outputs(const std::vector<std::int64_t>& clocked, const std::vector<std::int64_t>& expected, const LayerShape& shape) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (clocked[i] == expected[i]) continue;
    const auto index = static_cast<std::int64_t>(i);
    return "output m=" + std::to_string(index / (shape.E() * shape.F())) + " e=" + std::to_string(index / shape.F() % shape.E()) +
           " f=" + std::to_string(index % shape.F()) + ": " + std::to_string(clocked[i]) + " (clocked), " + std::to_string(expected[i]) + " (integer convolution)";
  }
  return {};
}

LayerVerdict SmartDeal::verify_layer(const trace::TraceReader& trace, const Prepared& prepared, std::int64_t image, Top& top) {
  const LayerData& layer = prepared.layer;
  const Mapping& mapping = prepared.mapping;
  const trace::LayerInfo& info = layer.info;
  const Activations activations(trace.tensor(info.name + "/activations"), info.shape, image);
  const CostTable costs(layer, activations, spec_);
  const LayerJob job{layer, activations, mapping, costs, spec_, true};
  const LayerRun fast = top.run_fast(job);
  const ClockedRun clocked = top.run_clocked(job);
  const auto input = [&](std::int64_t c, std::int64_t h, std::int64_t w) { return activations.at(c, h, w); };
  LayerVerdict verdict{info.name, image, static_cast<std::uint64_t>(clocked.run.counters.cycles), clocked.outputs.size(), {}};
  verdict.difference = compare_runs(fast, clocked.run, info.shape, spec_.dim_F);
  if (verdict.difference.empty()) {
    verdict.difference = compare_outputs(clocked.outputs, reference_convolution(info.shape, integer_weights(layer), input), info.shape);
  }
  return verdict;
}

std::vector<LayerVerdict> SmartDeal::verify(const trace::TraceReader& trace, const VerifyOptions& options) {
  Top top("smartdeal", spec_, true);
  std::vector<Prepared> prepared = prepare(trace, {});
  const std::size_t count = options.sample == 0 ? prepared.size() : std::min(options.sample, prepared.size());
  std::vector<LayerVerdict> verdicts;
  for (std::size_t i = 0; i < count; ++i) {
    Prepared& layer = prepared[i * prepared.size() / count];
    if (options.progress) options.progress(i, count, layer.layer.info.name);
    layer.layer.decode_values();
    for (std::int64_t image = 0; image < layer.layer.info.images; ++image) verdicts.push_back(verify_layer(trace, layer, image, top));
  }
  return verdicts;
}

const AcceleratorRegistration registration("smartdeal", "SmartDeal 3D PE array (paper section V)",
                                           [](const arch::AcceleratorFile& file) { return std::make_unique<SmartDeal>(file); });

}  // namespace
}  // namespace rebasis::sim::smartdeal
