// SCNN as an Accelerator: layers of a trace in, results out.
#include "arch/scnn/area.h"
#include "arch/scnn/spec.h"
#include "sim/core/design_model.h"
#include "sim/scnn/plan.h"

namespace rebasis::sim::scnn {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::ScnnSpec& spec) {
  ModelDescription description = describe_design(file, "scnn", arch::scnn_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.multipliers());
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names(spec);
  return description;
}

/// Non-zero share of a layer's activations over all images.
double density_of(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  const auto view = trace.tensor(info.name + "/activations");
  std::uint64_t filled = 0, all = 0;
  for (std::int64_t i = 0; i < info.images; ++i) {
    for (const std::int32_t value : Activations(view, info.shape, i).values()) {
      filled += value != 0 ? 1 : 0;
      ++all;
    }
  }
  return static_cast<double>(filled) / static_cast<double>(all);
}

/// Density of a layer's results when the next layer of the trace reads them as they are: same shape, no operator
/// between.
std::optional<double> result_density(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  const auto& layers = trace.metadata().layers;
  for (const trace::AuxiliaryInfo& auxiliary : trace.metadata().auxiliary) {
    if (auxiliary.after == info.name && !auxiliary.fused) return std::nullopt;
  }
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    const LayerShape &shape = layers[i].shape, &next = layers[i + 1].shape;
    if (layers[i].name != info.name) continue;
    if (next.C != shape.M || next.H != shape.E() || next.W != shape.F()) return std::nullopt;
    return density_of(trace, layers[i + 1]);
  }
  return std::nullopt;
}

class Scnn : public DesignModel<arch::ScnnSpec> {
 public:
  Scnn(const arch::AcceleratorFile& file, const arch::ScnnSpec& spec) : DesignModel(file, spec, describe(file, spec)) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return unsupported_layer(info, spec());
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    const auto view = trace.tensor(info.name + "/activations");
    std::vector<Activations> images;
    for (std::int64_t i = 0; i < info.images; ++i) images.emplace_back(view, info.shape, i);
    return make_plan(load_dense_layer(trace, info), images, result_density(trace, info), spec(), description().names);
  }
};

const AcceleratorRegistration registration = register_design<Scnn>(
    "scnn", "SCNN: Cartesian products of compressed weights and activations", arch::scnn_parameters);

}  // namespace
}  // namespace rebasis::sim::scnn
