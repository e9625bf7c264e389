#include "workloads/train/trainer.h"

#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "common/error.h"
#include "common/sha256.h"
#include "workloads/run/tensor_bridge.h"
#include "workloads/train/batches.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/method.h"
#include "workloads/train/network.h"

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
  TrainingState state();
  void begin_epoch(std::int64_t epoch);
  void epoch(std::int64_t epoch);
  double step(std::int64_t epoch, std::int64_t step, std::int64_t steps, const std::vector<std::int64_t>& indices);
  [[nodiscard]] double accuracy(std::int64_t first, std::int64_t last);
  [[nodiscard]] at::Tensor effective(std::size_t layer, const at::Tensor& weights) const;
  [[nodiscard]] at::Tensor penalties() const;
  void average(std::int64_t epoch);
  void settle_average();
  [[nodiscard]] bool out_of_patience() const;

  const Recipe& recipe_;
  const TrainObserver& observer_;
  Dataset data_;
  TrainableNetwork network_;
  std::vector<std::unique_ptr<Method>> methods_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  std::int64_t training_images_;
  std::vector<EpochReport> epochs_;
  std::vector<at::Tensor> sums_;  ///< of the weights at the ends of the averaged epochs
  std::int64_t correct_ = 0;
};

Run::Run(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data, const TrainObserver& observer)
    : recipe_(recipe),
      observer_(observer),
      data_(data),
      network_(graph),
      optimiser_(make_optimiser(recipe, network_.parameters())),
      training_images_(data_.size() -
                       static_cast<std::int64_t>(recipe.validation * static_cast<double>(data_.size()))) {
  if (training_images_ < 2) fail_input("there are fewer than two images to train on");
  for (const MethodEntry& entry : recipe.methods) {
    methods_.push_back(MethodRegistry::global().at(entry.name, entry.where).create(entry.options));
    methods_.back()->begin(network_);
  }
  for (const at::Tensor& parameter : network_.parameters())
    sums_.push_back(at::zeros_like(parameter).set_requires_grad(false));
}

std::string Run::key() const {
  return sha256(network_.graph().sha256 + "\n" + recipe_.text + "\n" + std::to_string(data_.size()));
}

TrainingState Run::state() {
  std::vector<at::Tensor> tensors = network_.parameters();
  for (const auto& [name, tensor] : network_.statistics()) tensors.push_back(tensor);
  for (const auto& method : methods_) {
    for (const at::Tensor& tensor : method->state()) tensors.push_back(tensor);
  }
  tensors.insert(tensors.end(), sums_.begin(), sums_.end());
  return {std::move(tensors), *optimiser_, epochs_};
}

at::Tensor Run::effective(std::size_t layer, const at::Tensor& weights) const {
  if (methods_.empty()) return weights;
  at::Tensor filters = network_.filters(layer, weights);
  for (const auto& method : methods_) filters = method->apply(layer, filters);
  const graph::WeightLayer& info = network_.layers()[layer].layer;
  if (info.op == "convtranspose") return filters.transpose(0, 1);
  return info.weight_transposed ? filters.view({info.shape.M, -1}).transpose(0, 1).reshape(weights.sizes())
                                : filters.reshape(weights.sizes());
}

at::Tensor Run::penalties() const {
  at::Tensor sum;
  for (std::size_t i = 0; i < network_.layers().size(); ++i) {
    const at::Tensor filters = network_.filters(i, network_.parameters()[network_.layers()[i].parameter]);
    for (const auto& method : methods_) {
      const at::Tensor term = method->penalty(i, filters);
      if (term.defined()) sum = sum.defined() ? sum + term : term;
    }
  }
  return sum;
}

double Run::step(std::int64_t epoch, std::int64_t number, std::int64_t steps,
                 const std::vector<std::int64_t>& indices) {
  Batch batch = data_.pick(indices);
  augment(batch, recipe_, epoch, number);
  set_rate(*optimiser_,
           recipe_.learning_rate * recipe_.rate_factor(static_cast<double>(epoch) +
                                                       static_cast<double>(number + 1) / static_cast<double>(steps)));
  optimiser_->zero_grad();
  const at::Tensor scores =
      network_.forward(batch.images, true, [&](std::size_t layer, const at::Tensor& w) { return effective(layer, w); });
  if (scores.dim() != 2 || data_.classes() > scores.size(1)) {
    fail_input("the labels have " + std::to_string(data_.classes()) +
               " classes, the network's output is another; use labels of this network");
  }
  at::Tensor loss =
      at::cross_entropy_loss(scores, batch.labels, {}, at::Reduction::Mean, -100, recipe_.label_smoothing);
  const at::Tensor penalty = penalties();
  if (penalty.defined()) loss = loss + penalty;
  const double value = loss.item<double>();
  if (!std::isfinite(value)) {
    fail_input("the loss is not finite in epoch " + std::to_string(epoch + 1) + ", step " + std::to_string(number + 1) +
               "; lower learning_rate");
  }
  loss.backward();
  optimiser_->step();
  correct_ += scores.argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  return value;
}

