#include "workloads/train/side_network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/error.h"
#include "workloads/train/shuffle.h"

namespace rebasis::train {

namespace {

constexpr std::int64_t fewest_channels = 8;  // inside a module: the divisor that mobile networks round channels to

bool element_wise(const graph::Node& node) {
  static const std::set<std::string> operators{
      "BatchNormalization", "Relu",      "Clip",     "LeakyRelu", "PRelu",   "Elu", "Selu", "Sigmoid", "Tanh",
      "HardSigmoid",        "HardSwish", "Softplus", "Identity",  "Dropout", "Mul", "Cast"};
  return operators.contains(node.op);
}

/// How often each value is still to be read; outputs of the network stay.
std::map<std::string, std::size_t> reader_counts(const graph::Graph& graph) {
  std::map<std::string, std::size_t> readers;
  for (const graph::Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) ++readers[input];
  }
  for (const graph::Port& port : graph.outputs) ++readers[port.name];
  return readers;
}

bool feature_map(const graph::Graph& graph, const std::string& value) {
  const auto shape = graph.shapes.find(value);
  return shape != graph.shapes.end() && shape->second.size() == 4 &&
         std::all_of(shape->second.begin(), shape->second.end(), [](std::int64_t extent) { return extent > 0; });
}

Junction junction_of(const graph::Graph& graph, const std::string& value) {
  const Shape& shape = graph.shapes.at(value);
  return {value, shape[1], shape[2], shape[3]};
}

bool smaller(const Junction& a, const Junction& b) {
  return a.height <= b.height && a.width <= b.width && (a.height < b.height || a.width < b.width);
}

/// One module and its connector, written behind the node that computes the junction's value.
class Module {
 public:
  Module(graph::Graph& graph, const SideNetwork& options, std::size_t number, std::vector<graph::Node>& nodes)
      : graph_(graph),
        options_(options),
        prefix_(side_prefix + std::to_string(number) + "."),
        nodes_(nodes),
        random_(generator({options.seed, static_cast<std::int64_t>(number)})) {}

  /// p of the junction from `side`, the side network's feature so far.
  Junction build(Junction side, const Junction& target) {
    if (smaller(target, side)) side = pool(side, target);
    const std::int64_t kernel = target.height == 1 && target.width == 1 ? 1 : options_.kernel;
    const auto inner = std::max(
        fewest_channels, static_cast<std::int64_t>(std::llround(options_.expand * static_cast<double>(side.channels))));
    side = norm("norm1", convolution("conv1", side, inner, kernel), 1);
    side.value = add("Relu", "relu", {side.value}, side);
    return norm("norm2", convolution("conv2", side, target.channels, 1), 0);
  }

  /// x + p.
  std::string connect(const Junction& backbone, const Junction& side) {
    return add("Add", "connector", {backbone.value, side.value}, backbone);
  }

 private:
  std::string add(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                  const Junction& output, std::map<std::string, graph::Attribute> attributes = {}) {
    const std::string value = prefix_ + name;
    nodes_.push_back({value, op, inputs, {value}, std::move(attributes)});
    graph_.shapes[value] = {1, output.channels, output.height, output.width};
    return value;
  }

  std::string constant(const std::string& name, Tensor<float> values) {
    graph_.shapes[prefix_ + name] = values.shape;
    graph_.constants[prefix_ + name] = {graph::ElementType::f32, std::move(values)};
    return prefix_ + name;
  }

  std::string filled(const std::string& name, std::int64_t count, float value) {
    return constant(name, Tensor<float>({count}, std::vector<float>(static_cast<std::size_t>(count), value)));
  }

  /// {kernel, stride, pad} with which `from` values become `to`: short steps and little padding first.
  static std::vector<std::int64_t> window(std::int64_t from, std::int64_t to) {
    for (const std::int64_t stride : {from / to, (from + to - 1) / to}) {
      for (const std::int64_t kernel : {stride, stride + 1}) {
        for (std::int64_t pad = 0; pad <= kernel / 2; ++pad) {
          if ((from + 2 * pad - kernel) / stride + 1 == to && from + 2 * pad >= kernel) return {kernel, stride, pad};
        }
      }
    }
    return {from - (to - 1) * (from / to), from / to, 0};
  }

  Junction pool(const Junction& from, const Junction& to) {
    Junction pooled{"", from.channels, to.height, to.width};
    if (to.height == 1 && to.width == 1) {
      pooled.value = add("GlobalAveragePool", "pool", {from.value}, pooled);
      return pooled;
    }
    const std::vector<std::int64_t> rows = window(from.height, to.height), columns = window(from.width, to.width);
    pooled.value = add("AveragePool", "pool", {from.value}, pooled,
                       {{"kernel_shape", std::vector<std::int64_t>{rows[0], columns[0]}},
                        {"strides", std::vector<std::int64_t>{rows[1], columns[1]}},
                        {"pads", std::vector<std::int64_t>{rows[2], columns[2], rows[2], columns[2]}}});
    return pooled;
  }

