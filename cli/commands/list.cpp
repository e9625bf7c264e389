// rebasis list: what there is to choose from.
#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "cli/list/catalogue.h"

namespace rebasis::cli {
namespace {

void print_columns(const std::vector<CatalogueEntry>& entries) {
  std::size_t width = 0;
  for (const CatalogueEntry& entry : entries) width = std::max(width, entry.name.size());
  for (const CatalogueEntry& entry : entries) {
    std::cout << entry.name;
    if (!entry.summary.empty()) std::cout << std::string(width - entry.name.size() + 2, ' ') << entry.summary;
    std::cout << "\n";
  }
}

class List : public Command {
 public:
  std::string description() const override {
    std::string text =
        "Lists what the other commands take by name. With NAME, prints everything about that entry: the text of an "
        "accelerator's preset or of a recipe, which can be copied to a file and edited, or a model's parameters with "
        "type, default, range and the source of the default. Without KIND, lists the kinds:\n\n";
    for (const auto& [name, item] : arch::Registry<Catalogue>::global().items()) {
      text += " " + name + std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') + item.summary + "\n";
    }
    return text;
  }

  std::vector<Example> examples() const override {
    return {{"rebasis list accelerators", "Names for --accelerator, one line each."},
            {"rebasis list accelerators smartdeal > mine.yaml", "A copy of a preset to edit."},
            {"rebasis list networks", "The networks that ship, with their paths."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("KIND", kind_, "Which list; without it, the lists there are");
    app.add_option("NAME", name_, "The entry to describe");
  }

  int run() override {
    const auto& registry = arch::Registry<Catalogue>::global();
    if (kind_.empty()) {
      std::vector<CatalogueEntry> kinds;
      for (const auto& [name, item] : registry.items()) kinds.push_back({name, item.summary});
      print_columns(kinds);
      return 0;
    }
    const std::unique_ptr<Catalogue> catalogue = registry.create(kind_);
    if (name_.empty()) {
      print_columns(catalogue->entries());
    } else {
      std::cout << catalogue->describe(name_);
    }
    return 0;
  }

 private:
  std::string kind_;
  std::string name_;
};

const RegisterCommand<List> registration("list");

}  // namespace
}  // namespace rebasis::cli
