#include "sim/core/model.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "common/sha256.h"
#include "sim/core/auxiliary.h"
#include "sim/core/compare_runs.h"
#include "sim/core/decoder/actions.h"
#include "sim/core/decoder/srams.h"
#include "sim/systemc/top.h"

namespace rebasis::sim {

AcceleratorModel::AcceleratorModel(ModelDescription description, arch::EnergyTable energy)
    : description_(std::move(description)),
      energy_(std::move(energy)),
      memory_(speed_of(*make_dram(dram_spec(description_.system)))) {
  const arch::DecoderSpec& decoder = description_.system.decoder;
  if (!decoder.present()) return;
  if (!description_.names.decoder) {
    fail_input(description_.name + ": decoder.kind is " + decoder.kind +
               ", but this accelerator has no weight decoder; use decoder.kind: none");
  }
  description_.shells.emplace_back(decoder_block);
  for (const auto& memory : decoder_srams(decoder, description_.srams)) description_.srams.insert(memory);
}

std::unique_ptr<systemc::Top> AcceleratorModel::make_top(bool clocked) const {
  const std::vector<std::string> none;
  return std::make_unique<systemc::Top>(description_.module.c_str(), dram_spec(description_.system),
                                        clocked ? description_.shells : none, clocked ? description_.probes : none);
}

Result AcceleratorModel::header(const trace::TraceReader& trace, const SimulateOptions& options) const {
  Result result;
  result.accelerator = description_.name;
  result.fidelity = options.fidelity == Fidelity::fast ? "fast" : "clocked";
  result.frequency_hz = description_.system.frequency_hz;
  result.peak_macs_per_cycle = description_.peak_macs_per_cycle;
  result.dram_bytes_per_cycle = std::isfinite(memory_.bytes_per_cycle) ? memory_.bytes_per_cycle : 0;
  result.network = trace.metadata().network;
  result.dram_model = description_.system.dram_model;
  result.parameters = description_.parameters;
  result.trace_path = trace.path();
  result.trace_provenance = trace.metadata().provenance;
  result.energy_table = energy_.name();
  result.area = description_.area;
  result.notes = energy_.warnings(description_.srams);
  result.notes.insert(result.notes.end(), description_.notes.begin(), description_.notes.end());
  return result;
}

namespace {

[[noreturn]] void fail_nothing_to_simulate(const trace::TraceReader& trace, const Result& result) {
  if (result.unsupported.empty()) fail_input(trace.path() + ": no layer to simulate");
  const auto& [layer, reason] = result.unsupported.front();
  fail_input(trace.path() + ": this accelerator can run none of its layers; layer " + layer + ": " + reason);
}

}  // namespace

Result AcceleratorModel::simulate(const trace::TraceReader& trace, const SimulateOptions& options) {
  const auto top = make_top(options.fidelity == Fidelity::clocked);
  if (!options.vcd.empty()) top->trace_waveform(options.vcd);
  Result result = header(trace, options);
  timeline_clock_ = 0;
  const auto& layers = trace.metadata().layers;
  const bool all = options.only_layers.empty();
  std::vector<std::unique_ptr<LayerPlan>> plans = prepare(trace, options.only_layers, &result);
  if (plans.empty()) fail_nothing_to_simulate(trace, result);
  if (all && !layers.empty()) add_auxiliaries(trace, "", layers.front().images, *top, result);
  std::size_t next = 0;
  for (const trace::LayerInfo& info : layers) {
    const bool planned = next < plans.size() && plans[next]->info().name == info.name;
    if (planned) {
      if (options.progress) options.progress(next, plans.size(), info.name);
      result.layers.push_back(simulate_layer(trace, *plans[next], *top, options));
      plans[next++].reset();
    }
    if (planned || all) add_auxiliaries(trace, info.name, info.images, *top, result);
  }
  top->close_waveform();
  const bool synthetic =
      std::any_of(result.layers.begin(), result.layers.end(), [](const LayerResult& layer) { return layer.synthetic; });
  if (synthetic)
    result.notes.emplace_back("SYNTHETIC weights or activations: figures do not describe a trained network");
  if (!result.unsupported.empty()) {
    result.notes.push_back(std::to_string(result.unsupported.size()) +
                           " layers are not supported by this accelerator and left out of the totals");
  }
  return result;
}

std::vector<std::unique_ptr<LayerPlan>> AcceleratorModel::prepare(const trace::TraceReader& trace,
                                                                  const std::vector<std::string>& wanted,
                                                                  Result* result) const {
  std::vector<std::unique_ptr<LayerPlan>> plans;
  for (const trace::LayerInfo& info : trace.metadata().layers) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), info.name) == wanted.end()) continue;
    if (const auto reason = unsupported(info)) {
      if (result != nullptr) result->unsupported.emplace_back(info.name, *reason);
    } else {
      plans.push_back(plan(trace, info));
    }
  }
  return plans;
}

namespace {

void add_timeline(const LayerRun& run, const LayerPlan& plan, std::uint64_t start, std::vector<TimelineEvent>& events) {
  const auto at = [&](Cycle cycle) { return start + static_cast<std::uint64_t>(cycle); };
  events.push_back({"layers", plan.info().name, start, at(run.counters.cycles)});
  Cycle free = 0;
  for (std::size_t i = 0; i < run.steps.size();) {
    std::size_t last = i;
    while (last + 1 < run.steps.size() && run.steps[last + 1].block == run.steps[i].block) ++last;
    const std::string block = "block " + std::to_string(run.steps[i].block);
    const Cycle begin = std::max(free, run.steps[i].ready);
    if (begin > free) events.push_back({"PE array", "wait for data of " + block, at(free), at(begin)});
    events.push_back({"PE array", block, at(begin), at(run.steps[last].done)});
    events.push_back({"output path", "drain " + block, at(run.steps[last].done), at(run.steps[last].drained)});
    free = run.steps[last].done;
    i = last + 1;
  }
}

}  // namespace

