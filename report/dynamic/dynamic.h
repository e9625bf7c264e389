// Dynamic inference as JSON, text, charts and one HTML page that opens from a disk and loads nothing.
#pragma once

#include <string>
#include <vector>

#include "dse/dynamic/measure.h"
#include "dse/dynamic/timeline.h"

namespace rebasis::report {

struct DynamicReport {
  dynamic::Measured measured;
  dynamic::Scenario scenario;
  std::vector<dynamic::TimelineRun> runs;  ///< one for each governor
  std::string family, script, fidelity;    ///< files as the user named them
};

/// Schema "rebasis-dynamic", docs/dynamic-inference.md, "The result".
[[nodiscard]] std::string dynamic_json(const DynamicReport& report, const std::string& command);
/// Tables for the terminal.
[[nodiscard]] std::string dynamic_text(const DynamicReport& report);
/// Latency, energy and accuracy of the sub-nets.
[[nodiscard]] std::string curve_svg(const DynamicReport& report);
/// Budget, frames and sub-nets over time: latency and power of the run `detailed`, the choices of all.
[[nodiscard]] std::string timeline_svg(const DynamicReport& report, std::size_t detailed = 0);
[[nodiscard]] std::string dynamic_page(const DynamicReport& report);

/// Colour of sub-net `index`, #rrggbb.
[[nodiscard]] std::string subnet_colour(std::size_t index);
[[nodiscard]] std::string html_escaped(const std::string& text);

}  // namespace rebasis::report
