// "pe_groups": groups of C_g x R x S weights, a PE's share, are driven to zero: by group Lasso with weight-penalty
// clipping (Yang's dissertation, equations 2.4, 2.6 and 2.7), and by pruning the weakest to a given share while
// training goes on.
#include <algorithm>
#include <cmath>

#include "arch/parameter.h"
#include "workloads/train/layers_left.h"
#include "workloads/train/method.h"

namespace rebasis::train {
namespace {

struct Options : LayersLeft {
  std::int64_t group_channels = 0;
  double lambda = 0;
  bool clip = true;
  double clip_factor = 0;
  double sparsity = 0;
  double prune_until = 0;
  double zero_below = 0;
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
  set.real("zero_below", &Options::zero_below, 0, 0, 1, "",
           "Share of the layer's largest magnitude up to which weights are zero; for use without ternary, which has "
           "the same threshold.",
           "decision: as in Yang, 2.1, 0.05; 0: none");
  set.require({"sparsity"}, "sparsity 1 leaves nothing of a layer; give a share below 1",
              [](const Options& o) { return o.sparsity < 1; });
  set.inherit(layers_left_parameters(true, "Yang, 2.3.1.1"));
  return set.resolve(config);
}

class PeGroups : public Method {
 public:
  explicit PeGroups(const arch::RawConfig& config) : config_(config), options_(resolve(config)) {}
  [[nodiscard]] MethodRole role() const override { return MethodRole::prunes; }

  void begin(TrainableNetwork& network) override {
    covered_ = covered_layers(network, options_, config_);
    for (const TrainedLayer& layer : network.layers()) {
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
      const at::Tensor norms = group_norms(network.filters(i, network.weights(i))) * masks_[i];
      const auto pruned = static_cast<std::int64_t>(std::floor(share * static_cast<double>(norms.numel()) + 1e-9));
      const at::Tensor order = at::argsort(norms.flatten(), /*stable=*/true);
      masks_[i].fill_(1);
      masks_[i].view(-1).index_fill_(0, order.narrow(0, 0, pruned), 0);
    }
  }

  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    if (!covered_[layer]) return filters;
    const at::Tensor kept = options_.zero_below == 0 ? filters : without_small(filters);
    if (options_.sparsity == 0) return kept;
    const at::Tensor channels =
        masks_[layer].repeat_interleave(options_.group_channels, 1).narrow(1, 0, filters.size(1));
    return kept * channels.unsqueeze(2).unsqueeze(3);
  }

  [[nodiscard]] at::Tensor penalty(std::size_t layer, const at::Tensor& filters) const override {
    if (!covered_[layer] || options_.lambda == 0) return {};
    at::Tensor norms = group_norms(filters);
    if (options_.clip) {  // a clipped group's penalty is the constant delta, which is no part of the gradient (2.6)
      const at::Tensor delta = threshold_of(norms);
      norms = at::where(norms.detach().lt(delta), norms, delta);
    }
    return options_.lambda * norms.sum();
  }

  /// A group is zero when all its weights are, as the layer computes with them: after ternarisation where there is one.
  void observe(const TrainableNetwork& network, const std::vector<at::Tensor>& effective,
               Figures& figures) const override {
    double groups = 0, zero_groups = 0;
    bool ternary = true;
    for (std::size_t i = 0; i < covered_.size(); ++i) {
      if (!covered_[i]) continue;
      const std::string& layer = network.layers()[i].layer.name;
      const at::Tensor norms = group_norms(network.filters(i, network.weights(i)));
      const at::Tensor used = used_groups(effective[i]);
      const at::Tensor magnitudes = effective[i].abs().masked_select(effective[i].ne(0));
      const double count = static_cast<double>(effective[i].numel()), zeros = count * share_of_zeros(effective[i]);
      const double empty = static_cast<double>(used.numel()) * share_of_zeros(used);
      const double in_empty = count - used.sum().item<double>();
      figures.metrics[layer + "/threshold"] = threshold_of(norms).item<double>();
      figures.metrics[layer + "/zero_groups"] = share_of_zeros(used);
      figures.metrics[layer + "/in_group_zeros"] = count > in_empty ? (zeros - in_empty) / (count - in_empty) : 0;
      figures.distributions[layer + "/group_norms"] = distribution_of(norms);
      groups += static_cast<double>(used.numel());
      zero_groups += empty;
      ternary = ternary && (magnitudes.numel() == 0 || magnitudes.min().equal(magnitudes.max()));
    }
    if (groups == 0) return;
    const double bits = ternary ? 2 : 32;
    figures.metrics["zero_groups"] = zero_groups / groups;
    figures.metrics["zero_weights"] = share_of_zeros(effective, covered_);
    if (zero_groups < groups) figures.metrics["compression"] = 32 / ((1 - zero_groups / groups) * bits);  // 2.8
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override { return masks_; }

 private:
  [[nodiscard]] std::int64_t groups_of(std::int64_t channels) const {
    return (channels + options_.group_channels - 1) / options_.group_channels;
  }

  /// delta of equation 2.7.
  [[nodiscard]] at::Tensor threshold_of(const at::Tensor& norms) const {
    return options_.clip_factor * norms.detach().mean();
  }

  /// Weights of each group that is not all zeros, 0 of others; [M][groups].
  [[nodiscard]] at::Tensor used_groups(const at::Tensor& filters) const {
    const at::Tensor sizes = group_sums(at::ones_like(filters));
    return sizes * group_sums(filters.ne(0).to(at::kFloat)).gt(0).to(at::kFloat);
  }

  [[nodiscard]] at::Tensor without_small(const at::Tensor& filters) const {
    const at::Tensor magnitude = filters.detach().abs();
    const at::Tensor kept = magnitude.gt(options_.zero_below * magnitude.max()).to(at::kFloat);
    return straight_through(filters.detach() * kept, filters);
  }

  /// L2 norm of each group, [M][groups].
  [[nodiscard]] at::Tensor group_norms(const at::Tensor& filters) const {
    constexpr double smallest = 1e-12;  // the root's slope at zero is infinite
    return group_sums(filters.square()).clamp_min(smallest).sqrt();
  }

  /// Sum of each group's values, [M][groups]; the last group of a filter may have fewer channels.
  [[nodiscard]] at::Tensor group_sums(const at::Tensor& values) const {
    const at::Tensor channels = values.sum({2, 3});
    const std::int64_t groups = groups_of(channels.size(1)),
                       padding = groups * options_.group_channels - channels.size(1);
    return at::constant_pad_nd(channels, {0, padding}, 0)
        .view({channels.size(0), groups, options_.group_channels})
        .sum(2);
  }

  arch::RawConfig config_;
  Options options_;
  std::vector<bool> covered_;
  std::vector<at::Tensor> masks_;  ///< [M][groups] of each layer
};

const MethodRegistration registration("pe_groups", "groups of a PE's weights driven to zero",
                                      [](const arch::RawConfig& config) { return std::make_unique<PeGroups>(config); });

}  // namespace
}  // namespace rebasis::train
