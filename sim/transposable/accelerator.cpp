// The training accelerator as an Accelerator: one training step of a batch on the layers of a trace.
#include <algorithm>

#include "arch/transposable/area.h"
#include "common/error.h"
#include "sim/core/auxiliary.h"
#include "sim/core/compare_runs.h"
#include "sim/core/dense_layer.h"
#include "sim/core/design_model.h"
#include "sim/systemc/top.h"
#include "sim/transposable/counters.h"
#include "sim/transposable/plan.h"
#include "workloads/encode/layer_decoder.h"

namespace rebasis::sim::transposable {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::TransposableSpec& spec) {
  ModelDescription description = describe_design(file, "transposable", arch::transposable_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.rows * spec.columns);
  description.names = array_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names();
  description.probes = probe_names();
  description.notes = {"One training step of " + std::to_string(spec.batch) + " images, method " + spec.method +
                           ": figures are of the whole step",
                       "Output gradients are synthetic values; no cycle, count or price depends on them"};
  return description;
}

/// A value in -128 .. 127 that follows from its place alone.
std::int32_t synthetic_gradient(std::uint64_t layer, std::uint64_t place) {
  std::uint64_t x = (place + 1) * 0x9E3779B97F4A7C15U + layer * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return static_cast<std::int32_t>(x >> 56U) - 128;
}

/// What the common interface hands to a plan; passes have their own operands.
Activations no_image() {
  static const std::byte nothing{};
  trace::TensorView view;
  view.bytes = {&nothing, 1};
  return {view, {}, 0};
}

std::optional<std::string> cannot_train(const trace::LayerInfo& info, const arch::TransposableSpec& spec) {
  if (info.encoding != "dense-int8" && info.encoding != "smartdeal") {
    return "its weights are in the encoding " + info.encoding +
           "; training takes dense-int8 or smartdeal (recipes dense-int8, smartdeal)";
  }
  if (spec.method == "dense" && info.encoding == "smartdeal")
    return "training.method dense learns dense weights; sd-t learns SmartDeal's";
  return too_wide(info, spec.precision_bits, "array.precision");
}

class Transposable : public DesignModel<arch::TransposableSpec> {
 public:
  Transposable(const arch::AcceleratorFile& file, const arch::TransposableSpec& spec)
      : DesignModel(file, spec, describe(file, spec), "smartdeal-65nm"), names_(this->spec()) {}

  Result simulate(const trace::TraceReader& trace, const SimulateOptions& options) override;
  std::vector<LayerVerdict> verify(const trace::TraceReader& trace, const VerifyOptions& options) override;

 protected:
  /// Of the common interface: this model makes its plans of passes.
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader&, const trace::LayerInfo&) const override {
    fail_internal("a training step has no plan of a layer");
  }

 private:
  /// What a step does, in order.
  struct Item {
    std::unique_ptr<PassPlan> plan;                   ///< of a pass, or
    const trace::AuxiliaryInfo* auxiliary = nullptr;  ///< an operator between layers
    bool backward = false;
    bool again = false;
    std::size_t layer = 0;
  };
  [[nodiscard]] std::shared_ptr<const TrainedLayer> load(const trace::TraceReader& trace,
                                                         const trace::LayerInfo& info) const;
  [[nodiscard]] Operands operands(const trace::TraceReader& trace, const Job& job) const;
  [[nodiscard]] std::vector<Item> step(const trace::TraceReader& trace) const;
  [[nodiscard]] LayerResult run(PassPlan& plan, bool again, systemc::Top& top, const SimulateOptions& options);
  [[nodiscard]] LayerResult run(const trace::AuxiliaryInfo& auxiliary, bool backward, systemc::Top& top) const;

  PassNames names_;
  std::uint64_t clock_ = 0;  ///< of the timeline
};

std::shared_ptr<const TrainedLayer> Transposable::load(const trace::TraceReader& trace,
                                                       const trace::LayerInfo& info) const {
  trace.check_layer(info);
  auto layer = std::make_shared<TrainedLayer>();
  layer->info = info;
  layer->has_bias = trace.has(info.name + "/bias");
  if (info.encoding == "smartdeal") {
    layer->factored = true;
    layer->form = encode::decode_layer(trace, info).form;
    layer->index();
  }
  return layer;
}

