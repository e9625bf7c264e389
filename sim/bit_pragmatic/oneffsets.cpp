#include "sim/bit_pragmatic/oneffsets.h"

#include <array>

namespace rebasis::sim::bit_pragmatic {

namespace {

std::vector<Oneffset> one_bits(int value, const OneffsetFormat& format) {
  std::vector<Oneffset> terms;
  for (int power = 0; power < format.width; ++power) {
    if (((value >> power) & 1) != 0) terms.push_back({power, format.is_signed && power == format.width - 1});
  }
  return terms;
}

std::vector<Oneffset> booth(int value, int width) {
  constexpr std::array<int, 8> recoded{0, 1, 1, 2, -2, -1, -1, 0};  // of b[2k+1] b[2k] b[2k-1]
  std::vector<Oneffset> terms;
  for (int k = 0; k <= width / 2; ++k) {
    const int triple = k == 0 ? (value & 3) << 1 : (value >> (2 * k - 1)) & 7;
    const int digit = recoded[static_cast<std::size_t>(triple)];
    if (digit != 0) terms.push_back({2 * k + (digit == 2 || digit == -2 ? 1 : 0), digit < 0});
  }
  return terms;
}

std::vector<Oneffset> non_adjacent(int value) {
  std::vector<Oneffset> terms;
  for (int power = 0; value != 0; ++power) {
    if ((value & 1) != 0) {
      const bool negative = (value & 3) == 3;  // -1 here leaves a multiple of four
      terms.push_back({power, negative});
      value += negative ? 1 : -1;
    }
    value /= 2;
  }
  return terms;
}

}  // namespace

OneffsetFormat::Encoding encoding_of(const std::string& name) {
  if (name == "plain") return OneffsetFormat::Encoding::plain;
  return name == "booth" ? OneffsetFormat::Encoding::booth : OneffsetFormat::Encoding::naf;
}

std::vector<Oneffset> oneffsets(int value, const OneffsetFormat& format) {
  switch (format.encoding) {
    case OneffsetFormat::Encoding::plain:
      return one_bits(value, format);
    case OneffsetFormat::Encoding::booth:
      return booth(value, format.width);
    case OneffsetFormat::Encoding::naf:
      return non_adjacent(value);
  }
  return {};
}

}  // namespace rebasis::sim::bit_pragmatic
