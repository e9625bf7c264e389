// Bit-Pragmatic as an Accelerator: layers of a trace in, results out.
#include "arch/bit_pragmatic/area.h"
#include "arch/bit_pragmatic/spec.h"
#include "sim/bit_pragmatic/bit_statistics.h"
#include "sim/bit_pragmatic/plan.h"
#include "sim/core/model.h"

namespace rebasis::sim::bit_pragmatic {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::BitPragmaticSpec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = "bit_pragmatic";
  description.parameters = arch::bit_pragmatic_parameters().print(spec);
  description.timing_parameters = arch::bit_pragmatic_parameters().print_timing(spec);
  description.system = spec;
  description.area = arch::area_of(spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.multipliers());
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names();
  return description;
}

class BitPragmatic : public AcceleratorModel {
 public:
  BitPragmatic(const arch::AcceleratorFile& file, const arch::BitPragmaticSpec& spec)
      : AcceleratorModel(describe(file, spec),
                         arch::EnergyTable::load(file.energy_table.empty() ? "smartdeal-28nm" : file.energy_table)),
        spec_(spec) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return too_wide(info, spec_.precision_bits, "array.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    DenseLayer layer = load_dense_layer(trace, info);
    return make_plan(std::move(layer), spec_, description().names, memory(), bit_statistics(trace, info, spec_));
  }

 private:
  arch::BitPragmaticSpec spec_;
};

const AcceleratorRegistration registration("bit-pragmatic",
                                           "Bit-Pragmatic: oneffset-serial PIPs (Albericio et al., MICRO 2017)",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<BitPragmatic>(
                                                 file, arch::bit_pragmatic_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::bit_pragmatic
