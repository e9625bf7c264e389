#include "workloads/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "common/error.h"
#include "common/sha256.h"
#include "workloads/run/tensor_bridge.h"
#include "workloads/train/batches.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/gradients.h"
#include "workloads/train/initialise.h"
#include "workloads/train/method_chain.h"
#include "workloads/train/network.h"
#include "workloads/train/optimiser.h"
#include "workloads/train/split.h"
#include "workloads/train/weight_average.h"

namespace rebasis::train {

namespace {

TrainableNetwork initialised(const graph::Graph& graph, const Recipe& recipe) {
  TrainableNetwork network(graph);
  initialise(network, recipe);
  return network;
}

class Run {
 public:
  Run(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data, const Split& split,
      const TrainObserver& observer, std::int64_t threads);
  TrainResult run(const std::string& checkpoint);

 private:
  [[nodiscard]] std::string key() const;
  [[nodiscard]] TrainingState state();
  void epoch(std::int64_t epoch);
  double step(const Moment& moment, const std::vector<std::int64_t>& indices);
  [[nodiscard]] at::Tensor forward(const Batch& batch, bool training);
  void check_classes();
  void check_finite(std::int64_t epoch) const;
  [[nodiscard]] EpochReport report(std::int64_t epoch, double loss, std::int64_t shown);
  void select(std::size_t variant);
  [[nodiscard]] double validation_accuracy();
  void remember_best();
  void settle();
  void renew_statistics();
  [[nodiscard]] bool out_of_patience() const;
  [[nodiscard]] std::vector<TrainedNetwork> networks();

  const Recipe& recipe_;
  const TrainObserver& observer_;
  Dataset data_, validation_;
  std::int64_t classes_;
  std::string data_key_;
  TrainableNetwork network_;
  MethodChain methods_;
  Gradients gradients_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  WeightAverage average_;
  std::vector<EpochReport> epochs_;
  std::vector<at::Tensor> values_;  ///< all that an epoch changes but the optimiser's state and the average
  std::vector<at::Tensor> best_;    ///< values_ after the best epoch, with keep: best
  std::int64_t correct_ = 0;
};

Run::Run(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data, const Split& split,
         const TrainObserver& observer, std::int64_t threads)
    : recipe_(recipe),
      observer_(observer),
      data_(data, split.training),
      validation_(data, split.validation),
      classes_(*std::max_element(data.labels.begin(), data.labels.end()) + 1),
      data_key_(key_of(data)),
      network_(initialised(graph, recipe)),
      methods_(recipe, network_),
      gradients_(network_, methods_, recipe, methods_.leaves(network_), threads),
      optimiser_(make_optimiser(recipe, methods_.trained(network_))),
      average_(recipe.average_epochs > 0 ? methods_.trained(network_) : std::vector<at::Tensor>{}),
      values_(methods_.kept(network_)) {
  for (const at::Tensor& tensor : network_.all_statistics()) values_.push_back(tensor);
  for (const at::Tensor& tensor : methods_.state()) values_.push_back(tensor);
  if (recipe.keep == "best") {
    for (const at::Tensor& tensor : values_) best_.push_back(tensor.detach().clone());
  }
  check_classes();
}

std::string Run::key() const { return sha256(network_.graph().sha256 + "\n" + recipe_.text + "\n" + data_key_); }

TrainingState Run::state() {
  std::vector<at::Tensor> tensors = values_;
  tensors.insert(tensors.end(), best_.begin(), best_.end());
  for (const at::Tensor& tensor : average_.state()) tensors.push_back(tensor);
  return {std::move(tensors), *optimiser_, epochs_};
}

void Run::select(std::size_t variant) {
  methods_.select(variant);
  network_.select(variant);
}

at::Tensor Run::forward(const Batch& batch, bool training) {
  return network_.forward(batch.images, training, [&](std::size_t layer, const at::Tensor& weights) {
    return methods_.effective(network_, layer, weights);
  });
}

void Run::check_classes() {
  const at::NoGradGuard no_gradients;
  const at::Tensor scores = forward(data_.range(0, 1), false);
  if (scores.dim() == 2 && classes_ <= scores.size(1)) return;
  fail_input("the labels have " + std::to_string(classes_) +
             " classes, the network's output is another; use labels of this network");
}

/// A loss tells of the weights before its step; behind an epoch's last step there is none.
void Run::check_finite(std::int64_t epoch) const {
  std::vector<at::Tensor> tensors = methods_.trained(network_);
  for (const at::Tensor& tensor : network_.all_statistics()) tensors.push_back(tensor);
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.isfinite().all().item<bool>())
      fail_input("weights are not finite after epoch " + std::to_string(epoch + 1) + "; lower learning_rate");
  }
}

