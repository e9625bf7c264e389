// Pareto fronts: points that no other point beats in every objective.
#pragma once

#include <cstddef>
#include <vector>

namespace rebasis::dse {

/// Whether `a` is at least as good as `b` in every objective and better in one; less is better.
[[nodiscard]] bool dominates(const std::vector<double>& a, const std::vector<double>& b);

/// Indices, ascending, of the points that none dominates. Equal points stay together: all or none. Every point has the
/// same number of finite objectives, at least one. O(n log n) for up to three objectives (Kung, Luccio and Preparata,
/// 1975, for three), O(n x front) for more.
[[nodiscard]] std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points);

}  // namespace rebasis::dse
