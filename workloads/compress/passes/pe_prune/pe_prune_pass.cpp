// The pass "pe_prune": whole groups of C_g channels x R x S weights of a filter become zero, as many weights as a
// processing element holds (Yang's dissertation, section 2.2.3). Without training: the groups of the smallest norm.
#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/text/suggest.h"
#include "workloads/compress/pass.h"

namespace rebasis::compress {
namespace {

struct PruneOptions {
  std::int64_t group_channels = 16;
  double ratio = 0;
  std::string scope = "layer";
  std::int64_t keep_groups = 0;
  bool keep_first_last = true;
  bool leave_depthwise = true;
  bool leave = false;
};

PruneOptions resolve(const arch::RawConfig& config) {
  arch::ParameterSet<PruneOptions> set;
  set.integer("group_channels", &PruneOptions::group_channels, 16, 1, 1 << 20, "", "C_g: channels of a group.",
              "Yang, 2.3.2.1");
  set.real("ratio", &PruneOptions::ratio, 0.25, 0, 1, "", "Group sparsity: share of the groups that become zero.",
           "Yang, Table 3: ResNet-20");
  set.choice(
      "scope", &PruneOptions::scope, "layer", {"layer", "network"},
      "Groups compete by L2 norm within their layer, or within the network by their norm over their layer's mean "
      "norm.",
      "network: Yang, equation 2.7");
  set.integer("keep_groups", &PruneOptions::keep_groups, 0, 0, std::int64_t{1} << 33, "",
              "Non-zero groups of the layer, in place of ratio; 0: ratio.", "Yang, Table 7");
  set.boolean("keep_first_last", &PruneOptions::keep_first_last, true,
              "Do not prune the network's first and last layer.", "Yang, 2.3.1.1");
  set.boolean("leave_depthwise", &PruneOptions::leave_depthwise, true, "Do not prune depthwise layers.", "decision");
  set.boolean("leave", &PruneOptions::leave, false, "Do not prune the layer.", "decision");
  return set.resolve(config);
}

struct Group {
  std::size_t layer = 0, first = 0, last = 0;  ///< weights [first, last) of the layer
  double score = 0;                            ///< L2 norm, over the layer's mean norm with scope network
};

std::vector<Group> groups_of(const Layer& layer, std::size_t index, std::int64_t group_channels) {
  std::vector<Group> groups;
  const std::int64_t channels = layer.shape.channels_per_group(), kernel = layer.shape.R * layer.shape.S;
  for (std::int64_t m = 0; m < layer.shape.M; ++m) {
    for (std::int64_t c = 0; c < channels; c += group_channels) {
      const std::int64_t end = std::min(c + group_channels, channels);
      Group group{index, static_cast<std::size_t>((m * channels + c) * kernel),
                  static_cast<std::size_t>((m * channels + end) * kernel)};
      double squares = 0;
      for (std::size_t i = group.first; i < group.last; ++i)
        squares += static_cast<double>(layer.weights[i]) * static_cast<double>(layer.weights[i]);
      group.score = std::sqrt(squares);
      groups.push_back(group);
    }
  }
  return groups;
}

void relate_to_mean(std::vector<Group>& groups) {
  double sum = 0;
  for (const Group& group : groups) sum += group.score;
  if (sum == 0) return;
  for (Group& group : groups) group.score *= static_cast<double>(groups.size()) / sum;
}

/// Zeroes the `count` groups of the smallest score; equal ones in their order.
void zero_smallest(Model& model, std::vector<Group> groups, std::size_t count) {
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.score < b.score; });
  groups.resize(std::min(count, groups.size()));
  for (const Group& group : groups) {
    std::vector<float>& weights = model.layers[group.layer].weights;
    std::fill(weights.begin() + static_cast<std::ptrdiff_t>(group.first),
              weights.begin() + static_cast<std::ptrdiff_t>(group.last), 0.0F);
  }
}

std::size_t share_of(double ratio, std::size_t groups) {
  return static_cast<std::size_t>(std::floor(ratio * static_cast<double>(groups)));
}

class PePrunePass : public Pass {
 public:
  explicit PePrunePass(const PassConfig& config) : options_(config, resolve), where_(config.where) {
    for (const LayerRule& rule : config.rules) {
      arch::RawConfig merged = config.options;
      merged.override_with(rule.overrides);
      if (resolve(merged).scope != resolve(config.options).scope)
        fail_input(rule.where, "scope is the same for all layers; give it to the pass");
    }
    network_ = resolve(config.options).scope == "network";
    ratio_ = resolve(config.options).ratio;
  }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    std::vector<Group> competing;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      const PruneOptions& o = options[i];
      const bool end = layer.first || i + 1 == model.layers.size();
      if (layer.encoded() || o.leave || (end && o.keep_first_last) || (layer.shape.depthwise() && o.leave_depthwise))
        continue;
      layer.group_channels = o.group_channels;
      std::vector<Group> groups = groups_of(layer, i, o.group_channels);
      if (o.keep_groups > 0) {
        zero_smallest(model, groups, groups.size() - kept(layer, groups.size(), o.keep_groups));
      } else if (network_) {
        relate_to_mean(groups);
        competing.insert(competing.end(), groups.begin(), groups.end());
      } else {
        zero_smallest(model, groups, share_of(o.ratio, groups.size()));
      }
    }
    const std::size_t count = share_of(ratio_, competing.size());
    zero_smallest(model, std::move(competing), count);
  }

 private:
  [[nodiscard]] std::size_t kept(const Layer& layer, std::size_t groups, std::int64_t keep) const {
    if (static_cast<std::size_t>(keep) <= groups) return static_cast<std::size_t>(keep);
    fail_input(where_, fmt::format("keep_groups is {}, but layer {} has {} groups; give at most that many", keep,
                                   in_quotes(layer.name), groups));
  }

  LayerOptions<PruneOptions> options_;
  SourceLocation where_;
  bool network_ = false;
  double ratio_ = 0;
};

const PassRegistration registration("pe_prune", "zeroes groups of weights that a processing element holds",
                                    [](const PassConfig& config) { return std::make_unique<PePrunePass>(config); });

}  // namespace
}  // namespace rebasis::compress
