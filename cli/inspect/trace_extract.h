// The tensors of a layer as NPY files.
#pragma once

#include <string>

#include "workloads/trace/trace.h"

namespace rebasis::cli {

/// Writes FOLDER/LAYER.PART.npy for each tensor of the layer, and for a SmartDeal layer also the decoded
/// `decoded_weights` (int32 [M][C/groups][R][S]), `weight_unit` (float64 [M], real = unit * integer) and
/// `decoded_coefficients` (int8 [M][rows][n]: 0, or +-(exponent index + 1)). Characters of the layer's name that do not
/// suit a file name become '_'. Returns a line for each file. An unknown layer is bad input that names the nearest one.
[[nodiscard]] std::string extract_layer(const trace::TraceReader& reader, const std::string& layer,
                                        const std::string& folder);

}  // namespace rebasis::cli
