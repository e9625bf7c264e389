// Pooling and resizing of feature maps.
#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

constexpr std::int64_t largest_window = 4096;

std::string pool(Item& item, const std::string& op, const std::string& key) {
  const Shape in = item.input_shape(4);
  const std::vector<std::int64_t> kernel = item.pair(key, 1, largest_window);
  const std::vector<std::int64_t> stride = item.pair("stride", 1, largest_window, kernel);
  const std::vector<std::int64_t> pad = item.pair("pad", 0, largest_window, {0, 0});
  const bool ceil = item.boolean("ceil", false);
  Shape out{1, in[1]};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (2 * pad[axis] > kernel[axis]) item.fail("pad", "a pad of more than half the kernel makes empty windows");
    const std::int64_t span = in[axis + 2] + 2 * pad[axis] - kernel[axis];
    std::int64_t outputs = span < 0 ? 0 : (span + (ceil ? stride[axis] - 1 : 0)) / stride[axis] + 1;
    // A window that starts in the padding behind the input is none.
    if (ceil && (outputs - 1) * stride[axis] >= in[axis + 2] + pad[axis]) --outputs;
    out.push_back(outputs);
  }
  std::map<std::string, graph::Attribute> attributes{{"kernel_shape", kernel}, {"strides", stride}};
  attributes["pads"] = std::vector<std::int64_t>{pad[0], pad[1], pad[0], pad[1]};
  if (ceil) attributes["ceil_mode"] = std::int64_t{1};
  return item.builder().add(op, item.name("pool"), {item.input()}, out, attributes);
}

/// A map of one value a channel.
std::string global_average_pool(Item& item) {
  const Shape in = item.input_shape(4);
  return item.builder().add("GlobalAveragePool", item.name("pool"), {item.input()}, {1, in[1], 1, 1});
}

/// To [rows, columns], bilinear.
std::string resize(Item& item) {
  GraphBuilder& builder = item.builder();
  const Shape in = item.input_shape(4);
  const std::vector<std::int64_t> size = item.pair("resize", 1, 1 << 20);
  const std::string name = item.name("resize");
  const Shape out{1, in[1], size[0], size[1]};
  const std::string sizes = builder.integers(name + ".sizes", out);
  return builder.add("Resize", name, {item.input(), "", "", sizes}, out,
                     {{"mode", std::string("linear")}, {"coordinate_transformation_mode", std::string("half_pixel")}});
}

}  // namespace

void add_pools(Operators& table) {
  table["max_pool"] = {{"stride", "pad", "ceil"}, [](Item& item) { return pool(item, "MaxPool", "max_pool"); }};
  table["average_pool"] = {{"stride", "pad", "ceil"},
                           [](Item& item) { return pool(item, "AveragePool", "average_pool"); }};
  table["global_average_pool"] = {{}, global_average_pool};
  table["resize"] = {{}, resize};
}

}  // namespace rebasis::networks
