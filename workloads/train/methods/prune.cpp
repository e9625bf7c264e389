// "prune": weights, or groups of them in shapes that hardware can skip, become zero while training goes on. The groups
// and their ranking are those of the passes of `rebasis compress`, on the weights as folding the batch-norms leaves
// them.
#include <algorithm>
#include <cmath>

#include "workloads/compress/prune/prune_groups.h"
#include "workloads/train/layers_left.h"
#include "workloads/train/method.h"
#include "workloads/train/model_view.h"

namespace rebasis::train {
namespace {

struct Options : LayersLeft {
  std::string pattern, scope, score;
  double sparsity = 0, until = 0, slimming = 0;
  std::int64_t interval = 1, group_filters = 1, reshape_columns = 3, block_rows = 4, block_columns = 4;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.choice("pattern", &Options::pattern, "weight", {"weight", "vector", "kernel", "channel", "filter", "block"},
             "What becomes zero as a whole: a weight, a kernel row of a channel, the kernel of a channel in a filter, "
             "an input channel in all filters, a filter, or a block of the matrix of M rows and (C/groups)RS columns.",
             "weight: Han et al., 2015");
  set.real("sparsity", &Options::sparsity, 0.9, 0, 1, "", "Share of them that becomes zero, rounded down.",
           "Succinct paper, Table 1: 0.9, 0.95, 0.97");
  set.require({"sparsity"}, "sparsity 1 leaves nothing of the network; give a share below 1",
              [](const Options& o) { return o.sparsity < 1; });
  set.choice("scope", &Options::scope, "network", {"layer", "network", "adaptive"},
             "What it is a share of: each layer, by norm; the network, by root mean square; or the network, by the "
             "layer-adaptive score (Lee et al., 2021).",
             "network: Lee et al., SNIP, 2019");
  set.choice("score", &Options::score, "magnitude", {"magnitude", "saliency"},
             "What the norms are taken of: weights, or |weight x gradient|, the mean over the steps of an interval.",
             "saliency: Lee et al., SNIP, 2019");
  set.real("until", &Options::until, 0.5, 0, 0.95, "",
           "Share of the run over which the pruned share grows to its end; 0: at once.", "decision");
  set.integer("interval", &Options::interval, 20, 1, 1'000'000, "",
              "Steps between two prunings, and over which saliency is measured.", "decision");
  set.real("slimming", &Options::slimming, 0, 0, 1e3, "",
           "Weight of the L1 norm of the scales of the batch-norms behind the layers.", "Liu et al., 2017");
  set.integer("group_filters", &Options::group_filters, 1, 1, 1 << 20, "",
              "vector: consecutive filters that lose the same rows.", "SmartDeal authors' code: 32");
  set.integer("reshape_columns", &Options::reshape_columns, 3, 1, 1 << 20, "",
              "vector: channels that make a row of 1x1 and fully-connected layers.", "SmartDeal authors' code");
  set.integer("block_rows", &Options::block_rows, 4, 1, 1 << 20, "", "block: filters of a block.", "decision");
  set.integer("block_columns", &Options::block_columns, 4, 1, 1 << 20, "", "block: columns of a block.", "decision");
  set.inherit(layers_left_parameters(false, "Lee et al., SNIP, 2019: all layers are pruned"));
  return set.resolve(config);
}

compress::WeightGroups groups_of(const LayerShape& shape, const Options& options) {
  if (options.pattern == "vector") return compress::kernel_rows(shape, options.group_filters, options.reshape_columns);
  if (options.pattern == "kernel") return compress::channel_runs(shape, 1);
  if (options.pattern == "channel") return compress::input_channels(shape);
  if (options.pattern == "filter") return compress::whole_filters(shape);
  if (options.pattern == "block") return compress::matrix_blocks(shape, options.block_rows, options.block_columns);
  return compress::single_weights(shape);
}

class Prune : public Method {
 public:
  explicit Prune(const arch::RawConfig& config) : config_(config), options_(resolve(config)) {}
  [[nodiscard]] MethodRole role() const override { return MethodRole::prunes; }

  void begin(TrainableNetwork& network) override {
    network_ = &network;
    model_ = shapes_of(network);
    covered_ = covered_layers(network, options_, config_);
    if (options_.pattern == "filter") covered_.back() = false;  // its filters are the classes
    for (std::size_t i = 0; i < covered_.size(); ++i) {
      if (network.layers()[i].layer.op == "convtranspose") covered_[i] = false;  // its constant has another layout
      const at::Tensor filters = network.filters(i, network.weights(i)).detach();
      masks_.push_back(at::ones(filters.sizes()));
      saliency_.push_back(at::zeros(filters.sizes()));
      if (covered_[i]) targets_.push_back({i, groups_of(model_.layers[i].shape, options_), 0});
    }
  }

