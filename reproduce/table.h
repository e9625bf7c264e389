// Numbers that were published or measured, as YAML files: rows, columns with units, and what the source claims.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rebasis::reproduce {

struct TableRow {
  std::string name;
  std::map<std::string, double> values;      ///< by column
  std::map<std::string, std::string> texts;  ///< what is no number: the network of a row
};

/// title, source, reading (how the text was read, or how it was measured), units (column: unit), claims (id, text) and
/// rows (row: name, then columns). Measured ones also have command and date.
struct Table {
  std::string file, title, source, reading, command, date;
  std::map<std::string, std::string> units;
  std::map<std::string, std::string> claims;
  std::vector<TableRow> rows;

  /// Null when there is none.
  [[nodiscard]] const TableRow* find(const std::string& row) const;
  [[nodiscard]] std::optional<double> value(const std::string& row, const std::string& column) const;
  /// These fail (internal) on an unknown name: the files ship with the program.
  [[nodiscard]] const std::string& unit(const std::string& column) const;
  [[nodiscard]] const std::string& claim(const std::string& id) const;
};

/// What is wrong in the file throws Error(bad_input) with file and line.
[[nodiscard]] Table parse_table(const std::string& text, const std::string& file);
/// reproduce/published/NAME.yaml
[[nodiscard]] Table published_table(const std::string& name);
/// reproduce/measured/NAME.yaml
[[nodiscard]] Table measured_table(const std::string& name);

}  // namespace rebasis::reproduce
