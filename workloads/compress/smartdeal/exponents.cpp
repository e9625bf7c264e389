#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "workloads/compress/smartdeal/decompose.h"
#include "workloads/compress/smartdeal/power_of_two.h"

namespace rebasis::compress::smartdeal {
namespace {

constexpr int lowest = -200;  ///< float magnitudes reach from 2^-149 to 2^128
constexpr int highest = 130;
using Histogram = std::array<std::uint64_t, highest - lowest + 1>;

/// Counts the elements of one filter's initial Ce by their nearest exponent.
void count_filter(std::span<const float> filter, const trace::SmartDealInfo& info, bool normalise, Histogram& counts) {
  const std::size_t n = static_cast<std::size_t>(info.n);
  std::vector<double> norms(n);
  std::size_t first = 0;
  for (const std::int64_t rows : info.slice_rows) {
    const std::size_t end = std::min(filter.size(), first + static_cast<std::size_t>(rows) * n);
    std::fill(norms.begin(), norms.end(), normalise ? 0.0 : 1.0);
    for (std::size_t i = first; normalise && i < end; ++i)
      norms[i % n] += static_cast<double>(filter[i]) * static_cast<double>(filter[i]);
    for (std::size_t i = first; i < end; ++i) {
      const double magnitude = std::abs(static_cast<double>(filter[i])) / (normalise ? std::sqrt(norms[i % n]) : 1.0);
      if (!(magnitude > 0)) continue;
      const int exponent = floor_log2(magnitude / 1.5) + 1;  // nearest by distance, ties to the smaller
      const int rounded = magnitude > 1.5 * std::ldexp(1.0, exponent - 1) ? exponent : exponent - 1;
      ++counts[static_cast<std::size_t>(std::clamp(rounded, lowest, highest) - lowest)];
    }
    first += static_cast<std::size_t>(rows) * n;
  }
}

/// Energy lost by a window of `size` powers from `low`: elements below it vanish, elements above are cut.
double lost_energy(const Histogram& counts, int low, int size) {
  double lost = 0;
  for (int exponent = lowest; exponent <= highest; ++exponent) {
    const double count = static_cast<double>(counts[static_cast<std::size_t>(exponent - lowest)]);
    if (count == 0 || (exponent >= low && exponent < low + size)) continue;
    const double value = std::ldexp(1.0, exponent);
    const double rest = exponent < low ? value : value - std::ldexp(1.0, low + size - 1);
    lost += count * rest * rest;
  }
  return lost;
}

std::vector<int> consecutive(int low, int size) {
  std::vector<int> exponents(static_cast<std::size_t>(size));
  std::iota(exponents.begin(), exponents.end(), low);
  return exponents;
}

}  // namespace

std::vector<int> choose_exponents(std::span<const float> weights, std::int64_t filters,
                                  const trace::SmartDealInfo& info, const Options& options) {
  if (!options.fixed_exponents.empty()) return options.fixed_exponents;
  const int most = encode::max_shift(info.n) + 1;
  if (options.max_exponents == 0) return consecutive((options.normalise ? 0 : 5) - most + 1, most);
  const std::size_t filter_weights = weights.size() / static_cast<std::size_t>(filters);
  const Histogram counts = tbb::parallel_reduce(
      tbb::blocked_range<std::size_t>(0, static_cast<std::size_t>(filters), 4), Histogram{},
      [&](const tbb::blocked_range<std::size_t>& range, Histogram part) {
        for (std::size_t m = range.begin(); m < range.end(); ++m) {
          count_filter(weights.subspan(m * filter_weights, filter_weights), info, options.normalise, part);
        }
        return part;
      },
      [](Histogram a, const Histogram& b) {
        for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
        return a;
      });
  const int size = std::min(static_cast<int>(options.max_exponents), most);
  int best = 1 - size;
  double least = HUGE_VAL;
  for (int low = lowest; low + size - 1 <= highest; ++low) {
    const double lost = lost_energy(counts, low, size);
    if (lost < least) {
      least = lost;
      best = low;
    }
  }
  return consecutive(least == 0 && counts == Histogram{} ? 1 - size : best, size);
}

void trim_exponents(encode::SmartDealForm& form) {
  std::vector<bool> used(form.info.exponents.size(), false);
  for (const encode::Coefficient value : form.coefficients) {
    if (value != 0) used[static_cast<std::size_t>(std::abs(value) - 1)] = true;
  }
  if (std::none_of(used.begin(), used.end(), [](bool u) { return u; })) used.back() = true;
  std::vector<int> kept;
  std::vector<encode::Coefficient> index(used.size() + 1, 0);
  for (std::size_t e = 0; e < used.size(); ++e) {
    if (!used[e]) continue;
    kept.push_back(form.info.exponents[e]);
    index[e + 1] = static_cast<encode::Coefficient>(kept.size());
  }
  for (encode::Coefficient& value : form.coefficients) {
    const encode::Coefficient magnitude = index[static_cast<std::size_t>(std::abs(value))];
    value = static_cast<encode::Coefficient>(value < 0 ? -magnitude : magnitude);
  }
  form.info.exponents = kept;
}

}  // namespace rebasis::compress::smartdeal
