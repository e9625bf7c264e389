#include "report/csv_table.h"

#include <cctype>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "common/error.h"

namespace rebasis::report {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string number_text(double value) {
  if (std::nearbyint(value) == value && std::abs(value) < 9e15) return std::to_string(static_cast<std::int64_t>(value));
  return nlohmann::json(value).dump();  // the shortest text that reads back exactly
}

std::string line(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + cells[i];
  return out + "\n";
}

void set_spread(CsvTable& table, const std::string& column, const Spread& spread) {
  table.set(column + "_min", spread.min);
  table.set(column + "_max", spread.max);
  table.set(column + "_std", spread.standard_deviation);
}

}  // namespace

void CsvTable::set(const std::string& column, std::string cell) {
  const auto [place, is_new] = index_.try_emplace(column, columns_.size());
  if (is_new) columns_.push_back(column);
  std::vector<std::string>& row = rows_.back();
  if (row.size() < columns_.size()) row.resize(columns_.size());
  row[place->second] = std::move(cell);
}

void CsvTable::set(const std::string& column, double value) { set(column, number_text(value)); }

void CsvTable::set_text(const std::string& column, const std::string& text) {
  set(column, text.empty() ? "-" : quoted(text));
}

void CsvTable::set(const std::string& prefix, const std::string& source, const std::string& suffix, double value,
                   Lacking lacking) {
  std::string column = prefix;
  for (const char c : source) column += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  column += suffix;
  const auto [owner, is_new] = owner_.try_emplace(column, source);
  if (owner->second != source) {
    fail_input("`" + owner->second + "` and `" + source + "` would share the CSV column " + column + "; rename one");
  }
  set(column, value);
  if (lacking == Lacking::blank) may_be_blank(column);
}

std::string CsvTable::text() const {
  std::string out = line(columns_);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::vector<std::string> row = rows_[r];
    row.resize(columns_.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty() && !blank_.contains(columns_[i]) && !blank_rows_.contains(r)) row[i] = "0";
    }
    out += line(row);
  }
  return out;
}

void set_area(CsvTable& table, const arch::AreaBreakdown& area) {
  for (const auto& [column, mm2] :
       {std::pair{"area_mm2", area.total_mm2()}, std::pair{"area_logic_mm2", area.logic_mm2},
        std::pair{"area_sram_mm2", area.sram_mm2}}) {
    table.may_be_blank(column);
    if (area.items.empty()) {
      table.set(column, std::string());
    } else {
      table.set(column, mm2);
    }
  }
}

void set_scalars(CsvTable& table, const Figures& figures) {
  table.set("synthetic", std::string(figures.synthetic ? "True" : "False"));
  table.set("images", figures.images);
  table.set("cycles", figures.cycles);
  table.set("time_s", figures.time_s);
  table.set("macs", figures.macs);
  table.set("effective_macs", figures.effective_macs);
  table.set("energy_pj", figures.energy_pj);
  table.set("effective_tops", figures.effective_tops);
  table.set("tops_per_watt", figures.tops_per_watt);
  table.set("pe_utilisation", figures.pe_utilisation);
  table.set("mac_utilisation", figures.mac_utilisation);
  table.set("bound_cycles", figures.bound_cycles);
  table.set("dram_bytes", figures.dram.total());
  for (const auto& [tensor, bytes] : by_tensor(figures.dram)) table.set("dram_bytes_" + tensor, bytes);
}

void set_spreads(CsvTable& table, const Figures& figures) {
  const auto point = [](double value) { return Spread{value, value, value, 0}; };
  const ImageSpread spread = figures.spread.value_or(
      ImageSpread{point(figures.cycles), point(figures.energy_pj), point(figures.dram.total())});
  set_spread(table, "cycles", spread.cycles);
  set_spread(table, "energy_pj", spread.energy_pj);
  set_spread(table, "dram_bytes", spread.dram_bytes);
}

void set_breakdowns(CsvTable& table, const Figures& figures) {
  for (const auto& [cause, cycles] : figures.stalls) table.set("stall_", cause, "", cycles);
  for (const auto& [component, energy] : figures.energy_by_component_pj) table.set("energy_", component, "_pj", energy);
  for (const auto& [action, count] : figures.actions) table.set("action_", action, "", count);
}

}  // namespace rebasis::report
