// Columns of numbers in the data of a page: typed arrays in base64, which a browser reads in place.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rebasis::report {

/// Numbers, the smallest type that holds them all: {"type": "u8"|"u16"|"u32", "data": BASE64}, little-endian; the
/// greatest value of the type stands for 0xffffffff.
[[nodiscard]] nlohmann::json coded_column(const std::vector<std::uint32_t>& codes);
/// {"type": "f64", "data": BASE64}, or, where few different values occur, {"values": [...], "codes": coded_column}.
/// Exact. A NaN is the code without a value.
[[nodiscard]] nlohmann::json number_column(const std::vector<double>& values);
/// RFC 4648, with padding.
[[nodiscard]] std::string base64(const std::string& bytes);

}  // namespace rebasis::report
