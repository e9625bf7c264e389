// ONNX files in the program with libonnx: the layers that an accelerator would run.
#include <fmt/format.h>

#include "cli/inspect/inspector.h"
#include "cli/inspect/onnx_skim.h"
#include "cli/inspect/text_table.h"
#include "common/json.h"
#include "common/text/suggest.h"
#include "workloads/graph/layers.h"

namespace rebasis::cli {
namespace {

using nlohmann::json;

json layer_json(const graph::WeightLayer& layer) {
  const LayerShape& s = layer.shape;
  return {{"name", layer.name},
          {"op", layer.op},
          {"shape",
           {{"M", s.M},
            {"C", s.C},
            {"H", s.H},
            {"W", s.W},
            {"R", s.R},
            {"S", s.S},
            {"E", layer.output_rows},
            {"F", layer.output_columns},
            {"stride", {s.stride_h, s.stride_w}},
            {"dilation", {s.dilation_h, s.dilation_w}},
            {"pads", {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}},
            {"groups", s.groups}}},
          {"weights", s.weights()}};
}

std::string ports_text(const std::vector<graph::Port>& ports) {
  std::string text;
  for (const graph::Port& port : ports)
    text += fmt::format(" {} [{}]", in_quotes(port.name), fmt::join(port.shape, ", "));
  return text;
}

std::string network_text(const graph::Graph& network, const std::vector<graph::WeightLayer>& layers) {
  TextTable table({"layer", "op", "MxCxRxS", "stride", "groups", "input", "output", "weights"});
  std::int64_t weights = 0;
  for (const graph::WeightLayer& layer : layers) {
    const LayerShape& s = layer.shape;
    weights += s.weights();
    table.add({layer.name, layer.op, times({s.M, s.channels_per_group(), s.R, s.S}), times({s.stride_h, s.stride_w}),
               std::to_string(s.groups), times({s.H, s.W}), times({layer.output_rows, layer.output_columns}),
               std::to_string(s.weights())});
  }
  return fmt::format(
      "ONNX network {}, opset {}, {} nodes after batch-norm folding\ninputs{}\noutputs{}\n\n{}\n{} layers with {} "
      "weights\nSHA-256 {}\n",
      in_quotes(network.name), network.opset, network.nodes.size(), ports_text(network.inputs),
      ports_text(network.outputs), table.text(), layers.size(), weights, network.sha256);
}

class OnnxLayersInspector : public Inspector {
 public:
  bool recognises(std::span<const std::byte> content) const override { return starts_like_onnx(content); }

  std::string describe(const InspectRequest& request) const override {
    const graph::Graph network = graph::import_onnx(request.path);
    const std::vector<graph::WeightLayer> layers = graph::weight_layers(network);
    if (!request.json) return network_text(network, layers);
    json value{{"kind", "onnx"},         {"file", request.path},     {"name", network.name},
               {"opset", network.opset}, {"sha256", network.sha256}, {"nodes", network.nodes.size()},
               {"layers", json::array()}};
    for (const graph::WeightLayer& layer : layers) value["layers"].push_back(layer_json(layer));
    return to_text(value);
  }
};

const InspectorRegistration registration("onnx", "ONNX network",
                                         [] { return std::make_unique<OnnxLayersInspector>(); });

}  // namespace
}  // namespace rebasis::cli
