// DianNao as an Accelerator: layers of a trace in, results out.
#include "arch/diannao/area.h"
#include "arch/diannao/spec.h"
#include "common/error.h"
#include "sim/core/design_model.h"
#include "sim/diannao/counters.h"
#include "sim/diannao/plan.h"

namespace rebasis::sim::diannao {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::DianNaoSpec& spec) {
  ModelDescription description = describe_design(file, "diannao", arch::diannao_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.Tn * spec.Ti);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names();
  description.probes = probe_names();
  return description;
}

class DianNao : public DesignModel<arch::DianNaoSpec> {
 public:
  DianNao(const arch::AcceleratorFile& file, const arch::DianNaoSpec& spec)
      : DesignModel(file, spec, describe(file, spec)) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return too_wide(info, spec().precision_bits, "nfu.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    return make_plan(load_dense_layer(trace, info), spec(), description().names, memory());
  }
};

const AcceleratorRegistration registration =
    register_design<DianNao>("diannao", "DianNao: dense, Tn x Ti multipliers (ASPLOS 2014)", arch::diannao_parameters);

}  // namespace
}  // namespace rebasis::sim::diannao
