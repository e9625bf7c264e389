// What an item of a network file can be.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workloads/network_spec/item.h"

namespace rebasis::networks {

/// One operator: the keys it takes beside name, from and act, and how it is built. Returns the value it computes.
struct Operator {
  std::vector<std::string> keys;
  std::function<std::string(Item&)> build;
};
using Operators = std::map<std::string, Operator>;

/// All of them, by the key that an item names them with. docs/networks.md lists them.
[[nodiscard]] const Operators& operators();

// The families, each in a file of its own.
void add_layers(Operators& table);       ///< conv, depthwise, linear
void add_pools(Operators& table);        ///< max_pool, average_pool, global_average_pool, resize
void add_norms(Operators& table);        ///< batch_norm, layer_norm, local_response_norm
void add_movement(Operators& table);     ///< add, multiply, concat, pad_channels, flatten
void add_attention(Operators& table);    ///< tokens, attention, select_token
void add_activations(Operators& table);  ///< relu, relu6, sigmoid, swish, gelu, tanh

/// The activation function `kind` behind `value`; "none": nothing. The node is named after `name`.
[[nodiscard]] std::string activate(GraphBuilder& builder, const std::string& kind, const std::string& value,
                                   const std::string& name);
/// The names that `activate` takes.
[[nodiscard]] const std::vector<std::string>& activation_kinds();

}  // namespace rebasis::networks
