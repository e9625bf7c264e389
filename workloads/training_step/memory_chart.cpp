#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/training_step/memory.h"

namespace rebasis::training {

namespace {

constexpr double left = 70, top = 48, width = 640, height = 260;
constexpr std::array<const char*, static_cast<std::size_t>(Held::count)> colours{"#4c78a8", "#9ecae9", "#e45756",
                                                                                 "#72b76f", "#c9c9c9"};

/// From below: activations first, so that a line of Table 16 lies at their height.
constexpr std::array<Held, static_cast<std::size_t>(Held::count)> order{
    Held::activations, Held::weights, Held::optimiser, Held::gradients, Held::working};

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return safe;
}

/// A round step that divides `most` into four to eight.
double tick_of(double most) {
  const double power = std::pow(10.0, std::floor(std::log10(std::max(most, 1e-9))));
  for (const double step : {0.2, 0.25, 0.5, 1.0, 2.0}) {
    if (most / (step * power) <= 6) return step * power;
  }
  return 2 * power;
}

}  // namespace

std::string memory_chart(const std::string& title, const std::vector<MemoryPoint>& points,
                         const std::vector<std::pair<double, std::string>>& lines) {
  constexpr double megabyte = 1e6;
  double most = static_cast<double>(peak_of(points).total()) / megabyte;
  for (const auto& line : lines) most = std::max(most, line.first / megabyte);
  most *= 1.05;
  const auto y = [&](double megabytes) { return top + height * (1 - megabytes / most); };
  const double column = width / static_cast<double>(points.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"360\" viewBox=\"0 0 900 360\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"900\" height=\"360\" fill=\"white\"/>\n"
      "<text x=\"{}\" y=\"24\" font-size=\"15\">{}</text>\n",
      left, escaped(title));
  for (double tick = 0; tick <= most; tick += tick_of(most)) {
    svg += fmt::format("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#dddddd\"/>", left,
                       left + width, y(tick));
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n", left - 6, y(tick) + 4, tick);
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    double base = 0;
    for (const Held held : order) {
      const auto part = static_cast<std::size_t>(held);
      const double size = static_cast<double>(points[i].bytes[part]) / megabyte;
      if (size > 0) {
        svg += fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
                           left + column * static_cast<double>(i), y(base + size), column + 0.1,
                           y(base) - y(base + size), colours[part]);
      }
      base += size;
    }
  }
  const auto backward = std::find_if(points.begin(), points.end(), [](const MemoryPoint& point) {
    return point.pass != Pass::forward || point.again;
  });
  const double turn = left + column * static_cast<double>(backward - points.begin());
  svg += fmt::format(
      "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"black\" stroke-dasharray=\"3 3\"/>"
      "<text x=\"{3:.1f}\" y=\"{4}\" text-anchor=\"middle\">forward</text>"
      "<text x=\"{5:.1f}\" y=\"{4}\" text-anchor=\"middle\">backward and update</text>\n"
      "<text x=\"16\" y=\"{6}\" transform=\"rotate(-90 16 {6})\" text-anchor=\"middle\">memory, MB</text>\n",
      turn, top, top + height, (left + turn) / 2, top + height + 18, (turn + left + width) / 2, top + height / 2);
  for (const auto& [bytes, text] : lines) {
    svg += fmt::format(
        "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#b00000\" stroke-width=\"1.5\"/>"
        "<text x=\"{3}\" y=\"{4:.1f}\" fill=\"#b00000\">{5}</text>\n",
        left, left + width, y(bytes / megabyte), left + width + 8, y(bytes / megabyte) + 4, escaped(text));
  }
  for (std::size_t place = 0; place < order.size(); ++place) {
    const double at = left + 120 * static_cast<double>(place), below = top + height + 34;
    svg += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text>\n", at,
        below, colours[static_cast<std::size_t>(order[place])], at + 18, below + 11, name(order[place]));
  }
  return svg + "</svg>\n";
}

}  // namespace rebasis::training
