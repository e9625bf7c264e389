// A CSV table that is filled cell by cell, and the columns that results and comparisons share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "report/document.h"

namespace rebasis::report {

/// What stands in a row that has no value for a column.
enum class Lacking { zero, blank };

/// Columns appear in the order of their first use.
class CsvTable {
 public:
  void start_row() { rows_.emplace_back(columns_.size()); }
  /// In the present row, what has no value is blank whatever the column: there is nothing behind the row.
  void leave_rest_blank() { blank_rows_.insert(rows_.size() - 1); }

  void set(const std::string& column, std::string cell);
  void set(const std::string& column, double value);
  /// A text cell is never empty: pandas would read NaN in a column of strings.
  void set_text(const std::string& column, const std::string& text);
  /// A column whose name contains a name from a file: what is neither letter nor digit becomes `_`. Fails (bad input)
  /// when another `source` has the column.
  void set(const std::string& prefix, const std::string& source, const std::string& suffix, double value,
           Lacking lacking = Lacking::zero);
  /// The cells of this column are blank where a row has none.
  void may_be_blank(const std::string& column) { blank_.insert(column); }

  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> columns_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, std::string> owner_;
  std::set<std::string> blank_;
  std::set<std::size_t> blank_rows_;
  std::vector<std::vector<std::string>> rows_;
};

/// The scalar fields of docs/result-schema.md.
void set_scalars(CsvTable& table, const Figures& figures);
/// `area_mm2`, `area_logic_mm2`, `area_sram_mm2`; blank where the area is unknown.
void set_area(CsvTable& table, const arch::AreaBreakdown& area);
/// `cycles_min`, `cycles_max`, `cycles_std` and the like; with one image the spread is a point.
void set_spreads(CsvTable& table, const Figures& figures);
/// Stalls by cause, energy by component, actions.
void set_breakdowns(CsvTable& table, const Figures& figures);

}  // namespace rebasis::report
