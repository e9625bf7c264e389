#include "report/study/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

namespace rebasis::report {

namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::set<std::size_t> as_set(const std::vector<std::size_t>& rows) { return {rows.begin(), rows.end()}; }

/// What a cell of the setting holds, for each of its values.
std::vector<std::string> cells_of(const dse::SettingColumn& column) {
  std::vector<std::string> cells;
  for (const dse::Value& value : column.values)
    cells.push_back(column.numeric ? fmt::format("{}", *value.number) : quoted(value.text));
  return cells;
}

std::string header(const dse::StudyResults& results) {
  std::set<std::string> taken{"id", "status", "reason", "attempts", "seconds", "admissible", "front"};
  for (const dse::MetricColumn& column : results.metrics) taken.insert(column.metric.name);
  std::string line = "id,status,reason,attempts,seconds,admissible,front";
  for (const dse::SettingColumn& column : results.settings)
    line += "," + quoted((taken.contains(column.name) ? "setting." : "") + column.name);
  for (const dse::MetricColumn& column : results.metrics) line += "," + quoted(column.metric.name);
  return line + "\r\n";
}

}  // namespace

std::string study_csv(const dse::StudyResults& results, const dse::Findings& findings) {
  const std::set<std::size_t> front = as_set(findings.front);
  std::vector<std::vector<std::string>> cells;
  for (const dse::SettingColumn& column : results.settings) cells.push_back(cells_of(column));
  std::string out = header(results);
  auto end = std::back_inserter(out);
  for (std::size_t row = 0; row < results.size(); ++row) {
    fmt::format_to(end, "{},{},{},{},{},{},{}", results.ids[row], to_text(results.status[row]),
                   quoted(results.reasons[results.reason_codes[row]]), results.attempts[row], results.seconds[row],
                   results.admissible[row] != 0 ? 1 : 0, front.contains(row) ? 1 : 0);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::uint32_t code = results.settings[i].codes[row];
      out += ",";
      if (code != dse::no_value) out += cells[i][code];
    }
    for (const dse::MetricColumn& column : results.metrics) {
      out += ",";
      if (!std::isnan(column.values[row])) fmt::format_to(end, "{}", column.values[row]);
    }
    out += "\r\n";
  }
  return out;
}

std::string study_jsonl(const dse::StudyResults& results, const dse::Findings& findings) {
  const std::set<std::size_t> front = as_set(findings.front);
  std::string out;
  for (std::size_t row = 0; row < results.size(); ++row) {
    nlohmann::ordered_json line{{"id", results.ids[row]},
                                {"status", to_text(results.status[row])},
                                {"reason", results.reasons[results.reason_codes[row]]},
                                {"attempts", results.attempts[row]},
                                {"seconds", results.seconds[row]},
                                {"admissible", results.admissible[row] != 0},
                                {"front", front.contains(row)},
                                {"settings", nlohmann::ordered_json::object()},
                                {"metrics", nlohmann::ordered_json::object()}};
    for (const dse::SettingColumn& column : results.settings) {
      if (column.codes[row] != dse::no_value) line["settings"][column.name] = column.values[column.codes[row]].text;
    }
    for (const dse::MetricColumn& column : results.metrics) {
      if (!std::isnan(column.values[row])) line["metrics"][column.metric.name] = column.values[row];
    }
    out += line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  return out;
}

}  // namespace rebasis::report
