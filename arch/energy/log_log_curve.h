// A positive function of a positive argument, given by points and straight between them on log-log paper.
#pragma once

#include <utility>
#include <vector>

namespace rebasis::arch {

/// Power laws are straight lines here, which is what memory energy over capacity and width nearly is.
class LogLogCurve {
 public:
  /// `points` (x, y), all > 0, x distinct, at least one. Outside the points the curve goes on with the slope of the
  /// least-squares line through all points, or `lone_slope` when there is only one.
  explicit LogLogCurve(std::vector<std::pair<double, double>> points, double lone_slope = 1.0);

  [[nodiscard]] double at(double x) const;
  /// Whether x lies within the points.
  [[nodiscard]] bool covers(double x) const;
  /// Exponent of the fitted power law.
  [[nodiscard]] double fitted_slope() const { return slope_; }

 private:
  std::vector<std::pair<double, double>> points_;  ///< (log x, log y), ascending
  double slope_;
};

}  // namespace rebasis::arch
