#include "dse/strategy.h"

#include <algorithm>

namespace rebasis::dse {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t count) {
  const std::uint64_t excess = (0 - count) % count;  // 2^64 mod count: values below it would make some answers likelier
  std::uint64_t value = next();
  while (value < excess) value = next();
  return value % count;
}

Choice choice_at(const Space& space, const std::vector<double>& position) {
  Choice choice;
  for (std::size_t i = 0; i < space.dimensions.size(); ++i) {
    const std::size_t values = space.dimensions[i].values.size();
    choice.push_back(std::min(values - 1, static_cast<std::size_t>(position[i] * static_cast<double>(values))));
  }
  return choice;
}

}  // namespace rebasis::dse
