#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/dynamic/dynamic.h"
#include "report/units_text.h"

namespace rebasis::report {
namespace {

using dynamic::Frame;

constexpr double width = 1000, left = 92, right = 20;
constexpr std::size_t most_marks = 3000;  // of a panel: a page of a million frames still opens

std::string opened(double height) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "font-family=\"Liberation Sans, Arial, sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#ffffff\"/>\n",
      width, height);
}

std::string label(double x, double y, const std::string& text, const char* anchor = "middle", const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"#1b1f27\" {}>{}</text>\n", x, y, anchor,
                     more, html_escaped(text));
}

std::string segment(double x1, double y1, double x2, double y2, const char* style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
}

constexpr const char* grid = "stroke=\"#d9dde4\"";
constexpr const char* limit_style = "stroke=\"#1b1f27\" stroke-width=\"1.6\" stroke-dasharray=\"6 3\"";

/// 1, 2 or 5 times a power of ten that divides `range` into at most `parts` parts.
double round_step(double range, double parts) {
  const double power = std::pow(10, std::floor(std::log10(range)));
  for (const double factor : {0.1, 0.2, 0.5, 1.0}) {
    if (range / (factor * power) <= parts) return factor * power;
  }
  return power;
}

/// From values to places, with lines and numbers beside.
struct Axis {
  double low = 0, high = 1, begin = 0, end = 1;
  [[nodiscard]] double at(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
  [[nodiscard]] std::vector<double> ticks(double parts = 9) const {
    std::vector<double> values;
    const double step = round_step(high - low, parts);
    for (double i = std::ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); ++i) values.push_back(i * step);
    return values;
  }
};

Axis time_axis(const DynamicReport& report) { return {0, report.scenario.duration_s, left, width - right}; }

/// One figure of each frame over time, and its limit.
struct Panel {
  std::string title, unit;
  double top = 0, height = 0;
  double (*value)(const Frame&, const dynamic::BudgetPiece&);
  double dynamic::BudgetPiece::*limit;
};

double latency_of(const Frame& frame, const dynamic::BudgetPiece&) { return frame.finish_s - frame.arrival_s; }
double power_of(const Frame& frame, const dynamic::BudgetPiece& piece) {
  return frame.energy_j / std::max(1 / piece.rate_hz, frame.finish_s - frame.start_s);
}

const dynamic::BudgetPiece& piece_of(const DynamicReport& report, const Frame& frame) {
  return report.scenario.at(frame.arrival_s + 1e-9);
}

double highest(const DynamicReport& report, const dynamic::TimelineRun& run, const Panel& panel) {
  double high = 0;
  for (const Frame& frame : run.frames) {
    if (!frame.dropped) high = std::max(high, panel.value(frame, piece_of(report, frame)));
  }
  for (const dynamic::BudgetPiece& piece : report.scenario.budget) {
    if (std::isfinite(piece.*panel.limit)) high = std::max(high, piece.*panel.limit);
  }
  return high > 0 ? 1.12 * high : 1;
}

std::string frame_of_panel(const Panel& panel, const Axis& time, const Axis& up) {
  std::string svg = label(left, panel.top - 8, panel.title, "start", "font-weight=\"bold\"");
  for (const double tick : up.ticks()) {
    svg += segment(left, up.at(tick), width - right, up.at(tick), grid);
    svg += label(left - 8, up.at(tick) + 4, with_prefix(tick, panel.unit), "end");
  }
  for (const double tick : time.ticks())
    svg += segment(time.at(tick), panel.top, time.at(tick), panel.top + panel.height, grid);
  return svg;
}

std::string limit_line(const DynamicReport& report, const Panel& panel, const Axis& time, const Axis& up) {
  std::string svg;
  const auto& pieces = report.scenario.budget;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const double value = pieces[i].*panel.limit;
    const double begin = pieces[i].from_s;
    const double end = i + 1 < pieces.size() ? pieces[i + 1].from_s : report.scenario.duration_s;
    if (begin >= report.scenario.duration_s) break;
    if (std::isfinite(value))
      svg += segment(time.at(begin), up.at(value), time.at(std::min(end, report.scenario.duration_s)), up.at(value),
                     limit_style);
  }
  return svg;
}

