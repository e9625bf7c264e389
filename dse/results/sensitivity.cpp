#include "dse/results/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "dse/results/saltelli.h"

namespace rebasis::dse {

namespace {

constexpr std::size_t most_bins = 32;
constexpr std::size_t least_in_bin = 5;  // points, on average, for a mean to say something

/// Count, mean, and sum of squared differences from it (Welford, 1962), and the range.
struct Moments {
  double count = 0, mean = 0, squares = 0, low = 0, high = 0;
  void add(double y) {
    low = count == 0 ? y : std::min(low, y);
    high = count == 0 ? y : std::max(high, y);
    count += 1;
    const double difference = y - mean;
    mean += difference / count;
    squares += difference * (y - mean);
  }
};

Moments moments_of(const std::vector<double>& y) {
  Moments all;
  for (const double value : y) all.add(value);
  return all;
}

std::vector<Moments> by_group(const std::vector<std::uint32_t>& groups, std::size_t count,
                              const std::vector<double>& y) {
  std::vector<Moments> moments(count);
  for (std::size_t i = 0; i < y.size(); ++i) moments[groups[i]].add(y[i]);
  return moments;
}

double within(const std::vector<Moments>& groups) {
  return std::accumulate(groups.begin(), groups.end(), 0.0,
                         [](double sum, const Moments& g) { return sum + g.squares; });
}

/// A number for "factor f has code c" whose sums tell combinations apart (splitmix64; two of 10^5 combinations meet
/// with a probability below 10^-9).
std::uint64_t mark(std::size_t factor, std::uint32_t code) {
  std::uint64_t z = (static_cast<std::uint64_t>(factor + 1) << 32 | code) + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// The combination of all factors, a point.
std::vector<std::uint64_t> combinations(const std::vector<Factor>& factors, std::size_t points) {
  std::vector<std::uint64_t> sums(points, 0);
  for (std::size_t f = 0; f < factors.size(); ++f) {
    for (std::size_t i = 0; i < points; ++i) sums[i] += mark(f, factors[f].codes[i]);
  }
  return sums;
}

/// Points that differ in factor `f` alone have one group.
std::pair<std::vector<std::uint32_t>, std::size_t> groups_without(std::size_t f, const Factor& factor,
                                                                  const std::vector<std::uint64_t>& combination) {
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  numbers.reserve(combination.size());
  std::vector<std::uint32_t> groups;
  for (std::size_t i = 0; i < combination.size(); ++i) {
    const std::uint64_t rest = combination[i] - mark(f, factor.codes[i]);
    groups.push_back(numbers.emplace(rest, static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  return {std::move(groups), numbers.size()};
}

/// Every combination of the values that occur is there once.
bool is_grid(const std::vector<Factor>& factors, const std::vector<std::uint64_t>& combination) {
  double size = 1;
  for (const Factor& factor : factors) size *= static_cast<double>(factor.levels);
  return size == static_cast<double>(combination.size()) &&
         std::unordered_set(combination.begin(), combination.end()).size() == combination.size();
}

/// The factor's values, or, where they are too many for their points, bins of about equally many points.
std::pair<std::vector<std::uint32_t>, std::size_t> bins_of(const Factor& factor) {
  const std::size_t points = factor.codes.size();
  const std::size_t bins = std::max<std::size_t>(2, std::min(most_bins, points / least_in_bin));
  if (factor.levels <= bins) return {factor.codes, factor.levels};
  std::vector<std::size_t> below(factor.levels + 1, 0);  // points with a lesser code
  for (const std::uint32_t code : factor.codes) ++below[code + 1];
  std::partial_sum(below.begin(), below.end(), below.begin());
  std::vector<std::uint32_t> groups;
  for (const std::uint32_t code : factor.codes)
    groups.push_back(static_cast<std::uint32_t>(below[code] * bins / points));
  return {std::move(groups), bins};
}

/// The correlation ratio, without what chance alone gives to means of few points (Kelley's epsilon squared, 1935).
std::optional<double> estimated(const Factor& factor, const std::vector<double>& y, const Moments& all) {
  const auto [groups, count] = bins_of(factor);
  const std::vector<Moments> bins = by_group(groups, count, y);
  const auto used =
      static_cast<double>(std::count_if(bins.begin(), bins.end(), [](const Moments& b) { return b.count > 0; }));
  if (used < 2 || all.count <= used) return std::nullopt;
  return std::max(0.0, 1 - within(bins) / (all.count - used) * (all.count - 1) / all.squares);
}

}  // namespace

const char* to_text(VarianceMethod method) {
  switch (method) {
    case VarianceMethod::none:
      return "none";
    case VarianceMethod::grid:
      return "grid";
    case VarianceMethod::binned:
      return "binned";
    case VarianceMethod::saltelli:
      return "saltelli";
  }
  return "";
}

Sensitivity analyse(const std::vector<Factor>& factors, const std::vector<double>& y) {
  Sensitivity result;
  result.points = y.size();
  const Moments all = moments_of(y);
  const bool varies = all.squares > 0 && all.high > all.low;
  const std::vector<std::uint64_t> combination = combinations(factors, y.size());
  const bool grid = is_grid(factors, combination);
  if (varies && !factors.empty()) result.method = grid ? VarianceMethod::grid : VarianceMethod::binned;
  for (std::size_t f = 0; f < factors.size(); ++f) {
    Effect effect{factors[f].name, {}, {}, {}, 0};
    const auto [groups, count] = groups_without(f, factors[f], combination);
    const std::vector<Moments> alone = by_group(groups, count, y);
    double ranges = 0;
    for (const Moments& group : alone) {
      if (group.count < 2) continue;
      ++effect.groups;
      ranges += group.high - group.low;
    }
    if (effect.groups > 0 && varies)
      effect.one_at_a_time = ranges / static_cast<double>(effect.groups) / (all.high - all.low);
    if (varies && grid) {
      const double rest = within(by_group(factors[f].codes, factors[f].levels, y));
      effect.first_order = std::clamp(1 - rest / all.squares, 0.0, 1.0);
      effect.total = std::clamp(within(alone) / all.squares, 0.0, 1.0);
    } else if (varies) {
      effect.first_order = estimated(factors[f], y, all);
    }
    result.effects.push_back(std::move(effect));
  }
  return result;
}

namespace {

/// The study's choice of each row of the results.
std::map<Choice, double> by_choice(const StudyResults& results, const MetricColumn& column,
                                   const std::vector<std::size_t>& rows) {
  std::map<Choice, double> values;
  for (const std::size_t row : rows) {
    Choice choice;
    for (const Dimension& dimension : results.study.space.dimensions) {
      const SettingColumn& setting = results.settings[results.setting(dimension.name)];
      const auto value =
          std::find(dimension.values.begin(), dimension.values.end(), setting.values[setting.codes[row]]);
      if (value == dimension.values.end()) break;
      choice.push_back(static_cast<std::size_t>(value - dimension.values.begin()));
    }
    if (choice.size() == results.study.space.dimensions.size()) values[choice] = column.values[row];
  }
  return values;
}

/// Replaces the indices by those of the strategy's design, if enough of it is done.
void use_design(const StudyResults& results, const MetricColumn& column, const std::vector<std::size_t>& rows,
                Sensitivity& result) {
  const Study& study = results.study;
  const arch::ConfigEntry* option = study.strategy.options.find("rows");
  const std::uint64_t wanted =
      option != nullptr ? std::stoull(option->value) : saltelli_rows(study.space, study.budget.points);
  const SaltelliDesign design = SaltelliDesign::draw(study.space, std::min<std::uint64_t>(wanted, results.size()),
                                                     static_cast<std::uint64_t>(study.seed));
  const std::map<Choice, double> values = by_choice(results, column, rows);
  const SobolIndices indices = sobol_indices(design, [&](const Choice& choice) -> std::optional<double> {
    const auto found = values.find(choice);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  });
  if (indices.rows < 2) return;
  result.method = VarianceMethod::saltelli;
  for (Effect& effect : result.effects) {
    for (std::size_t i = 0; i < study.space.dimensions.size(); ++i) {
      if (study.space.dimensions[i].name != effect.name) continue;
      effect.first_order = indices.first_order[i];
      effect.total = indices.total[i];
    }
  }
}

}  // namespace

Sensitivity sensitivity(const StudyResults& results, std::size_t metric) {
  const MetricColumn& column = results.metrics[metric];
  std::vector<std::size_t> rows;
  std::vector<double> y;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const bool placed =
        std::all_of(results.settings.begin(), results.settings.end(),
                    [&](const SettingColumn& setting) { return !setting.dimension || setting.codes[row] != no_value; });
    if (results.status[row] != PointStatus::done || !std::isfinite(column.values[row]) || !placed) continue;
    rows.push_back(row);
    y.push_back(column.values[row]);
  }
  std::vector<Factor> factors;
  for (const SettingColumn& setting : results.settings) {
    if (!setting.dimension) continue;
    std::vector<char> seen(setting.values.size(), 0);
    for (const std::size_t row : rows) seen[setting.codes[row]] = 1;
    std::vector<std::uint32_t> renumbered(seen.size(), 0);
    std::uint32_t levels = 0;
    for (std::size_t code = 0; code < seen.size(); ++code) renumbered[code] = seen[code] != 0 ? levels++ : 0;
    if (levels < 2) continue;
    Factor factor{setting.name, levels, {}};
    for (const std::size_t row : rows) factor.codes.push_back(renumbered[setting.codes[row]]);
    factors.push_back(std::move(factor));
  }
  Sensitivity result = analyse(factors, y);
  result.metric = column.metric.name;
  if (results.study.strategy.name == "saltelli") use_design(results, column, rows, result);
  return result;
}

}  // namespace rebasis::dse
