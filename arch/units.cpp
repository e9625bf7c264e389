#include "arch/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace rebasis::arch {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct Prefix {
  std::string_view text;
  double multiply;
  double divide;  // a pair, so that "5 ns" is 5 / 1e9 and not 5 * 1e-9, which rounds twice
};

constexpr std::array<Prefix, 13> kPrefixes{{{"", 1, 1},
                                            {"k", 1e3, 1},
                                            {"K", 1e3, 1},
                                            {"M", 1e6, 1},
                                            {"G", 1e9, 1},
                                            {"T", 1e12, 1},
                                            {"m", 1, 1e3},
                                            {"u", 1, 1e6},
                                            {"n", 1, 1e9},
                                            {"p", 1, 1e12},
                                            {"Ki", 1024, 1},
                                            {"Mi", 1024.0 * 1024, 1},
                                            {"Gi", 1024.0 * 1024 * 1024, 1}}};

constexpr std::array<std::string_view, 9> kBaseUnits{"Hz", "B/s", "bit/s", "s", "J", "W", "V", "J/bit", "J/B"};

struct ParsedUnit {
  Prefix prefix;
  std::string_view base;
};

std::optional<ParsedUnit> parse_unit(std::string_view unit) {
  for (const Prefix& prefix : kPrefixes) {
    if (unit.substr(0, prefix.text.size()) != prefix.text) continue;
    const std::string_view base = unit.substr(prefix.text.size());
    if (std::find(kBaseUnits.begin(), kBaseUnits.end(), base) != kBaseUnits.end()) return ParsedUnit{prefix, base};
  }
  return std::nullopt;
}

}  // namespace

NumberText split_number(std::string_view text) {
  const std::string_view all = trim(text);
  double ignored = 0;
  const auto parsed = std::from_chars(all.data(), all.data() + all.size(), ignored);
  const auto length = static_cast<std::size_t>(parsed.ptr - all.data());
  return {all.substr(0, length), trim(all.substr(length))};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> convert_unit(double value, std::string_view given, std::string_view wanted) {
  if (given == wanted) return value;
  const auto from = parse_unit(given);
  const auto to = parse_unit(wanted);
  if (!from || !to || from->base != to->base) return std::nullopt;
  const double up = from->prefix.multiply * to->prefix.divide;
  const double down = from->prefix.divide * to->prefix.multiply;
  return up >= down ? value * (up / down) : value / (down / up);
}

std::string real_text(double value, const std::string& unit) {
  const auto known = parse_unit(unit);
  if (known && known->prefix.text.empty()) {
    for (const char* prefix : {"G", "M", "k"}) {
      const std::string larger = prefix + unit;
      const auto scaled = convert_unit(value, unit, larger);
      if (scaled && *scaled >= 1 && convert_unit(*scaled, larger, unit) == value)
        return fmt::format("{} {}", *scaled, larger);
    }
  }
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

std::optional<std::int64_t> byte_factor(std::string_view unit) {
  if (unit.empty() || unit == "B") return 1;
  if (unit == "KB" || unit == "KiB") return std::int64_t{1} << 10;
  if (unit == "MB" || unit == "MiB") return std::int64_t{1} << 20;
  if (unit == "GB" || unit == "GiB") return std::int64_t{1} << 30;
  return std::nullopt;
}

}  // namespace rebasis::arch
