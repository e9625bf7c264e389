#include "workloads/graph/layers.h"

#include <algorithm>
#include <set>

#include "common/text/suggest.h"
#include "workloads/graph/window.h"

namespace rebasis::graph {
namespace {

[[noreturn]] void fail_layer(const Graph& graph, const Node& node, const std::string& what) {
  fail_input({graph.file}, "layer " + node.name + " (" + node.op + "): " + what);
}

/// Shape of `value`, all extents known.
const Shape& known_shape(const Graph& graph, const Node& node, const std::string& value) {
  const auto found = graph.shapes.find(value);
  if (found == graph.shapes.end() ||
      std::any_of(found->second.begin(), found->second.end(), [](auto extent) { return extent < 1; })) {
    fail_layer(graph, node,
               "the shape of " + in_quotes(value) + " is not known; give the shape of the network's input");
  }
  return found->second;
}

/// Values that cannot be negative, by the operators that make them.
std::set<std::string> nonnegative_values(const Graph& graph) {
  static const std::set<std::string> always{"Relu", "Sigmoid", "HardSigmoid", "Softmax",
                                            "Exp",  "Abs",     "Sqrt",        "Softplus"};
  static const std::set<std::string> keeps{
      "MaxPool",   "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Flatten",     "Reshape", "Squeeze",
      "Unsqueeze", "Transpose",   "Identity",          "Dropout",       "Slice",       "Split",   "ReduceMean",
      "ReduceMax", "ReduceSum",   "Upsample",          "DepthToSpace",  "SpaceToDepth"};
  static const std::set<std::string> keeps_if_all{"Add", "Mul", "Concat", "Max", "Sum"};
  std::set<std::string> found;
  const auto holds = [&](const std::string& value) {
    if (found.contains(value)) return true;
    const auto constant = graph.constants.find(value);
    if (constant == graph.constants.end() || !constant->second.is_float()) return false;
    const auto& values = std::get<Tensor<float>>(constant->second.data).values;
    return std::all_of(values.begin(), values.end(), [](float entry) { return entry >= 0; });
  };
  const auto clipped = [&](const Node& node) {
    if (node.has("min")) return node.real("min", -1) >= 0;
    return node.inputs.size() > 1 && !node.inputs[1].empty() && holds(node.inputs[1]);
  };
  const auto nearest = [](const Node& node) { return node.op == "Resize" && node.text("mode", "nearest") != "cubic"; };
  for (const Node& node : graph.nodes) {
    const bool first = !node.inputs.empty() && holds(node.inputs[0]);
    const bool all = std::all_of(node.inputs.begin(), node.inputs.end(), holds);
    if (always.contains(node.op) || (node.op == "Clip" && clipped(node)) ||
        ((keeps.contains(node.op) || nearest(node)) && first) || (keeps_if_all.contains(node.op) && all)) {
      found.insert(node.outputs.begin(), node.outputs.end());
    }
  }
  return found;
}

bool has_constant_weights(const Graph& graph, const Node& node) {
  if (node.inputs.size() < 2 || node.outputs.empty()) return false;
  const auto found = graph.constants.find(node.inputs[1]);
  if (found == graph.constants.end() || !found->second.is_float() || graph.is_constant(node.inputs[0])) return false;
  const std::size_t rank = found->second.shape().size();
  if (node.op == "Conv" || node.op == "ConvTranspose") return true;
  if (node.op == "Gemm") return rank == 2 && node.integer("transA", 0) == 0 && node.real("alpha", 1) == 1;
  return node.op == "MatMul" && rank == 2;
}

/// A 1-D convolution is a 2-D one with a single row.
std::vector<std::int64_t> two_axes(std::vector<std::int64_t> values, std::int64_t fill) {
  if (values.size() == 1) values.insert(values.begin(), fill);
  return values;
}

void set_window(LayerShape& shape, const Window& window) {
  const auto stride = two_axes(window.stride, 1), dilation = two_axes(window.dilation, 1);
  const auto begin = two_axes(window.pad_begin, 0), end = two_axes(window.pad_end, 0);
  shape.stride_h = stride[0], shape.stride_w = stride[1];
  shape.dilation_h = dilation[0], shape.dilation_w = dilation[1];
  shape.pad_top = begin[0], shape.pad_left = begin[1];
  shape.pad_bottom = end[0], shape.pad_right = end[1];
}

/// Conv and ConvTranspose: [C][H][W] in, weights [M][C/g][R][S] or [C][M/g][R][S].
void describe_convolution(const Graph& graph, const Node& node, WeightLayer& layer) {
  const Shape& in = known_shape(graph, node, layer.input);
  const Shape& weights = graph.float_constant(layer.weight).shape;
  if (in.size() != weights.size() || in.size() < 3 || in.size() > 4) {
    fail_layer(graph, node,
               "only 1-D and 2-D convolutions are supported; the input has " + std::to_string(in.size()) + " axes");
  }
  if (element_count(weights) == 0) fail_layer(graph, node, "the weights are empty");
  LayerShape& shape = layer.shape;
  shape.groups = node.integer("group", 1);
  shape.C = in[1];
  const std::vector<std::int64_t> extents(in.begin() + 2, in.end());
  const std::vector<std::int64_t> kernel(weights.begin() + 2, weights.end());
  const bool transposed = node.op == "ConvTranspose";
  const bool plausible =
      shape.groups >= 1 && shape.C % shape.groups == 0 &&
      (transposed ? weights[0] == shape.C : weights[1] == shape.C / shape.groups && weights[0] % shape.groups == 0);
  if (!plausible) fail_layer(graph, node, "channels, groups and weights do not fit each other");
  shape.M = transposed ? weights[1] * shape.groups : weights[0];
  shape.H = two_axes(extents, 1)[0], shape.W = two_axes(extents, 1)[1];
  shape.R = two_axes(kernel, 1)[0], shape.S = two_axes(kernel, 1)[1];
  if (transposed) {
    const TransposedWindow window = conv_transpose_window(node, extents, kernel);
    set_window(shape, window.window);
    layer.output_rows = two_axes(window.output, 1)[0], layer.output_columns = two_axes(window.output, 1)[1];
  } else {
    set_window(shape, conv_window(node, extents, kernel));
    layer.output_rows = shape.E(), layer.output_columns = shape.F();
  }
  if (layer.output_rows < 1 || layer.output_columns < 1)
    fail_layer(graph, node, "the kernel is larger than the padded input");
}

/// Bounds the products of extents that others compute.
void check_output_size(const Graph& graph, const Node& node, const WeightLayer& layer) {
  constexpr std::int64_t largest = std::int64_t{1} << 31;
  const std::int64_t rows = layer.output_rows, columns = layer.output_columns, filters = layer.shape.M;
  if (rows > largest / columns || filters > largest / (rows * columns)) {
    fail_layer(graph, node, "the output would hold more than 2^31 elements an image");
  }
}

void describe_matrix_product(const Graph& graph, const Node& node, WeightLayer& layer) {
  const Shape& in = known_shape(graph, node, layer.input);
  const Shape& weights = graph.float_constant(layer.weight).shape;
  layer.weight_transposed = node.op == "MatMul" || node.integer("transB", 0) == 0;
  layer.shape.C = layer.weight_transposed ? weights[0] : weights[1];
  layer.shape.M = layer.weight_transposed ? weights[1] : weights[0];
  if (element_count(weights) == 0) fail_layer(graph, node, "the weights are empty");
  if (in.empty() || in.back() != layer.shape.C || (node.op == "Gemm" && in.size() != 2)) {
    fail_layer(graph, node, "input and weights do not fit each other");
  }
  for (std::size_t axis = 1; axis + 1 < in.size(); ++axis) layer.shape.W *= in[axis];
  layer.output_columns = layer.shape.W;
}

}  // namespace

std::vector<WeightLayer> weight_layers(const Graph& graph) {
  const std::set<std::string> nonnegative = nonnegative_values(graph);
  std::vector<WeightLayer> layers;
  for (const Node& node : graph.nodes) {
    if (!has_constant_weights(graph, node)) continue;
    WeightLayer layer;
    layer.name = node.name;
    layer.weight = node.inputs[1];
    layer.bias = node.inputs.size() > 2 ? node.inputs[2] : "";
    layer.input = node.inputs[0];
    layer.output = node.outputs[0];
    layer.input_nonnegative = nonnegative.contains(layer.input);
    if (const auto gamma = graph.folded_gamma.find(node.name); gamma != graph.folded_gamma.end())
      layer.bn_gamma = gamma->second;
    if (node.op == "Gemm" || node.op == "MatMul") {
      layer.op = "fc";
      describe_matrix_product(graph, node, layer);
    } else {
      layer.op = node.op == "Conv" ? "conv" : "convtranspose";
      describe_convolution(graph, node, layer);
    }
    check_output_size(graph, node, layer);
    layers.push_back(std::move(layer));
  }
  return layers;
}

namespace {

/// Position in the layer's constant of weight (m, c, tap): c counts within the group, tap = r * S + s.
std::size_t constant_index(const WeightLayer& layer, std::int64_t m, std::int64_t c, std::int64_t tap) {
  const LayerShape& shape = layer.shape;
  const std::int64_t taps = shape.R * shape.S;
  if (layer.op == "convtranspose") {
    const std::int64_t group = m / shape.filters_per_group();
    const std::int64_t channel = group * shape.channels_per_group() + c;
    return static_cast<std::size_t>((channel * shape.filters_per_group() + m % shape.filters_per_group()) * taps + tap);
  }
  if (layer.weight_transposed) return static_cast<std::size_t>(c * shape.M + m);
  return static_cast<std::size_t>((m * shape.channels_per_group() + c) * taps + tap);
}

/// Calls visit(index in [M][C/groups][R][S], index in the constant) for every weight.
template <class Visit>
void for_each_weight(const WeightLayer& layer, Visit visit) {
  std::size_t index = 0;
  for (std::int64_t m = 0; m < layer.shape.M; ++m) {
    for (std::int64_t c = 0; c < layer.shape.channels_per_group(); ++c) {
      for (std::int64_t tap = 0; tap < layer.shape.R * layer.shape.S; ++tap)
        visit(index++, constant_index(layer, m, c, tap));
    }
  }
}

}  // namespace

Tensor<float> layer_weights(const Graph& graph, const WeightLayer& layer) {
  const Tensor<float>& constant = graph.float_constant(layer.weight);
  const LayerShape& shape = layer.shape;
  if (constant.size() != shape.weights()) fail_internal("weights of layer " + layer.name + " do not match its shape");
  Tensor<float> weights({shape.M, shape.channels_per_group(), shape.R, shape.S});
  for_each_weight(layer,
                  [&](std::size_t index, std::size_t stored) { weights.values[index] = constant.values[stored]; });
  return weights;
}

Tensor<float> constant_from_layer_weights(const Graph& graph, const WeightLayer& layer, const Tensor<float>& weights) {
  if (weights.size() != layer.shape.weights())
    fail_internal("weights of layer " + layer.name + " do not match its shape");
  Tensor<float> constant(graph.float_constant(layer.weight).shape);
  for_each_weight(layer,
                  [&](std::size_t index, std::size_t stored) { constant.values[stored] = weights.values[index]; });
  return constant;
}

Tensor<float> layer_bias(const Graph& graph, const WeightLayer& layer) {
  Tensor<float> bias({layer.shape.M});
  if (layer.bias.empty()) return bias;
  const Tensor<float>& constant = graph.float_constant(layer.bias);
  if (constant.size() != layer.shape.M && constant.size() != 1) {
    fail_input({graph.file}, "layer " + layer.name + ": the bias does not hold one value an output channel");
  }
  for (std::size_t m = 0; m < bias.values.size(); ++m) bias.values[m] = constant.values[constant.size() == 1 ? 0 : m];
  return bias;
}

}  // namespace rebasis::graph
