// DianNao with a reuse unit in front as an Accelerator: layers of a trace in, results out.
#include "arch/trec/area.h"
#include "arch/trec/spec.h"
#include "sim/core/model.h"
#include "sim/diannao/plan.h"
#include "sim/trec/counters.h"
#include "sim/trec/plan.h"

namespace rebasis::sim::trec {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::TrecSpec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = "trec";
  description.parameters = arch::trec_parameters().print(spec);
  description.timing_parameters = arch::trec_parameters().print_timing(spec);
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

class Trec : public AcceleratorModel {
 public:
  Trec(const arch::AcceleratorFile& file, const arch::TrecSpec& spec)
      : AcceleratorModel(describe(file, spec),
                         arch::EnergyTable::load(file.energy_table.empty() ? "smartdeal-28nm" : file.energy_table)),
        spec_(spec) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return too_wide(info, spec_.precision_bits, "nfu.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    if (spec_.reuse && info.reuse.on())
      return make_plan(load_reuse_layer(trace, info), spec_, description().names, memory());
    return diannao::make_plan(load_dense_layer(trace, info), spec_, description().names, memory());
  }

 private:
  arch::TrecSpec spec_;
};

const AcceleratorRegistration registration("trec", "DianNao with a reuse unit in front of its array (TREC)",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<Trec>(
                                                 file, arch::trec_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::trec
