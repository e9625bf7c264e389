// `rebasis compress` without inputs.
#pragma once

#include <string>

#include "workloads/compress/recipe.h"
#include "workloads/synthetic/network_trace.h"

namespace rebasis::cli {

/// Traces `network`, an ONNX file with its weights, or a network file with synthetic ones (networks::load_network), on
/// synthetic inputs of its layers.
[[nodiscard]] compress::CompressReport synthetic_trace(const std::string& network, const compress::Recipe& recipe,
                                                       const synthetic::TraceRequest& request,
                                                       const compress::CompressProgress& progress);

}  // namespace rebasis::cli
