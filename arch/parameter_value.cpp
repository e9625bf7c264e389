#include "arch/parameter_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "arch/units.h"
#include "common/text/suggest.h"

namespace rebasis::arch {
namespace {

constexpr std::string_view kByteForms = "like 512, 16 KiB or 2 MiB (KB and MB count in 1024 too)";

[[noreturn]] void refuse(const ConfigEntry& entry, const std::string& wrong, const std::string& remedy) {
  fail_input(entry.where, fmt::format("{}: {} {}; {}", entry.key, in_quotes(entry.value), wrong, remedy));
}

[[noreturn]] void refuse_unit(const ConfigEntry& entry, std::string_view unit, const std::string& remedy) {
  refuse(entry, fmt::format("has the unit {}", in_quotes(unit)), remedy);
}

std::string with_unit(const std::string& number, const std::string& unit) {
  return unit.empty() ? number : number + " " + unit;
}

/// "1 to 64", "at least 1", "at most 64" or "".
std::string range_text(const std::string& min, bool has_min, const std::string& max, bool has_max) {
  if (has_min && has_max) return min + " to " + max;
  if (has_min) return "at least " + min;
  if (has_max) return "at most " + max;
  return "";
}

/// A bound of a real: with its unit where that has a prefix, "1 MHz", else the number alone.
std::string bound_text(double bound, const std::string& unit) {
  const std::string text = real_text(bound, unit);
  return text.ends_with(" " + unit) ? fmt::format("{}", bound) : text;
}

/// "write a number of Hz, 1 to 64".
std::string remedy_text(std::string text, const std::string& unit, const std::string& range) {
  if (!unit.empty()) text += " of " + unit;
  if (!range.empty()) text += ", " + range;
  return text;
}

ParameterInfo info_of(Label label, std::string type, std::string default_text, std::string range) {
  if (label.key.empty() || label.description.empty() || label.source.empty()) {
    fail_internal("parameter '" + label.key + "' lacks a key, a description or the source of its default");
  }
  return {std::move(label.key),   std::move(type),  std::move(default_text),
          std::move(label.unit),  std::move(range), std::move(label.description),
          std::move(label.source)};
}

void check_default(const ParameterInfo& info, bool in_range) {
  if (!in_range) fail_internal("the default of parameter " + info.key + " is outside its range");
}

/// A declared unit "bits" also reads "bit": "1 bit", "8 bits".
bool same_counted_unit(std::string_view given, const std::string& unit) {
  if (unit.empty()) return false;
  return given == unit || fmt::format("{}s", given) == unit || given == unit + "s";
}

/// 1024 -> "1 KiB": the largest unit that divides the value.
std::string bytes_text(std::int64_t value) {
  for (const char* unit : {"GiB", "MiB", "KiB"}) {
    const std::int64_t factor = byte_factor(unit).value();
    if (value != 0 && value % factor == 0) return fmt::format("{} {}", value / factor, unit);
  }
  return fmt::format("{} B", value);
}

std::optional<std::int64_t> parse_bytes(const std::string& text) {
  const NumberText parts = split_number(text);
  const auto factor = byte_factor(parts.unit);
  if (!factor) return std::nullopt;
  if (const auto whole = parse_integer(parts.number)) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(*whole, *factor, &product) ? std::nullopt : std::optional(product);
  }
  const auto number = parse_real(parts.number);
  if (!number) return std::nullopt;
  const double product = *number * static_cast<double>(*factor);
  constexpr double kExact = 9007199254740992.0;  // 2^53: every integer below is a double
  if (std::abs(product) > kExact || product != std::floor(product)) return std::nullopt;
  return static_cast<std::int64_t>(product);
}

}  // namespace

Declaration<std::int64_t> integer_declaration(Label label, std::int64_t def, std::int64_t min, std::int64_t max) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::string unit = label.unit;
  const std::string range =
      range_text(std::to_string(min), min != Limits::min(), std::to_string(max), max != Limits::max());
  ParameterInfo info = info_of(std::move(label), "integer", with_unit(std::to_string(def), unit), range);
  check_default(info, def >= min && def <= max);
  const std::string remedy = remedy_text("write a whole number", unit, range);
  return {.info = std::move(info),
          .def = def,
          .parse =
              [=](const ConfigEntry& entry) {
                const NumberText parts = split_number(entry.value);
                const auto value = parse_integer(parts.number);
                if (!value) refuse(entry, "is not a whole number", remedy);
                if (!parts.unit.empty() && !same_counted_unit(parts.unit, unit)) refuse_unit(entry, parts.unit, remedy);
                if (*value < min || *value > max) refuse(entry, "is out of range", remedy);
                return *value;
              },
          .print = [unit](const std::int64_t& value) { return with_unit(std::to_string(value), unit); }};
}