  /// Uniform weights with variance 2 / fan-out, the same on every machine.
  Junction convolution(const std::string& name, const Junction& from, std::int64_t filters, std::int64_t kernel) {
    Tensor<float> weights({filters, from.channels, kernel, kernel});
    const double bound = std::sqrt(6.0 / static_cast<double>(filters * kernel * kernel));
    for (float& weight : weights.values)
      weight = static_cast<float>(bound * (2 * std::ldexp(static_cast<double>(random_() >> 11), -53) - 1));
    Junction output{"", filters, from.height, from.width};
    const std::string constant_name = constant(name + ".weight", std::move(weights));
    output.value = add("Conv", name, {from.value, constant_name}, output,
                       {{"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
                        {"pads", std::vector<std::int64_t>(4, kernel / 2)}});
    return output;
  }

  Junction norm(const std::string& name, Junction from, float scale) {
    const std::vector<std::string> inputs{
        from.value, filled(name + ".scale", from.channels, scale), filled(name + ".shift", from.channels, 0),
        filled(name + ".mean", from.channels, 0), filled(name + ".variance", from.channels, 1)};
    from.value = add("BatchNormalization", name, inputs, from, {{"epsilon", 1e-5F}});
    return from;
  }

  graph::Graph& graph_;
  const SideNetwork& options_;
  std::string prefix_;
  std::vector<graph::Node>& nodes_;
  std::mt19937_64 random_;
};

}  // namespace

std::vector<Junction> junctions(const graph::Graph& graph) {
  std::map<std::string, std::size_t> readers = reader_counts(graph);
  std::set<std::string> live;
  for (const graph::Port& port : graph.inputs) live.insert(port.name);
  std::vector<Junction> found;
  bool only_element_wise = false;  // since the last one found
  for (const graph::Node& node : graph.nodes) {
    only_element_wise = only_element_wise && element_wise(node);
    for (const std::string& input : node.inputs) {
      if (--readers[input] == 0) live.erase(input);
    }
    for (const std::string& output : node.outputs) {
      if (readers[output] > 0) live.insert(output);
    }
    if (live.size() != 1 || *live.begin() != node.outputs[0] || !feature_map(graph, node.outputs[0])) continue;
    if (only_element_wise) found.pop_back();
    found.push_back(junction_of(graph, node.outputs[0]));
    only_element_wise = true;
  }
  return found;
}

std::vector<Junction> places(const graph::Graph& graph, const std::string& places) {
  std::vector<Junction> chosen;
  if (!feature_map(graph, graph.inputs.at(0).name)) return chosen;
  const Junction input = junction_of(graph, graph.inputs[0].name);
  Junction last = input;  // that was chosen
  bool in_run = false;    // of the resolution of the last one chosen, without another in between
  for (const Junction& junction : junctions(graph)) {
    const bool same = junction.height == last.height && junction.width == last.width;
    if (smaller(junction, last)) {
      chosen.push_back(junction);
      in_run = true;
    } else if (places == "all" && same && junction.value != input.value) {
      chosen.push_back(junction);
    } else if (places != "all" && same && in_run && junction.channels < last.channels) {
      chosen.back() = junction;
    } else {
      in_run = in_run && same;
      continue;
    }
    last = chosen.back();
  }
  return chosen;
}

std::size_t add_side_network(graph::Graph& graph, const SideNetwork& options) {
  const std::vector<Junction> targets = places(graph, options.places);
  if (targets.empty() || !smaller(targets.back(), junction_of(graph, graph.inputs[0].name)))
    fail_input({graph.file},
               "has no place where the resolution of feature maps falls and all later ones depend on; Rep-Net needs a "
               "network of convolutions on images");
  std::vector<graph::Node> nodes;
  std::map<std::string, std::string> renamed;  // value of the backbone -> what its readers read now
  Junction side = junction_of(graph, graph.inputs[0].name);
  std::size_t built = 0;
  for (graph::Node& node : graph.nodes) {
    for (std::string& input : node.inputs) {
      if (const auto name = renamed.find(input); name != renamed.end()) input = name->second;
    }
    nodes.push_back(node);
    if (built == targets.size() || node.outputs[0] != targets[built].value) continue;
    const Junction& backbone = targets[built++];
    Module module(graph, options, built, nodes);
    side = module.build(side, backbone);
    const bool into_backbone = options.connector == "dual" || options.connector == "down" || built == targets.size();
    const bool into_side = options.connector == "dual" || options.connector == "up";
    if (!into_backbone && !into_side) continue;
    const std::string sum = module.connect(backbone, side);
    if (into_backbone) renamed[backbone.value] = sum;
    if (into_side) side.value = sum;
  }
  graph.nodes = std::move(nodes);
  return built;
}

}  // namespace rebasis::train