void Run::epoch(std::int64_t epoch) {
  for (const auto& method : methods_) method->begin_epoch(network_, epoch, recipe_.epochs);
  const std::vector<std::int64_t> order = shuffled(training_images_, recipe_.seed, epoch);
  const std::int64_t steps =
      training_images_ /
      std::min(recipe_.batch_size, training_images_);  // a short last batch would spoil the batch-norms
  double loss = 0;
  correct_ = 0;
  for (std::int64_t number = 0; number < steps; ++number) {
    const auto first = order.begin() + number * recipe_.batch_size;
    const std::vector<std::int64_t> indices(first, std::min(first + recipe_.batch_size, order.end()));
    loss += step(epoch, number, steps, indices);
    if (observer_.step)
      observer_.step(epoch + 1, static_cast<double>(number + 1) / static_cast<double>(steps),
                     loss / static_cast<double>(number + 1));
  }
  EpochReport report;
  report.epoch = epoch + 1;
  report.loss = loss / static_cast<double>(steps);
  report.accuracy =
      static_cast<double>(correct_) / static_cast<double>(steps * std::min(recipe_.batch_size, training_images_));
  report.learning_rate = optimiser_->param_groups().front().options().get_lr();
  if (training_images_ < data_.size()) report.validation_accuracy = accuracy(training_images_, data_.size());
  epochs_.push_back(report);
  average(epoch);
}

double Run::accuracy(std::int64_t first, std::int64_t last) {
  const at::NoGradGuard no_gradients;
  constexpr std::int64_t batch_size = 250;
  std::int64_t correct = 0;
  for (std::int64_t i = first; i < last; i += batch_size) {
    const Batch batch = data_.range(i, std::min(i + batch_size, last));
    const at::Tensor scores = network_.forward(
        batch.images, false, [&](std::size_t layer, const at::Tensor& w) { return effective(layer, w); });
    correct += scores.argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  }
  return static_cast<double>(correct) / static_cast<double>(last - first);
}

void Run::average(std::int64_t epoch) {
  if (epoch < recipe_.epochs - recipe_.average_epochs) return;
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].add_(network_.parameters()[i]);
}

/// The averaged weights take the place of the last ones, and the batch-norms see the training images once more.
void Run::settle_average() {
  if (recipe_.average_epochs == 0) return;
  const at::NoGradGuard no_gradients;
  const std::int64_t averaged = std::min(recipe_.average_epochs, static_cast<std::int64_t>(epochs_.size()));
  for (std::size_t i = 0; i < sums_.size(); ++i)
    at::Tensor(network_.parameters()[i]).copy_(sums_[i] / static_cast<double>(averaged));
  const std::vector<std::int64_t> order = shuffled(training_images_, recipe_.seed, recipe_.epochs);
  const std::int64_t batch = std::min(recipe_.batch_size, training_images_);
  for (std::int64_t first = 0; first + batch <= training_images_; first += batch) {
    const std::vector<std::int64_t> indices(order.begin() + first, order.begin() + first + batch);
    (void)network_.forward(data_.pick(indices).images, true,
                           [&](std::size_t layer, const at::Tensor& w) { return effective(layer, w); });
  }
}

bool Run::out_of_patience() const {
  if (recipe_.patience == 0 || epochs_.empty()) return false;
  const auto better = [](const EpochReport& a, const EpochReport& b) {
    return a.validation_accuracy < b.validation_accuracy;
  };
  const auto best = std::max_element(epochs_.begin(), epochs_.end(), better);
  return std::distance(best, epochs_.end()) > recipe_.patience;
}

TrainResult Run::run(const std::string& checkpoint) {
  TrainingState all = state();
  if (!checkpoint.empty() && std::filesystem::exists(checkpoint)) load_checkpoint(checkpoint, key(), all);
  TrainResult result;
  result.stopped_early = out_of_patience();  // a finished run that is started again
  while (static_cast<std::int64_t>(epochs_.size()) < recipe_.epochs && !result.stopped_early) {
    epoch(static_cast<std::int64_t>(epochs_.size()));
    if (!checkpoint.empty()) save_checkpoint(checkpoint, key(), all);
    if (observer_.epoch) observer_.epoch(epochs_.back());
    result.stopped_early = out_of_patience();
  }
  settle_average();
  result.epochs = epochs_;
  result.constants = network_.values([&](std::size_t layer, const at::Tensor& w) { return effective(layer, w); });
  return result;
}

}  // namespace

TrainResult train(const graph::Graph& graph, const Recipe& recipe, const io::Inputs& data,
                  const std::string& checkpoint, const TrainObserver& observer) {
  Run run(graph, recipe, data, observer);
  return run.run(checkpoint);
}

}  // namespace rebasis::train
