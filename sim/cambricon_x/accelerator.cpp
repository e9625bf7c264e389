// Cambricon-X as an Accelerator: layers of a trace in, results out.
#include "arch/cambricon_x/area.h"
#include "arch/cambricon_x/spec.h"
#include "sim/cambricon_x/plan.h"
#include "sim/core/design_model.h"

namespace rebasis::sim::cambricon_x {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::CambriconXSpec& spec) {
  ModelDescription description = describe_design(file, "cambricon_x", arch::cambricon_x_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.pes * spec.multipliers);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names();
  return description;
}

class CambriconX : public DesignModel<arch::CambriconXSpec> {
 public:
  CambriconX(const arch::AcceleratorFile& file, const arch::CambriconXSpec& spec)
      : DesignModel(file, spec, describe(file, spec)) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    if (auto reason = not_dense(info)) return reason;
    return too_wide(info, spec().precision_bits, "pe.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_dense_layer(trace, info), spec(), description().names, memory());
  }
};

const AcceleratorRegistration registration = register_design<CambriconX>(
    "cambricon-x", "Cambricon-X: step-indexed sparse synapses, asynchronous PEs (MICRO 2016)",
    arch::cambricon_x_parameters);

}  // namespace
}  // namespace rebasis::sim::cambricon_x
