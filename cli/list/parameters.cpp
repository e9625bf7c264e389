// The parameters of each accelerator model.
#include "arch/parameter_page.h"
#include "arch/parameter_reference.h"
#include "cli/list/catalogue.h"

namespace rebasis::cli {
namespace {

class Parameters : public Catalogue {
 public:
  std::vector<CatalogueEntry> entries() const override {
    std::vector<CatalogueEntry> models;
    for (const auto& [name, item] : arch::Registry<arch::ParameterReference>::global().items()) {
      models.push_back({name, item.summary});
    }
    return models;
  }

  std::string describe(const std::string& name, ListFormat format) const override {
    const auto& item = arch::Registry<arch::ParameterReference>::global().at(name);
    const std::vector<arch::ParameterInfo> parameters = item.create()->parameters();
    if (format == ListFormat::json) return arch::parameters_as_json(parameters);
    if (format == ListFormat::markdown) return arch::parameters_as_markdown(name, item.summary, parameters);
    return arch::parameters_as_text(parameters);
  }
};

const CatalogueRegistration registration("parameters", "what can be set on each accelerator model",
                                         [] { return std::make_unique<Parameters>(); });

}  // namespace
}  // namespace rebasis::cli
