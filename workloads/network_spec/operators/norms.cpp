// Normalisations that are items of their own.
#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

/// Not behind a layer alone, as before the layers of a pre-activation block; `norm: batch` is for those behind one.
std::string batch_norm(Item& item) {
  static_cast<void>(item.input_shape(4));
  return item.builder().batch_norm(item.name("norm"), item.input(), false);
}

/// Over the last axis of tokens.
std::string layer_norm(Item& item) {
  GraphBuilder& builder = item.builder();
  const Shape in = item.input_shape(3);
  const std::string name = item.name("norm");
  const std::vector<std::string> inputs{item.input(),
                                        builder.parameter(name + ".weight", {in[2]}, {ParameterKind::norm_scale, 1}),
                                        builder.parameter(name + ".bias", {in[2]}, {ParameterKind::norm_shift, 1})};
  return builder.add("LayerNormalization", name, inputs, in, {{"axis", std::int64_t{-1}}, {"epsilon", 1e-6F}});
}

/// Across channels; Krizhevsky et al. 2012, section 3.3: k = 2, alpha = 1e-4, beta = 0.75. The value is n; k may be
/// given.
std::string local_response_norm(Item& item) {
  const Shape in = item.input_shape(4);
  const std::int64_t size = item.integer("local_response_norm", 1, 1024), k = item.integer("k", 0, 1024, 2);
  return item.builder().add(
      "LRN", item.name("norm"), {item.input()}, in,
      {{"size", size}, {"alpha", 1e-4F * static_cast<float>(size)}, {"beta", 0.75F}, {"bias", static_cast<float>(k)}});
}

}  // namespace

void add_norms(Operators& table) {
  table["batch_norm"] = {{}, batch_norm};
  table["layer_norm"] = {{}, layer_norm};
  table["local_response_norm"] = {{"k"}, local_response_norm};
}

}  // namespace rebasis::networks
