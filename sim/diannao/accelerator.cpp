// DianNao as an Accelerator: layers of a trace in, results out.
#include "arch/diannao/area.h"
#include "arch/diannao/spec.h"
#include "common/error.h"
#include "sim/core/model.h"
#include "sim/diannao/counters.h"
#include "sim/diannao/plan.h"

namespace rebasis::sim::diannao {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::DianNaoSpec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = "diannao";
  description.parameters = arch::diannao_parameters().print(spec);
  description.timing_parameters = arch::diannao_parameters().print_timing(spec);
  description.system = spec;
  description.area = arch::area_of(spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.Tn * spec.Ti);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names();
  description.probes = probe_names();
  return description;
}

class DianNao : public AcceleratorModel {
 public:
  DianNao(const arch::AcceleratorFile& file, const arch::DianNaoSpec& spec)
      : AcceleratorModel(describe(file, spec),
                         arch::EnergyTable::load(file.energy_table.empty() ? "smartdeal-28nm" : file.energy_table)),
        spec_(spec) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return too_wide(info, spec_.precision_bits, "nfu.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_dense_layer(trace, info), spec_, description().names, memory());
  }

 private:
  arch::DianNaoSpec spec_;
};

const AcceleratorRegistration registration("diannao", "DianNao: dense, Tn x Ti multipliers (ASPLOS 2014)",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<DianNao>(
                                                 file, arch::diannao_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::diannao
