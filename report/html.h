// One self-contained HTML file: opens from a disk without a network, and loads nothing.
#pragma once

#include <string>
#include <vector>

#include "report/document.h"

namespace rebasis::report {

/// The report on one result, or the side-by-side comparison of several (each network relative to the first
/// accelerator). Fails (bad input) without a result. Names in the results are shown as text, whatever they contain.
[[nodiscard]] std::string to_html(const std::vector<Document>& results);

}  // namespace rebasis::report
