#include "workloads/train/continual/encoder.h"

#include <cmath>
#include <set>

#include "common/error.h"
#include "workloads/graph/layers.h"
#include "workloads/train/shuffle.h"

namespace rebasis::train {

namespace {

class Heads {
 public:
  Heads(graph::Graph& graph, std::int64_t seed) : graph_(graph), random_(generator({seed, head_stream})) {}

  std::string product(const std::string& name, const std::string& from, std::int64_t outputs) {
    const std::int64_t inputs = graph_.shapes.at(from)[1];
    Tensor<float> weights({outputs, inputs});
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    for (float& weight : weights.values)
      weight = static_cast<float>(bound * (2 * std::ldexp(static_cast<double>(random_() >> 11), -53) - 1));
    return add("Gemm", name, {from, constant(name + ".weight", std::move(weights)), filled(name + ".bias", outputs, 0)},
               outputs, {{"transB", std::int64_t{1}}});
  }

  std::string norm(const std::string& name, const std::string& from) {
    const std::int64_t width = graph_.shapes.at(from)[1];
    return add("BatchNormalization", name,
               {from, filled(name + ".scale", width, 1), filled(name + ".shift", width, 0),
                filled(name + ".mean", width, 0), filled(name + ".variance", width, 1)},
               width, {{"epsilon", 1e-5F}});
  }

  std::string inner(const std::string& name, const std::string& from, std::int64_t width) {
    const std::string value = norm(name + ".norm1", product(name + ".product1", from, width));
    return add("Relu", name + ".relu", {value}, width);
  }

 private:
  static constexpr std::int64_t head_stream = 77;  // apart from other random numbers of the same seed

  std::string add(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                  std::int64_t width, std::map<std::string, graph::Attribute> attributes = {}) {
    graph_.nodes.push_back({head_prefix + name, op, inputs, {head_prefix + name}, std::move(attributes)});
    graph_.shapes[head_prefix + name] = {1, width};
    return head_prefix + name;
  }
  std::string constant(const std::string& name, Tensor<float> values) {
    graph_.shapes[head_prefix + name] = values.shape;
    graph_.constants[head_prefix + name] = {graph::ElementType::f32, std::move(values)};
    return head_prefix + name;
  }
  std::string filled(const std::string& name, std::int64_t count, float value) {
    return constant(name, Tensor<float>({count}, std::vector<float>(static_cast<std::size_t>(count), value)));
  }

  graph::Graph& graph_;
  std::mt19937_64 random_;
};

}  // namespace

graph::Graph encoder_of(const graph::Graph& graph) {
  const std::vector<graph::WeightLayer> layers = graph::weight_layers(graph);
  const std::string features = layers.empty() ? "" : layers.back().input;
  if (graph.producer(features) == nullptr || graph.shapes.at(features).size() != 2)
    fail_input({graph.file},
               "has no last layer that reads a vector of features; learn representations with a network that ends in a "
               "classifier");
  graph::Graph encoder = graph;
  encoder.outputs = {{features, graph::ElementType::f32, graph.shapes.at(features)}};
  std::set<std::string> needed{features};
  std::vector<graph::Node> nodes;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    bool computes = false;
    for (const std::string& output : node->outputs) computes = computes || needed.contains(output);
    if (!computes) continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    nodes.push_back(*node);
  }
  encoder.nodes.assign(nodes.rbegin(), nodes.rend());
  std::erase_if(encoder.constants, [&](const auto& constant) { return !needed.contains(constant.first); });
  std::erase_if(encoder.factors, [&](const auto& constant) { return !needed.contains(constant.first); });
  return encoder;
}

void add_heads(graph::Graph& graph, std::int64_t projection, std::int64_t prediction, std::int64_t seed) {
  Heads heads(graph, seed);
  const std::string inner = heads.inner("projector", graph.outputs.at(0).name, projection);
  const std::string projected = heads.norm("projector.norm2", heads.product("projector.product2", inner, projection));
  graph.outputs.push_back({projected, graph::ElementType::f32, {1, projection}});
  if (prediction == 0) return;
  const std::string predicted =
      heads.product("predictor.product2", heads.inner("predictor", projected, prediction), projection);
  graph.outputs.push_back({predicted, graph::ElementType::f32, {1, projection}});
}

}  // namespace rebasis::train
