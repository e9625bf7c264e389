// Convolutions and matrix products.
#include "common/text/suggest.h"
#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

constexpr std::int64_t most_channels = 1 << 20, largest_window = 4096;

/// Kernel, stride, dilation and pads of a convolution.
struct Window {
  std::vector<std::int64_t> kernel, stride, dilation, pads;  ///< pads: [top, left, bottom, right]

  /// Extent of the output along an axis; not positive when the kernel does not fit.
  [[nodiscard]] std::int64_t outputs(std::size_t axis, std::int64_t in) const {
    const std::int64_t span = in + pads[axis] + pads[axis + 2] - dilation[axis] * (kernel[axis] - 1) - 1;
    return span < 0 ? 0 : span / stride[axis] + 1;
  }
};

Window window_of(const Item& item, const std::string& kernel_key) {
  Window w;
  w.kernel = item.pair(kernel_key, 1, largest_window, {1, 1});
  w.stride = item.pair("stride", 1, largest_window, {1, 1});
  w.dilation = item.pair("dilation", 1, largest_window, {1, 1});
  // Without `pad`, the output is as large as the input when the stride is 1.
  const std::vector<std::int64_t> same{w.dilation[0] * (w.kernel[0] - 1) / 2, w.dilation[1] * (w.kernel[1] - 1) / 2};
  const std::vector<std::int64_t> pad = item.pair("pad", 0, largest_window * largest_window, same);
  w.pads = {pad[0], pad[1], pad[0], pad[1]};
  return w;
}

/// Bias or batch norm behind a layer's node, as `norm` and `bias` say. Returns the value that results.
std::string finish(const Item& item, const std::string& layer) {
  if (item.one_of("norm", {"batch", "none"}, "none") == "none") return layer;
  return item.builder().batch_norm(layer + ".norm", layer, true);
}

bool has_bias(const Item& item) {
  return item.boolean("bias", item.one_of("norm", {"batch", "none"}, "none") == "none");
}

std::string convolution(Item& item, std::int64_t filters, std::int64_t groups, const std::string& kernel_key,
                        const std::string& kind) {
  GraphBuilder& builder = item.builder();
  const Shape in = item.input_shape(4);
  if (in[1] % groups != 0 || filters % groups != 0) {
    item.fail("groups", "groups: " + std::to_string(groups) + " does not divide " + std::to_string(in[1]) +
                            " input and " + std::to_string(filters) + " output channels");
  }
  const Window w = window_of(item, kernel_key);
  const Shape out{1, filters, w.outputs(0, in[2]), w.outputs(1, in[3])};
  const std::string name = item.name(kind);
  const std::int64_t fan_in = in[1] / groups * w.kernel[0] * w.kernel[1];
  std::vector<std::string> inputs{
      item.input(), builder.parameter(name + ".weight", {filters, in[1] / groups, w.kernel[0], w.kernel[1]},
                                      {ParameterKind::weight, fan_in})};
  if (has_bias(item)) inputs.push_back(builder.parameter(name + ".bias", {filters}, {ParameterKind::bias, fan_in}));
  return finish(item, builder.add("Conv", name, inputs, out,
                                  {{"kernel_shape", w.kernel},
                                   {"strides", w.stride},
                                   {"dilations", w.dilation},
                                   {"pads", w.pads},
                                   {"group", groups}}));
}

std::string conv(Item& item) {
  return convolution(item, item.integer("conv", 1, most_channels), item.integer("groups", 1, most_channels, 1),
                     "kernel", "conv");
}

std::string depthwise(Item& item) {
  const std::int64_t channels = item.input_shape(4)[1];
  return convolution(item, channels, channels, "depthwise", "depthwise");
}

/// A vector [1][C], or tokens [1][T][C], each of which is multiplied.
std::string linear(Item& item) {
  GraphBuilder& builder = item.builder();
  Shape shape = builder.shape(item.input());
  if (shape.size() != 3) shape = item.input_shape(2);
  const std::int64_t in = shape.back(), out = item.integer("linear", 1, most_channels);
  const std::string name = item.name("fc");
  shape.back() = out;
  const bool vector = shape.size() == 2;
  if (!vector && item.has("norm")) item.fail("norm", "tokens have no batch norm; use layer_norm as an item");
  const Shape weights = vector ? Shape{out, in} : Shape{in, out};
  const std::string weight = builder.parameter(name + ".weight", weights, {ParameterKind::weight, in});
  if (!vector) {
    const std::string product = builder.add("MatMul", name, {item.input(), weight}, shape);
    if (!has_bias(item)) return product;
    const std::string bias = builder.parameter(name + ".bias", {out}, {ParameterKind::bias, in});
    return builder.add("Add", name + ".add", {product, bias}, shape);
  }
  std::vector<std::string> inputs{item.input(), weight};
  if (has_bias(item)) inputs.push_back(builder.parameter(name + ".bias", {out}, {ParameterKind::bias, in}));
  return finish(item, builder.add("Gemm", name, inputs, shape, {{"transB", std::int64_t{1}}}));
}

}  // namespace

void add_layers(Operators& table) {
  table["conv"] = {{"kernel", "stride", "dilation", "pad", "groups", "bias", "norm"}, conv};
  table["depthwise"] = {{"stride", "dilation", "pad", "bias", "norm"}, depthwise};
  table["linear"] = {{"bias", "norm"}, linear};
}

}  // namespace rebasis::networks
