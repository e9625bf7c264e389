// "sub_nets": several sparse networks that share their weights are trained in turn (alternating sparse training,
// chapter 3 of Yang's dissertation), with gradients corrected between them, or jointly (equation 3.3).
#include <algorithm>

#include "workloads/train/methods/prune_regrow/sparse_layers.h"
#include "workloads/train/methods/sub_nets/gradient_correction.h"
#include "workloads/train/methods/sub_nets/sub_net.h"

namespace rebasis::train {
namespace {

struct Options : RegrowOptions {
  std::vector<SparsityPattern> targets;
  std::string target_text, training, relation, previous;
  std::int64_t switch_steps = 0, adjustment_steps = 0;
  bool hold_inactive = true, share_statistics = false;
};

arch::ParameterSet<Options> parameters() {
  arch::ParameterSet<Options> set;
  set.text("targets", &Options::target_text, "[90%, 95%, 98%]",
           "The sub-nets: zeros of each at the end, a share of the weights, or N:M, N zeros of M channels.",
           "Yang, Table 10");
  set.choice("training", &Options::training, "ast+gc", {"ast+gc", "ast", "joint"},
             "One sub-net a step, with or without gradient correction, or all sub-nets in every step.", "Yang, 3.3.2");
  set.integer("switch_steps", &Options::switch_steps, 1, 1, 1'000'000, "steps",
              "Steps in a row that a sub-net is trained.", "Yang, Figure 11");
  set.choice("relation", &Options::relation, "nd", {"nd", "cs"},
             "nd: each prunes and regrows on its own; cs: each lies in the one before it, only the first regrows.",
             "Yang, 3.3.3: nd");
  set.integer("adjustment_steps", &Options::adjustment_steps, 100, 0, 1'000'000'000, "steps",
              "Delta tau: steps between the updates of two sub-nets.", "Yang, 3.4.1: 100");
  set.choice("previous_gradient", &Options::previous, "raw", {"raw", "corrected"},
             "g_j of equation 3.4: as it was computed or as it was corrected.", "decision");
  set.boolean("hold_inactive", &Options::hold_inactive, true,
              "A step leaves weights that its sub-net does not have as they are; false: momentum still moves them.",
              "Yang, 3.3");
  set.boolean("share_statistics", &Options::share_statistics, false,
              "The sub-nets have one set of running statistics of the batch-norms.", "decision");
  set.inherit(regrow_parameters());
  return set;
}

Options resolve(const arch::RawConfig& config) {
  Options options = parameters().resolve(config);
  const arch::ConfigEntry* const entry = config.find("targets");
  const SourceLocation where = entry == nullptr ? SourceLocation{} : entry->where;
  options.targets = parse_patterns(options.target_text, where);
  const bool rising = std::is_sorted(options.targets.begin(), options.targets.end(),
                                     [](const auto& a, const auto& b) { return a.sparsity < b.sparsity; });
  if (options.relation == "cs" && !rising)
    fail_input(where, "with relation: cs each sub-net lies in the one before it; begin with the least sparse");
  return options;
}

class SubNets : public Method {
 public:
  explicit SubNets(const arch::RawConfig& config) : options_(resolve(config)) {}
  [[nodiscard]] MethodRole role() const override { return MethodRole::prunes; }

  void begin(TrainableNetwork& network) override {
    layers_ = SparseLayers(network, options_);
    const LayerTensors magnitudes = layers_.magnitudes(network), all = layers_.ones(network);
    for (const SparsityPattern& pattern : options_.targets) {
      SubNet net;
      net.name = pattern.name();
      net.pattern = pattern;
      net.offset = static_cast<std::int64_t>(nets_.size()) * options_.adjustment_steps;
      net.masks = copied(all);
      net.updates = at::zeros({1}, at::kLong);
      net.level = at::full({1}, net.initial(options_), at::kDouble);
      prune_inside(net.masks, all, pattern, magnitudes, {net.initial(options_), 0, global()});
      nets_.push_back(std::move(net));
    }
    layers_.mask_weights(network, union_of_nets());
    latest_ = at::zeros_like(flattened_gradient(network.parameters()));
    previous_ = at::zeros_like(latest_);
  }

  void begin_epoch(TrainableNetwork&, std::int64_t, std::int64_t) override {
    cost_.begin_epoch();
    for (SubNet& net : nets_) {
      net.before = copied(net.masks);
      net.products = net.negative = 0;
    }
  }

  void begin_step(TrainableNetwork&, const Moment& moment) override {
    selected_ = joint() ? 0 : static_cast<std::size_t>(position_in_group(moment) / options_.switch_steps);
  }

  /// Straight through: the pruned weights have gradients, by which they are grown.
  [[nodiscard]] at::Tensor apply(std::size_t layer, const at::Tensor& filters) const override {
    const std::size_t position = layers_.position(layer);
    if (position == layers_.size()) return filters;
    const at::Tensor& mask = nets_[selected_].masks[position];
    return straight_through(filters.detach().masked_fill(mask.logical_not(), 0), filters);
  }

  void after_backward(TrainableNetwork& network, const Moment& moment) override {
    const bool updates = update(network, moment);
    layers_.mask_gradients(network, nets_[selected_].masks);
    if (!joint()) compare_gradients(network, moment);
    cost_.add(layers_, nets_[selected_].masks, updates, moment.images);
    if (holds()) held_ = layers_.copies(network);
  }

  void after_step(TrainableNetwork& network, const Moment&) override {
    if (holds()) layers_.restore_outside(network, nets_[selected_].masks, held_);
    layers_.mask_weights(network, union_of_nets());
  }

