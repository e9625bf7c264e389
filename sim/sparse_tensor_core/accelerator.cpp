// The sparse tensor core as an Accelerator: layers of a trace in, results out.
#include "arch/sparse_tensor_core/area.h"
#include "arch/sparse_tensor_core/spec.h"
#include "common/error.h"
#include "sim/core/model.h"
#include "sim/sparse_tensor_core/counters.h"
#include "sim/sparse_tensor_core/plan.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

ModelDescription describe(const arch::AcceleratorFile& file, const arch::SparseTensorCoreSpec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = "sparse_tensor_core";
  description.parameters = arch::sparse_tensor_core_parameters().print(spec);
  description.timing_parameters = arch::sparse_tensor_core_parameters().print_timing(spec);
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

class SparseTensorCore : public AcceleratorModel {
 public:
  SparseTensorCore(const arch::AcceleratorFile& file, const arch::SparseTensorCoreSpec& spec)
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
  arch::SparseTensorCoreSpec spec_;
};

const AcceleratorRegistration registration("sparse-tensor-core",
                                           "N:M-sparse dense array in the style of sparse tensor cores",
                                           [](const arch::AcceleratorFile& file) {
                                             return std::make_unique<SparseTensorCore>(
                                                 file, arch::sparse_tensor_core_parameters().resolve(file.config));
                                           });

}  // namespace
}  // namespace rebasis::sim::sparse_tensor_core
