#include "sim/accelerator.h"

namespace rebasis::sim {

std::unique_ptr<Accelerator> make_accelerator(const std::string& name_or_path,
                                              const std::vector<std::string>& overrides) {
  const arch::AcceleratorFile file = arch::load_accelerator_file(name_or_path, overrides);
  return AcceleratorRegistry::global().create(file.model, file);
}

}  // namespace rebasis::sim
