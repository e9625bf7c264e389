// Groups of bars as SVG, the layout of Fig. 8, 9 and 10 of the SmartDeal paper.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rebasis::reproduce {

struct BarChart {
  std::string title, axis;                                 ///< axis: what is up, with its unit
  std::string below;                                       ///< a line under the chart
  std::vector<std::string> groups;                         ///< networks
  std::vector<std::string> series;                         ///< accelerators
  std::vector<std::vector<std::optional<double>>> values;  ///< [series][group]; none: no bar, "n/a"
  std::vector<std::pair<double, std::string>> lines;       ///< horizontal lines with what they say: published values
};

[[nodiscard]] std::string to_svg(const BarChart& chart);

}  // namespace rebasis::reproduce
