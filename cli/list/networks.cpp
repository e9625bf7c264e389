// The networks that ship: trained ones, and the structures of the papers.
#include <algorithm>

#include "cli/list/data_files.h"

namespace rebasis::cli {
namespace {

/// Trained networks are ONNX files; structures are YAML files. Lists of shapes are neither.
class Networks : public Catalogue {
 public:
  std::vector<CatalogueEntry> entries() const override {
    std::vector<CatalogueEntry> all;
    for (const CatalogueEntry& entry : trained_.entries()) all.push_back({entry.name, entry.summary, "trained"});
    for (const CatalogueEntry& entry : structures_.entries()) {
      if (!entry.name.ends_with("_layers")) all.push_back({entry.name, entry.summary, "structures"});
    }
    return all;
  }

  std::string describe(const std::string& name, ListFormat format) const override {
    const std::vector<CatalogueEntry> trained = trained_.entries();
    const bool is_trained = std::ranges::any_of(trained, [&](const auto& entry) { return entry.name == name; });
    return is_trained ? trained_.describe(name, format) : structures_.describe(name, format);
  }

 private:
  DataFiles trained_{"network", "workloads/networks", ".onnx"};
  DataFiles structures_{"network", "workloads/networks", ".yaml"};
};

const CatalogueRegistration registration("networks", "trained networks that ship, and structures for networks",
                                         [] { return std::make_unique<Networks>(); });

}  // namespace
}  // namespace rebasis::cli
