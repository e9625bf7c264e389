// Columns for the terminal.
#pragma once

#include <string>
#include <vector>

namespace rebasis::cli {

/// Names from files reach the terminal: control characters become '?'.
[[nodiscard]] std::string printable(std::string text);

/// Rows of cells under a header; the first column is aligned to the left, the others to the right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : rows_{std::move(header)} {}
  void add(std::vector<std::string> row);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// 1234567 -> "1.2 MB" (powers of 1000), exact below 1000.
[[nodiscard]] std::string readable_bytes(double bytes);
/// 0.1234 -> "12.3%".
[[nodiscard]] std::string percent(double fraction);
/// "a x b x c"
[[nodiscard]] std::string times(const std::vector<std::int64_t>& extents);

}  // namespace rebasis::cli
