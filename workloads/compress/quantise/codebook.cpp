#include "workloads/compress/quantise/codebook.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <utility>

namespace rebasis::compress {
namespace {

constexpr int largest_magnitude = 127;  // of 8 bits, symmetric

}  // namespace

Codebook::Codebook(std::vector<int> values)
    : values_(std::move(values)),
      contiguous_(static_cast<std::size_t>(values_.back() - values_.front()) + 1 == values_.size()) {}

Codebook Codebook::uniform(int lowest, int highest) {
  std::vector<int> values;
  for (int value = lowest; value <= highest; ++value) values.push_back(value);
  return Codebook(std::move(values));
}

Codebook Codebook::symmetric(int bits) {
  if (bits == 1) return Codebook({-1, 1});
  const int largest = (1 << (bits - 1)) - 1;
  return uniform(-largest, largest);
}

Codebook Codebook::sums_of_powers(int terms, int powers) {
  std::set<int> sums{0};
  for (int term = 0; term < terms; ++term) {
    const std::set<int> shorter = sums;
    for (const int sum : shorter) {
      for (int power = 0; power < powers; ++power) {
        sums.insert(sum + (1 << power));
        sums.insert(sum - (1 << power));
      }
    }
  }
  std::vector<int> values;
  std::copy_if(sums.begin(), sums.end(), std::back_inserter(values),
               [](int sum) { return std::abs(sum) <= largest_magnitude; });
  return Codebook(std::move(values));
}

int Codebook::bits() const { return static_cast<int>(std::bit_width(values_.size() - 1)); }

int Codebook::code(float x, Rounding rounding) const {
  if (x == 0) return 0;
  return rounding == Rounding::nearest ? nearest(x) : towards_zero(x);
}

int Codebook::nearest(float x) const {
  if (x <= static_cast<float>(lowest())) return lowest();
  if (x >= static_cast<float>(highest())) return highest();
  if (contiguous_) return static_cast<int>(std::nearbyint(x));
  const auto above = std::upper_bound(values_.begin(), values_.end(), x,
                                      [](float value, int code) { return value < static_cast<float>(code); });
  const int upper = *above, lower = *std::prev(above);
  const float up = static_cast<float>(upper) - x, down = x - static_cast<float>(lower);
  if (up != down) return up < down ? upper : lower;
  return std::abs(upper) < std::abs(lower) ? upper : lower;
}

int Codebook::towards_zero(float x) const {
  const float magnitude = std::abs(x);
  int code = x < 0 ? lowest() : highest();  // binary codes have no smaller one
  for (const int value : values_) {
    const bool same_side = value == 0 || (value < 0) == (x < 0);
    if (!same_side || static_cast<float>(std::abs(value)) > magnitude) continue;
    if (std::abs(code) > magnitude || std::abs(value) > std::abs(code)) code = value;
  }
  return code;
}

}  // namespace rebasis::compress
