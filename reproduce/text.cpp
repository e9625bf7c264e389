#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/text_layout.h"
#include "reproduce/render.h"

namespace rebasis::reproduce {
namespace {

constexpr std::size_t page = 110;

std::string origins(const Row& row) {
  if (row.weights == row.activations || row.activations == Origin::none) return to_string(row.weights);
  return to_string(row.weights) + "/" + to_string(row.activations);
}

std::string rows_text(const Outcome& outcome) {
  std::vector<report::Row> lines{{"", "quantity", "ours", "published", "ratio", "unit", "weights"}};
  for (const Row& row : outcome.rows) {
    lines.push_back({report::shortened(row.name, 44), report::shortened(row.quantity, 40),
                     row.ours ? short_number(row.ours) : "missing", short_number(row.published),
                     short_number(row.ratio()), row.unit, origins(row)});
  }
  return report::aligned(lines, 2);
}

std::string sensitivity_text(const Outcome& outcome) {
  std::vector<report::Row> lines{{"assumption", "setting", "quantity", "value", "as above", "unit"}};
  for (const Sensitivity& one : outcome.sensitivity) {
    lines.push_back({report::shortened(one.assumption, 28), report::shortened(one.setting, 28),
                     report::shortened(one.quantity, 44), short_number(one.value), short_number(one.usual), one.unit});
  }
  return report::aligned(lines, 3);
}

}  // namespace

std::string short_number(const std::optional<double>& value) {
  if (!value) return "-";
  const double size = std::abs(*value);
  if (size != 0 && size < 0.001) return fmt::format("{:.2g}", *value);
  if (size >= 1000) return fmt::format("{:.0f}", *value);
  return fmt::format("{:.{}f}", *value, size >= 100 ? 1 : size >= 0.1 || size == 0 ? 2 : 4);
}

std::string to_text(const Outcome& outcome) {
  std::string text = fmt::format("{}: {} ({})\n", outcome.name, outcome.title, outcome.source);
  if (!outcome.made_by.empty()) text += report::wrapped("Measured before, not computed now: " + outcome.made_by, page);
  text += "\n" + rows_text(outcome);
  for (const Row& row : outcome.rows) {
    if (!row.ours && !row.note.empty()) text += report::wrapped(row.name + ", " + row.quantity + ": " + row.note, page);
  }
  if (!outcome.assumption.empty())
    text += report::wrapped("The assumption that matters most: " + outcome.assumption, page);
  for (const Verdict& verdict : outcome.verdicts) {
    text += report::wrapped(
        fmt::format("Claim: {}. Holds: {}; {}", verdict.claim, to_string(verdict.holds), verdict.because), page);
  }
  if (!outcome.sensitivity.empty()) text += "\n" + sensitivity_text(outcome);
  for (const std::string& note : outcome.notes) text += report::wrapped("Note: " + note, page);
  return text;
}

}  // namespace rebasis::reproduce
