// What a comparison says of a trace.
#pragma once

#include <string>

#include "report/comparison.h"

namespace rebasis::cli {

/// Counts sizes and zeros, and takes accuracies from the trace's provenance.
[[nodiscard]] report::ComparedTrace describe_trace(const std::string& name, const std::string& network,
                                                   const std::string& path);

}  // namespace rebasis::cli
