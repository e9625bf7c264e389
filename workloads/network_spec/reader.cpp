// From the YAML of a network to its graph.
#include <algorithm>
#include <set>
#include <utility>

#include "common/sha256.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"
#include "workloads/network_spec/network.h"
#include "workloads/network_spec/operators.h"

namespace rebasis::networks {
namespace {

using layer_list::YamlMap;

constexpr std::int64_t most_repeats = 1000, largest_extent = 1 << 20, largest_parameter = 1 << 30;
constexpr int deepest_nesting = 8;
const std::vector<std::string> top_keys{"name",  "description", "source", "note",
                                        "input", "published",   "blocks", "layers"};

struct Block {
  std::vector<std::string> parameters;
  YAML::Node layers;
};

class Reader {
 public:
  Reader(const YAML::Node& root, std::string file, bool fold)
      : root_(root, file, "a network", top_keys), file_(std::move(file)), builder_(root_.text("name"), file_, fold) {
    builder_.at(location_of(root, file_));
  }

  Network read() {
    Network network;
    network.name = root_.text("name");
    network.description = root_.text("description");
    network.source = root_.text("source");
    network.note = root_.text("note", "");
    network.file = file_;
    for (const YAML::Node& entry : root_.list("published")) network.published.push_back(published(entry));
    read_blocks();
    Scope scope;
    const std::vector<std::int64_t> input = root_.integers("input", 3, 1, largest_extent);
    scope.previous = builder_.input({1, input[0], input[1], input[2]});
    scope.values["input"] = scope.previous;
    build(root_.node("layers"), "layers", scope, 0);
    builder_.output(scope.previous);
    network.parameters = builder_.parameters();
    network.parameter_count = builder_.parameter_count();
    network.macs = network.product_macs = builder_.product_macs();
    network.graph = builder_.take();
    for (const graph::WeightLayer& layer : graph::weight_layers(network.graph)) network.macs += layer.shape.macs();
    return network;
  }

 private:
  [[nodiscard]] Published published(const YAML::Node& node) const {
    const YamlMap map(node, file_, "a published number",
                      {"parameters", "macs", "megabytes", "mebibytes", "tolerance", "source", "differs"});
    Published entry;
    for (const char* what : {"parameters", "macs", "megabytes", "mebibytes"}) {
      if (!map.has(what)) continue;
      if (!entry.what.empty()) map.fail(what, "one number an entry; begin another entry for this one");
      entry.what = what;
      entry.value = map.number(what);
      if (entry.value <= 0) map.fail(what, "a published number is larger than zero");
    }
    if (entry.what.empty()) map.fail("", "a published number needs parameters, macs, megabytes or mebibytes");
    if (entry.what == "mebibytes") {
      entry.what = "megabytes";
      entry.megabyte = 1 << 20;
    }
    entry.source = map.text("source");
    entry.tolerance = map.has("tolerance") ? map.number("tolerance") : 0;
    if (entry.tolerance < 0 || entry.tolerance > 1) map.fail("tolerance", "the tolerance is a share, 0 to 1");
    entry.differs = map.text("differs", "");
    return entry;
  }

  void read_blocks() {
    if (!root_.has("blocks")) return;
    const YAML::Node blocks = root_.node("blocks");
    if (!blocks.IsMap()) root_.fail("blocks", "'blocks' is a map of block names");
    for (const auto& pair : blocks) {
      const YamlMap map(pair.second, file_, "a block", {"parameters", "layers"});
      Block block;
      for (const YAML::Node& parameter : map.list("parameters")) block.parameters.push_back(parameter_name(parameter));
      block.layers = map.node("layers");
      blocks_[pair.first.Scalar()] = block;
    }
  }

  [[nodiscard]] std::string parameter_name(const YAML::Node& node) const {
    static const std::set<std::string> taken{"block", "name", "from", "act", "repeat", "in", "block_in"};
    const std::string name = node.IsScalar() ? node.Scalar() : "";
    const bool fits =
        !name.empty() && name.size() <= 40 && std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
    if (!fits || taken.contains(name))
      fail_input(location_of(node, file_), in_quotes(name) + " cannot be the name of a parameter; take another word");
    return name;
  }

  void build(const YAML::Node& list, const std::string& what, Scope& scope, int depth) {
    if (!list.IsSequence() || list.size() == 0)
      fail_input(list.IsDefined() ? location_of(list, file_) : SourceLocation{file_, 1},
                 in_quotes(what) + " must be a list with one item or more");
    for (const YAML::Node& node : list) {
      builder_.at(location_of(node, file_));
      const std::string op = operator_of(node);
      if (op == "block") {
        build_block(node, scope, depth);
      } else {
        build_item(node, op, scope);
      }
    }
  }