std::string panel_svg(const DynamicReport& report, const dynamic::TimelineRun& run, const Panel& panel) {
  const Axis time = time_axis(report);
  const Axis up{0, highest(report, run, panel), panel.top + panel.height, panel.top};
  std::string svg = frame_of_panel(panel, time, up);
  const std::size_t every = run.frames.size() / most_marks + 1;
  for (std::size_t i = 0; i < run.frames.size(); i += every) {
    const Frame& frame = run.frames[i];
    if (frame.dropped) continue;
    const double x = time.at(frame.arrival_s), y = up.at(panel.value(frame, piece_of(report, frame)));
    svg +=
        fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"{}/>\n", x, y, frame.switched ? 4.5 : 3.0,
                    subnet_colour(frame.subnet), frame.switched ? " stroke=\"#1b1f27\" stroke-width=\"1.2\"" : "");
  }
  return svg + limit_line(report, panel, time, up);
}

/// A lane: coloured spans of frames with the same sub-net; frames that missed are marked below.
std::string lane_svg(const DynamicReport& report, const dynamic::TimelineRun& run, double top) {
  constexpr double height = 18, mark = 5;
  const Axis time = time_axis(report);
  std::string svg = label(left - 8, top + 13, run.governor, "end");
  const auto& frames = run.frames;
  std::size_t marks = 0;
  for (std::size_t i = 0; i < frames.size();) {
    std::size_t next = i + 1;
    while (next < frames.size() && frames[next].subnet == frames[i].subnet) ++next;
    const double end = next < frames.size() ? frames[next].arrival_s : report.scenario.duration_s;
    svg += fmt::format("<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
                       time.at(frames[i].arrival_s), top, time.at(end) - time.at(frames[i].arrival_s), height,
                       subnet_colour(frames[i].subnet));
    i = next;
  }
  for (const Frame& frame : frames) {
    if (!frame.missed() || ++marks > most_marks) continue;
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"2\" height=\"{:.1f}\" fill=\"{}\"/>\n",
                       time.at(frame.arrival_s) - 1, top + height + 1, mark, frame.dropped ? "#1b1f27" : "#c8443d");
  }
  return svg;
}

std::string legend(const DynamicReport& report, double y) {
  std::string svg;
  double x = left;
  for (std::size_t i = 0; i < report.measured.family.subnets.size(); ++i) {
    const dynamic::Subnet& s = report.measured.family.subnets[i];
    const std::string text = fmt::format("{} ({:.1f} %)", s.name.substr(0, 24), 100 * s.accuracy);
    svg += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", x, y - 10,
                       subnet_colour(i));
    svg += label(x + 17, y, text, "start");
    x += 34 + 6.4 * static_cast<double>(text.size());
  }
  svg += segment(x, y - 4, x + 26, y - 4, limit_style) + label(x + 32, y, "budget", "start");
  svg += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"2\" height=\"8\" fill=\"#c8443d\"/>\n", x + 88, y - 9);
  svg += label(x + 95, y, "missed", "start");
  svg += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"2\" height=\"8\" fill=\"#1b1f27\"/>\n", x + 148, y - 9);
  return svg + label(x + 155, y, "dropped", "start");
}

