// The pass "structured_prune": weights become zero in groups whose shape hardware can skip: kernel rows, kernels, input
// channels, filters, or blocks of the weight matrix. The groups of the smallest norm go.
#include "workloads/compress/pass.h"
#include "workloads/compress/prune/left_layers.h"
#include "workloads/compress/prune/prune_groups.h"

namespace rebasis::compress {
namespace {

struct PruneOptions : LeftLayers {
  std::string pattern, scope;
  double ratio = 0;
  std::int64_t group_filters = 1, reshape_columns = 3, block_rows = 4, block_columns = 4;
};

arch::ParameterSet<PruneOptions> parameters() {
  arch::ParameterSet<PruneOptions> set;
  set.choice("pattern", &PruneOptions::pattern, "vector", {"vector", "kernel", "channel", "filter", "block"},
             "What becomes zero as a whole: a kernel row of a channel, the kernel of a channel in a filter, an input "
             "channel in all filters, a filter, or a block of the matrix of M rows and (C/groups)RS columns.",
             "vector: paper, III-D");
  set.real("ratio", &PruneOptions::ratio, 0.25, 0, 1, "", "Share of the groups that become zero, rounded down.",
           "decision");
  set.require({"ratio"}, "ratio 1 leaves nothing of a layer; give a share below 1",
              [](const PruneOptions& options) { return options.ratio < 1; });
  set.choice("scope", &PruneOptions::scope, "layer", {"layer", "network", "adaptive"},
             "What the ratio is a share of: each layer's groups, by norm; all groups of the network, by root mean "
             "square; or all, by the layer-adaptive score.",
             "adaptive: Lee et al., Layer-adaptive sparsity for the magnitude-based pruning, ICLR 2021");
  set.integer("group_filters", &PruneOptions::group_filters, 1, 1, 1 << 20, "",
              "vector: consecutive filters that lose the same rows.", "authors' code: 32");
  set.integer("reshape_columns", &PruneOptions::reshape_columns, 3, 1, 1 << 20, "",
              "vector: channels that make a row of 1x1 and fully-connected layers.", "authors' code");
  set.integer("block_rows", &PruneOptions::block_rows, 4, 1, 1 << 20, "", "block: filters of a block.", "decision");
  set.integer("block_columns", &PruneOptions::block_columns, 4, 1, 1 << 20, "", "block: columns of a block.",
              "decision");
  set.inherit(left_layers_parameters());
  return set;
}

/// Keys that one pattern has and the others have not.
void refuse_keys_of_other_patterns(const arch::RawConfig& config, const std::string& pattern) {
  const auto refuse = [&](const char* key, const char* owner) {
    const arch::ConfigEntry* const entry = config.find(key);
    if (entry == nullptr || pattern == owner) return;
    fail_input(entry->where, std::string(key) + " means nothing with pattern '" + pattern +
                                 "'; leave it out or write pattern: " + owner);
  };
  refuse("group_filters", "vector");
  refuse("reshape_columns", "vector");
  refuse("block_rows", "block");
  refuse("block_columns", "block");
}

PruneOptions resolve(const arch::RawConfig& config) {
  PruneOptions options = parameters().resolve(config);
  refuse_keys_of_other_patterns(config, options.pattern);
  return options;
}

WeightGroups groups_of(const LayerShape& shape, const PruneOptions& options) {
  if (options.pattern == "vector") return kernel_rows(shape, options.group_filters, options.reshape_columns);
  if (options.pattern == "kernel") return channel_runs(shape, 1);
  if (options.pattern == "channel") return input_channels(shape);
  if (options.pattern == "filter") return whole_filters(shape);
  return matrix_blocks(shape, options.block_rows, options.block_columns);
}

class StructuredPrunePass : public Pass {
 public:
  explicit StructuredPrunePass(const PassConfig& config)
      : options_(config, resolve), ranking_(ranking_of(resolve(config.options).scope)) {
    refuse_in_rules(config, {"scope", "pattern"});
    whole_filters_ = resolve(config.options).pattern == "filter";
  }
  Role role() const override { return Role::prunes; }

  void apply(Model& model, const PassContext&) const override {
    const std::vector<PruneOptions> options = options_.of(model);
    std::vector<PruneTarget> targets;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      Layer& layer = model.layers[i];
      const bool gives_the_result = whole_filters_ && i + 1 == model.layers.size();  // its filters are the classes
      if (layer.encoded() || options[i].leaves(layer) || gives_the_result) continue;
      WeightGroups groups = groups_of(layer.shape, options[i]);
      const double wanted = options[i].ratio * static_cast<double>(groups.count);
      targets.push_back({i, std::move(groups), wanted});
    }
    const auto zeroed = prune_smallest(model, targets, ranking_);
    for (std::size_t t = 0; t < targets.size(); ++t) finish(model, targets[t].layer, zeroed[t]);
  }

 private:
  void finish(Model& model, std::size_t layer, const std::vector<std::uint8_t>& zeroed) const {
    double count = 0;
    for (std::size_t group = 0; group < zeroed.size(); ++group) {
      if (zeroed[group] == 0) continue;
      count += 1;
      if (whole_filters_) remove_output_channel(model, layer, group);
    }
    model.layers[layer].statistics["pruned_groups"] = count;
  }

  LayerOptions<PruneOptions> options_;
  Ranking ranking_;
  bool whole_filters_ = false;
};

const PassRegistration registration("structured_prune",
                                    "zeroes kernel rows, kernels, channels, filters or blocks of the smallest norm",
                                    [](const PassConfig& config) {
                                      return std::make_unique<StructuredPrunePass>(config);
                                    });

}  // namespace
}  // namespace rebasis::compress
