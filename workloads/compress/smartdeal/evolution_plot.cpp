// Figure 11 of the paper as SVG: reconstruction error, sparsity of Ce and distance of B from I over the iterations.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "workloads/compress/smartdeal/evolution.h"

namespace rebasis::compress::smartdeal {
namespace {

constexpr double panel_width = 300, panel_height = 200, left = 60, top = 40, gap = 70;

using Curve = std::vector<double>;

std::string polyline(const Curve& curve, std::size_t points, double highest, double x, const char* style) {
  std::string text = "<polyline fill=\"none\" " + std::string(style) + " points=\"";
  for (std::size_t k = 0; k < points; ++k) {
    const double value = curve[std::min(k, curve.size() - 1)];
    const double across = points > 1 ? static_cast<double>(k) / static_cast<double>(points - 1) : 0.0;
    text += fmt::format("{:.1f},{:.1f} ", x + across * panel_width, top + panel_height * (1 - value / highest));
  }
  return text + "\"/>\n";
}

Curve mean_of(const std::vector<Curve>& curves, std::size_t points) {
  Curve mean(points, 0.0);
  for (const Curve& curve : curves) {
    for (std::size_t k = 0; k < points; ++k)
      mean[k] += curve[std::min(k, curve.size() - 1)] / static_cast<double>(curves.size());
  }
  return mean;
}

std::string axes(double x, const std::string& title, double highest, std::size_t points) {
  std::string text = fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" font-size=\"13\">{}</text>\n", x, top - 12, title);
  text += fmt::format(
      "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"none\" stroke=\"#888\"/>\n", x, top,
      panel_width, panel_height);
  for (int tick = 0; tick <= 4; ++tick) {
    const double y = top + panel_height * (1 - tick / 4.0);
    text += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.3g}</text>\n", x - 5, y + 4,
                        highest * tick / 4.0);
    const double across = x + panel_width * tick / 4.0;
    text += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{:.3g}</text>\n", across,
                        top + panel_height + 16, static_cast<double>(points - 1) * tick / 4.0);
  }
  return text + fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">iteration</text>\n",
                            x + panel_width / 2, top + panel_height + 34);
}

std::string panel(double x, const std::string& title, const std::vector<Curve>& curves) {
  std::size_t points = 1;
  double highest = 0;
  for (const Curve& curve : curves) {
    points = std::max(points, curve.size());
    highest = std::max(highest, *std::max_element(curve.begin(), curve.end()));
  }
  highest = highest > 0 ? highest * 1.05 : 1.0;
  std::string text = axes(x, title, highest, points);
  for (const Curve& curve : curves) text += polyline(curve, points, highest, x, "stroke=\"#9ab\" stroke-width=\"0.7\"");
  return text + polyline(mean_of(curves, points), points, highest, x, "stroke=\"#c33\" stroke-width=\"2\"");
}

}  // namespace

std::string to_svg(std::span<const Evolution> layers) {
  std::vector<Curve> error, sparsity, distance;
  for (const Evolution& layer : layers) {
    error.push_back(layer.error);
    sparsity.push_back(layer.sparsity);
    distance.push_back(layer.distance);
  }
  const double width = left + 3 * panel_width + 2 * gap + 20, height = top + panel_height + 50;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height);
  if (!layers.empty()) {
    text += panel(left, "reconstruction error  |W - Ce B| / |W|", error);
    text += panel(left + panel_width + gap, "zeros in Ce", sparsity);
    text += panel(left + 2 * (panel_width + gap), "|B - I|", distance);
  }
  return text + "</svg>\n";
}

}  // namespace rebasis::compress::smartdeal
