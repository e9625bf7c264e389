// From a network file to a trace without training or inputs: synthetic weights and activations, compressed by a
// recipe. Everything in the trace is labelled "synthetic".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/compress/model.h"
#include "workloads/compress/network/compress_network.h"
#include "workloads/compress/recipe.h"
#include "workloads/network_spec/network.h"
#include "workloads/synthetic/statistics.h"

namespace rebasis::synthetic {

struct TraceRequest {
  std::uint64_t seed = 1;
  std::int64_t images = 1;
  bool with_fc = true;                    ///< false: convolutions only, as in the SmartDeal paper's figures 8 to 10
  std::string output{};                   ///< trace file
  std::string tool_version{}, command{};  ///< for the provenance
};

/// The weight layers of `network` with synthetic weights and biases. The same for the same seed.
[[nodiscard]] compress::Model make_model(const networks::Network& network, const Statistics& statistics,
                                         std::uint64_t seed, bool with_fc = true);

/// A network whose weights are there, to be traced without inputs.
struct Traced {
  compress::Model model;
  std::vector<graph::WeightLayer> layers;  ///< whose input each layer of the model reads
  std::vector<trace::AuxiliaryInfo> auxiliary;
  std::string provenance;  ///< of network and weights, a JSON object
};

/// Compresses `traced` as `recipe` says and writes a trace with synthetic inputs of the layers, by the kinds that they
/// have in `graph`. The report has no accuracy and no output error. On any error nothing is written.
[[nodiscard]] compress::CompressReport write_trace(Traced traced, const graph::Graph& graph,
                                                   const compress::Recipe& recipe, const Statistics& statistics,
                                                   const TraceRequest& request,
                                                   const compress::CompressProgress& progress = {});

/// The same for a network file, with make_model's weights.
[[nodiscard]] compress::CompressReport write_network_trace(const networks::Network& network,
                                                           const compress::Recipe& recipe, const Statistics& statistics,
                                                           const TraceRequest& request,
                                                           const compress::CompressProgress& progress = {});

}  // namespace rebasis::synthetic
