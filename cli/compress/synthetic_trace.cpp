#include "cli/compress/synthetic_trace.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/error.h"
#include "common/json.h"
#include "workloads/compress/network/network_model.h"

namespace rebasis::cli {
namespace {

/// The weights of an ONNX file.
compress::CompressReport trace_onnx(const std::string& file, const compress::Recipe& recipe,
                                    const synthetic::TraceRequest& request,
                                    const compress::CompressProgress& progress) {
  const graph::Graph graph = graph::import_onnx(file);
  compress::NetworkModel network(graph);
  std::map<std::string, graph::WeightLayer> layers;
  for (graph::WeightLayer& layer : graph::weight_layers(graph)) layers[layer.name] = std::move(layer);
  synthetic::Traced traced;
  traced.auxiliary = network.auxiliary();
  for (std::size_t i = 0; i < network.model().layers.size(); ++i)
    traced.layers.push_back(layers.at(network.source_of(i)));
  traced.provenance = to_line({{"network_file", file},
                               {"network_sha256", graph.sha256},
                               {"weights", graph.synthetic_weights ? "synthetic" : "trained"}});
  traced.model = std::move(network.model());
  traced.model.name = std::filesystem::path(file).stem().string();  // exporters name every graph alike
  return synthetic::write_trace(std::move(traced), graph, recipe, synthetic::shipped_statistics(), request, progress);
}

}  // namespace

compress::CompressReport synthetic_trace(const std::string& network, const compress::Recipe& recipe,
                                         const synthetic::TraceRequest& request,
                                         const compress::CompressProgress& progress) {
  if (networks::is_network_spec(network)) {
    return synthetic::write_network_trace(networks::load_network(network), recipe, synthetic::shipped_statistics(),
                                          request, progress);
  }
  return trace_onnx(network, recipe, request, progress);
}

}  // namespace rebasis::cli
