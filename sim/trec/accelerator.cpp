// DianNao with a reuse unit in front as an Accelerator: layers of a trace in, results out.
#include "arch/trec/area.h"
#include "arch/trec/spec.h"
#include "sim/core/design_model.h"
#include "sim/diannao/plan.h"
#include "sim/trec/counters.h"
#include "sim/trec/plan.h"

namespace rebasis::sim::trec {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::TrecSpec& spec) {
  ModelDescription description = describe_design(file, "trec", arch::trec_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.Tn * spec.Ti);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names();
  description.probes = probe_names();
  return description;
}

class Trec : public DesignModel<arch::TrecSpec> {
 public:
  Trec(const arch::AcceleratorFile& file, const arch::TrecSpec& spec) : DesignModel(file, spec, describe(file, spec)) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return too_wide(info, spec().precision_bits, "nfu.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    if (spec().reuse && info.reuse.on())
      return make_plan(load_reuse_layer(trace, info), spec(), description().names, memory());
    return diannao::make_plan(load_dense_layer(trace, info), spec(), description().names, memory());
  }
};

const AcceleratorRegistration registration =
    register_design<Trec>("trec", "DianNao with a reuse unit in front of its array (TREC)", arch::trec_parameters);

}  // namespace
}  // namespace rebasis::sim::trec
