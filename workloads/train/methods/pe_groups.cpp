// "pe_groups": groups of C_g x R x S weights, a PE's share, are driven to zero: by group Lasso with weight-penalty
// clipping (Yang's dissertation, equations 2.4, 2.6 and 2.7), and by pruning the weakest to a given share while
// training goes on.
#include <algorithm>
#include <cmath>

#include "arch/parameter.h"
#include "workloads/train/method.h"

namespace rebasis::train {
namespace {

struct Options {
  std::int64_t group_channels = 0;
  double lambda = 0;
  bool clip = true;
  double clip_factor = 0;
  double sparsity = 0;
  double prune_until = 0;
  bool keep_first_last = true, keep_depthwise = true;
  [[nodiscard]] LayerScope scope() const { return {keep_first_last, keep_depthwise}; }
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.integer("group_channels", &Options::group_channels, 16, 1, 4096, "", "C_g: channels of a group.",
              "Yang, Table 7");
  set.real("lambda", &Options::lambda, 1e-4, 0, 1e3, "", "Weight of the group Lasso; 0: none.",
           "Yang, 2.4: tuned to the data; decision");
  set.boolean("clip", &Options::clip, true, "Clip the penalty of strong groups at the self-adapting threshold.",
              "Yang, 2.6");
  set.real("clip_factor", &Options::clip_factor, 1, 0, 100, "",
           "a: threshold over the mean norm of the layer's groups.", "Yang, 2.7; decision: 1");
  set.real("sparsity", &Options::sparsity, 0, 0, 1, "",
           "Share of each layer's groups that become zero and stay so; 0: those the penalty leaves.", "decision");
  set.real("prune_until", &Options::prune_until, 0.5, 0, 1, "",
           "Share of the epochs over which the pruned share grows to its end.", "decision");
  set.boolean("keep_first_last", &Options::keep_first_last, true, "Leave the first and the last layer alone.",
              "Yang, 2.3.1.1");
  set.boolean("keep_depthwise", &Options::keep_depthwise, true, "Leave depthwise layers alone.", "decision");
  return set.resolve(config);
}

class PeGroups : public Method {
 public:
  explicit PeGroups(const arch::RawConfig& config) : options_(resolve(config)) {}

  void begin(TrainableNetwork& network) override {
    for (const TrainedLayer& layer : network.layers()) {
      covered_.push_back(options_.scope().covers(layer));
      const LayerShape& shape = layer.layer.shape;
      masks_.push_back(at::ones({shape.M, groups_of(shape.channels_per_group())}));
    }
  }

  /// The pruned share grows as 1 - (1 - t)^3 (Zhu and Gupta), so that the network loses the most while it can still
  /// adapt.
  void begin_epoch(TrainableNetwork& network, std::int64_t epoch, std::int64_t epochs) override {
    if (options_.sparsity == 0) return;
    const at::NoGradGuard no_gradients;
    const double span = std::max(1.0, options_.prune_until * static_cast<double>(epochs));
    const double t = std::min(1.0, static_cast<double>(epoch + 1) / span);
    const double share = options_.sparsity * (1 - std::pow(1 - t, 3));
    for (std::size_t i = 0; i < masks_.size(); ++i) {
      if (!covered_[i]) continue;
      const at::Tensor norms =
          group_norms(network.filters(i, network.parameters()[network.layers()[i].parameter])) * masks_[i];
      const auto pruned = static_cast<std::int64_t>(std::floor(share * static_cast<double>(norms.numel()) + 1e-9));
      const at::Tensor order = at::argsort(norms.flatten(), /*stable=*/true);
      masks_[i].fill_(1);
      masks_[i].view(-1).index_fill_(0, order.narrow(0, 0, pruned), 0);
    }
  }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    if (!covered_[layer] || options_.sparsity == 0) return filters;
    const at::Tensor channels =
        masks_[layer].repeat_interleave(options_.group_channels, 1).narrow(1, 0, filters.size(1));
    return filters * channels.unsqueeze(2).unsqueeze(3);
  }

  [[nodiscard]] at::Tensor penalty(std::size_t layer, const at::Tensor& filters) const override {
    if (!covered_[layer] || options_.lambda == 0) return {};
    at::Tensor norms = group_norms(filters);
    // A clipped group's penalty is the constant delta: it does not pull, and delta is no part of the gradient (2.6).
    if (options_.clip) norms = norms * norms.detach().lt(options_.clip_factor * norms.detach().mean()).to(at::kFloat);
    return options_.lambda * norms.sum();
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override { return masks_; }

 private:
  [[nodiscard]] std::int64_t groups_of(std::int64_t channels) const {
    return (channels + options_.group_channels - 1) / options_.group_channels;
  }

  /// L2 norm of each group, [M][groups].
  [[nodiscard]] at::Tensor group_norms(const at::Tensor& filters) const {
    const at::Tensor squares = filters.square().sum({2, 3});
    const std::int64_t groups = groups_of(squares.size(1)),
                       padding = groups * options_.group_channels - squares.size(1);
    const at::Tensor padded = at::constant_pad_nd(squares, {0, padding}, 0);
    constexpr double smallest = 1e-12;  // the root's slope at zero is infinite
    return padded.view({squares.size(0), groups, options_.group_channels}).sum(2).clamp_min(smallest).sqrt();
  }

  Options options_;
  std::vector<bool> covered_;
  std::vector<at::Tensor> masks_;  ///< [M][groups] of each layer
};

const MethodRegistration registration("pe_groups", "groups of a PE's weights driven to zero",
                                      [](const arch::RawConfig& config) { return std::make_unique<PeGroups>(config); });

}  // namespace
}  // namespace rebasis::train
