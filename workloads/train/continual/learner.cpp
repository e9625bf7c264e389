#include "workloads/train/continual/learner.h"

#include <torch/optim/sgd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <numeric>

#include "common/error.h"
#include "common/sha256.h"
#include "workloads/train/batches.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/continual/encoder.h"
#include "workloads/train/continual/objective.h"
#include "workloads/train/continual/self_supervised.h"
#include "workloads/train/continual/tasks.h"
#include "workloads/train/optimiser.h"
#include "workloads/train/shuffle.h"
#include "workloads/train/split.h"

namespace rebasis::train {

namespace {

using Positions = std::vector<std::int64_t>;

/// Apart from each other with the same seed.
enum Stream : std::int64_t { order_stream = 1, view_stream, gradient_stream };

Positions all_of(const io::Inputs& data) {
  Positions all(data.labels.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

class Learner {
 public:
  Learner(const graph::Graph& graph, const ContinualRecipe& recipe, const io::Inputs& data, const io::Inputs& tests,
          const LearningObserver& observer);
  LearningResult run(const std::string& checkpoint);

 private:
  void begin_task(std::int64_t task);
  void find_correlations(std::int64_t task);
  void epoch(std::int64_t task, std::int64_t epoch);
  double step(std::int64_t task, std::int64_t epoch, std::int64_t step, const Positions& chosen);
  void judge(std::int64_t task);
  void new_optimiser();
  [[nodiscard]] TrainingState state();
  [[nodiscard]] std::string key(const io::Inputs& data, const io::Inputs& tests) const;
  void restore();
  [[nodiscard]] std::vector<bool> frozen_after(std::int64_t global) const;
  [[nodiscard]] LearningEpoch described(std::int64_t global, double loss) const;
  [[nodiscard]] LearningResult result() const;

  [[nodiscard]] std::int64_t batch_of(std::int64_t task) const {
    return std::min(recipe_.batch_size,
                    static_cast<std::int64_t>(tasks_.images[static_cast<std::size_t>(task)].size()));
  }

  const ContinualRecipe& recipe_;
  const LearningObserver& observer_;
  Dataset data_, tests_;
  Tasks tasks_, test_tasks_;
  graph::Graph encoder_;
  SelfSupervised model_;
  std::string key_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  Positions replay_;
  std::vector<bool> frozen_;
  std::vector<EpochReport> epochs_;  ///< of all tasks; only the loss is used
  at::Tensor correlation_;           ///< f64 [tasks][layers]
  at::Tensor frozen_after_;          ///< bool [epochs of all tasks][layers]
  at::Tensor accuracy_;              ///< f64 [tasks][tasks]
  at::Tensor seconds_;               ///< f64 [tasks]
};

Learner::Learner(const graph::Graph& graph, const ContinualRecipe& recipe, const io::Inputs& data,
                 const io::Inputs& tests, const LearningObserver& observer)
    : recipe_(recipe),
      observer_(observer),
      data_(data, all_of(data)),
      tests_(tests, all_of(tests)),
      tasks_(tasks_of(data.labels, recipe, recipe.images_per_class)),
      test_tasks_(tasks_of(tests.labels, recipe, 0)),
      encoder_(encoder_of(graph)),
      model_(encoder_, recipe),
      key_(key(data, tests)) {
  check_tasks(tasks_, test_tasks_);
  frozen_.assign(model_.freezable().size(), false);
  const auto tasks = static_cast<std::int64_t>(tasks_.images.size()),
             layers = static_cast<std::int64_t>(frozen_.size());
  correlation_ = at::zeros({tasks, layers}, at::kDouble);
  frozen_after_ = at::zeros({tasks * recipe.epochs, layers}, at::kBool);
  accuracy_ = at::zeros({tasks, tasks}, at::kDouble);
  seconds_ = at::zeros({tasks}, at::kDouble);
}

std::string Learner::key(const io::Inputs& data, const io::Inputs& tests) const {
  return sha256(model_.network().graph().sha256 + "\n" + recipe_.text + "\n" + key_of(data) + key_of(tests));
}

void Learner::new_optimiser() {
  Recipe sgd;
  sgd.optimiser = "sgd";
  sgd.learning_rate = recipe_.learning_rate;
  sgd.momentum = recipe_.momentum;
  sgd.weight_decay = recipe_.weight_decay;
  optimiser_ = make_optimiser(sgd, model_.network().parameters());
}

TrainingState Learner::state() {
  std::vector<at::Tensor> tensors = model_.network().parameters();
  for (const at::Tensor& tensor : model_.network().all_statistics()) tensors.push_back(tensor);
  for (const at::Tensor& tensor : {correlation_, frozen_after_, accuracy_, seconds_}) tensors.push_back(tensor);
  return {std::move(tensors), *optimiser_, epochs_};
}

void Learner::begin_task(std::int64_t task) {
  replay_ = replayed(tasks_, task, recipe_);
  frozen_.assign(model_.freezable().size(), false);
  model_.freezable().apply(model_.network(), frozen_);
  new_optimiser();
}

void Learner::find_correlations(std::int64_t task) {
  Positions images = tasks_.images[static_cast<std::size_t>(task)];
  shuffle(images, {recipe_.seed, gradient_stream, task});
  std::mt19937_64 random = generator({recipe_.seed, gradient_stream, task, view_stream});
  std::vector<std::pair<at::Tensor, at::Tensor>> views;
  const std::int64_t batch = batch_of(task);
  const auto batches = std::min(recipe_.gradient_batches, static_cast<std::int64_t>(images.size()) / batch);
  for (std::int64_t k = 0; k < batches; ++k) {
    const at::Tensor chosen = data_.pick({images.begin() + k * batch, images.begin() + (k + 1) * batch}).images;
    const at::Tensor first = view_of(chosen, recipe_, random);
    views.emplace_back(first, view_of(chosen, recipe_, random));
  }
  const std::vector<double> ratios =
      model_.correlations(data_.pick(spread(replay_, recipe_.subspace_images)).images, views);
  correlation_[task].copy_(at::tensor(ratios, at::kDouble));
}

double Learner::step(std::int64_t task, std::int64_t epoch, std::int64_t step, const Positions& chosen) {
  std::mt19937_64 random = generator({recipe_.seed, view_stream, task, epoch, step});
  const at::Tensor images = data_.pick(chosen).images;
  at::Tensor view1 = view_of(images, recipe_, random), view2 = view_of(images, recipe_, random);
  if (!replay_.empty()) {  // equation 5.3, each view with a view of the same earlier image
    Positions earlier;
    for (std::size_t i = 0; i < chosen.size(); ++i) earlier.push_back(replay_[random() % replay_.size()]);
    const at::Tensor old = data_.pick(earlier).images;
    const double weight = mixing_weight(recipe_.mixup, random);
    view1 = weight * view1 + (1 - weight) * view_of(old, recipe_, random);
    view2 = weight * view2 + (1 - weight) * view_of(old, recipe_, random);
  }
  const at::Tensor loss = model_.loss(view1, view2);
  const double value = loss.item<double>();
  if (!std::isfinite(value))
    fail_input("the loss is not finite in task " + std::to_string(task + 1) + ", epoch " + std::to_string(epoch + 1) +
               "; lower learning_rate");
  model_.take_gradients(loss);
  optimiser_->step();
  return value;
}

void Learner::epoch(std::int64_t task, std::int64_t epoch) {
  const bool freezes = recipe_.freeze_final > 0 && task > 0;
  if (freezes && epoch == 0 && recipe_.freeze_order == "correlation") find_correlations(task);
  if (freezes) {
    const auto row = correlation_[task].contiguous();
    const std::vector<double> ratios(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    freeze_most(frozen_, ratios, freeze_ratio(recipe_, epoch + 1, recipe_.epochs), recipe_);
    model_.freezable().apply(model_.network(), frozen_);
  }
  Positions order = tasks_.images[static_cast<std::size_t>(task)];
  shuffle(order, {recipe_.seed, order_stream, task, epoch});
  const std::int64_t batch = batch_of(task), steps = static_cast<std::int64_t>(order.size()) / batch;
  double loss = 0;
  for (std::int64_t k = 0; k < steps; ++k) {
    const double position = static_cast<double>(epoch) + static_cast<double>(k + 1) / static_cast<double>(steps);
    set_rate(*optimiser_, recipe_.learning_rate * 0.5 *
                              (1 + std::cos(std::acos(-1.0) * position / static_cast<double>(recipe_.epochs))));
    loss += step(task, epoch, k, {order.begin() + k * batch, order.begin() + (k + 1) * batch});
    const double done = static_cast<double>(k + 1);
    if (observer_.step) observer_.step(task + 1, epoch + 1, done / static_cast<double>(steps), loss / done);
  }
  for (std::size_t layer = 0; layer < frozen_.size(); ++layer)
    frozen_after_[task * recipe_.epochs + epoch][static_cast<std::int64_t>(layer)] = static_cast<bool>(frozen_[layer]);
  EpochReport report;
  report.epoch = task * recipe_.epochs + epoch + 1;
  report.loss = loss / static_cast<double>(steps);
  epochs_.push_back(report);
}

/// Task-incremental, as in LUMP: the images of a task are told apart among themselves.
void Learner::judge(std::int64_t task) {
  for (std::int64_t seen = 0; seen <= task; ++seen) {
    const auto i = static_cast<std::size_t>(seen);
    const Batch bank = data_.pick(tasks_.images[i]), asked = tests_.pick(test_tasks_.images[i]);
    accuracy_[task][seen] = knn_accuracy(model_.features(bank.images), bank.labels, model_.features(asked.images),
                                         asked.labels, recipe_.neighbours, recipe_.temperature);
  }
}

std::vector<bool> Learner::frozen_after(std::int64_t global) const {
  std::vector<bool> frozen;
  for (std::int64_t layer = 0; layer < frozen_after_.size(1); ++layer)
    frozen.push_back(frozen_after_[global][layer].item<bool>());
  return frozen;
}

LearningEpoch Learner::described(std::int64_t global, double loss) const {
  LearningEpoch epoch;
  epoch.task = global / recipe_.epochs + 1;
  epoch.epoch = global % recipe_.epochs + 1;
  epoch.loss = loss;
  const bool freezes = recipe_.freeze_final > 0 && epoch.task > 1;
  epoch.freeze_ratio = freezes ? freeze_ratio(recipe_, epoch.epoch, recipe_.epochs) : 0;
  const std::int64_t batch = batch_of(epoch.task - 1);
  epoch.steps = static_cast<std::int64_t>(tasks_.images[static_cast<std::size_t>(epoch.task - 1)].size()) / batch;
  const graph::Graph& graph = model_.network().graph();
  model_.freezable().describe(epoch, graph, frozen_after(global), batch);
  const double image = static_cast<double>(element_count(graph.shapes.at(graph.inputs[0].name)));
  epoch.replay_bytes = image * static_cast<double>(epoch.task > 1 ? recipe_.replay_images : 0);
  return epoch;
}

/// After a checkpoint was read: what is no tensor follows from the tensors.
void Learner::restore() {
  const auto done = static_cast<std::int64_t>(epochs_.size());
  if (done % recipe_.epochs == 0) return;
  replay_ = replayed(tasks_, done / recipe_.epochs, recipe_);
  frozen_ = frozen_after(done - 1);
  model_.freezable().apply(model_.network(), frozen_);
}

LearningResult Learner::result() const {
  const auto tasks = static_cast<std::int64_t>(tasks_.images.size());
  LearningResult result;
  for (std::size_t layer = 0; layer < model_.freezable().size(); ++layer)
    result.layers.push_back(model_.freezable().name(layer));
  for (std::int64_t global = 0; global < tasks * recipe_.epochs; ++global)
    result.epochs.push_back(described(global, epochs_[static_cast<std::size_t>(global)].loss));
  for (std::int64_t task = 0; task < tasks; ++task) {
    LearnedTask learned;
    learned.classes = tasks_.classes[static_cast<std::size_t>(task)];
    if (task > 0 && recipe_.freeze_final > 0 && recipe_.freeze_order == "correlation") {
      for (std::size_t i = 0; i < frozen_.size(); ++i)
        learned.correlation.push_back(correlation_[task][static_cast<std::int64_t>(i)].item<double>());
    }
    for (std::int64_t seen = 0; seen <= task; ++seen) learned.accuracy.push_back(accuracy_[task][seen].item<double>());
    learned.cpu_seconds = seconds_[task].item<double>();
    result.tasks.push_back(std::move(learned));
  }
  result.encoder = encoder_;
  result.constants = model_.network().values();
  return result;
}

LearningResult Learner::run(const std::string& checkpoint) {
  const auto tasks = static_cast<std::int64_t>(tasks_.images.size());
  new_optimiser();
  if (!checkpoint.empty() && std::filesystem::exists(checkpoint)) {
    TrainingState all = state();
    load_checkpoint(checkpoint, key_, all);
    restore();
    if (observer_.resumed) observer_.resumed(static_cast<std::int64_t>(epochs_.size()));
  }
  while (static_cast<std::int64_t>(epochs_.size()) < tasks * recipe_.epochs) {
    const auto global = static_cast<std::int64_t>(epochs_.size());
    const std::int64_t task = global / recipe_.epochs;
    const std::clock_t start = std::clock();
    if (global % recipe_.epochs == 0) begin_task(task);
    epoch(task, global % recipe_.epochs);
    seconds_[task] += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if ((global + 1) % recipe_.epochs == 0) judge(task);
    if (!checkpoint.empty()) save_checkpoint(checkpoint, key_, state());
    if (observer_.epoch) observer_.epoch(described(global, epochs_.back().loss));
  }
  return result();
}

}  // namespace

TaskAccuracy LearningResult::accuracy() const {
  TaskAccuracy accuracy;
  for (const LearnedTask& task : tasks) accuracy.push_back(task.accuracy);
  return accuracy;
}

LearningResult learn(const graph::Graph& graph, const ContinualRecipe& recipe, const io::Inputs& data,
                     const io::Inputs& tests, const std::string& checkpoint, const LearningObserver& observer) {
  if (data.labels.empty() || tests.labels.empty())
    fail_input("tasks are made of classes; give --labels and --test-labels");
  return Learner(graph, recipe, data, tests, observer).run(checkpoint);
}

}  // namespace rebasis::train