void AcceleratorModel::add_auxiliaries(const trace::TraceReader& trace, const std::string& after, std::int64_t images,
                                       systemc::Top& top, Result& result) {
  for (const trace::AuxiliaryInfo& auxiliary : trace.metadata().auxiliary) {
    if (auxiliary.after != after || !moves_data(auxiliary)) continue;
    result.layers.push_back(simulate_auxiliary(auxiliary, images, description_.element_bytes,
                                               dma_limits(description_.system), energy_, top.memory()));
    timeline_clock_ += result.layers.back().cycles;
  }
}

std::string AcceleratorModel::memo_key(const std::string& content, const LayerPlan& plan) const {
  const std::string identity = plan.mapping_identity();
  std::string text = description_.module + "\n" + content + "\n" + identity + "\n";
  for (const auto& [key, value] : identity.empty() ? description_.parameters : description_.timing_parameters)
    text += key + "=" + value + "\n";
  return sha256(text);
}

Counters AcceleratorModel::remembered_run(LayerMemo& memo, const std::string& key, const LayerPlan& plan,
                                          const Activations& image, systemc::Top& top) const {
  if (auto known = memo.find(key, description_.names)) return std::move(*known);
  const LayerRun run = top.run_fast([&](const DramPort& port) { return plan.run_fast(image, port, false); });
  memo.keep(key, run.counters);
  return run.counters;
}

LayerResult AcceleratorModel::simulate_layer(const trace::TraceReader& trace, LayerPlan& plan, systemc::Top& top,
                                             const SimulateOptions& options) {
  const trace::LayerInfo& info = plan.info();
  const bool clocked = options.fidelity == Fidelity::clocked;
  if (clocked) plan.load_values();
  const trace::TensorView view = trace.tensor(info.name + "/activations");
  LayerResultBuilder builder(plan, {description_.names, energy_, description_.srams, memory_.bytes_per_cycle});
  LayerMemo* const memo = clocked || options.timeline != nullptr ? nullptr : options.memo;
  const std::string key = memo == nullptr ? "" : memo_key(memo->content(trace, info), plan);
  for (std::int64_t i = 0; i < info.images; ++i) {
    const Activations image(view, info.shape, i);
    if (memo != nullptr) {
      builder.add(remembered_run(*memo, key + "/" + std::to_string(i), plan, image, top));
      continue;
    }
    const LayerRun run = clocked ? top.run_clocked([&](const DramPort& port) { return plan.machine(image, port); }).run
                                 : top.run_fast([&](const DramPort& port) {
                                     return plan.run_fast(image, port, options.timeline != nullptr);
                                   });
    builder.add(run.counters);
    if (options.timeline != nullptr) add_timeline(run, plan, timeline_clock_, *options.timeline);
    timeline_clock_ += static_cast<std::uint64_t>(run.counters.cycles);
  }
  return builder.finish();
}

LayerVerdict AcceleratorModel::verify_layer(const trace::TraceReader& trace, const LayerPlan& plan, std::int64_t number,
                                            systemc::Top& top) const {
  const trace::LayerInfo& info = plan.info();
  const Activations image(trace.tensor(info.name + "/activations"), info.shape, number);
  const LayerRun fast = top.run_fast([&](const DramPort& port) { return plan.run_fast(image, port, true); });
  const ClockedRun clocked = top.run_clocked([&](const DramPort& port) { return plan.machine(image, port); });
  LayerVerdict verdict{
      info.name, number, static_cast<std::uint64_t>(clocked.run.counters.cycles), clocked.outputs.size(), {}};
  verdict.difference = compare_runs(plan, description_.names, fast, clocked.run);
  if (verdict.difference.empty()) verdict.difference = compare_outputs(plan, image, clocked.outputs);
  return verdict;
}

std::map<std::string, DramBytes> AcceleratorModel::parameter_bytes(const trace::TraceReader& trace) const {
  std::map<std::string, DramBytes> bytes;
  for (const auto& layer : prepare(trace, {}, nullptr)) {
    DramBytes moved = layer->compulsory_traffic();
    moved.inputs = 0;
    moved.outputs = 0;
    bytes[layer->info().name] = moved;
  }
  return bytes;
}

std::vector<LayerVerdict> AcceleratorModel::verify(const trace::TraceReader& trace, const VerifyOptions& options) {
  const auto top = make_top(true);
  const std::vector<std::unique_ptr<LayerPlan>> plans = prepare(trace, {}, nullptr);
  const std::size_t count = options.sample == 0 ? plans.size() : std::min(options.sample, plans.size());
  std::vector<LayerVerdict> verdicts;
  for (std::size_t i = 0; i < count; ++i) {
    LayerPlan& plan = *plans[i * plans.size() / count];
    if (options.progress) options.progress(i, count, plan.info().name);
    plan.load_values();
    for (std::int64_t image = 0; image < plan.info().images; ++image)
      verdicts.push_back(verify_layer(trace, plan, image, *top));
  }
  return verdicts;
}

}  // namespace rebasis::sim
