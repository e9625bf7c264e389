// The lists of files that ship with Rebasis.
#include "cli/list/data_files.h"

namespace rebasis::cli {
namespace {

std::unique_ptr<Catalogue> files(const char* noun, const char* folder, const char* extension) {
  return std::make_unique<DataFiles>(noun, folder, extension);
}

const CatalogueRegistration accelerators("accelerators", "presets for --accelerator",
                                         [] { return files("accelerator", "arch/presets", ".yaml"); });
const CatalogueRegistration energy_tables("energy-tables",
                                          "prices of actions, for the key `energy` of an accelerator file",
                                          [] { return files("energy table", "arch/energy/tables", ".yaml"); });
const CatalogueRegistration recipes("recipes", "recipes for compress --recipe", [] {
  return std::make_unique<DataFiles>("recipe", "workloads/recipes", ".yaml", true);
});
const CatalogueRegistration training_recipes("training-recipes", "recipes for train --recipe", [] {
  return std::make_unique<DataFiles>("training recipe", "workloads/train/recipes", ".yaml", true);
});
const CatalogueRegistration learning_recipes("learning-recipes", "recipes for learn --recipe", [] {
  return std::make_unique<DataFiles>("learning recipe", "workloads/train/continual/recipes", ".yaml", true);
});
const CatalogueRegistration studies("studies", "design-space studies for sweep",
                                    [] { return files("study", "dse/studies", ".yaml"); });

}  // namespace
}  // namespace rebasis::cli