double Run::step(const Moment& moment, const std::vector<std::int64_t>& indices) {
  Batch batch = data_.pick(indices);
  augment(batch, recipe_, moment.epoch, moment.step);
  const double position =
      static_cast<double>(moment.epoch) + static_cast<double>(moment.step + 1) / static_cast<double>(moment.steps);
  set_rate(*optimiser_, recipe_.learning_rate * recipe_.rate_factor(position));
  methods_.each([&](Method& method) { method.begin_step(network_, moment); });
  const BatchOutcome outcome = gradients_.compute(moment, batch);
  if (!std::isfinite(outcome.loss)) {
    fail_input("the loss is not finite in epoch " + std::to_string(moment.epoch + 1) + ", step " +
               std::to_string(moment.step + 1) + "; lower learning_rate");
  }
  optimiser_->step();
  methods_.each([&](Method& method) { method.after_step(network_, moment); });
  methods_.drop_momentum(
      network_, [&](const at::Tensor& weights, const at::Tensor& kept) { drop_momentum(*optimiser_, weights, kept); });
  correct_ += outcome.correct;
  return outcome.loss;
}

void Run::epoch(std::int64_t epoch) {
  methods_.each([&](Method& method) { method.begin_epoch(network_, epoch, recipe_.epochs); });
  const std::vector<std::int64_t> order = shuffled(data_.size(), recipe_.seed, epoch);
  const std::int64_t batch = std::min(recipe_.batch_size, data_.size());
  Moment moment{epoch, recipe_.epochs, 0, data_.size() / batch,
                batch};  // a short last batch would spoil the batch-norms
  double loss = 0;
  correct_ = 0;
  for (; moment.step < moment.steps; ++moment.step) {
    const auto first = order.begin() + moment.step * batch;
    loss += step(moment, {first, first + batch});
    if (observer_.step) {
      const auto done = static_cast<double>(moment.step + 1);
      observer_.step(epoch + 1, done / static_cast<double>(moment.steps), loss / done,
                     static_cast<double>(correct_) / (done * static_cast<double>(batch)));
    }
  }
  methods_.each([&](Method& method) { method.end_epoch(network_, epoch, recipe_.epochs); });
  check_finite(epoch);
  if (!epochs_.empty()) epochs_.back().distributions.clear();
  epochs_.push_back(report(epoch, loss / static_cast<double>(moment.steps), moment.steps * batch));
  remember_best();
  if (epoch >= recipe_.epochs - recipe_.average_epochs) average_.add();
}

EpochReport Run::report(std::int64_t epoch, double loss, std::int64_t shown) {
  EpochReport report;
  report.epoch = epoch + 1;
  report.loss = loss;
  report.accuracy = static_cast<double>(correct_) / static_cast<double>(shown);
  report.learning_rate = optimiser_->param_groups().front().options().get_lr();
  for (std::size_t i = 0; validation_.size() > 0 && i < methods_.variants().size(); ++i) {
    select(i);
    report.validation.push_back(validation_accuracy());
  }
  Figures figures = methods_.figures(network_);
  report.metrics = std::move(figures.metrics);
  report.distributions = std::move(figures.distributions);
  return report;
}

double Run::validation_accuracy() {
  const at::NoGradGuard no_gradients;
  constexpr std::int64_t batch_size = 250;
  std::int64_t correct = 0;
  for (std::int64_t i = 0; i < validation_.size(); i += batch_size) {
    const Batch batch = validation_.range(i, std::min(i + batch_size, validation_.size()));
    correct += forward(batch, false).argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  }
  return static_cast<double>(correct) / static_cast<double>(validation_.size());
}