  /// The key that says what an item is.
  [[nodiscard]] std::string operator_of(const YAML::Node& node) const {
    std::vector<std::string> known{"block"}, keys, found;
    for (const auto& [name, unused] : operators()) known.push_back(name);
    if (node.IsScalar()) keys.push_back(node.Scalar());
    if (node.IsMap()) {
      for (const auto& pair : node) keys.push_back(pair.first.Scalar());
    }
    std::ranges::copy_if(keys, std::back_inserter(found),
                         [&](const std::string& key) { return std::ranges::find(known, key) != known.end(); });
    if (found.size() == 1) return found[0];
    fail_input(location_of(node, file_),
               found.empty() ? "an item without an operator" + (keys.empty() ? "" : did_you_mean(keys[0], known)) +
                                   "; known: " + joined(known)
                             : "an item with several operators: " + joined(found) + "; make an item of each");
  }

  void build_item(const YAML::Node& node, const std::string& op, Scope& scope) {
    const Operator& entry = operators().at(op);
    std::vector<std::string> keys = entry.keys;
    keys.push_back("repeat");
    std::int64_t times = 1;
    for (std::int64_t index = 0; index < times; ++index) {
      Item item(node, file_, op, keys, scope, builder_);
      times = item.integer("repeat", 1, most_repeats, 1);
      if (times > 1 && (item.has("name") || item.has("from")))
        item.fail("repeat", "an item that is repeated has no name and reads what is before it; make a block of it");
      const std::string act = item.one_of("act", activation_kinds(), "none");
      const std::string value = entry.build(item);
      settle(scope, item.own_name(), activate(builder_, act, value, scope.prefix + item.own_name() + "." + act));
    }
  }

  void settle(Scope& scope, const std::string& name, const std::string& value) const {
    if (!scope.values.emplace(name, value).second)
      builder_.fail("there are two items named " + in_quotes(name) + "; rename one");
    scope.previous = value;
  }

  void build_block(const YAML::Node& node, Scope& scope, int depth) {
    if (!node.IsMap()) fail_input(location_of(node, file_), "'block' needs a name; write {block: NAME, name: ...}");
    const std::string block_name = node["block"].IsScalar() ? node["block"].Scalar() : "";
    const auto found = blocks_.find(block_name);
    if (found == blocks_.end()) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : blocks_) known.push_back(name);
      fail_unknown_name(location_of(node["block"], file_), "block", block_name, known);
    }
    if (depth >= deepest_nesting)
      fail_input(location_of(node, file_), "blocks are nested more than 8 deep; does one contain itself?");
    std::vector<std::string> keys = found->second.parameters;
    keys.push_back("repeat");
    Item item(node, file_, "block", keys, scope, builder_);
    static_cast<void>(item.name(block_name));
    const auto [first, last] = repeats(item);
    std::string value = item.input();
    for (std::int64_t index = first; index <= last; ++index) {
      const std::string label = item.own_name() + (item.has("repeat") ? "." + std::to_string(index) : "");
      value = build_use(item, found->second, scope.prefix + label + ".", value, depth);
      if (item.has("repeat")) settle(scope, label, value);
    }
    settle(scope, item.own_name(), value);
  }

  /// One use of a block that reads `input`; what it computes.
  std::string build_use(const Item& item, const Block& block, const std::string& prefix, const std::string& input,
                        int depth) {
    Scope scope;
    scope.prefix = prefix;
    scope.previous = input;
    scope.values["input"] = input;
    const Shape& in = builder_.shape(input);
    scope.variables["block_in"] = in.size() == 4 ? in[1] : in.back();
    for (const std::string& parameter : block.parameters)
      scope.variables[parameter] = item.integer(parameter, 0, largest_parameter);
    build(block.layers, "layers", scope, depth + 1);
    return scope.previous;
  }

  /// `repeat: 3` is 0..2; `repeat: 1..3` begins with 1.
  [[nodiscard]] static std::pair<std::int64_t, std::int64_t> repeats(const Item& item) {
    if (!item.has("repeat")) return {0, 0};
    const std::string text = item.text("repeat");
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) return {0, item.integer("repeat", 1, most_repeats) - 1};
    const auto number = [&](const std::string& part) {
      const bool digits = !part.empty() && part.size() <= 3 &&
                          std::ranges::all_of(part, [](unsigned char c) { return std::isdigit(c) != 0; });
      if (!digits) item.fail("repeat", "'repeat' is a number of times or FIRST..LAST");
      return std::int64_t{std::stoi(part)};
    };
    const std::int64_t first = number(text.substr(0, dots)), last = number(text.substr(dots + 2));
    if (first > last) item.fail("repeat", "'repeat' counts upwards, FIRST..LAST");
    return {first, last};
  }

  YamlMap root_;
  std::string file_;
  GraphBuilder builder_;
  std::map<std::string, Block> blocks_;
};

}  // namespace

Network parse_network(const std::string& text, const std::string& file, const LoadOptions& options) {
  const YAML::Node root = parse_yaml(text, file);
  Network network = Reader(root, file, options.fold_batch_norms).read();
  network.sha256 = sha256(text);
  return network;
}

}  // namespace rebasis::networks