Declaration<double> real_declaration(Label label, double def, double min, double max) {
  const std::string unit = label.unit;
  const std::string range =
      range_text(bound_text(min, unit), std::isfinite(min), bound_text(max, unit), std::isfinite(max));
  ParameterInfo info = info_of(std::move(label), "real", real_text(def, unit), range);
  check_default(info, def >= min && def <= max);
  const std::string remedy = remedy_text("write a number", unit, range);
  return {.info = std::move(info),
          .def = def,
          .parse =
              [=](const ConfigEntry& entry) {
                const NumberText parts = split_number(entry.value);
                const auto number = parse_real(parts.number);
                if (!number) refuse(entry, "is not a number", remedy);
                const auto value = parts.unit.empty() ? number : convert_unit(*number, parts.unit, unit);
                if (!value) refuse_unit(entry, parts.unit, remedy);
                if (!(*value >= min && *value <= max)) refuse(entry, "is out of range", remedy);
                return *value;
              },
          .print = [unit](const double& value) { return real_text(value, unit); }};
}

Declaration<std::int64_t> bytes_declaration(Label label, std::int64_t def, std::int64_t min, std::int64_t max) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::string range = range_text(bytes_text(min), true, bytes_text(max), max != Limits::max());
  ParameterInfo info = info_of(std::move(label), "bytes", bytes_text(def), range);
  check_default(info, min >= 0 && def >= min && def <= max);
  const std::string remedy = fmt::format("write a size {}, {}", kByteForms, range);
  return {.info = std::move(info),
          .def = def,
          .parse =
              [=](const ConfigEntry& entry) {
                const auto value = parse_bytes(entry.value);
                if (!value) refuse(entry, "is not a whole number of bytes", remedy);
                if (*value < min || *value > max) refuse(entry, "is out of range", remedy);
                return *value;
              },
          .print = [](const std::int64_t& value) { return bytes_text(value); }};
}

Declaration<std::string> choice_declaration(Label label, std::string def, std::vector<std::string> choices) {
  ParameterInfo info = info_of(std::move(label), "choice", def, joined(choices));
  const auto known = [](const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  check_default(info, known(choices, def));
  return {.info = std::move(info),
          .def = std::move(def),
          .parse =
              [choices = std::move(choices), known](const ConfigEntry& entry) {
                if (!known(choices, entry.value)) {
                  refuse(entry, "is not a choice" + did_you_mean(entry.value, choices),
                         "write one of " + joined(choices));
                }
                return entry.value;
              },
          .print = [](const std::string& value) { return value; }};
}

Declaration<std::string> text_declaration(Label label, std::string def) {
  ParameterInfo info = info_of(std::move(label), "text", def, "");
  return {.info = std::move(info),
          .def = std::move(def),
          .parse =
              [](const ConfigEntry& entry) {
                const auto control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
                if (std::any_of(entry.value.begin(), entry.value.end(), control)) {
                  refuse(entry, "has control characters", "write text on one line");
                }
                return entry.value;
              },
          .print = [](const std::string& value) { return value; }};
}

Declaration<bool> boolean_declaration(Label label, bool def) {
  const auto print = [](const bool& value) { return std::string(value ? "true" : "false"); };
  return {.info = info_of(std::move(label), "boolean", print(def), "true, false"),
          .def = def,
          .parse =
              [](const ConfigEntry& entry) {
                if (entry.value != "true" && entry.value != "false")
                  refuse(entry, "is not a truth value", "write true or false");
                return entry.value == "true";
              },
          .print = print};
}

void fail_unknown_key(const ConfigEntry& entry, const std::vector<ParameterInfo>& known) {
  std::vector<std::string> keys;
  for (const auto& info : known) keys.push_back(info.key);
  const std::string meant = nearest(entry.key, keys);
  fail_input(entry.where, fmt::format("unknown key {}; {}", in_quotes(entry.key),
                                      meant.empty() ? "'rebasis list parameters' shows the known keys"
                                                    : "did you mean '" + meant + "'?"));
}

void fail_requirement(const RawConfig& config, const std::vector<std::string>& keys, const std::string& message) {
  SourceLocation where;
  for (const auto& entry : config.entries()) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) where = entry.where;
  }
  fail_input(where, message);
}

}  // namespace rebasis::arch
