#include "dse/results/front.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace rebasis::dse {

namespace {

/// The lower left staircase of pairs (y, z): ascending y, descending z.
class Staircase {
 public:
  /// Whether some pair so far is at most (y, z) in both.
  [[nodiscard]] bool covers(double y, double z) const {
    const auto above = steps_.upper_bound(y);
    return above != steps_.begin() && std::prev(above)->second <= z;
  }
  void add(double y, double z) {
    if (covers(y, z)) return;
    auto step = steps_.insert_or_assign(y, z).first;
    for (++step; step != steps_.end() && step->second >= z;) step = steps_.erase(step);
  }

 private:
  std::map<double, double> steps_;
};

/// Of points in ascending order, what comes later never dominates what came before.
class Filter {
 public:
  explicit Filter(const std::vector<std::vector<double>>& points) : points_(points) {}

  [[nodiscard]] bool dominated(const std::vector<double>& point) const {
    if (point.size() <= 3) return staircase_.covers(second(point), third(point));
    return std::any_of(front_.begin(), front_.end(), [&](std::size_t i) { return dominates(points_[i], point); });
  }
  void add(std::size_t index) {
    if (points_[index].size() <= 3) {
      staircase_.add(second(points_[index]), third(points_[index]));
    } else {
      front_.push_back(index);
    }
  }

 private:
  static double second(const std::vector<double>& point) { return point.size() > 1 ? point[1] : 0; }
  static double third(const std::vector<double>& point) { return point.size() > 2 ? point[2] : 0; }
  const std::vector<std::vector<double>>& points_;
  Staircase staircase_;
  std::vector<std::size_t> front_;
};

}  // namespace

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return points[a] != points[b] ? points[a] < points[b] : a < b; });
  Filter filter(points);
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;  // of the points that equal the i-th
    while (end < order.size() && points[order[end]] == points[order[i]]) ++end;
    if (!filter.dominated(points[order[i]])) {
      front.insert(front.end(), order.begin() + static_cast<std::ptrdiff_t>(i),
                   order.begin() + static_cast<std::ptrdiff_t>(end));
      filter.add(order[i]);
    }
    i = end;
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace rebasis::dse
