// SmartDeal as an Accelerator: layers of a trace in, results out.
#include "arch/smartdeal/area.h"
#include "arch/smartdeal/spec.h"
#include "sim/core/model.h"
#include "sim/smartdeal/plan.h"

namespace rebasis::sim::smartdeal {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::SmartDealSpec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = "smartdeal";
  description.parameters = arch::smartdeal_parameters().print(spec);
  description.timing_parameters = arch::smartdeal_parameters().print_timing(spec);
  description.system = spec;
  description.area = arch::area_of(spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.dim_M * spec.dim_C * spec.dim_F);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names(spec);
  return description;
}

class SmartDeal : public AcceleratorModel {
 public:
  SmartDeal(const arch::AcceleratorFile& file, const arch::SmartDealSpec& spec)
      : AcceleratorModel(describe(file, spec),
                         arch::EnergyTable::load(file.energy_table.empty() ? "smartdeal-28nm" : file.energy_table)),
        spec_(spec) {}

 protected:
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_layer(trace, info), spec_, description().names, memory());
  }

 private:
  arch::SmartDealSpec spec_;
};

const AcceleratorRegistration registration("smartdeal", "SmartDeal 3D PE array (paper section V)",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<SmartDeal>(
                                                 file, arch::smartdeal_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::smartdeal
