#include "arch/energy/log_log_curve.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"

namespace rebasis::arch {
namespace {

double least_squares_slope(const std::vector<std::pair<double, double>>& points) {
  double mean_x = 0;
  double mean_y = 0;
  for (const auto& [x, y] : points) {
    mean_x += x / static_cast<double>(points.size());
    mean_y += y / static_cast<double>(points.size());
  }
  double covariance = 0;
  double variance = 0;
  for (const auto& [x, y] : points) {
    covariance += (x - mean_x) * (y - mean_y);
    variance += (x - mean_x) * (x - mean_x);
  }
  return covariance / variance;
}

}  // namespace

LogLogCurve::LogLogCurve(std::vector<std::pair<double, double>> points, double lone_slope)
    : points_(std::move(points)), slope_(lone_slope) {
  if (points_.empty()) fail_internal("a curve without points");
  for (auto& [x, y] : points_) {
    if (!(x > 0 && y > 0)) fail_internal("a log-log curve through a point that is not positive");
    x = std::log(x);
    y = std::log(y);
  }
  std::sort(points_.begin(), points_.end());
  if (points_.size() > 1) slope_ = least_squares_slope(points_);
}

double LogLogCurve::at(double x) const {
  const double position = std::log(x);
  const auto& [first_x, first_y] = points_.front();
  const auto& [last_x, last_y] = points_.back();
  if (position <= first_x) return std::exp(first_y + slope_ * (position - first_x));
  if (position >= last_x) return std::exp(last_y + slope_ * (position - last_x));
  const auto upper = std::upper_bound(points_.begin(), points_.end(), position,
                                      [](double value, const auto& point) { return value < point.first; });
  const auto lower = upper - 1;
  const double part = (position - lower->first) / (upper->first - lower->first);
  return std::exp(lower->second + part * (upper->second - lower->second));
}

bool LogLogCurve::covers(double x) const {
  const double position = std::log(x);
  return position >= points_.front().first && position <= points_.back().first;
}

}  // namespace rebasis::arch
