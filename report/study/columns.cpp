#include "report/study/columns.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace rebasis::report {

namespace {

static_assert(std::endian::native == std::endian::little, "the page's typed arrays are little-endian");

constexpr std::size_t most_different = 4096;  // values that are worth a dictionary
constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

template <class T, class Values>
std::string bytes_of(const Values& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    const T value = static_cast<T>(values[i]);  // 0xffffffff keeps all its ones in a smaller type
    std::copy_n(std::bit_cast<std::array<char, sizeof(T)>>(value).begin(), sizeof(T), &bytes[i * sizeof(T)]);
  }
  return bytes;
}

}  // namespace

std::string base64(const std::string& bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

nlohmann::json coded_column(const std::vector<std::uint32_t>& codes) {
  std::uint32_t largest = 0;
  for (const std::uint32_t code : codes) largest = code == none ? largest : std::max(largest, code);
  if (largest < 0xff) return {{"type", "u8"}, {"data", base64(bytes_of<std::uint8_t>(codes))}};
  if (largest < 0xffff) return {{"type", "u16"}, {"data", base64(bytes_of<std::uint16_t>(codes))}};
  return {{"type", "u32"}, {"data", base64(bytes_of<std::uint32_t>(codes))}};
}

nlohmann::json number_column(const std::vector<double>& values) {
  std::unordered_map<double, std::uint32_t> known;
  std::vector<double> different;
  std::vector<std::uint32_t> codes;
  for (const double value : values) {
    if (different.size() > most_different) break;
    if (std::isnan(value)) {
      codes.push_back(none);
      continue;
    }
    const auto [place, added] = known.emplace(value, static_cast<std::uint32_t>(different.size()));
    if (added) different.push_back(value);
    codes.push_back(place->second);
  }
  if (different.size() <= most_different) return {{"values", different}, {"codes", coded_column(codes)}};
  return {{"type", "f64"}, {"data", base64(bytes_of<double>(values))}};
}

}  // namespace rebasis::report