  /// The pruned share grows as 1 - (1 - t)^3 (Zhu and Gupta, 2018): most goes while the rest can still adapt.
  void begin_step(TrainableNetwork&, const Moment& moment) override {
    const bool measured = options_.score == "magnitude" || moment.steps_done() >= options_.interval;
    if (finished() || !measured) return;
    const double t = options_.until == 0 ? 1 : std::min(1.0, moment.progress() / options_.until);
    if (t == 1 || moment.steps_done() % options_.interval == 0) prune(t);
  }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    return covered_[layer] ? filters * masks_[layer] : filters;
  }

  [[nodiscard]] at::Tensor penalty(std::size_t layer, const at::Tensor&) const override {
    const at::Tensor scale = network_->norm(layer).scale;
    if (options_.slimming == 0 || !covered_[layer] || !scale.defined()) return {};
    return options_.slimming * scale.abs().sum();
  }

  void after_backward(TrainableNetwork& network, const Moment&) override {
    if (options_.score != "saliency" || finished()) return;
    const at::NoGradGuard no_gradients;
    for (const compress::PruneTarget& target : targets_) {
      const at::Tensor& weights = network.weights(target.layer);
      saliency_[target.layer].add_(network.filters(target.layer, weights * weights.grad()).abs());
    }
  }

  void after_step(TrainableNetwork&, const Moment&) override {
    if (options_.pattern == "filter") silence_pruned_filters();
  }

  /// A run too short to reach `until` is pruned to the end all the same.
  void end_epoch(TrainableNetwork&, std::int64_t epoch, std::int64_t epochs) override {
    if (epoch + 1 < epochs || finished()) return;
    prune(1);
    if (options_.pattern == "filter") silence_pruned_filters();
  }

  void observe(const TrainableNetwork&, const std::vector<at::Tensor>& effective, Figures& figures) const override {
    figures.metrics["zero_weights"] = share_of_zeros(effective, covered_);
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override {
    std::vector<at::Tensor> state = masks_;
    state.insert(state.end(), saliency_.begin(), saliency_.end());
    state.push_back(finished_);
    return state;
  }

 private:
  [[nodiscard]] bool finished() const { return finished_.item<std::int64_t>() != 0; }

  /// What groups of layer `layer` are ranked by; zero where it is pruned already.
  [[nodiscard]] std::vector<float> scores_of(std::size_t layer) const {
    const at::Tensor filters = network_->filters(layer, network_->weights(layer)).detach();
    return values_of((options_.score == "saliency" ? saliency_[layer] : folded(*network_, layer, filters)) *
                     masks_[layer]);
  }

  void prune(double t) {
    const at::NoGradGuard no_gradients;
    const double share = options_.sparsity * (1 - std::pow(1 - t, 3));
    for (compress::PruneTarget& target : targets_) {
      model_.layers[target.layer].weights = scores_of(target.layer);
      target.wanted = share * static_cast<double>(target.groups.count);
    }
    const auto zeroed = compress::prune_smallest(model_, targets_, compress::ranking_of(options_.scope));
    for (std::size_t i = 0; i < targets_.size(); ++i) set_mask(targets_[i], zeroed[i]);
    for (const at::Tensor& saliency : saliency_) saliency.zero_();
    if (t == 1) finished_.fill_(1);
  }

  void set_mask(const compress::PruneTarget& target, const std::vector<std::uint8_t>& zeroed) {
    auto* const mask = masks_[target.layer].data_ptr<float>();
    for (std::size_t k = 0; k < target.groups.group_of.size(); ++k)
      mask[k] = zeroed[target.groups.group_of[k]] != 0 ? 0.0F : 1.0F;
  }

  /// Without its batch-norm's scale and shift a pruned filter's channel is zero, and not a constant that others read.
  void silence_pruned_filters() {
    const at::NoGradGuard no_gradients;
    for (const compress::PruneTarget& target : targets_) {
      const TrainableNetwork::Norm norm = network_->norm(target.layer);
      if (!norm.scale.defined()) continue;
      const at::Tensor kept = masks_[target.layer].flatten(1).amax(1);
      at::Tensor(norm.scale).mul_(kept);
      at::Tensor(norm.shift).mul_(kept);
    }
  }

  arch::RawConfig config_;
  Options options_;
  const TrainableNetwork* network_ = nullptr;
  compress::Model model_;
  std::vector<bool> covered_;
  std::vector<compress::PruneTarget> targets_;
  std::vector<at::Tensor> masks_, saliency_;  ///< [M][C/groups][R][S] of each layer
  at::Tensor finished_ = at::zeros({1}, at::kLong);
};

const MethodRegistration registration("prune", "weights, or groups of them, of the smallest score become zero",
                                      [](const arch::RawConfig& config) { return std::make_unique<Prune>(config); });

}  // namespace
}  // namespace rebasis::train
