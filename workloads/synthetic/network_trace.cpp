#include "workloads/synthetic/network_trace.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "common/error.h"
#include "common/json.h"
#include "common/sha256.h"
#include "workloads/compress/network/consumers.h"
#include "workloads/compress/trace_layer.h"
#include "workloads/synthetic/generate.h"

namespace rebasis::synthetic {
namespace {

/// The layers that go into a trace, in the order of the graph.
std::vector<graph::WeightLayer> traced_layers(const networks::Network& network, bool with_fc) {
  std::vector<graph::WeightLayer> layers = graph::weight_layers(network.graph);
  if (!with_fc) std::erase_if(layers, [](const graph::WeightLayer& layer) { return layer.op == "fc"; });
  if (layers.empty())
    fail_input(network.file + ": the network has no " + (with_fc ? "layer with weights" : "convolution"));
  return layers;
}

/// A stream of its own for each layer, whichever others there are.
std::map<std::string, std::uint64_t> stream_numbers(const graph::Graph& graph) {
  std::map<std::string, std::uint64_t> numbers;
  for (const graph::WeightLayer& layer : graph::weight_layers(graph)) numbers.emplace(layer.name, numbers.size());
  return numbers;
}

/// Before any work: activations that would not fit.
void refuse_large(const Traced& traced, const TraceRequest& request) {
  for (const compress::Layer& layer : traced.model.layers) {
    if (layer.shape.C * layer.shape.H * layer.shape.W > networks::most_elements / request.images)
      fail_input("layer " + layer.name + " of " + std::to_string(request.images) +
                 " images would read more than 2^31 values; take fewer images");
  }
}

nlohmann::json provenance(const std::string& of_network, const compress::Recipe& recipe, const Statistics& statistics,
                          const TraceRequest& request) {
  nlohmann::json json = parse_json(of_network, "provenance");
  json.update({{"tool", "rebasis"},
               {"version", request.tool_version},
               {"command", request.command},
               {"recipe", recipe.name()},
               {"recipe_text", recipe.text()},
               {"activations", "synthetic"},
               {"statistics_file", statistics.file},
               {"statistics_sha256", sha256(statistics.text)},
               {"seed", request.seed},
               {"traced_images", request.images}});
  return json;
}

/// What lies between the traced layers.
std::vector<trace::AuxiliaryInfo> auxiliary_of(const networks::Network& network,
                                               const std::vector<graph::WeightLayer>& layers) {
  std::set<std::string> traced{""};
  for (const graph::WeightLayer& layer : layers) traced.insert(layer.name);
  std::vector<trace::AuxiliaryInfo> auxiliary = graph::auxiliary_layers(network.graph);
  std::erase_if(auxiliary, [&](const trace::AuxiliaryInfo& info) { return !traced.contains(info.after); });
  return auxiliary;
}

}  // namespace

compress::Model make_model(const networks::Network& network, const Statistics& statistics, std::uint64_t seed,
                           bool with_fc) {
  const std::vector<graph::WeightLayer> layers = traced_layers(network, with_fc);
  const std::map<std::string, std::uint64_t> numbers = stream_numbers(network.graph);
  compress::Model model;
  model.name = network.name;
  for (const graph::WeightLayer& layer : layers) {
    const WeightStatistics& kind = statistics.weights.at(weight_kind(layer));
    const Stream stream{seed, numbers.at(layer.name)};
    compress::Layer made;
    made.name = layer.name;
    made.op = layer.op;
    made.shape = layer.shape;
    made.weights = weights(layer.shape, kind, stream);
    if (!layer.bias.empty()) made.bias = biases(layer.shape, kind, stream);
    made.weight_provenance = "synthetic";
    made.consumers = compress::consumers_of(network.graph, layers, layer);
    model.layers.push_back(std::move(made));
  }
  model.layers[0].first = true;
  return model;
}

compress::CompressReport write_trace(Traced traced, const graph::Graph& graph, const compress::Recipe& recipe,
                                     const Statistics& statistics, const TraceRequest& request,
                                     const compress::CompressProgress& progress) {
  const auto tell = [&](std::string_view stage, double fraction, std::string_view step) {
    if (progress) progress(stage, fraction, step);
  };
  refuse_large(traced, request);
  if (recipe.correction().match != "none") tell("synthetic inputs: the recipe's correction is left out", 0, "");
  compress::CompressReport report;
  report.model = std::move(traced.model);
  report.images = request.images;
  report.activation_bits = recipe.activations().bits;
  compress::PassContext context;
  context.progress = [&](double fraction, std::string_view step) { tell("compress", fraction, step); };
  recipe.apply(report.model, context);

  tell("make activations and write the trace", 0, "");
  trace::TraceWriter writer;
  trace::Metadata metadata;
  metadata.network = report.model.name;
  metadata.auxiliary = traced.auxiliary;
  const std::map<std::string, std::uint64_t> numbers = stream_numbers(graph);
  for (std::size_t i = 0; i < traced.layers.size(); ++i) {
    const graph::WeightLayer& layer = traced.layers[i];
    compress::LayerActivations inputs;
    inputs.images = request.images;
    inputs.info.provenance = "synthetic";
    inputs.info.is_signed = !layer.input_nonnegative;
    inputs.info.bits = recipe.activations().bits_of(inputs.info.is_signed);
    const ActivationCode code{inputs.info.is_signed, inputs.info.bits};
    inputs.info.scale = 1.0 / code.largest();
    const auto codes = activations(report.model.layers[i].shape, request.images,
                                   statistics.activations.at(activation_kind(graph, layer)), code,
                                   {request.seed, numbers.at(layer.name)});
    inputs.codes = codes;
    metadata.layers.push_back(compress::add_layer(writer, report.model.layers[i], inputs));
  }
  metadata.provenance = to_line(provenance(traced.provenance, recipe, statistics, request));
  writer.write(request.output, metadata);
  const trace::TraceReader written(request.output);
  for (const trace::LayerInfo& layer : written.metadata().layers)
    report.sizes.push_back(encode::layer_sizes(written, layer));
  return report;
}

compress::CompressReport write_network_trace(const networks::Network& network, const compress::Recipe& recipe,
                                             const Statistics& statistics, const TraceRequest& request,
                                             const compress::CompressProgress& progress) {
  if (progress) progress("make weights", 0, "");
  Traced traced;
  traced.model = make_model(network, statistics, request.seed, request.with_fc);
  traced.layers = traced_layers(network, request.with_fc);
  traced.auxiliary = auxiliary_of(network, traced.layers);
  traced.provenance = to_line({{"network_file", network.file},
                               {"network_sha256", network.sha256},
                               {"weights", "synthetic"},
                               {"layers", request.with_fc ? "all" : "convolutions"}});
  return write_trace(std::move(traced), network.graph, recipe, statistics, request, progress);
}

}  // namespace rebasis::synthetic