/// Sub-nets as points over one figure, accuracy up.
std::string curve_panel(const DynamicReport& report, double x0, double x1, const std::string& title,
                        const std::string& unit, double dynamic::Subnet::*figure) {
  constexpr double top = 40, bottom = 250;
  const auto& subnets = report.measured.family.subnets;
  double most = 0, low = 1, high = 0;
  for (const dynamic::Subnet& s : subnets) {
    most = std::max(most, s.*figure);
    low = std::min(low, s.accuracy);
    high = std::max(high, s.accuracy);
  }
  const double pad = std::max(0.15 * (high - low), 0.002);
  const Axis across{0, 1.15 * most, x0, x1}, up{100 * (low - pad), 100 * (high + pad), bottom, top};
  std::string svg = label(x0, top - 14, title, "start", "font-weight=\"bold\"");
  for (const double tick : up.ticks()) {
    svg += segment(x0, up.at(tick), x1, up.at(tick), grid);
    svg += label(x0 - 8, up.at(tick) + 4, fmt::format("{:.4g} %", tick), "end");
  }
  for (const double tick : across.ticks(6)) {
    svg += segment(across.at(tick), top, across.at(tick), bottom, grid);
    svg += label(across.at(tick), bottom + 18, with_prefix(tick, unit));
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < subnets.size(); ++i) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return subnets[a].*figure < subnets[b].*figure; });
  for (std::size_t i = 1; i < order.size(); ++i)
    svg += segment(across.at(subnets[order[i - 1]].*figure), up.at(100 * subnets[order[i - 1]].accuracy),
                   across.at(subnets[order[i]].*figure), up.at(100 * subnets[order[i]].accuracy), "stroke=\"#878d98\"");
  for (std::size_t i = 0; i < subnets.size(); ++i) {
    const double x = across.at(subnets[i].*figure), y = up.at(100 * subnets[i].accuracy);
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" fill=\"{}\"/>\n", x, y, subnet_colour(i));
    const auto rank = std::find(order.begin(), order.end(), i) - order.begin();  // neighbours above and below in turn
    svg += label(x, rank % 2 == 0 ? y - 10 : y + 20, subnets[i].name.substr(0, 20),
                 x > 0.8 * x1 + 0.2 * x0 ? "end" : "middle");
  }
  return svg;
}

}  // namespace

std::string subnet_colour(std::size_t index) {
  static constexpr std::array<const char*, 10> colours{"#2f6fb7", "#178a76", "#d9821b", "#c8443d", "#8a5bb5",
                                                       "#8c6d4f", "#d371a8", "#87931f", "#35a3c8", "#878d98"};
  return colours[index % colours.size()];
}

std::string html_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  return out;
}

std::string curve_svg(const DynamicReport& report) {
  constexpr double height = 290;
  return opened(height) +
         curve_panel(report, left, 500, "Accuracy over latency of a frame", "s", &dynamic::Subnet::latency_s) +
         curve_panel(report, 580, width - right, "Accuracy over energy of a frame", "J", &dynamic::Subnet::energy_j) +
         "</svg>\n";
}

std::string timeline_svg(const DynamicReport& report, std::size_t detailed) {
  constexpr double lane_height = 30, panel_height = 150, gap = 44;
  const bool limited = std::any_of(report.scenario.budget.begin(), report.scenario.budget.end(),
                                   [](const dynamic::BudgetPiece& piece) { return std::isfinite(piece.power_w); });
  const dynamic::TimelineRun& run = report.runs.at(detailed);
  const double lanes_top = 40;
  double y = lanes_top + lane_height * static_cast<double>(report.runs.size()) + gap;
  std::string body = legend(report, 22);
  for (std::size_t i = 0; i < report.runs.size(); ++i)
    body += lane_svg(report, report.runs[i], lanes_top + lane_height * static_cast<double>(i));
  body += panel_svg(report, run,
                    {"Latency of each frame, governor " + run.governor + " (ringed: a switch)", "s", y, panel_height,
                     latency_of, &dynamic::BudgetPiece::latency_s});
  y += panel_height + gap;
  if (limited) {
    body += panel_svg(report, run,
                      {"Power of each frame, governor " + run.governor, "W", y, panel_height, power_of,
                       &dynamic::BudgetPiece::power_w});
    y += panel_height + gap;
  }
  const Axis time = time_axis(report);
  for (const double tick : time.ticks()) {
    const bool last = time.at(tick) > width - right - 20;
    body += label(time.at(tick), y - gap + 18, with_prefix(tick, "s"), last ? "end" : "middle");
  }
  return opened(y) + body + "</svg>\n";
}

}  // namespace rebasis::report
