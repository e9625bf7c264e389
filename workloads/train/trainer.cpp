#include "workloads/train/trainer.h"

#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "common/error.h"
#include "common/sha256.h"
#include "workloads/run/tensor_bridge.h"
#include "workloads/train/batches.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/method_chain.h"
#include "workloads/train/network.h"
#include "workloads/train/weight_average.h"

namespace rebasis::train {

namespace {

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const Recipe& recipe,
                                                        const std::vector<at::Tensor>& parameters) {
  if (recipe.optimiser == "adam") {
    return std::make_unique<torch::optim::Adam>(
        parameters, torch::optim::AdamOptions(recipe.learning_rate).weight_decay(recipe.weight_decay));
  }
  return std::make_unique<torch::optim::SGD>(
      parameters,
      torch::optim::SGDOptions(recipe.learning_rate).momentum(recipe.momentum).weight_decay(recipe.weight_decay));
}

void set_rate(torch::optim::Optimizer& optimiser, double rate) {
  for (auto& group : optimiser.param_groups()) {
    if (group.options().get_lr() != rate) group.options().set_lr(rate);
  }
}

class Run {
 public:
  Run(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data, const TrainObserver& observer);
  TrainResult run(const std::string& checkpoint);

 private:
  [[nodiscard]] std::string key() const;
  [[nodiscard]] TrainingState state();
  void epoch(std::int64_t epoch);
  double step(const Moment& moment, const std::vector<std::int64_t>& indices);
  [[nodiscard]] at::Tensor forward(const Batch& batch, bool training);
  [[nodiscard]] at::Tensor loss_of(const at::Tensor& scores, const Batch& batch, const Moment& moment) const;
  [[nodiscard]] EpochReport report(std::int64_t epoch, double loss, std::int64_t shown);
  void select(std::size_t variant);
  [[nodiscard]] double accuracy(std::int64_t first, std::int64_t last);
  void remember_best();
  void settle();
  void renew_statistics();
  [[nodiscard]] bool out_of_patience() const;
  [[nodiscard]] std::vector<TrainedNetwork> networks();

  const Recipe& recipe_;
  const TrainObserver& observer_;
  Dataset data_;
  TrainableNetwork network_;
  MethodChain methods_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  WeightAverage average_;
  std::int64_t training_images_;
  std::vector<EpochReport> epochs_;
  std::vector<at::Tensor> values_;  ///< all that an epoch changes but the optimiser's state and the average
  std::vector<at::Tensor> best_;    ///< values_ after the best epoch, with keep: best
  std::int64_t correct_ = 0;
};

Run::Run(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data, const TrainObserver& observer)
    : recipe_(recipe),
      observer_(observer),
      data_(data),
      network_(graph),
      methods_(recipe, network_),
      optimiser_(make_optimiser(recipe, methods_.trained(network_))),
      average_(recipe.average_epochs > 0 ? methods_.trained(network_) : std::vector<at::Tensor>{}),
      training_images_(data_.size() -
                       static_cast<std::int64_t>(recipe.validation * static_cast<double>(data_.size()))),
      values_(network_.parameters()) {
  if (training_images_ < 2) fail_input("there are fewer than two images to train on");
  for (const at::Tensor& tensor : network_.all_statistics()) values_.push_back(tensor);
  for (const at::Tensor& tensor : methods_.state()) values_.push_back(tensor);
  if (recipe.keep == "best") {
    for (const at::Tensor& tensor : values_) best_.push_back(tensor.detach().clone());
  }
}

std::string Run::key() const {
  return sha256(network_.graph().sha256 + "\n" + recipe_.text + "\n" + std::to_string(data_.size()));
}

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
  const at::Tensor scores =
      network_.forward(batch.images, training, [&](std::size_t layer, const at::Tensor& weights) {
        return methods_.effective(network_, layer, weights);
      });
  if (scores.dim() != 2 || data_.classes() > scores.size(1)) {
    fail_input("the labels have " + std::to_string(data_.classes()) +
               " classes, the network's output is another; use labels of this network");
  }
  return scores;
}

at::Tensor Run::loss_of(const at::Tensor& scores, const Batch& batch, const Moment& moment) const {
  at::Tensor loss =
      at::cross_entropy_loss(scores, batch.labels, {}, at::Reduction::Mean, -100, recipe_.label_smoothing);
  const at::Tensor penalty = methods_.penalties(network_);
  if (penalty.defined()) loss = loss + penalty;
  if (!std::isfinite(loss.item<double>())) {
    fail_input("the loss is not finite in epoch " + std::to_string(moment.epoch + 1) + ", step " +
               std::to_string(moment.step + 1) + "; lower learning_rate");
  }
  return loss;
}

