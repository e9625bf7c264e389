// One item of the list `layers` of a network file, with the names that it may use.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workloads/layer_list/yaml_map.h"
#include "workloads/network_spec/builder.h"
#include "workloads/network_spec/expression.h"

namespace rebasis::networks {

/// Where an item stands: the network itself or one use of a block.
struct Scope {
  std::string prefix;                         ///< of node names: "layer1.0."
  Variables variables;                        ///< parameters of the block, and block_in: channels of its input
  std::map<std::string, std::string> values;  ///< name of an item -> the value it computes; "input": of the block
  std::string previous;                       ///< what the item before computed
  std::map<std::string, int> counts;          ///< items without a name, by kind
};

class Item {
 public:
  /// `node`: a map with `op` among its keys, or the scalar `op`. `keys`: those of the operator, beside the operator
  /// itself, name, from and act.
  Item(const YAML::Node& node, const std::string& file, const std::string& op, std::vector<std::string> keys,
       Scope& scope, GraphBuilder& builder);

  [[nodiscard]] const std::string& op() const { return op_; }
  [[nodiscard]] GraphBuilder& builder() const { return builder_; }

  /// The value that the item reads: that of `from`, or of the item before.
  [[nodiscard]] const std::string& input() const { return input_; }
  /// Its shape; fails unless it has `rank` axes (feature maps: 4, [1][C][H][W]).
  [[nodiscard]] const Shape& input_shape(std::size_t rank) const;
  /// The values that the operator's list names, two at least.
  [[nodiscard]] std::vector<std::string> operands() const;
  /// Name of the item's node: its own name, or `kind` and a number, behind the scope's prefix.
  [[nodiscard]] std::string name(const std::string& kind);

  [[nodiscard]] bool has(const std::string& key) const { return map_.has(key); }
  /// An expression; `fallback` without the key. `in` stands for the channels (last axis of tokens) of the input.
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high) const;
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high,
                                     std::int64_t fallback) const;
  /// One expression for both axes, or [vertical, horizontal].
  [[nodiscard]] std::vector<std::int64_t> pair(const std::string& key, std::int64_t low, std::int64_t high) const;
  [[nodiscard]] std::vector<std::int64_t> pair(const std::string& key, std::int64_t low, std::int64_t high,
                                               const std::vector<std::int64_t>& fallback) const;
  [[nodiscard]] std::string text(const std::string& key) const { return map_.text(key); }
  [[nodiscard]] bool boolean(const std::string& key, bool fallback) const { return map_.boolean(key, fallback); }
  [[nodiscard]] std::string one_of(const std::string& key, const std::vector<std::string>& allowed,
                                   const std::string& fallback) const {
    return map_.one_of(key, allowed, fallback);
  }
  /// Fails with the line of `key`, or of the item.
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;
  /// The item's own name, once name() was called.
  [[nodiscard]] const std::string& own_name() const { return own_name_; }

 private:
  [[nodiscard]] std::int64_t evaluate_in(const YAML::Node& value, const std::string& key, std::int64_t low,
                                         std::int64_t high) const;
  [[nodiscard]] const std::string& value_of(const std::string& name, const std::string& key) const;

  SourceLocation where_;
  layer_list::YamlMap map_;
  std::string file_, op_, own_name_;
  Scope& scope_;
  GraphBuilder& builder_;
  std::string input_;
  Variables variables_;
};

}  // namespace rebasis::networks
