// What `rebasis networks` prints.
#pragma once

#include <string>
#include <vector>

#include "workloads/network_spec/network.h"

namespace rebasis::cli {

/// A line a network: parameters, MACs, input, what it is.
[[nodiscard]] std::string networks_text(const std::vector<networks::Network>& networks);
[[nodiscard]] std::string networks_markdown(const std::vector<networks::Network>& networks);
[[nodiscard]] std::string networks_json(const std::vector<networks::Network>& networks);

/// Source, counts beside the published ones, and a line a layer.
[[nodiscard]] std::string network_text(const networks::Network& network);
[[nodiscard]] std::string network_json(const networks::Network& network);

}  // namespace rebasis::cli
