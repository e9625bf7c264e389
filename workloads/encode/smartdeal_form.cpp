#include "workloads/encode/smartdeal_form.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "common/error.h"

namespace rebasis::encode {

int max_shift(std::int64_t n) {
  int shift = 0;
  while ((n * 128) << (shift + 1) <= std::numeric_limits<std::int32_t>::max()) ++shift;
  return shift;
}

void check_layout(const trace::SmartDealInfo& info, const LayerShape& shape, const std::string& layer) {
  const auto refuse = [&](const std::string& what) { fail_input("layer '" + layer + "': " + what); };
  if (info.n < 1 || info.n > 16) refuse("basis of " + std::to_string(info.n) + " columns; 1 to 16 are supported");
  if (info.rows < 1 || info.rows > std::int64_t{1} << 31)
    refuse(std::to_string(info.rows) + " coefficient rows a filter");
  if (std::any_of(info.slice_rows.begin(), info.slice_rows.end(), [](std::int64_t rows) { return rows < 1; })) {
    refuse("a slice without rows");
  }
  if (std::accumulate(info.slice_rows.begin(), info.slice_rows.end(), std::int64_t{0}) != info.rows) {
    refuse("slice rows do not sum to the rows of a filter");
  }
  const std::int64_t filter_weights = shape.channels_per_group() * shape.R * shape.S;
  const std::int64_t elements = info.rows * info.n;
  if (info.rows_are_kernel_rows ? elements != filter_weights || info.n != shape.S
                                : elements < filter_weights || elements >= filter_weights + info.n) {
    refuse(std::to_string(info.rows) + " rows of " + std::to_string(info.n) + " do not hold the " +
           std::to_string(filter_weights) + " weights of a filter");
  }
  if (info.exponents.empty() || info.exponents.size() > 63) refuse("between 1 and 63 exponents are needed");
  if (std::adjacent_find(info.exponents.begin(), info.exponents.end(), std::greater_equal<>()) !=
      info.exponents.end()) {
    refuse("exponents must ascend");
  }
  if (std::int64_t{info.exponents.back()} - info.exponents.front() > max_shift(info.n)) {
    refuse("exponents span more than " + std::to_string(max_shift(info.n)) + " powers of two");
  }
}

std::vector<std::int32_t> rebuild(const SmartDealForm& form, const LayerShape& shape) {
  const auto& info = form.info;
  const std::size_t n = static_cast<std::size_t>(info.n);
  const std::size_t filter_weights = static_cast<std::size_t>(shape.channels_per_group() * shape.R * shape.S);
  std::vector<std::int32_t> weights(static_cast<std::size_t>(form.filters) * filter_weights);
  std::vector<std::int32_t> multiplier(info.exponents.size());
  for (std::size_t e = 0; e < multiplier.size(); ++e)
    multiplier[e] = std::int32_t{1} << (info.exponents[e] - info.exponents[0]);
  const Coefficient* row = form.coefficients.data();
  const std::int8_t* basis = form.basis.data();
  std::vector<std::int32_t> rebuilt(n);
  for (std::int64_t m = 0; m < form.filters; ++m) {
    std::int32_t* const filter = weights.data() + static_cast<std::size_t>(m) * filter_weights;
    std::size_t first = 0;  // weight of the row's first column
    for (const std::int64_t slice_rows : info.slice_rows) {
      for (std::int64_t i = 0; i < slice_rows; ++i, row += n, first += n) {
        std::fill(rebuilt.begin(), rebuilt.end(), 0);
        for (std::size_t k = 0; k < n; ++k) {
          if (row[k] == 0) continue;
          const std::int32_t factor = row[k] > 0 ? multiplier[static_cast<std::size_t>(row[k] - 1)]
                                                 : -multiplier[static_cast<std::size_t>(-row[k] - 1)];
          for (std::size_t column = 0; column < n; ++column) rebuilt[column] += factor * basis[k * n + column];
        }
        const std::size_t columns = std::min(n, filter_weights - first);  // fewer in a zero-padded row
        std::copy_n(rebuilt.begin(), columns, filter + first);
      }
      basis += n * n;
    }
  }
  return weights;
}

std::vector<double> weight_units(const SmartDealForm& form) {
  std::vector<double> units(form.basis_shift.size());
  std::transform(form.basis_shift.begin(), form.basis_shift.end(), units.begin(),
                 [&](std::int8_t shift) { return std::ldexp(1.0, form.info.exponents[0] - shift); });
  return units;
}

}  // namespace rebasis::encode
