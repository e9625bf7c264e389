#include "report/units_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace rebasis::report {
namespace {

struct Prefix {
  double factor;
  const char* text;
};
constexpr std::array<Prefix, 10> prefixes = {{{1e15, "P"},
                                              {1e12, "T"},
                                              {1e9, "G"},
                                              {1e6, "M"},
                                              {1e3, "k"},
                                              {1, ""},
                                              {1e-3, "m"},
                                              {1e-6, "u"},
                                              {1e-9, "n"},
                                              {1e-12, "p"}}};

std::string print(const char* format, int decimals, double value) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), format, decimals, value);
  return text.data();
}

}  // namespace

std::string three_digits(double value) {
  if (value == 0) return "0";
  const double magnitude = std::abs(value);
  if (magnitude < 1e-3) return print("%.*e", 1, value);
  // 99.96 rounds to 100, which has no decimals left.
  if (magnitude >= 99.95) return print("%.*f", 0, value);
  if (magnitude >= 9.995) return print("%.*f", 1, value);
  return print("%.*f", magnitude >= 0.9995 ? 2 : 3, value);
}

std::string with_prefix(double value, const std::string& unit) {
  if (value == 0) return "0 " + unit;
  Prefix chosen = prefixes.back();
  for (const Prefix& prefix : prefixes) {
    if (std::abs(value) >= prefix.factor * 0.9995) {
      chosen = prefix;
      break;
    }
  }
  return three_digits(value / chosen.factor) + " " + chosen.text + unit;
}

std::string square_millimetres(const arch::AreaBreakdown& area) {
  return area.items.empty() ? "-" : three_digits(area.total_mm2()) + " mm2";
}

std::string grouped(double value) {
  std::string digits = print("%.*f", 0, value);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    if (i > 0 && digits[i - 1] != '-') digits.insert(i, ",");
  }
  return digits;
}

std::string percentage(double fraction) { return print("%.*f", 1, fraction * 100) + " %"; }

}  // namespace rebasis::report