double Run::step(const Moment& moment, const std::vector<std::int64_t>& indices) {
  Batch batch = data_.pick(indices);
  augment(batch, recipe_, moment.epoch, moment.step);
  const double position = static_cast<double>(moment.epoch) +
                          static_cast<double>(moment.step + 1) / static_cast<double>(moment.steps);
  set_rate(*optimiser_, recipe_.learning_rate * recipe_.rate_factor(position));
  for (const at::Tensor& parameter : network_.parameters()) at::Tensor(parameter).mutable_grad().reset();
  optimiser_->zero_grad();
  methods_.each([&](Method& method) { method.begin_step(network_, moment); });
  network_.select(methods_.selected());
  const at::Tensor scores = forward(batch, true);
  const at::Tensor loss = loss_of(scores, batch, moment);
  loss.backward();
  methods_.each([&](Method& method) { method.after_backward(network_, moment); });
  optimiser_->step();
  methods_.each([&](Method& method) { method.after_step(network_, moment); });
  correct_ += scores.argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  return loss.item<double>();
}

void Run::epoch(std::int64_t epoch) {
  methods_.each([&](Method& method) { method.begin_epoch(network_, epoch, recipe_.epochs); });
  const std::vector<std::int64_t> order = shuffled(training_images_, recipe_.seed, epoch);
  const std::int64_t batch = std::min(recipe_.batch_size, training_images_);
  Moment moment{epoch, recipe_.epochs, 0, training_images_ / batch};  // a short last batch would spoil the batch-norms
  double loss = 0;
  correct_ = 0;
  for (; moment.step < moment.steps; ++moment.step) {
    const auto first = order.begin() + moment.step * batch;
    loss += step(moment, {first, first + batch});
    if (observer_.step) {
      const auto done = static_cast<double>(moment.step + 1);
      observer_.step(epoch + 1, done / static_cast<double>(moment.steps), loss / done);
    }
  }
  methods_.each([&](Method& method) { method.end_epoch(network_, epoch, recipe_.epochs); });
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
  for (std::size_t i = 0; training_images_ < data_.size() && i < methods_.variants().size(); ++i) {
    select(i);
    report.validation.push_back(accuracy(training_images_, data_.size()));
  }
  report.metrics = methods_.metrics(network_);
  return report;
}

double Run::accuracy(std::int64_t first, std::int64_t last) {
  const at::NoGradGuard no_gradients;
  constexpr std::int64_t batch_size = 250;
  std::int64_t correct = 0;
  for (std::int64_t i = first; i < last; i += batch_size) {
    const Batch batch = data_.range(i, std::min(i + batch_size, last));
    correct += forward(batch, false).argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  }
  return static_cast<double>(correct) / static_cast<double>(last - first);
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
  if (!best_.empty()) methods_.each([](Method& method) { method.restored(); });
  if (average_.empty()) return;
  average_.settle();
  for (std::size_t i = 0; i < methods_.variants().size(); ++i) {
    select(i);
    renew_statistics();
  }
}

/// The batch-norms see the training images once more.
void Run::renew_statistics() {
  const std::vector<std::int64_t> order = shuffled(training_images_, recipe_.seed, recipe_.epochs);
  const std::int64_t batch = std::min(recipe_.batch_size, training_images_);
  for (std::int64_t first = 0; first + batch <= training_images_; first += batch) {
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
                        })});
  }
  return networks;
}

TrainResult Run::run(const std::string& checkpoint) {
  TrainingState all = state();
  if (!checkpoint.empty() && std::filesystem::exists(checkpoint)) {
    load_checkpoint(checkpoint, key(), all);
    methods_.each([](Method& method) { method.restored(); });
  }
  TrainResult result;
  result.stopped_early = out_of_patience();  // a finished run that is started again
  while (static_cast<std::int64_t>(epochs_.size()) < recipe_.epochs && !result.stopped_early) {
    epoch(static_cast<std::int64_t>(epochs_.size()));
    if (!checkpoint.empty()) save_checkpoint(checkpoint, key(), all);
    if (observer_.epoch) observer_.epoch(epochs_.back());
    result.stopped_early = out_of_patience();
  }
  settle();
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
                  const std::string& checkpoint, const TrainObserver& observer) {
  Run run(graph, recipe, data, observer);
  return run.run(checkpoint);
}

}  // namespace rebasis::train
