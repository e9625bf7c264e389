// Numbers with units as users write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rebasis::arch {

/// A number and what follows it, spaces trimmed: "12.8 GB/s" -> {"12.8", "GB/s"}.
struct NumberText {
  std::string_view number;
  std::string_view unit;
};
NumberText split_number(std::string_view text);

/// The whole of `text` as a decimal integer; nothing else is accepted.
std::optional<std::int64_t> parse_integer(std::string_view text);
/// The whole of `text` as a finite decimal real (fixed or scientific).
std::optional<double> parse_real(std::string_view text);

/// `value` in the unit `given`, expressed in `wanted`; nothing where they measure different things. Equal units always
/// convert; else both must be an SI prefix before one of Hz, B/s, bit/s, s, J, W, V, J/bit and J/B. Prefixes are
/// decimal
/// ("MB/s" is 1e6 B/s); KiB/s, MiB/s and GiB/s count in 1024.
std::optional<double> convert_unit(double value, std::string_view given, std::string_view wanted);

/// The number with its unit, in the largest of k, M and G that keeps the value exact and at least 1 when `unit` is a
/// known one without a prefix: (1e9, "Hz") -> "1 GHz". convert_unit reads back the same value.
std::string real_text(double value, const std::string& unit);

/// Bytes in "B", "KB" or "KiB" (both 1024), "MB", "MiB", "GB", "GiB"; 1 for "".
std::optional<std::int64_t> byte_factor(std::string_view unit);

}  // namespace rebasis::arch
