// What transformers are made of. Dosovitskiy et al. 2021, section 3.1, and Touvron et al. 2021.
#include <cmath>

#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

constexpr std::int64_t most_heads = 1024;

/// A feature map [1][C][H][W] as tokens [1][1 + H * W][C]: the class token in front, position embeddings added.
std::string tokens(Item& item) {
  GraphBuilder& builder = item.builder();
  const Shape in = item.input_shape(4);
  const std::string name = item.name("tokens");
  const std::int64_t channels = in[1], area = in[2] * in[3];
  const std::string flat =
      builder.add("Reshape", name + ".reshape", {item.input(), builder.integers(name + ".sizes", {1, channels, area})},
                  {1, channels, area});
  const std::string rows = builder.add("Transpose", name + ".transpose", {flat}, {1, area, channels},
                                       {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
  const std::string class_token = builder.parameter(name + ".class", {1, 1, channels}, {ParameterKind::token, 1});
  const Shape out{1, area + 1, channels};
  const std::string joined =
      builder.add("Concat", name + ".concat", {class_token, rows}, out, {{"axis", std::int64_t{1}}});
  return builder.add("Add", name, {joined, builder.parameter(name + ".position", out, {ParameterKind::token, 1})}, out);
}

/// Names and shapes of one attention.
struct Heads {
  GraphBuilder& builder;
  std::string name;
  std::int64_t tokens, channels, heads;

  [[nodiscard]] std::int64_t depth() const { return channels / heads; }

  /// [1][T][in] times weights [in][out], plus a bias.
  [[nodiscard]] std::string project(const std::string& part, const std::string& value, std::int64_t in,
                                    std::int64_t out) const {
    const std::string node = name + "." + part;
    const std::string weight = builder.parameter(node + ".weight", {in, out}, {ParameterKind::weight, in});
    const std::string bias = builder.parameter(node + ".bias", {out}, {ParameterKind::bias, in});
    const std::string product = builder.add("MatMul", node, {value, weight}, {1, tokens, out});
    return builder.add("Add", node + ".add", {product, bias}, {1, tokens, out});
  }

  /// Part `index` of queries, keys and values [3][1][heads][T][depth].
  [[nodiscard]] std::string part(const std::string& all, std::int64_t index, const std::string& label) const {
    const std::string node = name + "." + label;
    const std::string at = builder.integers(node + ".index", {index});
    const std::string axis = builder.integers(node + ".axis", {0});
    const std::string one =
        builder.add("Gather", node + ".gather", {all, at}, {1, 1, heads, tokens, depth()}, {{"axis", std::int64_t{0}}});
    return builder.add("Squeeze", node, {one, axis}, {1, heads, tokens, depth()});
  }
};

/// softmax(Q K^T / sqrt(d)) V over tokens [1][T][C], with the projections before and behind it. The value is the
/// number of heads.
std::string attention(Item& item) {
  GraphBuilder& builder = item.builder();
  const Shape in = item.input_shape(3);
  const std::int64_t heads = item.integer("attention", 1, most_heads);
  if (in[2] % heads != 0) item.fail("attention", "the channels are no multiple of the number of heads");
  const Heads h{builder, item.name("attention"), in[1], in[2], heads};
  const std::string qkv = h.project("qkv", item.input(), h.channels, 3 * h.channels);
  const Shape split{1, h.tokens, 3, heads, h.depth()};
  const std::string apart =
      builder.add("Reshape", h.name + ".split", {qkv, builder.integers(h.name + ".split_sizes", split)}, split);
  const std::string moved = builder.add("Transpose", h.name + ".move", {apart}, {3, 1, heads, h.tokens, h.depth()},
                                        {{"perm", std::vector<std::int64_t>{2, 0, 3, 1, 4}}});
  const std::string q = h.part(moved, 0, "q"), k = h.part(moved, 1, "k"), v = h.part(moved, 2, "v");
  const std::string turned = builder.add("Transpose", h.name + ".k_transpose", {k}, {1, heads, h.depth(), h.tokens},
                                         {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  const Shape scores{1, heads, h.tokens, h.tokens};
  const std::string products = builder.add("MatMul", h.name + ".scores", {q, turned}, scores);
  const float factor = 1 / std::sqrt(static_cast<float>(h.depth()));
  const std::string scaled =
      builder.add("Mul", h.name + ".scale", {products, builder.scalar(h.name + ".factor", factor)}, scores);
  const std::string weights =
      builder.add("Softmax", h.name + ".softmax", {scaled}, scores, {{"axis", std::int64_t{-1}}});
  const std::string mixed = builder.add("MatMul", h.name + ".mix", {weights, v}, {1, heads, h.tokens, h.depth()});
  builder.count_macs(2 * h.tokens * h.tokens * h.channels);
  const std::string back = builder.add("Transpose", h.name + ".back", {mixed}, {1, h.tokens, heads, h.depth()},
                                       {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  const std::string whole =
      builder.add("Reshape", h.name + ".join", {back, builder.integers(h.name + ".join_sizes", in)}, in);
  return h.project("proj", whole, h.channels, h.channels);
}

/// Token number `select_token` of [1][T][C] as a vector.
std::string select_token(Item& item) {
  GraphBuilder& builder = item.builder();
  const Shape in = item.input_shape(3);
  const std::string name = item.name("token");
  const std::string at = builder.integers(name + ".index", {item.integer("select_token", 0, in[1] - 1)});
  const std::string one =
      builder.add("Gather", name + ".gather", {item.input(), at}, {1, 1, in[2]}, {{"axis", std::int64_t{1}}});
  return builder.add("Squeeze", name, {one, builder.integers(name + ".axis", {1})}, {1, in[2]});
}

}  // namespace

void add_attention(Operators& table) {
  table["tokens"] = {{}, tokens};
  table["attention"] = {{}, attention};
  table["select_token"] = {{}, select_token};
}

}  // namespace rebasis::networks
