// What `rebasis list` lists: each kind of thing is one file here that registers a Catalogue.
#pragma once

#include <string>
#include <vector>

#include "arch/registry.h"

namespace rebasis::cli {

struct CatalogueEntry {
  std::string name;
  std::string summary;  ///< one line
  std::string group{};  ///< entries of different groups are set apart in a list for a terminal
};

/// How a list is printed: for a terminal, as JSON, or as Markdown.
enum class ListFormat { text, json, markdown };

class Catalogue {
 public:
  static constexpr const char* kind = "kind of list";
  virtual ~Catalogue() = default;
  /// Sorted by name.
  [[nodiscard]] virtual std::vector<CatalogueEntry> entries() const = 0;
  /// Everything about one entry. An unknown name is bad input that names the nearest one.
  [[nodiscard]] virtual std::string describe(const std::string& name, ListFormat format) const = 0;
};

using CatalogueRegistration = arch::Registration<Catalogue>;

}  // namespace rebasis::cli
