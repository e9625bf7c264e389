// The PE-wise ternary accelerator as an Accelerator: layers of a trace in, results out.
#include "arch/pynq_ternary/area.h"
#include "arch/pynq_ternary/resources.h"
#include "sim/core/model.h"
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
  ModelDescription description;
  description.name = file.source_path;
  description.module = "pynq_z1_ternary";
  description.parameters = arch::pynq_ternary_parameters().print(spec);
  description.timing_parameters = arch::pynq_ternary_parameters().print_timing(spec);
  for (const arch::ResourceItem& item : arch::estimate_resources(spec))
    description.parameters["estimate." + item.block] = text_of(item.needs);
  description.system = spec;
  description.area = arch::area_of(spec);
  description.element_bytes = Spec::activation_bytes;
  description.peak_macs_per_cycle = static_cast<double>(spec.pes * spec.lanes());
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names();
  description.notes.push_back("FPGA resources (estimate): " + arch::describe_resources(spec));
  return description;
}

class PynqTernary : public AcceleratorModel {
 public:
  PynqTernary(const arch::AcceleratorFile& file, const Spec& spec)
      : AcceleratorModel(describe(file, spec),
                         arch::EnergyTable::load(file.energy_table.empty() ? "zynq-7020" : file.energy_table)),
        spec_(spec) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return why_unsupported(info, spec_);
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_ternary_layer(trace, info), spec_, description().names, memory());
  }

 private:
  Spec spec_;
};

const AcceleratorRegistration registration("pynq-z1-ternary",
                                           "PE-wise ternary accelerator on a PYNQ-Z1 (Yang, section 2.4.4)",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<PynqTernary>(
                                                 file, arch::pynq_ternary_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::pynq_ternary
