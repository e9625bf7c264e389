// The frame of an accelerator whose layers follow from its spec: what it says of itself, its prices, its registration.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "arch/accelerator_file.h"
#include "arch/parameter.h"
#include "sim/core/model.h"

namespace rebasis::sim {

/// What every spec tells in the same way; the model adds its blocks, memories, shells and roof.
template <class Spec>
ModelDescription describe_design(const arch::AcceleratorFile& file, std::string module,
                                 const arch::ParameterSet<Spec>& parameters, const Spec& spec) {
  ModelDescription description;
  description.name = file.source_path;
  description.module = std::move(module);
  description.parameters = parameters.print(spec);
  description.timing_parameters = parameters.print_timing(spec);
  description.system = static_cast<const arch::SystemSpec&>(spec);
  description.area = area_of(spec);
  return description;
}

template <class Spec>
class DesignModel : public AcceleratorModel {
 public:
  /// `energy_table`: of a file that names none.
  DesignModel(const arch::AcceleratorFile& file, Spec spec, ModelDescription description,
              const char* energy_table = "smartdeal-28nm")
      : AcceleratorModel(std::move(description),
                         arch::EnergyTable::load(file.energy_table.empty() ? energy_table : file.energy_table)),
        spec_(std::move(spec)) {}

 protected:
  [[nodiscard]] const Spec& spec() const { return spec_; }

 private:
  Spec spec_;
};

/// Registers a Model made of a file and the spec that the file's parameters give.
template <class Model, class Spec>
AcceleratorRegistration register_design(const char* name, const char* description,
                                        const arch::ParameterSet<Spec>& (*parameters)()) {
  return {name, description, [parameters](const arch::AcceleratorFile& file) {
            return std::make_unique<Model>(file, parameters().resolve(file.config));
          }};
}

}  // namespace rebasis::sim
