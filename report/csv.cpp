#include "report/csv.h"

#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "common/error.h"

namespace rebasis::report {
namespace {

/// What stands in a row that has no value for a column.
enum class Lacking { zero, blank };

/// A table that is filled cell by cell; columns appear in the order of their first use.
class Table {
 public:
  void start_row() { rows_.emplace_back(columns_.size()); }

  void set(const std::string& column, std::string cell) {
    const auto [place, is_new] = index_.try_emplace(column, columns_.size());
    if (is_new) columns_.push_back(column);
    std::vector<std::string>& row = rows_.back();
    if (row.size() < columns_.size()) row.resize(columns_.size());
    row[place->second] = std::move(cell);
  }

  /// A column whose name contains a name from a file. `source` must be the only one to use the column.
  void set(const std::string& prefix, const std::string& source, const std::string& suffix, double value,
           Lacking lacking = Lacking::zero) {
    std::string column = prefix;
    for (const char c : source) column += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    column += suffix;
    const auto [owner, is_new] = owner_.try_emplace(column, source);
    if (owner->second != source) {
      fail_input("`" + owner->second + "` and `" + source + "` would share the CSV column " + column + "; rename one");
    }
    set(column, number(value));
    if (lacking == Lacking::blank) blank_.insert(column);
  }

  void set(const std::string& column, double value) { set(column, number(value)); }

  [[nodiscard]] std::string text() const {
    std::string out = line(columns_);
    for (std::vector<std::string> row : rows_) {
      row.resize(columns_.size());
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].empty() && !blank_.contains(columns_[i])) row[i] = "0";
      }
      out += line(row);
    }
    return out;
  }

  static std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }

 private:
  static std::string number(double value) {
    if (std::nearbyint(value) == value && std::abs(value) < 9e15)
      return std::to_string(static_cast<std::int64_t>(value));
    return nlohmann::json(value).dump();  // the shortest text that reads back exactly
  }
  static std::string line(const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + cells[i];
    return out + "\n";
  }

  std::vector<std::string> columns_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, std::string> owner_;
  std::set<std::string> blank_;
  std::vector<std::vector<std::string>> rows_;
};

/// A text cell is never empty: pandas would read NaN in a column of strings.
void set_text(Table& table, const std::string& column, const std::string& text) {
  table.set(column, text.empty() ? "-" : Table::quoted(text));
}

void set_origin(Table& table, const Document& result) {
  set_text(table, "network", result.network);
  set_text(table, "accelerator", result.accelerator.name);
  set_text(table, "fidelity", result.accelerator.fidelity);
  set_text(table, "dram_model", result.accelerator.dram_model);
}

void set_scalars(Table& table, const Figures& figures) {
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

void set_spread(Table& table, const std::string& column, const Spread& spread) {
  table.set(column + "_min", spread.min);
  table.set(column + "_max", spread.max);
  table.set(column + "_std", spread.standard_deviation);
}

void set_spreads(Table& table, const Figures& figures) {
  // With one image the spread is a point.
  const auto point = [](double value) { return Spread{value, value, value, 0}; };
  const ImageSpread spread = figures.spread.value_or(
      ImageSpread{point(figures.cycles), point(figures.energy_pj), point(figures.dram.total())});
  set_spread(table, "cycles", spread.cycles);
  set_spread(table, "energy_pj", spread.energy_pj);
  set_spread(table, "dram_bytes", spread.dram_bytes);
}

void set_breakdowns(Table& table, const Figures& figures) {
  for (const auto& [cause, cycles] : figures.stalls) table.set("stall_", cause, "", cycles);
  for (const auto& [component, energy] : figures.energy_by_component_pj) table.set("energy_", component, "_pj", energy);
  for (const auto& [action, count] : figures.actions) table.set("action_", action, "", count);
}

void set_layer(Table& table, const LayerFigures& layer) {
  set_text(table, "layer", layer.name);
  set_text(table, "op", layer.op);
  set_text(table, "encoding", layer.encoding);
  const LayerShape& shape = layer.shape;
  const std::vector<std::pair<const char*, std::int64_t>> extents = {{"M", shape.M},
                                                                     {"C", shape.C},
                                                                     {"H", shape.H},
                                                                     {"W", shape.W},
                                                                     {"R", shape.R},
                                                                     {"S", shape.S},
                                                                     {"E", shape.E()},
                                                                     {"F", shape.F()},
                                                                     {"stride_h", shape.stride_h},
                                                                     {"stride_w", shape.stride_w},
                                                                     {"groups", shape.groups}};
  for (const auto& [name, value] : extents) table.set(name, static_cast<double>(value));
  set_scalars(table, layer);
  set_text(table, "binding_bound", layer.binding_bound);
  std::string mapping;
  for (const auto& [key, value] : layer.mapping) mapping += (mapping.empty() ? "" : "; ") + key + "=" + value;
  set_text(table, "mapping", mapping);
  set_spreads(table, layer);
  set_breakdowns(table, layer);
  for (const auto& [bound, cycles] : layer.bounds) table.set("bound_", bound, "", cycles, Lacking::blank);
  for (const auto& [name, value] : layer.statistics) table.set("statistic_", name, "", value, Lacking::blank);
}

}  // namespace

std::string layers_csv(const std::vector<Document>& results) {
  Table table;
  for (const Document& result : results) {
    for (const LayerFigures& layer : result.layers) {
      table.start_row();
      set_origin(table, result);
      set_layer(table, layer);
    }
  }
  return table.text();
}

std::string totals_csv(const std::vector<Document>& results) {
  Table table;
  for (const Document& result : results) {
    table.start_row();
    set_origin(table, result);
    table.set("layers", static_cast<double>(result.layers.size()));
    set_scalars(table, result.totals);
    set_spreads(table, result.totals);
    set_breakdowns(table, result.totals);
  }
  return table.text();
}

}  // namespace rebasis::report
