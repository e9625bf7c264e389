#include "reproduce/bar_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace rebasis::reproduce {
namespace {

constexpr double left = 60, top = 60, height = 240, bar = 16, between = 18, bottom = 70;
constexpr std::array<const char*, 6> colours{"#1b6ca8", "#9aa5b1", "#e08e0b", "#5a9367", "#a34f7c", "#444444"};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

/// The end of the axis: 1, 2 or 5 times a power of ten, in at most eight ticks.
double tick_of(double highest) {
  const double magnitude = std::pow(10.0, std::floor(std::log10(highest / 4)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (highest / (step * magnitude) <= 8) return step * magnitude;
  }
  return 10 * magnitude;
}

class Drawing {
 public:
  explicit Drawing(const BarChart& chart) : chart_(chart) {
    for (const auto& row : chart.values) {
      for (const auto& value : row) highest_ = std::max(highest_, value.value_or(0));
    }
    for (const auto& line : chart.lines) highest_ = std::max(highest_, line.first);
    tick_ = tick_of(highest_);
    highest_ = tick_ * std::ceil(highest_ / tick_ + 0.3);
    group_ = static_cast<double>(chart.series.size()) * bar + between;
    width_ = std::max(520.0, static_cast<double>(chart.groups.size()) * group_);
  }

  [[nodiscard]] std::string text() const {
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
        "{1:.0f}\" "
        "font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        left + width_ + 20, top + height + bottom);
    svg += fmt::format("<text x=\"{:.0f}\" y=\"18\" font-size=\"14\">{}</text>\n", left, escaped(chart_.title));
    return svg + legend() + axis() + bars() + lines() + below() + "</svg>\n";
  }

 private:
  [[nodiscard]] double y(double value) const { return top + height * (1 - value / highest_); }

  [[nodiscard]] std::string legend() const {
    std::string svg;
    double x = left;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      svg += fmt::format(
          "<rect x=\"{:.0f}\" y=\"28\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{:.0f}\" y=\"37\">{}</text>\n",
          x, colours[s % colours.size()], x + 14, escaped(chart_.series[s]));
      x += 34 + 6.5 * static_cast<double>(chart_.series[s].size());
    }
    return svg;
  }

  [[nodiscard]] std::string axis() const {
    std::string svg =
        fmt::format("<text transform=\"translate(16 {:.0f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                    top + height / 2, escaped(chart_.axis));
    for (double value = 0; value <= highest_ * 1.0001; value += tick_) {
      svg += fmt::format(
          "<line x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{4}\"/><text x=\"{3:.0f}\" "
          "y=\"{5:.1f}\" "
          "text-anchor=\"end\">{6:g}</text>\n",
          left, left + width_, y(value), left - 6, value == 0 ? "#333" : "#ddd", y(value) + 4, value);
    }
    return svg;
  }

  [[nodiscard]] std::string bars() const {
    std::string svg;
    for (std::size_t g = 0; g < chart_.groups.size(); ++g) {
      const double x = left + between / 2 + static_cast<double>(g) * group_;
      for (std::size_t s = 0; s < chart_.series.size(); ++s) {
        const double at = x + static_cast<double>(s) * bar;
        const std::optional<double>& value = chart_.values[s][g];
        const double up = y(value.value_or(0));
        if (value)
          svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", at,
                             up, bar - 2, top + height - up, colours[s % colours.size()]);
        svg += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" font-size=\"9\">{}</text>\n",
                           at + bar - 5, up - 3, value ? fmt::format("{:.2f}", *value) : "n/a");
      }
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                         x + (group_ - between) / 2, top + height + 16, escaped(chart_.groups[g]));
    }
    return svg;
  }

  [[nodiscard]] std::string lines() const {
    std::string svg;
    for (const auto& [value, label] : chart_.lines) {
      svg += fmt::format(
          "<line x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#c0392b\" stroke-dasharray=\"5 "
          "3\"/>"
          "<text x=\"{1:.0f}\" y=\"{3:.1f}\" text-anchor=\"end\" fill=\"#c0392b\">{4}</text>\n",
          left, left + width_, y(value), y(value) - 4, escaped(label));
    }
    return svg;
  }

  [[nodiscard]] std::string below() const {
    return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" fill=\"#555\">{}</text>\n", left, top + height + 44,
                       escaped(chart_.below));
  }

  const BarChart& chart_;
  double highest_ = 0.1, tick_ = 1, group_ = 0, width_ = 0;
};

}  // namespace

std::string to_svg(const BarChart& chart) { return Drawing(chart).text(); }

}  // namespace rebasis::reproduce
