#include "workloads/network_spec/item.h"

#include <algorithm>
#include <utility>

#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::networks {
namespace {

std::vector<std::string> with_common_keys(std::vector<std::string> keys, const std::string& op) {
  keys.insert(keys.end(), {op, "name", "from", "act"});
  return keys;
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 60 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  });
}

/// An operator without values may stand alone.
YAML::Node as_map(const YAML::Node& node) {
  if (!node.IsScalar()) return node;
  YAML::Node map;
  map[node.Scalar()] = YAML::Node();
  return map;
}

/// Stands for what the item before computed.
constexpr const char* previous_value = "previous";

}  // namespace

Item::Item(const YAML::Node& node, const std::string& file, const std::string& op, std::vector<std::string> keys,
           Scope& scope, GraphBuilder& builder)
    : where_(location_of(node, file)),
      map_(as_map(node), file, "the item " + in_quotes(op), with_common_keys(std::move(keys), op)),
      file_(file),
      op_(op),
      scope_(scope),
      builder_(builder),
      input_(map_.has("from") ? value_of(map_.text("from"), "from") : scope.previous),
      variables_(scope.variables) {
  const Shape& in = builder.shape(input_);
  variables_["in"] = in.size() == 4 ? in[1] : in.back();
}

void Item::fail(const std::string& key, const std::string& message) const {
  const bool written = map_.has(key) && !map_.node(key).IsNull();
  fail_input(written ? location_of(map_.node(key), file_) : where_, message);
}

const std::string& Item::value_of(const std::string& name, const std::string& key) const {
  if (name == previous_value) return scope_.previous;
  const auto found = scope_.values.find(name);
  if (found != scope_.values.end()) return found->second;
  std::vector<std::string> known{previous_value};
  for (const auto& [other, value] : scope_.values) known.push_back(other);
  fail(key,
       "nothing before it here is named " + in_quotes(name) + did_you_mean(name, known) + "; known: " + joined(known));
}

const Shape& Item::input_shape(std::size_t rank) const {
  const Shape& shape = builder_.shape(input_);
  if (shape.size() == rank) return shape;
  const auto describe = [](std::size_t axes) {
    return axes == 4 ? "a feature map" : axes == 3 ? "tokens" : axes == 2 ? "a vector" : "a scalar";
  };
  fail(op_, in_quotes(op_) + " reads " + describe(rank) + ", but its input is " + describe(shape.size()) +
                (rank == 2 ? "; put flatten before it" : ""));
}

std::vector<std::string> Item::operands() const {
  if (!map_.is_list(op_)) fail(op_, in_quotes(op_) + " needs a list of names, for example [input, previous]");
  std::vector<std::string> values;
  for (const YAML::Node& element : map_.list(op_)) {
    if (!element.IsScalar()) fail(op_, in_quotes(op_) + " needs a list of names");
    values.push_back(value_of(element.Scalar(), op_));
  }
  if (values.size() < 2) fail(op_, in_quotes(op_) + " needs two operands or more");
  return values;
}

std::string Item::name(const std::string& kind) {
  own_name_ = map_.has("name") ? map_.text("name") : kind + std::to_string(++scope_.counts[kind]);
  if (!is_name(own_name_) || own_name_ == "input" || own_name_ == previous_value) {
    fail("name", "the name " + in_quotes(own_name_) + " is not possible; use letters, digits, '_', '-' and '.'");
  }
  return scope_.prefix + own_name_;
}

std::int64_t Item::evaluate_in(const YAML::Node& value, const std::string& key, std::int64_t low,
                               std::int64_t high) const {
  if (!value.IsScalar()) fail(key, in_quotes(key) + " must be a number");
  const std::int64_t number = evaluate(value.Scalar(), variables_, location_of(value, file_));
  if (number < low || number > high) {
    fail(key, in_quotes(key) + " is " + std::to_string(number) + "; it must lie between " + std::to_string(low) +
                  " and " + std::to_string(high));
  }
  return number;
}

std::int64_t Item::integer(const std::string& key, std::int64_t low, std::int64_t high) const {
  if (!map_.has(key)) fail(op_, in_quotes(op_) + " needs " + in_quotes(key));
  return evaluate_in(map_.node(key), key, low, high);
}

std::int64_t Item::integer(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t fallback) const {
  return map_.has(key) ? integer(key, low, high) : fallback;
}

std::vector<std::int64_t> Item::pair(const std::string& key, std::int64_t low, std::int64_t high) const {
  if (!map_.is_list(key)) return std::vector<std::int64_t>(2, integer(key, low, high));
  std::vector<std::int64_t> values;
  for (const YAML::Node& element : map_.list(key)) values.push_back(evaluate_in(element, key, low, high));
  if (values.size() != 2) fail(key, in_quotes(key) + " must be one number or [vertical, horizontal]");
  return values;
}

std::vector<std::int64_t> Item::pair(const std::string& key, std::int64_t low, std::int64_t high,
                                     const std::vector<std::int64_t>& fallback) const {
  return map_.has(key) ? pair(key, low, high) : fallback;
}

}  // namespace rebasis::networks
