#include "dse/results/saltelli.h"

#include <algorithm>

namespace rebasis::dse {

namespace {

using Values = std::vector<std::optional<double>>;

Values values_of(const std::vector<Choice>& choices, const std::function<std::optional<double>(const Choice&)>& value) {
  Values values;
  for (const Choice& choice : choices) values.push_back(value(choice));
  return values;
}

/// Half the mean squared difference over rows where both are known.
std::optional<double> half_mean_square(const Values& x, const Values& y) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < x.size(); ++row) {
    if (!x[row] || !y[row]) continue;
    sum += (*x[row] - *y[row]) * (*x[row] - *y[row]);
    ++count;
  }
  if (count < 2) return std::nullopt;
  return sum / 2 / static_cast<double>(count);
}

double variance(const Values& a, const Values& b) {
  double sum = 0, squares = 0, count = 0;
  for (const Values* values : {&a, &b}) {
    for (const auto& value : *values) {
      if (!value) continue;
      ++count;
      const double before = *value - (count > 1 ? sum / (count - 1) : 0);  // Welford, against cancellation
      sum += *value;
      squares += before * (*value - sum / count);
    }
  }
  return count > 0 ? squares / count : 0;
}

}  // namespace

SobolIndices sobol_indices(const SaltelliDesign& design,
                           const std::function<std::optional<double>(const Choice&)>& value) {
  const Values a = values_of(design.a, value), b = values_of(design.b, value);
  const double all = variance(a, b);
  SobolIndices indices;
  for (std::size_t row = 0; row < a.size(); ++row) indices.rows += a[row] && b[row] ? 1 : 0;
  for (const std::vector<Choice>& choices : design.ab) {
    const Values ab = values_of(choices, value);
    const auto rest = half_mean_square(b, ab), total = half_mean_square(a, ab);
    const auto share = [&](double part) { return std::clamp(part / all, 0.0, 1.0); };
    indices.first_order.push_back(rest && all > 0 ? std::optional(share(all - *rest)) : std::nullopt);
    indices.total.push_back(total && all > 0 ? std::optional(share(*total)) : std::nullopt);
  }
  return indices;
}

}  // namespace rebasis::dse
