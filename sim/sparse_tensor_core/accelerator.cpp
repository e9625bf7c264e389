// The sparse tensor core as an Accelerator: layers of a trace in, results out.
#include "arch/sparse_tensor_core/area.h"
#include "arch/sparse_tensor_core/spec.h"
#include "common/error.h"
#include "sim/core/design_model.h"
#include "sim/sparse_tensor_core/counters.h"
#include "sim/sparse_tensor_core/plan.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::SparseTensorCoreSpec& spec) {
  ModelDescription description =
      describe_design(file, "sparse_tensor_core", arch::sparse_tensor_core_parameters(), spec);
  description.element_bytes = spec.element_bytes();
  description.peak_macs_per_cycle = static_cast<double>(spec.Tn * spec.Ti);
  description.names = counter_names(spec);
  description.srams = sram_geometry(spec);
  description.shells = shell_names();
  description.probes = probe_names();
  return description;
}

class SparseTensorCore : public DesignModel<arch::SparseTensorCoreSpec> {
 public:
  SparseTensorCore(const arch::AcceleratorFile& file, const arch::SparseTensorCoreSpec& spec)
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

const AcceleratorRegistration registration = register_design<SparseTensorCore>(
    "sparse-tensor-core", "N:M-sparse dense array in the style of sparse tensor cores",
    arch::sparse_tensor_core_parameters);

}  // namespace
}  // namespace rebasis::sim::sparse_tensor_core
