// The parts that the JSON of results and of comparisons have in common.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "report/document.h"

namespace rebasis::report {

using Json = nlohmann::ordered_json;

/// Counts print as integers also when they passed through a division.
[[nodiscard]] Json number(double value);
[[nodiscard]] Json numbers(const std::map<std::string, double>& values);
[[nodiscard]] Json strings(const std::map<std::string, std::string>& values);
/// `accelerator.area`.
[[nodiscard]] Json area_json(const arch::AreaBreakdown& area);
/// Appends the fields of docs/result-schema.md, "Figures of totals and of each layer", to the object `out`.
void add_figures(Json& out, const Figures& figures);

}  // namespace rebasis::report