/// The images of the trace in turn; a synthetic gradient.
Operands Transposable::operands(const trace::TraceReader& trace, const Job& job) const {
  const trace::LayerInfo& info = job.layer->info;
  const LayerShape& shape = info.shape;
  Operands values;
  if (job.pass != Pass::backward_data) {
    const trace::TensorView view = trace.tensor(info.name + "/activations");
    for (std::int64_t i = 0; i < job.images; ++i) {
      const std::vector<std::int32_t> image = Activations(view, shape, i % info.images).values();
      values.x.insert(values.x.end(), image.begin(), image.end());
    }
  }
  if (job.pass != Pass::backward_weight) values.w = encode::integer_weights(trace, info);
  if (job.pass != Pass::forward) {
    values.dy.resize(static_cast<std::size_t>(job.images * shape.M * shape.E() * shape.F()));
    for (std::size_t i = 0; i < values.dy.size(); ++i)
      values.dy[i] = synthetic_gradient(std::hash<std::string>{}(info.name), i);
  }
  return values;
}

std::vector<Transposable::Item> Transposable::step(const trace::TraceReader& trace) const {
  const auto& layers = trace.metadata().layers;
  for (const trace::LayerInfo& info : layers) {
    if (const auto reason = cannot_train(info, spec()))
      fail_input(trace.path() + ": layer " + info.name + ": " + *reason);
  }
  const std::vector<training::LayerWork> work =
      training::work_of(layers, {spec().method, spec().frozen, spec().trainable, spec().detached, spec().recompute});
  std::vector<std::shared_ptr<const TrainedLayer>> loaded;
  for (const trace::LayerInfo& info : layers) loaded.push_back(load(trace, info));
  std::vector<Item> items;
  const auto auxiliaries = [&](const std::string& after, std::size_t layer, bool backward) {
    for (const trace::AuxiliaryInfo& auxiliary : trace.metadata().auxiliary) {
      if (auxiliary.after != after || !moves_data(auxiliary)) continue;
      Item item;
      item.auxiliary = &auxiliary;
      item.backward = backward;
      item.layer = layer;
      items.push_back(std::move(item));
    }
  };
  auxiliaries("", 0, false);
  bool backward_begun = false;
  for (const training::PassOfLayer& pass : training::passes_of(work)) {
    const training::LayerWork& one = work[pass.layer];
    const bool forward = pass.pass == Pass::forward;
    backward_begun = backward_begun || !forward;
    // The operators behind a layer hand the gradient on before the layer's own backward passes.
    if (!forward && (items.empty() || items.back().layer != pass.layer || !items.back().backward)) {
      auxiliaries(layers[pass.layer].name, pass.layer, true);
    }
    Job job;
    job.layer = loaded[pass.layer].get();
    job.pass = pass.pass;
    job.images = spec().batch;
    job.weight_gradient = pass.pass == Pass::forward || pass.pass == Pass::backward_data || one.learns_weights;
    job.bias_gradient = (pass.pass == Pass::backward_weight || pass.pass == Pass::update) && one.learns_bias &&
                        loaded[pass.layer]->has_bias;
    if (!job.weight_gradient && !job.bias_gradient) continue;
    Item item;
    item.layer = pass.layer;
    item.again = pass.again;
    item.backward = !forward;
    item.plan = make_plan(loaded[pass.layer], job, spec(), names_, memory(),
                          [this, &trace](const Job& wanted) { return operands(trace, wanted); });
    items.push_back(std::move(item));
    if (forward && !pass.again) auxiliaries(layers[pass.layer].name, pass.layer, false);
  }
  return items;
}

LayerResult Transposable::run(PassPlan& plan, bool again, systemc::Top& top, const SimulateOptions& options) {
  const bool clocked = options.fidelity == Fidelity::clocked;
  if (clocked) plan.load_values();
  const Activations unused = no_image();
  const LayerRun run = clocked ? top.run_clocked([&](const DramPort& port) { return plan.machine(unused, port); }).run
                               : top.run_fast([&](const DramPort& port) { return plan.run_fast(unused, port, false); });
  LayerResultBuilder builder(plan, {plan.names(), energy(), description().srams, memory().bytes_per_cycle});
  builder.add(run.counters);
  LayerResult result = builder.finish();
  result.macs = static_cast<std::uint64_t>(plan.job().macs());
  if (again) result.name += "-again";
  if (options.timeline != nullptr) {
    const auto cycles = static_cast<std::uint64_t>(run.counters.cycles);
    options.timeline->push_back({training::name(plan.job().pass), result.name, clock_, clock_ + cycles});
  }
  return result;
}

