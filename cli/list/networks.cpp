// The networks that ship: trained ones, and the structures of the papers.
#include "cli/list/data_files.h"
#include "common/text/suggest.h"

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
    std::vector<std::string> names;
    for (const CatalogueEntry& entry : entries()) {
      if (entry.name == name) return (entry.group == "trained" ? trained_ : structures_).describe(name, format);
      names.push_back(entry.name);
    }
    fail_unknown_name({}, "network", name, names);
  }

 private:
  DataFiles trained_{"network", "workloads/networks", ".onnx"};
  DataFiles structures_{"network", "workloads/networks", ".yaml"};
};

const CatalogueRegistration registration("networks", "trained networks that ship, and structures for networks",
                                         [] { return std::make_unique<Networks>(); });

}  // namespace
}  // namespace rebasis::cli
