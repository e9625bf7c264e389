// Results as CSV that pandas.read_csv reads without options: one header line, one row a layer (or a result), every row
// the same columns, flat names. docs/result-schema.md lists the columns.
#pragma once

#include <string>
#include <vector>

#include "report/document.h"

namespace rebasis::report {

/// One row a layer of every result, in order. Totals are not in it, so that sums over a column are right.
/// An action, stall cause or component that a layer does not have is 0; a bound or statistic that it does not have is
/// blank (NaN in pandas). Fails (bad input) when two names
/// would share a column.
[[nodiscard]] std::string layers_csv(const std::vector<Document>& results);

/// One row a result: the totals, with the spread over the images (standard deviation 0 with one image).
[[nodiscard]] std::string totals_csv(const std::vector<Document>& results);

}  // namespace rebasis::report
