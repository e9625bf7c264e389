// Additions, products and joining of values; flattening.
#include "common/text/suggest.h"
#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

std::string text_of(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += "[" + std::to_string(extent) + "]";
  return text;
}

/// Operands of one shape, or one value a channel beside whole maps.
std::string element_wise(Item& item, const std::string& op, const std::string& kind) {
  GraphBuilder& builder = item.builder();
  const std::vector<std::string> operands = item.operands();
  if (operands.size() != 2) item.fail(item.op(), in_quotes(item.op()) + " has two operands");
  const Shape left = builder.shape(operands[0]), right = builder.shape(operands[1]);
  const auto is_gate = [](const Shape& gate, const Shape& map) {
    return gate.size() == 4 && map.size() == 4 && gate[1] == map[1] && gate[2] == 1 && gate[3] == 1;
  };
  if (left != right && !is_gate(left, right) && !is_gate(right, left))
    item.fail(item.op(), "the operands differ in shape: " + text_of(left) + " and " + text_of(right));
  return builder.add(op, item.name(kind), operands, is_gate(left, right) ? right : left);
}

std::string concat(Item& item) {
  GraphBuilder& builder = item.builder();
  const std::vector<std::string> operands = item.operands();
  Shape out = builder.shape(operands[0]);
  if (out.size() != 4) item.fail(item.op(), "only feature maps are joined, along their channels");
  for (std::size_t i = 1; i < operands.size(); ++i) {
    const Shape& next = builder.shape(operands[i]);
    if (next.size() != 4 || next[2] != out[2] || next[3] != out[3])
      item.fail(item.op(), "the operands differ in size: " + text_of(out) + " and " + text_of(next));
    out[1] += next[1];
  }
  return builder.add("Concat", item.name("concat"), operands, out, {{"axis", std::int64_t{1}}});
}

std::string flatten(Item& item) {
  const Shape in = item.input_shape(4);
  return item.builder().add("Flatten", item.name("flatten"), {item.input()}, {1, in[1] * in[2] * in[3]},
                            {{"axis", std::int64_t{1}}});
}

/// Channels of zeros, half of them in front: the shortcut without parameters (option A) of He et al. 2016.
std::string pad_channels(Item& item) {
  GraphBuilder& builder = item.builder();
  Shape shape = item.input_shape(4);
  const std::int64_t added = item.integer("pad_channels", 1, 1 << 20), front = added / 2;
  const std::string name = item.name("pad");
  shape[1] += added;
  const std::string pads = builder.integers(name + ".pads", {0, front, 0, 0, 0, added - front, 0, 0});
  return builder.add("Pad", name, {item.input(), pads}, shape, {{"mode", std::string("constant")}});
}

}  // namespace

void add_movement(Operators& table) {
  table["add"] = {{}, [](Item& item) { return element_wise(item, "Add", "add"); }};
  table["multiply"] = {{}, [](Item& item) { return element_wise(item, "Mul", "multiply"); }};
  table["concat"] = {{}, concat};
  table["pad_channels"] = {{}, pad_channels};
  table["flatten"] = {{}, flatten};
}

}  // namespace rebasis::networks
