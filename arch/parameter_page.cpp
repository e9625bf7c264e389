#include "arch/parameter_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/json.h"

namespace rebasis::arch {
namespace {

using Row = std::array<std::string, 5>;

Row columns(const ParameterInfo& info) { return {info.key, info.type, info.default_text, info.unit, info.range}; }

std::string aligned(const Row& row, const std::array<std::size_t, 5>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

/// Text inside a cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

}  // namespace

std::string parameters_as_text(const std::vector<ParameterInfo>& parameters) {
  const Row heading{"KEY", "TYPE", "DEFAULT", "UNIT", "RANGE"};
  std::array<std::size_t, 5> widths{};
  const auto widen = [&widths](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  };
  widen(heading);
  for (const auto& info : parameters) widen(columns(info));

  std::string text = aligned(heading, widths);
  for (const auto& info : parameters) {
    text += aligned(columns(info), widths);
    text += fmt::format("    {} Default from: {}{}\n", info.description, info.source,
                        info.mapping_only ? " (mapping only)" : "");
  }
  return text;
}

std::string parameters_as_json(const std::vector<ParameterInfo>& parameters) {
  nlohmann::json array = nlohmann::json::array();
  for (const auto& info : parameters) {
    array.push_back({{"key", info.key},
                     {"type", info.type},
                     {"default", info.default_text},
                     {"unit", info.unit},
                     {"range", info.range},
                     {"description", info.description},
                     {"mapping_only", info.mapping_only},
                     {"source", info.source}});
  }
  return to_text(array);
}

std::string parameters_as_markdown(const std::string& model, const std::string& summary,
                                   const std::vector<ParameterInfo>& parameters) {
  std::string page = fmt::format(
      "# Parameters of `{}`\n\n{}\n\n"
      "Set them in a YAML file ([how](../configuration.md)) or with `--set key=value`. This page is written by "
      "`scripts/docs` from the declarations in the code; do not edit it.\n\n"
      "Mapping only: decides how layers are mapped and what accesses cost, but nothing else. A study does not simulate "
      "a layer again that such parameters leave mapped as it was.\n\n"
      "| key | type | default | unit | range | description | source of the default | mapping only |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
      model, summary);
  for (const auto& info : parameters) {
    page += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", code(info.key), info.type,
                        code(info.default_text), cell(info.unit), cell(info.range), cell(info.description),
                        cell(info.source), info.mapping_only ? "yes" : "");
  }
  return page;
}

}  // namespace rebasis::arch
