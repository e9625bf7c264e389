#include "reproduce/table.h"

#include <algorithm>
#include <charconv>

#include "common/data_dir.h"
#include "common/error.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::reproduce {
namespace {

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string scalar(const YAML::Node& node, const std::string& file, const std::string& what) {
  if (!node.IsScalar()) fail_input(location_of(node, file), what + " must be a text or a number");
  return node.Scalar();
}

TableRow read_row(const YAML::Node& node, const Table& table) {
  if (!node.IsMap() || !node["row"]) fail_input(location_of(node, table.file), "a row is a map with the key 'row'");
  TableRow row;
  for (const auto& pair : node) {
    const std::string key = pair.first.Scalar(), text = scalar(pair.second, table.file, in_quotes(key));
    if (key == "row") {
      row.name = text;
    } else if (const std::optional<double> value = number_of(text)) {
      if (!table.units.contains(key))
        fail_input(location_of(pair.first, table.file), "column " + in_quotes(key) + " has no unit; add it to 'units'");
      row.values[key] = *value;
    } else {
      row.texts[key] = text;
    }
  }
  if (table.find(row.name) != nullptr)
    fail_input(location_of(node, table.file), "row " + in_quotes(row.name) + " occurs twice");
  return row;
}

void read_claims(const YAML::Node& node, Table& table) {
  if (!node.IsSequence()) fail_input(location_of(node, table.file), "'claims' is a list of maps: id, text");
  for (const YAML::Node& claim : node) {
    if (!claim.IsMap() || !claim["id"] || !claim["text"])
      fail_input(location_of(claim, table.file), "a claim is a map with the keys id and text");
    table.claims[scalar(claim["id"], table.file, "id")] = scalar(claim["text"], table.file, "text");
  }
}

}  // namespace

const TableRow* Table::find(const std::string& row) const {
  const auto found = std::ranges::find_if(rows, [&](const TableRow& one) { return one.name == row; });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<double> Table::value(const std::string& row, const std::string& column) const {
  const TableRow* const found = find(row);
  if (found == nullptr || !found->values.contains(column)) return std::nullopt;
  return found->values.at(column);
}

const std::string& Table::unit(const std::string& column) const {
  if (!units.contains(column)) fail_internal(file + ": no column '" + column + "'");
  return units.at(column);
}

const std::string& Table::claim(const std::string& id) const {
  if (!claims.contains(id)) fail_internal(file + ": no claim '" + id + "'");
  return claims.at(id);
}

Table parse_table(const std::string& text, const std::string& file) {
  const YAML::Node root = parse_yaml(text, file);
  if (!root.IsMap()) fail_input({file, 1}, "a table is a map: title, source, reading, units, claims, rows");
  Table table;
  table.file = file;
  const std::map<std::string, std::string*> texts{{"title", &table.title},
                                                  {"source", &table.source},
                                                  {"reading", &table.reading},
                                                  {"command", &table.command},
                                                  {"date", &table.date}};
  for (const auto& pair : root) {
    const std::string key = pair.first.Scalar();
    if (texts.contains(key)) {
      *texts.at(key) = scalar(pair.second, file, in_quotes(key));
    } else if (key != "units" && key != "claims" && key != "rows") {
      fail_input(location_of(pair.first, file), "unknown key " + in_quotes(key));
    }
  }
  if (!root["units"] || !root["units"].IsMap()) fail_input({file, 1}, "'units' must be a map of columns");
  for (const auto& pair : root["units"]) table.units[pair.first.Scalar()] = scalar(pair.second, file, "a unit");
  if (root["claims"]) read_claims(root["claims"], table);
  if (!root["rows"] || !root["rows"].IsSequence()) fail_input({file, 1}, "'rows' must be a list");
  for (const YAML::Node& row : root["rows"]) table.rows.push_back(read_row(row, table));
  return table;
}

Table published_table(const std::string& name) {
  const std::string path = data_path("reproduce/published/" + name + ".yaml");
  return parse_table(read_file(path), path);
}

Table measured_table(const std::string& name) {
  const std::string path = data_path("reproduce/measured/" + name + ".yaml");
  return parse_table(read_file(path), path);
}

}  // namespace rebasis::reproduce