  /// Weights of other sub-nets keep theirs: they are not trained in this step, but they are not gone.
  [[nodiscard]] at::Tensor keeps_momentum(std::size_t layer) const override {
    const std::size_t position = layers_.position(layer);
    if (position == layers_.size()) return {};
    at::Tensor kept = nets_.front().masks[position];
    for (const SubNet& net : nets_) kept = kept.logical_or(net.masks[position]);
    return kept;
  }

  [[nodiscard]] std::vector<std::string> variants() const override {
    std::vector<std::string> names;
    for (const SubNet& net : nets_) names.push_back(net.name);
    return names;
  }
  void select(std::size_t variant) override { selected_ = variant; }
  [[nodiscard]] std::size_t selected() const override { return selected_; }
  [[nodiscard]] bool joint() const override { return options_.training == "joint"; }
  [[nodiscard]] bool shares_statistics() const override { return options_.share_statistics; }

  [[nodiscard]] std::map<std::string, double> metrics(const TrainableNetwork&) const override {
    std::map<std::string, double> metrics;
    report_sub_nets(nets_, layers_, metrics);
    cost_.report(metrics);
    return metrics;
  }

  [[nodiscard]] std::vector<at::Tensor> state() const override {
    std::vector<at::Tensor> state{latest_, previous_};
    for (const SubNet& net : nets_) {
      state.insert(state.end(), net.masks.begin(), net.masks.end());
      state.push_back(net.updates);
      state.push_back(net.level);
    }
    return state;
  }

 private:
  [[nodiscard]] bool holds() const { return options_.hold_inactive && !joint(); }
  [[nodiscard]] bool global() const { return options_.candidates == "global"; }
  [[nodiscard]] std::int64_t group_steps() const {
    return options_.switch_steps * static_cast<std::int64_t>(nets_.size());
  }
  /// Step within the inner group, in which every sub-net has its turn (3.3.2).
  [[nodiscard]] std::int64_t position_in_group(const Moment& moment) const {
    return moment.steps_done() % group_steps();
  }

  [[nodiscard]] LayerTensors union_of_nets() const {
    std::vector<LayerTensors> masks;
    for (const SubNet& net : nets_) masks.push_back(net.masks);
    return union_of(masks);
  }

  /// The selected sub-net's update when it is due; updates of different sub-nets are adjustment_steps apart, so that
  /// they do not all lose weights at once (Observation 2). True when gradients were looked at.
  bool update(TrainableNetwork& network, const Moment& moment) {
    SubNet& net = nets_[selected_];
    const auto count = static_cast<std::int64_t>(nets_.size());
    const GrowthPlan plan = plan_growth(options_, net.initial(options_), net.target(), net.offset,
                                        std::max(options_.update_steps, count * options_.adjustment_steps),
                                        moment.epochs * moment.steps, joint() ? 1 : group_steps());
    const std::int64_t done = net.updates.item<std::int64_t>();
    if (!plan.due(moment.steps_done(), done)) return false;
    net.updates.add_(1);
    net.level.fill_(plan.level(done + 1));
    const LayerTensors magnitudes = layers_.magnitudes(network);
    const bool regrows = options_.relation == "nd" || selected_ == 0;
    if (regrows) {
      prune_and_regrow(net.masks, net.pattern, magnitudes, layers_.gradient_magnitudes(network),
                       {plan.level(done + 1), regrow_share(options_, moment.progress()), global()});
    }
    if (options_.relation == "cs") nest(std::max<std::size_t>(selected_, 1), magnitudes);
    return regrows;
  }

  /// Sub-nets from `first` on lie in the one before them.
  void nest(std::size_t first, const LayerTensors& magnitudes) {
    for (std::size_t n = first; n < nets_.size(); ++n) {
      prune_inside(nets_[n].masks, nets_[n - 1].masks, nets_[n].pattern, magnitudes,
                   {nets_[n].level.item<double>(), 0, global()});
    }
  }

  /// Counts negative inner products with the sub-net before this one in the group, and corrects the gradient.
  void compare_gradients(TrainableNetwork& network, const Moment& moment) {
    at::Tensor gradient = flattened_gradient(network.parameters());
    const at::Tensor raw = gradient.clone();
    const bool turn_begins = position_in_group(moment) % options_.switch_steps == 0;
    if (turn_begins) previous_.copy_(latest_);
    if (selected_ > 0) {  // the first of a group has none before it: no correction between groups
      SubNet& net = nets_[selected_];
      const double product = correct_gradient(gradient, previous_, active(network));
      net.products += 1;
      net.negative += product < 0 ? 1 : 0;
      if (options_.training == "ast+gc") set_gradient(network.parameters(), gradient);
    }
    latest_.copy_(options_.previous == "corrected" && options_.training == "ast+gc" ? gradient : raw);
  }

  /// Flags of the values that the selected sub-net trains, in the order of flattened_gradient.
  [[nodiscard]] at::Tensor active(const TrainableNetwork& network) const {
    return layers_.flattened(network, nets_[selected_].masks);
  }

  Options options_;
  SparseLayers layers_;
  std::vector<SubNet> nets_;
  std::size_t selected_ = 0;
  LayerTensors held_;             ///< weights before the optimiser's step
  at::Tensor latest_, previous_;  ///< flattened gradients of the last step, and of the sub-net before the selected one
  TrainingCost cost_;
};

const MethodRegistration registration("sub_nets", "sparse networks that share their weights, trained in turn",
                                      [](const arch::RawConfig& config) { return std::make_unique<SubNets>(config); });

}  // namespace
}  // namespace rebasis::train
