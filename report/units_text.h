// Quantities with a decimal prefix, three significant digits: 1.52 ms, 446 kB.
#pragma once

#include <string>

#include "arch/area/breakdown.h"

namespace rebasis::report {

/// `value` in `unit`: 0.00152, "s" -> "1.52 ms". Prefixes from pico to peta.
[[nodiscard]] std::string with_prefix(double value, const std::string& unit);
/// Of a whole design: "12.3 mm2"; "-" when it is unknown.
[[nodiscard]] std::string square_millimetres(const arch::AreaBreakdown& area);
/// 1234567 -> "1,234,567"; rounded to an integer.
[[nodiscard]] std::string grouped(double value);
/// 0.1234 -> "12.3 %".
[[nodiscard]] std::string percentage(double fraction);
/// Three significant digits without an exponent from 0.001 on.
[[nodiscard]] std::string three_digits(double value);

}  // namespace rebasis::report
