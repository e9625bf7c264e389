// Families of traces: a table of their sub-nets, or the same as JSON.
#pragma once

#include <string>

#include "cli/inspect/inspector.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {

/// With `request.check`, every sub-net is read and checked.
[[nodiscard]] std::string describe_family(const InspectRequest& request);

/// Reads all of a trace: checksums, tensors against their layers, bit strings.
void check_trace(const trace::TraceReader& reader);

}  // namespace rebasis::cli
