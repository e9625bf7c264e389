// The PE-wise ternary accelerator as an Accelerator: layers of a trace in, results out.
#include "arch/pynq_ternary/area.h"
#include "arch/pynq_ternary/resources.h"
#include "sim/core/design_model.h"
#include "sim/pynq_ternary/names.h"
#include "sim/pynq_ternary/plan.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

std::string text_of(const arch::FpgaResources& needs) {
  return "LUT " + std::to_string(needs.luts) + ", FF " + std::to_string(needs.ffs) + ", BRAM36 " +
         std::to_string(needs.bram36) + ", DSP48E1 " + std::to_string(needs.dsps);
}

ModelDescription describe(const arch::AcceleratorFile& file, const Spec& spec) {
  arch::require_fits(spec);
  ModelDescription description = describe_design(file, "pynq_z1_ternary", arch::pynq_ternary_parameters(), spec);
  for (const arch::ResourceItem& item : arch::estimate_resources(spec))
    description.parameters["estimate." + item.block] = text_of(item.needs);
  description.element_bytes = Spec::activation_bytes;
  description.peak_macs_per_cycle = static_cast<double>(spec.pes * spec.lanes());
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names();
  description.notes.push_back("FPGA resources (estimate): " + arch::describe_resources(spec));
  return description;
}

class PynqTernary : public DesignModel<Spec> {
 public:
  PynqTernary(const arch::AcceleratorFile& file, const Spec& spec)
      : DesignModel(file, spec, describe(file, spec), "zynq-7020") {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return why_unsupported(info, spec());
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_ternary_layer(trace, info), spec(), description().names, memory());
  }
};

const AcceleratorRegistration registration = register_design<PynqTernary>(
    "pynq-z1-ternary", "PE-wise ternary accelerator on a PYNQ-Z1 (Yang, section 2.4.4)", arch::pynq_ternary_parameters);

}  // namespace
}  // namespace rebasis::sim::pynq_ternary