/// The earliest of those with the best validation accuracy.
std::vector<EpochReport>::const_iterator best_of(const std::vector<EpochReport>& epochs) {
  return std::max_element(epochs.begin(), epochs.end(), [](const EpochReport& a, const EpochReport& b) {
    return a.validation_accuracy() < b.validation_accuracy();
  });
}

void Run::remember_best() {
  if (best_.empty() || best_of(epochs_) != std::prev(epochs_.end())) return;
  for (std::size_t i = 0; i < values_.size(); ++i) best_[i].copy_(values_[i].detach());
}

/// The weights that the recipe keeps take the place of the last ones.
void Run::settle() {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < best_.size(); ++i) values_[i].copy_(best_[i]);
  const bool averaged = !average_.empty();
  if (averaged) average_.settle();
  methods_.each([](Method& method) { method.restored(); });
  if (!averaged) return;
  for (std::size_t i = 0; i < methods_.variants().size(); ++i) {
    select(i);
    renew_statistics();
  }
}

/// The batch-norms see the training images once more.
void Run::renew_statistics() {
  const std::vector<std::int64_t> order = shuffled(data_.size(), recipe_.seed, recipe_.epochs);
  const std::int64_t batch = std::min(recipe_.batch_size, data_.size());
  for (std::int64_t first = 0; first + batch <= data_.size(); first += batch) {
    (void)forward(data_.pick({order.begin() + first, order.begin() + first + batch}), true);
  }
}

bool Run::out_of_patience() const {
  if (recipe_.patience == 0 || epochs_.empty()) return false;
  return std::distance(best_of(epochs_), epochs_.end()) > recipe_.patience;
}

std::vector<TrainedNetwork> Run::networks() {
  std::vector<TrainedNetwork> networks;
  for (std::size_t i = 0; i < methods_.variants().size(); ++i) {
    select(i);
    networks.push_back({methods_.variants()[i], network_.values([&](std::size_t layer, const at::Tensor& weights) {
                          return methods_.effective(network_, layer, weights);
                        }),
                        methods_.factors(network_), network_.properties()});
  }
  return networks;
}

TrainResult Run::run(const std::string& checkpoint) {
  TrainingState all = state();
  if (!checkpoint.empty() && std::filesystem::exists(checkpoint)) {
    load_checkpoint(checkpoint, key(), all);
    methods_.each([](Method& method) { method.restored(); });
    if (observer_.resumed) observer_.resumed(static_cast<std::int64_t>(epochs_.size()));
  }
  if (observer_.history) observer_.history(epochs_);
  if (observer_.costs)
    observer_.costs(
        training_costs(network_.graph(), network_.trained_names(), std::min(recipe_.batch_size, data_.size())));
  TrainResult result;
  result.stopped_early = out_of_patience();  // a finished run that is started again
  while (static_cast<std::int64_t>(epochs_.size()) < recipe_.epochs && !result.stopped_early) {
    epoch(static_cast<std::int64_t>(epochs_.size()));
    if (!checkpoint.empty()) save_checkpoint(checkpoint, key(), all);
    if (observer_.history) observer_.history(epochs_);
    if (observer_.epoch) observer_.epoch(epochs_.back());
    result.stopped_early = out_of_patience();
  }
  settle();
  methods_.each([&](Method& method) { method.finish(network_); });
  result.epochs = epochs_;
  if (!best_.empty()) result.best_epoch = best_of(epochs_)->epoch;
  result.networks = networks();
  return result;
}

}  // namespace

std::optional<double> EpochReport::validation_accuracy() const {
  if (validation.empty()) return std::nullopt;
  return std::accumulate(validation.begin(), validation.end(), 0.0) / static_cast<double>(validation.size());
}

TrainResult train(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data,
                  const std::string& checkpoint, const TrainObserver& observer, std::int64_t threads) {
  graph::Graph extended = graph;
  const bool changed = MethodChain::extend(recipe, extended);
  Run run(extended, recipe, data, split(data.labels, recipe), observer, threads);
  TrainResult result = run.run(checkpoint);
  if (changed) result.graph = std::move(extended);
  return result;
}

}  // namespace rebasis::train
