// A result on a terminal: at most 100 columns, aligned, with units.
#pragma once

#include <string>
#include <vector>

#include "report/document.h"

namespace rebasis::report {

/// Totals and one line a layer. Of a network with more than `most_layers`, the layers that take the most time, and how
/// many are left out.
[[nodiscard]] std::string to_table(const Document& result, std::size_t most_layers = 60);

/// Area by component; "" when the result has none.
[[nodiscard]] std::string to_area_table(const Document& result);

/// Totals of several results, a line each; time, energy and DRAM bytes also relative to the first of the same network.
[[nodiscard]] std::string to_comparison_table(const std::vector<Document>& results);

}  // namespace rebasis::report