/// Forward reads the operands and writes the result; backward reads the result's gradient and writes the operands'.
LayerResult Transposable::run(const trace::AuxiliaryInfo& auxiliary, bool backward, systemc::Top& top) const {
  trace::AuxiliaryInfo info = auxiliary;
  if (backward) {
    std::swap(info.input_elements, info.output_elements);
    info.name += ":backward";
  }
  LayerResult result =
      simulate_auxiliary(info, spec().batch, spec().element_bytes(), dma_limits(spec()), energy(), top.memory());
  result.images = 1;
  result.per_image = {{result.cycles, result.energy_pj, result.dram.total()}};
  return result;
}

Result Transposable::simulate(const trace::TraceReader& trace, const SimulateOptions& options) {
  const auto top = make_top(options.fidelity == Fidelity::clocked);
  if (!options.vcd.empty()) top->trace_waveform(options.vcd);
  Result result = header(trace, options);
  const auto& layers = trace.metadata().layers;
  std::vector<Item> items = step(trace);
  if (items.empty()) fail_input(trace.path() + ": no layer to simulate");
  clock_ = 0;
  std::size_t begun = 0;
  for (Item& item : items) {
    const std::string& name = layers[item.layer].name;
    const auto& only = options.only_layers;
    if (!only.empty() && (item.plan == nullptr || std::find(only.begin(), only.end(), name) == only.end())) continue;
    if (options.progress && item.plan != nullptr && !item.backward && !item.again)
      options.progress(begun++, only.empty() ? layers.size() : only.size(), name);
    result.layers.push_back(item.plan != nullptr ? run(*item.plan, item.again, *top, options)
                                                 : run(*item.auxiliary, item.backward, *top));
    clock_ += result.layers.back().cycles;
    item.plan.reset();
  }
  top->close_waveform();
  if (std::any_of(result.layers.begin(), result.layers.end(), [](const LayerResult& layer) { return layer.synthetic; }))
    result.notes.emplace_back("SYNTHETIC weights or activations: figures do not describe a trained network");
  return result;
}

std::vector<LayerVerdict> Transposable::verify(const trace::TraceReader& trace, const VerifyOptions& options) {
  const auto top = make_top(true);
  const auto& layers = trace.metadata().layers;
  const std::size_t count = options.sample == 0 ? layers.size() : std::min(options.sample, layers.size());
  std::vector<bool> wanted(layers.size());
  for (std::size_t i = 0; i < count; ++i) wanted[i * layers.size() / count] = true;
  std::vector<LayerVerdict> verdicts;
  std::size_t begun = 0;
  const Activations unused = no_image();
  for (Item& item : step(trace)) {
    if (item.plan == nullptr || item.again || !wanted[item.layer]) continue;
    PassPlan& plan = *item.plan;
    if (options.progress && !item.backward) options.progress(begun++, count, layers[item.layer].name);
    plan.load_values();
    const LayerRun fast = top->run_fast([&](const DramPort& port) { return plan.run_fast(unused, port, true); });
    const ClockedRun clocked = top->run_clocked([&](const DramPort& port) { return plan.machine(unused, port); });
    LayerVerdict verdict{plan.info().name, 0, static_cast<std::uint64_t>(clocked.run.counters.cycles),
                         clocked.outputs.size(), compare_runs(plan, plan.names(), fast, clocked.run)};
    if (verdict.difference.empty()) verdict.difference = compare_values(plan.job(), clocked.outputs, plan.expected());
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

const AcceleratorRegistration registration = register_design<Transposable>(
    "transposable", "training accelerator with a transposable weight memory (after ISSCC 2019 7.4)",
    arch::transposable_parameters);

}  // namespace
}  // namespace rebasis::sim::transposable
