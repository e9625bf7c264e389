// Random orders that are the same on every machine: functions of a few numbers, by a generator and a method of our own
// choice (the standard library's shuffle may differ between its implementations).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <utility>
#include <vector>

namespace rebasis::train {

/// A generator of its own for each list of numbers.
[[nodiscard]] inline std::mt19937_64 generator(std::initializer_list<std::int64_t> numbers) {
  std::seed_seq sequence(numbers);
  return std::mt19937_64(sequence);
}

/// Fisher and Yates.
inline void shuffle(std::vector<std::int64_t>& values, std::initializer_list<std::int64_t> numbers) {
  std::mt19937_64 random = generator(numbers);
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

}  // namespace rebasis::train
