#include <fmt/format.h>

#include "cli/networks/export.h"
#include "workloads/graph/write_onnx.h"
#include "workloads/network_spec/network.h"
#include "workloads/synthetic/fill.h"

namespace rebasis::cli {

std::string export_network(const ExportRequest& request) {
  const networks::Network network = networks::load_network(request.network, {.fold_batch_norms = false});
  const bool filled = request.weights == "synthetic";
  const synthetic::Statistics statistics =
      request.statistics.empty() ? synthetic::shipped_statistics() : synthetic::load_statistics(request.statistics);
  const synthetic::Filler filler(network, statistics, request.seed);
  std::map<std::string, std::string> metadata{{"rebasis.network", network.name}, {"rebasis.source", network.source}};
  if (filled) {
    metadata[graph::weights_property] = "synthetic";
    metadata["rebasis.seed"] = std::to_string(request.seed);
  }
  graph::write_onnx(
      network.graph,
      [&](const std::string& name) {
        return filled ? filler.values(name) : Tensor<float>(network.graph.float_constant(name).shape);
      },
      metadata, request.output);
  return fmt::format("{}: {} parameters, {}\n", request.output, network.parameter_count,
                     filled ? "SYNTHETIC weights" : "zeros; load trained weights into it");
}

}  // namespace rebasis::cli
