// The pass "pe_prune": whole groups of C_g channels x R x S weights of a filter become zero, as many weights as a
// processing element holds (Yang's dissertation, section 2.2.3). Without training: the groups of the smallest norm.
#include <fmt/format.h>

#include "common/text/suggest.h"
#include "workloads/compress/pass.h"
#include "workloads/compress/prune/prune_groups.h"

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

bool leaves(const Model& model, std::size_t i, const PruneOptions& options) {
  const Layer& layer = model.layers[i];
  const bool end = layer.first || i + 1 == model.layers.size();
  return options.leave || (end && options.keep_first_last) || (layer.shape.depthwise() && options.leave_depthwise);
}

std::int64_t groups_in(const LayerShape& shape, std::int64_t group_channels) {
  return shape.M * trace::TernaryInfo{group_channels}.groups_of_filter(shape);
}

class PePrunePass : public Pass {
 public:
  explicit PePrunePass(const PassConfig& config) : options_(config, resolve), where_(config.where) {
    refuse_in_rules(config, {"scope"});
    ranking_ = resolve(config.options).scope == "network" ? Ranking::relative : Ranking::layer;
  }
  Role role() const override { return Role::prunes; }

  void check(const Model& model) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      const Layer& layer = model.layers[i];
      const std::int64_t groups = groups_in(layer.shape, options[i].group_channels);
      if (leaves(model, i, options[i]) || options[i].keep_groups <= groups) continue;
      fail_input(where_, fmt::format("keep_groups is {}, but layer {} has {} groups; give at most that many",
                                     options[i].keep_groups, in_quotes(layer.name), groups));
    }
  }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    std::vector<PruneTarget> counted, competing;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      if (layer.encoded() || leaves(model, i, options[i])) continue;
      layer.group_channels = options[i].group_channels;
      WeightGroups groups = channel_runs(layer.shape, layer.group_channels);
      const auto count = static_cast<double>(groups.count);
      if (options[i].keep_groups > 0) {
        counted.push_back({i, std::move(groups), count - static_cast<double>(options[i].keep_groups)});
      } else {
        competing.push_back({i, std::move(groups), options[i].ratio * count});
      }
    }
    prune_smallest(model, counted, Ranking::layer);
    prune_smallest(model, competing, ranking_);
  }

 private:
  LayerOptions<PruneOptions> options_;
  SourceLocation where_;
  Ranking ranking_ = Ranking::layer;
};

const PassRegistration registration("pe_prune", "zeroes groups of weights that a processing element holds",
                                    [](const PassConfig& config) { return std::make_unique<PePrunePass>(config); });

}  // namespace
}  // namespace rebasis::compress
