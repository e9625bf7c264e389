// Markdown tables that a program printed.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace rebasis::test {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  /// Cell of the row whose first cells are `keys`.
  [[nodiscard]] std::string cell(const std::vector<std::string>& keys, const std::string& column) const {
    const auto position = std::find(header.begin(), header.end(), column) - header.begin();
    for (const auto& row : rows) {
      if (std::equal(keys.begin(), keys.end(), row.begin())) return row.at(static_cast<std::size_t>(position));
    }
    FAIL("no row for ", column);
    return "";
  }
  [[nodiscard]] double number(const std::vector<std::string>& keys, const std::string& column) const {
    return std::stod(cell(keys, column));
  }
};

inline std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line.substr(2));
  for (std::string word, cell; text >> word;) {
    if (word == "|") {
      cells.push_back(std::exchange(cell, ""));
    } else {
      cell += (cell.empty() ? "" : " ") + word;
    }
  }
  return cells;
}

/// The Markdown tables of a text; every row must have as many cells as its header.
inline std::vector<Table> tables_of(const std::string& text) {
  std::vector<Table> tables;
  std::istringstream lines(text);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    const bool is_row = line.starts_with("| ");
    if (is_row && !inside) {
      tables.push_back({cells_of(line), {}});
      REQUIRE(std::getline(lines, line));
      CHECK(line.starts_with("|"));
      CHECK(line.find("---") != std::string::npos);
    } else if (is_row) {
      tables.back().rows.push_back(cells_of(line));
      CHECK_MESSAGE(tables.back().rows.back().size() == tables.back().header.size(), line);
    }
    inside = is_row;
  }
  return tables;
}

}  // namespace rebasis::test
