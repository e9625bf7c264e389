// Bit-Pragmatic as an Accelerator: layers of a trace in, results out.
#include "arch/bit_pragmatic/area.h"
#include "arch/bit_pragmatic/spec.h"
#include "sim/bit_pragmatic/bit_statistics.h"
#include "sim/bit_pragmatic/plan.h"
#include "sim/core/design_model.h"

namespace rebasis::sim::bit_pragmatic {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::BitPragmaticSpec& spec) {
  ModelDescription description = describe_design(file, "bit_pragmatic", arch::bit_pragmatic_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.multipliers());
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names(spec);
  description.probes = probe_names();
  return description;
}

class BitPragmatic : public DesignModel<arch::BitPragmaticSpec> {
 public:
  BitPragmatic(const arch::AcceleratorFile& file, const arch::BitPragmaticSpec& spec)
      : DesignModel(file, spec, describe(file, spec)) {}

 protected:
  [[nodiscard]] std::optional<std::string> unsupported(const trace::LayerInfo& info) const override {
    return too_wide(info, spec().precision_bits, "array.precision");
  }
  [[nodiscard]] std::unique_ptr<LayerPlan> plan(const trace::TraceReader& trace,
                                                const trace::LayerInfo& info) const override {
    DenseLayer layer = load_dense_layer(trace, info);
    return make_plan(std::move(layer), spec(), description().names, memory(), bit_statistics(trace, info, spec()));
  }
};

const AcceleratorRegistration registration =
    register_design<BitPragmatic>("bit-pragmatic", "Bit-Pragmatic: oneffset-serial PIPs (Albericio et al., MICRO 2017)",
                                  arch::bit_pragmatic_parameters);

}  // namespace
}  // namespace rebasis::sim::bit_pragmatic
