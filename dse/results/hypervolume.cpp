#include "dse/results/hypervolume.h"

#include <algorithm>
#include <cmath>
#include <pagmo/utils/hypervolume.hpp>

#include "dse/results/front.h"

namespace rebasis::dse {

namespace {

/// The point with the ideal at 0 and the reference at 1; nothing (empty) for what does not lie below the reference.
std::vector<double> in_unit_cube(const std::vector<double>& point, const Box& box) {
  std::vector<double> unit;
  for (std::size_t k = 0; k < point.size(); ++k) {
    const double share = (point[k] - box.ideal[k]) / (box.reference[k] - box.ideal[k]);
    if (!(share < 1)) return {};
    unit.push_back(std::max(share, 0.0));
  }
  return unit;
}

double volume_of(const std::vector<std::vector<double>>& units) {
  if (units.empty()) return 0;
  const std::size_t objectives = units.front().size();
  if (objectives == 1) return 1 - (*std::min_element(units.begin(), units.end())).front();
  return pagmo::hypervolume(units, false).compute(std::vector<double>(objectives, 1.0));
}

/// The front of what was added so far.
class GrowingFront {
 public:
  /// False: the point changes nothing.
  bool add(std::vector<double> point) {
    if (std::any_of(front_.begin(), front_.end(),
                    [&](const auto& other) { return other == point || dominates(other, point); }))
      return false;
    std::erase_if(front_, [&](const auto& other) { return dominates(point, other); });
    front_.push_back(std::move(point));
    return true;
  }
  [[nodiscard]] const std::vector<std::vector<double>>& points() const { return front_; }

 private:
  std::vector<std::vector<double>> front_;
};

}  // namespace

Box box_of(const std::vector<std::vector<double>>& front) {
  Box box;
  if (front.empty()) return box;
  for (std::size_t k = 0; k < front.front().size(); ++k) {
    double low = front.front()[k], high = low;
    for (const auto& point : front) {
      low = std::min(low, point[k]);
      high = std::max(high, point[k]);
    }
    const double extent = high > low ? high - low : low != 0 ? std::abs(low) : 10;
    box.ideal.push_back(low);
    box.reference.push_back(high + 0.1 * extent);
  }
  return box;
}

double hypervolume(const std::vector<std::vector<double>>& points, const Box& box) {
  std::vector<std::vector<double>> units;
  for (const auto& point : points) {
    if (auto unit = in_unit_cube(point, box); !unit.empty()) units.push_back(std::move(unit));
  }
  std::vector<std::vector<double>> front;
  for (const std::size_t i : pareto_front(units)) front.push_back(units[i]);
  return volume_of(front);
}

std::vector<Progress> hypervolume_history(const std::vector<std::vector<double>>& points, const Box& box,
                                          std::size_t most) {
  std::vector<std::size_t> growths;
  GrowingFront counted;
  std::vector<std::vector<double>> units;
  for (std::size_t i = 0; i < points.size(); ++i) {
    units.push_back(in_unit_cube(points[i], box));
    if (!units[i].empty() && counted.add(units[i])) growths.push_back(i);
  }
  const std::size_t stride = std::max<std::size_t>(1, (growths.size() + most - 1) / most);
  std::vector<Progress> history;
  GrowingFront front;
  for (std::size_t g = 0; g < growths.size(); ++g) {
    front.add(units[growths[g]]);
    if ((growths.size() - 1 - g) % stride == 0) history.push_back({growths[g] + 1, volume_of(front.points())});
  }
  if (!points.empty() && (history.empty() || history.back().evaluations < points.size()))
    history.push_back({points.size(), history.empty() ? 0 : history.back().volume});
  return history;
}

}  // namespace rebasis::dse
