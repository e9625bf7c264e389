// SmartDeal as an Accelerator: layers of a trace in, results out.
#include "arch/smartdeal/area.h"
#include "arch/smartdeal/spec.h"
#include "sim/core/design_model.h"
#include "sim/smartdeal/plan.h"

namespace rebasis::sim::smartdeal {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::SmartDealSpec& spec) {
  ModelDescription description = describe_design(file, "smartdeal", arch::smartdeal_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.dim_M * spec.dim_C * spec.dim_F);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names(spec);
  return description;
}

class SmartDeal : public DesignModel<arch::SmartDealSpec> {
 public:
  SmartDeal(const arch::AcceleratorFile& file, const arch::SmartDealSpec& spec)
      : DesignModel(file, spec, describe(file, spec)) {}

 protected:
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_layer(trace, info), spec(), description().names, memory());
  }
};

const AcceleratorRegistration registration =
    register_design<SmartDeal>("smartdeal", "SmartDeal 3D PE array (paper section V)", arch::smartdeal_parameters);

}  // namespace
}  // namespace rebasis::sim::smartdeal
