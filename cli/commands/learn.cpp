// rebasis learn: a network, images of many classes and a recipe become an encoder that learned them task after task.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <memory>

#include "cli/build_info.h"
#include "cli/command.h"
#include "common/file.h"
#include "common/json.h"
#include "common/progress.h"
#include "workloads/graph/write_onnx.h"
#include "workloads/run/network_inputs.h"
#include "workloads/train/continual/learner.h"

namespace rebasis::cli {
namespace {

using nlohmann::json;
using train::LearningEpoch;
using train::LearningResult;

json json_of(const LearningEpoch& epoch) {
  return {{"task", epoch.task},
          {"epoch", epoch.epoch},
          {"loss", epoch.loss},
          {"freeze_ratio", epoch.freeze_ratio},
          {"frozen", epoch.frozen},
          {"steps", epoch.steps},
          {"forward_macs", epoch.forward_macs},
          {"backward_macs", epoch.backward_macs},
          {"backward_macs_unfrozen", epoch.backward_macs_unfrozen},
          {"parameter_bytes", epoch.parameter_bytes},
          {"activation_bytes", epoch.activation_bytes},
          {"activation_bytes_unfrozen", epoch.activation_bytes_unfrozen},
          {"replay_bytes", epoch.replay_bytes}};
}

json json_of(const LearningResult& result, std::size_t task) {
  const train::LearnedTask& learned = result.tasks[task];
  json correlation = json::object();
  for (std::size_t i = 0; i < learned.correlation.size(); ++i) correlation[result.layers[i]] = learned.correlation[i];
  return {{"classes", learned.classes}, {"accuracy", learned.accuracy}, {"correlation", correlation}};
}

/// Sums over all epochs, beside what they would be without freezing.
struct Sums {
  double backward_macs = 0, unfrozen_macs = 0, memory = 0, unfrozen_memory = 0, last_memory = 0;
};

Sums sums_of(const std::vector<LearningEpoch>& epochs) {
  Sums sums;
  for (const LearningEpoch& epoch : epochs) {
    const double memory = epoch.parameter_bytes + epoch.activation_bytes + epoch.replay_bytes;
    sums.backward_macs += epoch.backward_macs;
    sums.unfrozen_macs += epoch.backward_macs_unfrozen;
    sums.memory += memory / static_cast<double>(epochs.size());
    sums.unfrozen_memory +=
        (memory - epoch.activation_bytes + epoch.activation_bytes_unfrozen) / static_cast<double>(epochs.size());
    sums.last_memory = memory;
  }
  return sums;
}

class Learn : public Command {
 public:
  std::string description() const override {
    return "Learns representations without labels, one task of a few classes after another: self-supervised continual "
           "learning. Earlier tasks are replayed from a small buffer, and layers whose gradient lies in what earlier "
           "tasks showed them freeze while a task goes on.\n\n"
           "NETWORK.onnx loses its last layer; what is left is written, an encoder of images into features. The labels "
           "divide the images into tasks and judge the features, by nearest neighbours; training does not see them.\n\n"
           "With --checkpoint the state is kept after each epoch, and the same command goes on where it was. "
           "docs/training.md describes the recipe's keys.";
  }

