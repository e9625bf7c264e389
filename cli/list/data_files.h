// Catalogues of files that ship: the entries are the files of one folder.
#pragma once

#include <string>
#include <vector>

#include "cli/list/catalogue.h"

namespace rebasis::cli {

/// The files of data_dir()/`folder` that end in `extension`, named without it. A YAML file's summary is the value of
/// its `description` key; with `grouped`, files whose names have the same first word (up to a hyphen) are a group.
class DataFiles : public Catalogue {
 public:
  DataFiles(std::string noun, std::string folder, std::string extension, bool grouped = false);
  [[nodiscard]] std::vector<CatalogueEntry> entries() const override;
  /// The path, and the text of a YAML file.
  [[nodiscard]] std::string describe(const std::string& name, ListFormat format) const override;

 private:
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::string path_of(const std::string& name) const;

  std::string noun_;       ///< for messages: "recipe"
  std::string folder_;     ///< relative to data_dir()
  std::string extension_;  ///< with its dot
  bool grouped_;
};

}  // namespace rebasis::cli
