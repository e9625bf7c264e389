// The weight layers of an imported network as a Model for the passes, and back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workloads/compress/model.h"
#include "workloads/graph/graph.h"
#include "workloads/graph/layers.h"
#include "workloads/run/executor.h"
#include "workloads/trace/trace.h"

namespace rebasis::compress {

class NetworkModel {
 public:
  /// `graph` must outlive this. A transposed convolution becomes one layer a sub-pixel phase.
  explicit NetworkModel(const graph::Graph& graph);

  [[nodiscard]] Model& model() { return model_; }
  [[nodiscard]] const Model& model() const { return model_; }
  /// The layer whose input model layer `index` reads (graph::WeightLayer::name).
  [[nodiscard]] const std::string& source_of(std::size_t index) const { return sources_[index]; }

  /// Runs the network with the rebuilt weights. With `activations` (by layer name, as calibrated) the inputs of every
  /// layer are quantised and biases rounded to the 32-bit integers of the trace; without, only the weights change.
  [[nodiscard]] run::RunHooks hooks(const std::map<std::string, trace::ActivationInfo>* activations = nullptr) const;

  /// graph::auxiliary_layers with the names of the model's layers.
  [[nodiscard]] std::vector<trace::AuxiliaryInfo> auxiliary() const;

 private:
  /// One node: its model layers are first .. first + max(1, phases) - 1.
  struct Node {
    graph::WeightLayer layer;
    std::size_t first = 0;
    std::vector<graph::SubPixelPhase> phases;
  };
  void add_plain(const graph::WeightLayer& layer);
  void add_phases(const graph::WeightLayer& layer);
  [[nodiscard]] Tensor<float> node_weights(const Node& node) const;
  [[nodiscard]] std::vector<float> node_bias(const Node& node, const trace::ActivationInfo* activations) const;

  void add_reuse(const Node& node, bool quantised, run::RunHooks& hooks) const;

  const graph::Graph& graph_;
  Model model_;
  std::vector<Node> nodes_;
  std::vector<std::string> sources_;
};

}  // namespace rebasis::compress
