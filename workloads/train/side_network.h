// The side network of Rep-Net (Yang's dissertation, 4.3): where it is connected with a backbone, and its nodes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"

namespace rebasis::train {

struct SideNetwork {
  std::string connector;  ///< dual | down | up | none (Figure 18)
  std::string places;     ///< down_sampling | all
  double expand = 0;      ///< channels inside a module over those that it reads
  std::int64_t kernel = 0;
  std::int64_t seed = 0;
};

/// A feature map [1][C][H][W] of the backbone that all that is computed later depends on, and on nothing else.
struct Junction {
  std::string value;
  std::int64_t channels = 0, height = 0, width = 0;
};

/// What nodes and constants of the side network begin with.
inline constexpr const char* side_prefix = "rep_net.";

/// All junctions in execution order. Of several with nothing but element-wise operators between them the last counts,
/// so that a feature is met behind its activation function.
[[nodiscard]] std::vector<Junction> junctions(const graph::Graph& graph);

/// Those that get a connector. `places` down_sampling: one a run of junctions at the same resolution, lower than
/// before, the narrowest (the first of equals). `all`: every one that is not larger than the one before.
[[nodiscard]] std::vector<Junction> places(const graph::Graph& graph, const std::string& places);

/// Adds the side network to `graph`, its weights random; returns the number of its modules. A module is: average
/// pooling to the junction's resolution, convolution, batch norm, ReLU, 1x1 convolution, batch norm with a scale of
/// zero, so that the network begins as its backbone. Connectors add (equation 4.6); the last one always goes into the
/// backbone. Throws Error(bad_input) for a network without a junction of lower resolution than its input.
std::size_t add_side_network(graph::Graph& graph, const SideNetwork& options);

}  // namespace rebasis::train
