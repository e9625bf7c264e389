// "project": after an epoch, the weights are replaced by what `rebasis compress` would leave of them (SmartDeal paper,
// III-C2: alternate an epoch of training and the decomposition), with any compression recipe.
#include <algorithm>
#include <cmath>
#include <optional>

#include "arch/parameter.h"
#include "workloads/train/method.h"
#include "workloads/train/methods/project_network.h"

namespace rebasis::train {
namespace {

struct Options {
  std::string recipe, once;
  std::int64_t every = 1;
  std::string at_end;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.text("recipe", &Options::recipe, "smartdeal", "Compression recipe: the name of a shipped one, or a file.",
           "SmartDeal paper, III-C2");
  set.text("once", &Options::once, "",
           "Compression recipe whose pruned channels are removed before the first epoch and stay so.",
           "SmartDeal paper, III-D");
  set.integer("every", &Options::every, 1, 1, 100'000, "epochs", "Epochs between two projections.",
              "SmartDeal paper, III-C2: 1");
  set.choice("at_end", &Options::at_end, "keep", {"keep", "project"},
             "The result is the weights after the last epoch, which compress projects, or their projection.",
             "decision");
  return set.resolve(config);
}

/// The filters that a pass pruned whole, with the constants that follow them.
struct PrunedChannels {
  std::size_t layer = 0;
  at::Tensor kept;                  ///< [M] of 0 and 1
  std::vector<std::size_t> shifts;  ///< parameters [M]: bias, and scale and shift of the batch-norm
};

class Project : public Method {
 public:
  explicit Project(const arch::RawConfig& config)
      : options_(resolve(config)), recipe_(compress::Recipe::load(options_.recipe)) {
    if (!options_.once.empty()) once_ = compress::Recipe::load(options_.once);
  }

  void begin(TrainableNetwork& network) override {
    if (!once_) return;
    const at::NoGradGuard no_gradients;
    const CompressedNetwork pruned(network, *once_);
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      if (const compress::Layer* const layer = pruned.layer(i)) remove_pruned(network, i, *layer);
    }
    hold_pruned(network);
  }

  void begin_epoch(TrainableNetwork& network, std::int64_t epoch, std::int64_t) override {
    if (epoch == 0 || epoch % options_.every != 0) return;
    if (shown_.empty()) project(network);  // a resumed run
    const at::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const at::Tensor& weights = network.weights(i);
      weights.detach().copy_(network.constant_of(i, shown_[i], weights.sizes()));
    }
    hold_pruned(network);
  }

  void begin_step(TrainableNetwork&, const Moment&) override { shown_.clear(); }
  void after_step(TrainableNetwork& network, const Moment&) override { hold_pruned(network); }
  void end_epoch(TrainableNetwork& network, std::int64_t, std::int64_t) override { project(network); }
  void restored() override { shown_.clear(); }
  void finish(TrainableNetwork& network) override {
    shown_.clear();
    if (options_.at_end == "project") project(network);
  }

  /// Training sees the weights as they are; validation, and the result with at_end: project, their projection.
  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    return shown_.empty() ? filters : shown_[layer];
  }

  /// project/error: ||W - projection||_F / ||W||_F over the network; project/zeros: share of zeros in the projection.
  [[nodiscard]] std::map<std::string, double> metrics(const TrainableNetwork& network) const override {
    if (shown_.empty()) return {};
    double error = 0, norm = 0, zeros = 0, elements = 0;
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const at::Tensor filters = network.filters(i, network.weights(i)).detach();
      error += (filters - shown_[i]).square().sum().item<double>();
      norm += filters.square().sum().item<double>();
      zeros += shown_[i].eq(0).sum().item<double>();
      elements += static_cast<double>(filters.numel());
    }
    return {{"project/error", norm > 0 ? std::sqrt(error / norm) : 0.0}, {"project/zeros", zeros / elements}};
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override {
    std::vector<at::Tensor> state;
    for (const PrunedChannels& pruned : pruned_) state.push_back(pruned.kept);
    return state;
  }

 private:
  void project(const TrainableNetwork& network) {
    const CompressedNetwork compressed(network, recipe_);
    shown_.clear();
    for (std::size_t i = 0; i < network.layers().size(); ++i) shown_.push_back(compressed.filters(i));
  }

  /// Weights that the pass zeroed become zero. Filters that it zeroed whole, bias included, are remembered; weights
  /// that read them stay zero by themselves, because their gradient is zero.
  void remove_pruned(TrainableNetwork& network, std::size_t index, const compress::Layer& layer) {
    std::vector<float> left = layer.weights;
    const at::Tensor& weights = network.weights(index);
    const at::Tensor filters = network.filters(index, weights);
    const at::Tensor present = at::from_blob(left.data(), filters.sizes(), at::kFloat).ne(0);
    weights.detach().copy_(network.constant_of(index, filters * present, weights.sizes()));
    at::Tensor dead = present.flatten(1).any(1).logical_not();
    if (!layer.bias.empty()) {
      std::vector<float> bias = layer.bias;
      dead = dead.logical_and(at::from_blob(bias.data(), {layer.shape.M}, at::kFloat).eq(0));
    }
    if (dead.any().item<bool>())
      pruned_.push_back({index, dead.logical_not().to(at::kFloat), parameters_behind(network, index)});
  }

  /// Parameters [M] that move the layer's output channels.
  static std::vector<std::size_t> parameters_behind(const TrainableNetwork& network, std::size_t index) {
    const graph::WeightLayer& layer = network.layers()[index].layer;
    std::vector<std::string> constants{layer.bias};
    for (const graph::Node* const reader : network.graph().consumers(layer.output)) {
      if (reader->op == "BatchNormalization") constants.insert(constants.end(), {reader->inputs[1], reader->inputs[2]});
    }
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < network.parameter_names().size(); ++i) {
      const std::string& name = network.parameter_names()[i];
      if (std::find(constants.begin(), constants.end(), name) != constants.end() &&
          network.parameters()[i].numel() == layer.shape.M)
        found.push_back(i);
    }
    return found;
  }

  void hold_pruned(TrainableNetwork& network) const {
    const at::NoGradGuard no_gradients;
    for (const PrunedChannels& pruned : pruned_) {
      const at::Tensor& weights = network.weights(pruned.layer);
      const at::Tensor filters = network.filters(pruned.layer, weights) * pruned.kept.view({-1, 1, 1, 1});
      weights.detach().copy_(network.constant_of(pruned.layer, filters, weights.sizes()));
      for (const std::size_t i : pruned.shifts) network.parameters()[i].detach().mul_(pruned.kept);
    }
  }

  Options options_;
  compress::Recipe recipe_;
  std::optional<compress::Recipe> once_;
  std::vector<PrunedChannels> pruned_;
  std::vector<at::Tensor> shown_;  ///< projected filters of each layer; empty while training goes on
};

const MethodRegistration registration("project", "what a compression recipe leaves of the weights, after each epoch",
                                      [](const arch::RawConfig& config) { return std::make_unique<Project>(config); });

}  // namespace
}  // namespace rebasis::train
