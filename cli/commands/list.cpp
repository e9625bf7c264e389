// rebasis list: what there is to choose from.
#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "cli/list/catalogue.h"
#include "common/json.h"

namespace rebasis::cli {
namespace {

std::string in_columns(const std::vector<CatalogueEntry>& entries) {
  std::size_t width = 0;
  for (const CatalogueEntry& entry : entries) width = std::max(width, entry.name.size());
  std::string text, group;
  for (const CatalogueEntry& entry : entries) {
    if (!text.empty() && entry.group != group) text += "\n";
    group = entry.group;
    text += entry.name;
    if (!entry.summary.empty()) text += std::string(width - entry.name.size() + 2, ' ') + entry.summary;
    text += "\n";
  }
  return text;
}

std::string as_json(const std::vector<CatalogueEntry>& entries) {
  nlohmann::json array = nlohmann::json::array();
  for (const CatalogueEntry& entry : entries) array.push_back({{"name", entry.name}, {"summary", entry.summary}});
  return to_text(array);
}

std::string as_markdown(const std::vector<CatalogueEntry>& entries) {
  std::string text = "| name | what it is |\n| --- | --- |\n";
  for (const CatalogueEntry& entry : entries) text += "| `" + entry.name + "` | " + entry.summary + " |\n";
  return text;
}

std::string render(const std::vector<CatalogueEntry>& entries, ListFormat format) {
  if (format == ListFormat::json) return as_json(entries);
  if (format == ListFormat::markdown) return as_markdown(entries);
  return in_columns(entries);
}

class List : public Command {
 public:
  std::string description() const override {
    std::string text =
        "Lists what the other commands take by name. With NAME, prints everything about that entry: the text of an "
        "accelerator's preset or of a recipe, which can be copied to a file and edited, or a model's parameters with "
        "type, default, range and the source of the default. Without KIND, lists the kinds:\n\n";
    for (const auto& [name, item] : arch::Registry<Catalogue>::global().items()) {
      text += " " + name + std::string(name.size() < 15 ? 15 - name.size() : 1, ' ') + item.summary + "\n";
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
    CLI::Option* json = app.add_flag("--json", json_, "Print JSON");
    app.add_flag("--markdown", markdown_, "Print Markdown")->excludes(json);
  }

  int run() override {
    const ListFormat format = json_ ? ListFormat::json : markdown_ ? ListFormat::markdown : ListFormat::text;
    std::cout << output(format);
    return 0;
  }

 private:
  [[nodiscard]] std::string output(ListFormat format) const {
    const auto& registry = arch::Registry<Catalogue>::global();
    if (kind_.empty()) {
      std::vector<CatalogueEntry> kinds;
      for (const auto& [name, item] : registry.items()) kinds.push_back({name, item.summary});
      return render(kinds, format);
    }
    const std::unique_ptr<Catalogue> catalogue = registry.create(kind_);
    return name_.empty() ? render(catalogue->entries(), format) : catalogue->describe(name_, format);
  }

  std::string kind_;
  std::string name_;
  bool json_ = false;
  bool markdown_ = false;
};

const RegisterCommand<List> registration("list");

}  // namespace
}  // namespace rebasis::cli