  std::vector<Example> examples() const override {
    return {
        {"rebasis learn net.onnx --recipe yang-table22-ptlf --inputs train-images-idx3-ubyte.gz --labels "
         "train-labels-idx1-ubyte.gz --test-inputs t10k-images-idx3-ubyte.gz --test-labels "
         "t10k-labels-idx1-ubyte.gz --mean 0.2860 --std 0.3530 -o encoder.onnx",
         "Five tasks of two classes of Fashion-MNIST."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("NETWORK", network_, "The network, an ONNX file")->required();
    app.add_option("--recipe", recipe_, "Name of a shipped recipe (rebasis list learning-recipes), or a YAML file")
        ->required();
    app.add_option("--set", sets_, "A value in place of the recipe's: key=value")->allow_extra_args(false);
    app.add_option("--inputs", inputs_, "Training images: an .npy, IDX or CIFAR file, or a folder")->required();
    app.add_option("--labels", labels_, "Class of each image: IDX, .npy or text");
    app.add_option("--test-inputs", test_inputs_, "Images that the features are judged on")->required();
    app.add_option("--test-labels", test_labels_, "Their classes");
    app.add_option("--mean", options_.mean, "Subtracted from each channel; one value or one a channel")->delimiter(',');
    app.add_option("--std", options_.std, "What each channel is divided by; one value or one a channel")
        ->delimiter(',');
    app.add_option("--scale", options_.scale, "Factor of pixels before --mean [1/255; .npy: 1]");
    app.add_option("--limit", options_.limit, "The first training images only; 0: all")->check(CLI::NonNegativeNumber);
    app.add_option("--test-limit", test_limit_, "The first test images only; 0: all")->check(CLI::NonNegativeNumber);
    app.add_option("--checkpoint", checkpoint_, "File that keeps the state after each epoch and is resumed from");
    app.add_option("--history", history_, "Write what every epoch and task brought, JSON")->type_name("FILE");
    app.add_option("-o,--output", output_, "The encoder, ONNX")->required();
  }

  int run() override {
    const train::ContinualRecipe recipe = train::ContinualRecipe::load(recipe_, sets_);
    for (const std::string& file : {output_, history_}) {
      if (!file.empty()) const AtomicFile can_be_written(file);  // found out now, not after the work
    }
    graph::ImportOptions keep_batch_norms;
    keep_batch_norms.fold_batch_norms = false;
    options_.cifar_part = io::CifarPart::training;
    const run::NetworkInputs loaded =
        run::load_network_and_inputs(network_, inputs_, labels_, options_, keep_batch_norms);
    io::InputOptions of_tests = options_;
    of_tests.limit = test_limit_;
    of_tests.cifar_part = io::CifarPart::test;
    const io::Inputs tests =
        run::load_network_and_inputs(network_, test_inputs_, test_labels_, of_tests, keep_batch_norms).inputs;
    const LearningResult result =
        train::learn(loaded.graph, recipe, loaded.inputs, tests, checkpoint_, observer(recipe));
    bar_.reset();
    graph::write_changed(result.encoder, result.constants,
                         {{"rebasis.version", std::string(build_version)},
                          {"rebasis.learning_recipe", recipe.text},
                          {"rebasis.command", command_line()}},
                         output_);
    print(result);
    if (!history_.empty()) write_file(history_, history(result, recipe));
    return 0;
  }

 private:
  train::LearningObserver observer(const train::ContinualRecipe& recipe) {
    train::LearningObserver observer;
    observer.resumed = [this](std::int64_t epochs) {
      Progress::note(fmt::format("{}: goes on after {} epochs", checkpoint_, epochs));
    };
    observer.step = [this, &recipe](std::int64_t task, std::int64_t epoch, double fraction, double loss) {
      if (!bar_)
        bar_ = std::make_unique<Progress>(fmt::format("task {}, epoch {} of {}", task, epoch, recipe.epochs), parts);
      const auto reached = static_cast<std::uint64_t>(fraction * parts);
      if (reached > shown_) bar_->advance(reached - shown_, fmt::format("loss {:.4f}", loss));
      shown_ = reached;
    };
    observer.epoch = [this](const LearningEpoch& epoch) {
      bar_.reset();
      shown_ = 0;
      std::cout << fmt::format("task {}, epoch {}: loss {:.4f}, {} layers frozen, {:.3f} MB\n", epoch.task, epoch.epoch,
                               epoch.loss, epoch.frozen.size(), epoch.memory_bytes() / 1e6)
                << std::flush;
    };
    return observer;
  }

  static void print(const LearningResult& result) {
    for (std::size_t task = 0; task < result.tasks.size(); ++task) {
      std::cout << fmt::format("after task {} (classes {}):", task + 1, fmt::join(result.tasks[task].classes, ", "));
      for (const double accuracy : result.tasks[task].accuracy) std::cout << fmt::format(" {:.2f} %", 100 * accuracy);
      std::cout << "\n";
    }
    const train::TaskAccuracy accuracy = result.accuracy();
    const Sums sums = sums_of(result.epochs);
    std::cout << fmt::format(
        "accuracy {:.2f} %, forgetting {:.2f} %\n"
        "backward multiply-accumulates {:.4g}, {:.3f} of those without freezing\n"
        "training memory {:.3f} MB in the mean and {:.3f} MB at the end, {:.3f} MB without freezing\n",
        100 * train::final_accuracy(accuracy), 100 * train::forgetting(accuracy), sums.backward_macs,
        sums.backward_macs / sums.unfrozen_macs, sums.memory / 1e6, sums.last_memory / 1e6, sums.unfrozen_memory / 1e6);
  }

  [[nodiscard]] std::string history(const LearningResult& result, const train::ContinualRecipe& recipe) const {
    json epochs = json::array(), tasks = json::array(), seconds = json::array();
    for (const LearningEpoch& epoch : result.epochs) epochs.push_back(json_of(epoch));
    for (std::size_t task = 0; task < result.tasks.size(); ++task) {
      tasks.push_back(json_of(result, task));
      seconds.push_back(result.tasks[task].cpu_seconds);
    }
    const train::TaskAccuracy accuracy = result.accuracy();
    const Sums sums = sums_of(result.epochs);
    return to_text(
        {{"schema", {{"name", "rebasis-learning"}, {"version", 1}}},
         {"network", network_},
         {"recipe", recipe.name},
         {"recipe_text", recipe.text},
         {"layers", result.layers},
         {"accuracy", train::final_accuracy(accuracy)},
         {"forgetting", train::forgetting(accuracy)},
         {"backward_macs", sums.backward_macs},
         {"backward_macs_unfrozen", sums.unfrozen_macs},
         {"mean_memory_bytes", sums.memory},
         {"last_memory_bytes", sums.last_memory},
         {"mean_memory_bytes_unfrozen", sums.unfrozen_memory},
         {"tasks", tasks},
         {"epochs", epochs},
         {"provenance", {{"command", command_line()}, {"tool_version", build_version}, {"cpu_seconds", seconds}}}});
  }

  static constexpr std::uint64_t parts = 1000;  // of an epoch's bar
  std::string network_, recipe_, inputs_, labels_, test_inputs_, test_labels_, checkpoint_, history_, output_;
  std::vector<std::string> sets_;
  std::int64_t test_limit_ = 0;
  io::InputOptions options_;
  std::unique_ptr<Progress> bar_;
  std::uint64_t shown_ = 0;
};

const RegisterCommand<Learn> registration("learn");

}  // namespace
}  // namespace rebasis::cli
