// "prune_regrow": a sparse network whose zeros move while it trains: the smallest weights are pruned, those with the
// largest gradients grow (Yang's dissertation, equations 3.1 and 3.2; RigL, GraNet).
#include "workloads/train/methods/prune_regrow/sparse_layers.h"

namespace rebasis::train {
namespace {

struct Options : RegrowOptions {
  std::string target;
  SparsityPattern pattern;
};

Options resolve(const arch::RawConfig& config) {
  arch::ParameterSet<Options> set;
  set.text("target", &Options::target, "90%",
           "Zeros at the end: a share of the weights, or N:M, N zeros of M channels.", "Yang, Table 10");
  set.inherit(regrow_parameters());
  Options options = set.resolve(config);
  const arch::ConfigEntry* const entry = config.find("target");
  options.pattern = parse_pattern(options.target, entry == nullptr ? SourceLocation{} : entry->where);
  return options;
}

class PruneRegrow : public Method {
 public:
  explicit PruneRegrow(const arch::RawConfig& config) : options_(resolve(config)) {}
  [[nodiscard]] MethodRole role() const override { return MethodRole::prunes; }

  void begin(TrainableNetwork& network) override {
    layers_ = SparseLayers(network, options_);
    masks_ = layers_.ones(network);
    updates_ = at::zeros({1}, at::kLong);
    if (initial() == 0) return;
    prune_inside(masks_, layers_.ones(network), options_.pattern, layers_.magnitudes(network),
                 {initial(), 0, options_.candidates == "global"});
    layers_.mask_weights(network, masks_);
  }

  void begin_epoch(TrainableNetwork&, std::int64_t, std::int64_t) override {
    cost_.begin_epoch();
    before_ = copied(masks_);
  }

  /// Straight through: the pruned weights have gradients, by which they are grown.
  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    const std::size_t position = layers_.position(layer);
    if (position == layers_.size()) return filters;
    return straight_through(filters.detach().masked_fill(masks_[position].logical_not(), 0), filters);
  }

  void after_backward(TrainableNetwork& network, const Moment& moment) override {
    const std::int64_t done = updates_.item<std::int64_t>();
    const GrowthPlan plan = plan_growth(options_, initial(), options_.pattern.grouped() ? 1 : options_.pattern.sparsity,
                                        0, options_.update_steps, moment.epochs * moment.steps, 1);
    const bool updates = plan.due(moment.steps_done(), done);
    if (updates) {
      updates_.add_(1);
      prune_and_regrow(
          masks_, options_.pattern, layers_.magnitudes(network), layers_.gradient_magnitudes(network),
          {plan.level(done + 1), regrow_share(options_, moment.progress()), options_.candidates == "global"});
    }
    layers_.mask_gradients(network, masks_);
    cost_.add(layers_, masks_, updates, moment.images);
  }

  void after_step(TrainableNetwork& network, const Moment&) override { layers_.mask_weights(network, masks_); }

  [[nodiscard]] at::Tensor keeps_momentum(std::size_t layer) const override {
    const std::size_t position = layers_.position(layer);
    return position == layers_.size() ? at::Tensor() : masks_[position];
  }

  [[nodiscard]] std::map<std::string, double> metrics(const TrainableNetwork&) const override {
    std::map<std::string, double> metrics{{"sparsity", sparsity_of(masks_)},
                                          {"mask_churn", non_overlap(before_, masks_)}};
    for (std::size_t i = 0; i < layers_.size(); ++i) metrics[layers_.name(i) + "/sparsity"] = sparsity_of({masks_[i]});
    cost_.report(metrics);
    return metrics;
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override {
    std::vector<at::Tensor> state = masks_;
    state.push_back(updates_);
    return state;
  }

 private:
  [[nodiscard]] double initial() const {
    return options_.pattern.grouped() ? 0 : std::min(options_.initial_sparsity, options_.pattern.sparsity);
  }

  Options options_;
  SparseLayers layers_;
  LayerTensors masks_;
  LayerTensors before_;  ///< masks at the start of the epoch
  at::Tensor updates_;   ///< i64 [1]
  TrainingCost cost_;
};

const MethodRegistration registration("prune_regrow", "zeros that move: pruned by magnitude, grown by gradient",
                                      [](const arch::RawConfig& config) {
                                        return std::make_unique<PruneRegrow>(config);
                                      });

}  // namespace
}  // namespace rebasis::train
