#include "workloads/compress/smartdeal/given.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/error.h"
#include "workloads/compress/smartdeal/fixed_point.h"

namespace rebasis::compress::smartdeal {
namespace {

[[noreturn]] void fail_given(const std::string& layer, const std::string& what) {
  fail_input("layer '" + layer + "': the file's factors " + what +
             "; write factors: new to decompose the weights again");
}

std::size_t longest_slice(const trace::SmartDealInfo& info) {
  return static_cast<std::size_t>(*std::max_element(info.slice_rows.begin(), info.slice_rows.end()));
}

void check_fit(const std::string& layer, const LayerShape& shape, const Factors& factors,
               const trace::SmartDealInfo& info) {
  const auto slices = static_cast<std::int64_t>(info.slice_rows.size());
  const Shape coefficients{shape.M, slices, static_cast<std::int64_t>(longest_slice(info)), info.n};
  const Shape basis{shape.M, slices, info.n, info.n};
  if (factors.coefficients.shape != coefficients || factors.basis.shape != basis ||
      factors.elements != elements_of(info, shape))
    fail_given(layer, "are cut into other slices than the recipe's");
  for (const float value : factors.basis.values) {
    if (!std::isfinite(value)) fail_given(layer, "hold NaN or infinity");
  }
}

/// The powers in Ce, ascending; at least one.
std::vector<int> exponents_of(const std::string& layer, const Tensor<float>& coefficients) {
  std::set<int> found;
  for (const float value : coefficients.values) {
    if (value == 0) continue;
    int exponent = 0;
    if (!std::isfinite(value) || std::abs(std::frexp(value, &exponent)) != 0.5F)
      fail_given(layer, "hold a coefficient that is no power of two");
    found.insert(exponent - 1);
  }
  if (found.empty()) found.insert(0);
  if (found.size() > 100) fail_given(layer, "hold more powers of two than a form can");
  return {found.begin(), found.end()};
}

encode::Coefficient code_of(float value, const std::vector<int>& exponents) {
  if (value == 0) return 0;
  const auto place = std::lower_bound(exponents.begin(), exponents.end(), std::ilogb(value));
  const auto index = static_cast<encode::Coefficient>(place - exponents.begin() + 1);
  return static_cast<encode::Coefficient>(value < 0 ? -index : index);
}

/// Rows without padding, [M][rows][n].
void copy_coefficients(const std::string& layer, const Tensor<float>& from, encode::SmartDealForm& form) {
  const std::size_t n = static_cast<std::size_t>(form.info.n), longest = longest_slice(form.info);
  auto source = from.values.begin();
  for (std::int64_t m = 0; m < form.filters; ++m) {
    for (const std::int64_t rows : form.info.slice_rows) {
      const std::size_t used = static_cast<std::size_t>(rows) * n;
      for (std::size_t k = 0; k < longest * n; ++k, ++source) {
        if (k < used) {
          form.coefficients.push_back(code_of(*source, form.info.exponents));
        } else if (*source != 0) {
          fail_given(layer, "hold coefficients behind the end of a slice");
        }
      }
    }
  }
}

/// Largest magnitude in the rows of B that a coefficient of filter `m` uses.
double largest_used(const Factors& factors, std::size_t m, std::size_t slices, std::size_t rows, std::size_t n) {
  double largest = 0;
  for (std::size_t slice = m * slices; slice < (m + 1) * slices; ++slice) {
    for (std::size_t k = 0; k < n; ++k) {
      bool used = false;
      for (std::size_t row = 0; row < rows && !used; ++row)
        used = factors.coefficients.values[(slice * rows + row) * n + k] != 0;
      for (std::size_t j = 0; used && j < n; ++j)
        largest = std::max(largest, static_cast<double>(std::abs(factors.basis.values[(slice * n + k) * n + j])));
    }
  }
  return largest;
}

void round_basis(const Factors& factors, encode::SmartDealForm& form) {
  const std::size_t n = static_cast<std::size_t>(form.info.n), slices = form.info.slice_rows.size();
  const std::size_t filter = slices * n * n;
  for (std::size_t m = 0; m < static_cast<std::size_t>(form.filters); ++m) {
    const int shift = fraction_bits(largest_used(factors, m, slices, longest_slice(form.info), n));
    form.basis_shift.push_back(static_cast<std::int8_t>(shift));
    for (std::size_t i = m * filter; i < (m + 1) * filter; ++i) {
      const double scaled = std::ldexp(static_cast<double>(factors.basis.values[i]), shift);
      form.basis.push_back(static_cast<std::int8_t>(to_code(scaled)));
    }
  }
}

}  // namespace

std::vector<std::int64_t> elements_of(const trace::SmartDealInfo& info, const LayerShape& shape) {
  const std::int64_t weights = shape.channels_per_group() * shape.R * shape.S;
  const auto longest = static_cast<std::int64_t>(longest_slice(info));
  std::vector<std::int64_t> elements;
  for (std::size_t slice = 0; slice < info.slice_rows.size(); ++slice) {
    const std::int64_t first = static_cast<std::int64_t>(slice) * longest * info.n;
    for (std::int64_t k = 0; k < info.slice_rows[slice] * info.n; ++k) {
      if (static_cast<std::int64_t>(elements.size()) < weights) elements.push_back(first + k);
    }
  }
  const bool padded = weights != static_cast<std::int64_t>(info.slice_rows.size()) * longest * info.n;
  if (!padded) elements.clear();
  return elements;
}

encode::SmartDealForm form_of(const std::string& layer, const LayerShape& shape, const Factors& factors,
                              const trace::SmartDealInfo& layout) {
  encode::SmartDealForm form;
  form.info = layout;
  check_fit(layer, shape, factors, form.info);
  form.info.exponents = exponents_of(layer, factors.coefficients);
  encode::check_layout(form.info, shape, layer);
  form.filters = shape.M;
  copy_coefficients(layer, factors.coefficients, form);
  round_basis(factors, form);
  return form;
}

}  // namespace rebasis::compress::smartdeal
