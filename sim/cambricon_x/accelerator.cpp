// Cambricon-X as an Accelerator: layers of a trace in, results out.
#include "arch/cambricon_x/area.h"
#include "arch/cambricon_x/spec.h"
#include "sim/cambricon_x/plan.h"
#include "sim/core/model.h"

namespace rebasis::sim::cambricon_x {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::CambriconXSpec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = "cambricon_x";
  description.parameters = arch::cambricon_x_parameters().print(spec);
  description.timing_parameters = arch::cambricon_x_parameters().print_timing(spec);
  description.system = spec;
  description.area = arch::area_of(spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.pes * spec.multipliers);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names();
  return description;
}

class CambriconX : public AcceleratorModel {
 public:
  CambriconX(const arch::AcceleratorFile& file, const arch::CambriconXSpec& spec)
      : AcceleratorModel(describe(file, spec),
                         arch::EnergyTable::load(file.energy_table.empty() ? "smartdeal-28nm" : file.energy_table)),
        spec_(spec) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    if (auto reason = not_dense(info)) return reason;
    return too_wide(info, spec_.precision_bits, "pe.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_dense_layer(trace, info), spec_, description().names, memory());
  }

 private:
  arch::CambriconXSpec spec_;
};

const AcceleratorRegistration registration("cambricon-x",
                                           "Cambricon-X: step-indexed sparse synapses, asynchronous PEs (MICRO 2016)",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<CambriconX>(
                                                 file, arch::cambricon_x_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::cambricon_x
