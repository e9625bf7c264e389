// What `rebasis compress` prints.
#pragma once

#include <string>

#include "workloads/compress/network/compress_network.h"

namespace rebasis::cli {

/// The network's line in the layout of the paper's Table III, then a table of the layers.
[[nodiscard]] std::string compress_text(const compress::CompressReport& report, const std::string& recipe);
/// The same figures as JSON.
[[nodiscard]] std::string compress_json(const compress::CompressReport& report, const std::string& recipe);

}  // namespace rebasis::cli
