// "rep_net", "last_layer", "bias": a trained network learns a new task with few trained values. Rep-Net (Yang's
// dissertation, chapter 4) adds a side network that exchanges features with the frozen backbone by addition; the
// others are what it is compared with.
#include <set>

#include "arch/parameter.h"
#include "workloads/train/method.h"
#include "workloads/train/side_network.h"

namespace rebasis::train {
namespace {

/// Which parameters of the network are trained: those in `names` and, always, the last layer.
std::vector<bool> trained_with_last(const TrainableNetwork& network, const std::set<std::string>& names) {
  const graph::WeightLayer& last = network.layers().back().layer;
  std::vector<bool> trained;
  for (const std::string& name : network.parameter_names())
    trained.push_back(name == last.weight || name == last.bias || names.contains(name));
  return trained;
}

struct NoOptions {};

SideNetwork resolve(const arch::RawConfig& config) {
  arch::ParameterSet<SideNetwork> set;
  set.choice("connector", &SideNetwork::connector, "dual", {"dual", "down", "up", "none"},
             "Where x + p goes: into both networks, down into the backbone, up into the side network, or nowhere but "
             "in front of the classifier.",
             "Yang, 4.6, Figure 18: dual");
  set.choice("places", &SideNetwork::places, "down_sampling", {"down_sampling", "all"},
             "Modules where the resolution falls, or at every junction.", "Yang, 4.3.4.3: down_sampling");
  set.real("expand", &SideNetwork::expand, 0.25, 0.01, 16, "", "Channels inside a module over those that it reads.",
           "decision: a bottleneck's quarter");
  set.integer("kernel", &SideNetwork::kernel, 3, 1, 15, "", "Of a module's first convolution.", "decision");
  set.integer("seed", &SideNetwork::seed, 1, 0, 1'000'000'000, "", "Of the side network's weights.", "decision");
  set.require({"kernel"}, "kernel is even; an odd one keeps the resolution",
              [](const SideNetwork& o) { return o.kernel % 2 == 1; });
  return set.resolve(config);
}

class RepNet : public Method {
 public:
  explicit RepNet(const arch::RawConfig& config) : options_(resolve(config)) {}

  /// A network that has a side network goes on training that.
  bool extend(graph::Graph& graph) const override {
    for (const graph::Node& node : graph.nodes) {
      if (node.name.starts_with(side_prefix)) return false;
    }
    add_side_network(graph, options_);
    return true;
  }

  [[nodiscard]] std::optional<std::vector<bool>> trained(const TrainableNetwork& network) const override {
    std::set<std::string> side;
    for (const std::string& name : network.parameter_names()) {
      if (name.starts_with(side_prefix)) side.insert(name);
    }
    return trained_with_last(network, side);
  }

 private:
  SideNetwork options_;
};

class LastLayer : public Method {
 public:
  explicit LastLayer(const arch::RawConfig& config) { (void)arch::ParameterSet<NoOptions>().resolve(config); }
  [[nodiscard]] std::optional<std::vector<bool>> trained(const TrainableNetwork& network) const override {
    return trained_with_last(network, {});
  }
};

/// Shifts of batch-norms and biases of layers: what is added to a feature needs no feature to be kept (Observation 2).
class Bias : public Method {
 public:
  explicit Bias(const arch::RawConfig& config) { (void)arch::ParameterSet<NoOptions>().resolve(config); }
  [[nodiscard]] std::optional<std::vector<bool>> trained(const TrainableNetwork& network) const override {
    std::set<std::string> biases;
    for (const TrainedLayer& layer : network.layers()) biases.insert(layer.layer.bias);
    for (const graph::Node& node : network.graph().nodes) {
      if (node.op == "BatchNormalization") biases.insert(node.inputs[2]);
    }
    return trained_with_last(network, biases);
  }
};

const MethodRegistration rep_net("rep_net", "a side network beside the frozen one, trained for a new task",
                                 [](const arch::RawConfig& config) { return std::make_unique<RepNet>(config); });
const MethodRegistration last_layer("last_layer", "the last layer alone is trained",
                                    [](const arch::RawConfig& config) { return std::make_unique<LastLayer>(config); });
const MethodRegistration bias("bias", "biases and the last layer are trained, nothing else",
                              [](const arch::RawConfig& config) { return std::make_unique<Bias>(config); });

}  // namespace
}  // namespace rebasis::train
