#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reproduce/render.h"

namespace rebasis::reproduce {
namespace {

constexpr double tolerance = 1e-4;

bool equal(const std::optional<double>& now, const std::optional<double>& kept) {
  if (now.has_value() != kept.has_value()) return false;
  return !now || std::abs(*now - *kept) <= tolerance * std::abs(*kept) + 1e-12;
}

}  // namespace

std::vector<std::string> differences(const Outcome& now, const Outcome& kept) {
  std::vector<std::string> lines;
  for (const Row& row : now.rows) {
    const auto same = std::ranges::find_if(
        kept.rows, [&](const Row& other) { return other.name == row.name && other.quantity == row.quantity; });
    const std::string label = now.name + ": " + row.name + ", " + row.quantity;
    if (same == kept.rows.end()) {
      lines.push_back(label + ": not among the kept rows");
      continue;
    }
    const auto compare = [&](const char* what, const std::optional<double>& value,
                             const std::optional<double>& before) {
      if (!equal(value, before))
        lines.push_back(fmt::format("{}: {} {} now, {} kept", label, what, value ? fmt::format("{:.6g}", *value) : "-",
                                    before ? fmt::format("{:.6g}", *before) : "-"));
    };
    compare("ours", row.ours, same->ours);
    compare("published", row.published, same->published);
  }
  return lines;
}

}  // namespace rebasis::reproduce
