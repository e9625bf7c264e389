// rebasis train: a network, labelled images and a recipe become a network with other weights.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/build_info.h"
#include "cli/command.h"
#include "common/file.h"
#include "common/progress.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/run/executor.h"
#include "workloads/run/network_inputs.h"
#include "workloads/train/trainer.h"

namespace rebasis::cli {
namespace {

class Train : public Command {
 public:
  std::string description() const override {
    return "Trains NETWORK.onnx on labelled images as the recipe says and writes it with the new weights. Weights "
           "start from those in "
           "the file; batch-norms train as such. Methods of the recipe quantise or prune while training goes on, so "
           "that 'rebasis "
           "compress' of the result keeps its accuracy.\n\n"
           "With --checkpoint the state is kept after each epoch, and the same command goes on where it was; the "
           "result is "
           "the same to the last bit.\n\n"
           "docs/training.md describes the recipe's keys and the methods.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis train net.onnx --recipe ternary-pe --inputs train-images-idx3-ubyte.gz --labels "
             "train-labels-idx1-ubyte.gz --mean 0.2860 "
             "--std 0.3530 -o net-ternary.onnx",
             "Ternary weights, whole groups of them zero, on Fashion-MNIST."},
            {"rebasis train net.onnx --recipe mine.yaml --inputs images.npy --labels labels.npy --checkpoint net.ckpt "
             "-o trained.onnx",
             "A recipe of your own; after a kill, the same line goes on."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("NETWORK", network_, "The network, an ONNX file")->required();
    app.add_option("--recipe", recipe_, "Name of a shipped training recipe, or a YAML file")->required();
    app.add_option("--inputs", inputs_, "Training images: an .npy or IDX file, or a folder")->required();
    app.add_option("--labels", labels_,
                   "Class of each image: IDX, .npy or text; not for a folder with one sub-folder a class");
    app.add_option("--test-inputs", test_inputs_, "Images for the accuracy before and after");
    app.add_option("--test-labels", test_labels_, "Their classes");
    app.add_option("--mean", options_.mean,
                   "Subtracted from each channel; one value or one a channel, divided by commas")
        ->delimiter(',');
    app.add_option("--std", options_.std, "What each channel is divided by; one value or one a channel")
        ->delimiter(',');
    app.add_option("--scale", options_.scale, "Factor of pixels before --mean [1/255; .npy: 1]");
    app.add_option("--limit", options_.limit, "Train on the first images only; 0: all")->check(CLI::NonNegativeNumber);
    app.add_option("--checkpoint", checkpoint_, "File that keeps the state after each epoch and is resumed from");
    app.add_option("-o,--output", output_, "The trained network, ONNX")->required();
  }

  int run() override {
    const train::Recipe recipe = train::Recipe::load(recipe_);
    { const AtomicFile can_be_written(output_); }  // found out now, not after the work
    graph::ImportOptions keep_batch_norms;
    keep_batch_norms.fold_batch_norms = false;
    const run::NetworkInputs loaded =
        run::load_network_and_inputs(network_, inputs_, labels_, options_, keep_batch_norms);
    const std::optional<double> before = test(network_);
    const train::TrainResult result = train::train(loaded.graph, recipe, loaded.inputs, checkpoint_, observer(recipe));
    for (const train::TrainedNetwork& network : result.networks) {
      graph::replace_constants(network_, network.constants,
                               {{"rebasis.version", std::string(build_version)},
                                {"rebasis.training_recipe", recipe.text},
                                {"rebasis.command", command_line()}},
                               output_of(network));
    }
    if (result.stopped_early)
      std::cout << fmt::format("stopped after {} epochs: the validation accuracy no longer rose\n",
                               result.epochs.size());
    if (result.best_epoch) std::cout << fmt::format("weights of epoch {}, the best\n", *result.best_epoch);
    for (const train::TrainedNetwork& network : result.networks) {
      const std::string name = network.name.empty() ? "" : network.name + ": ";
      if (before)
        std::cout << fmt::format("{}Top-1 on the test images: {:.2f} % before, {:.2f} % after\n", name, 100 * *before,
                                 100 * *test(output_of(network)));
    }
    return 0;
  }

 private:
  /// FILE.onnx, or FILE.NAME.onnx of a sub-net.
  [[nodiscard]] std::string output_of(const train::TrainedNetwork& network) const {
    std::filesystem::path path(output_);
    if (!network.name.empty())
      path.replace_filename(path.stem().string() + "." + network.name + path.extension().string());
    return path.string();
  }

  [[nodiscard]] std::optional<double> test(const std::string& network) const {
    if (test_inputs_.empty()) return std::nullopt;
    io::InputOptions all = options_;
    all.limit = 0;
    const run::NetworkInputs loaded = run::load_network_and_inputs(network, test_inputs_, test_labels_, all);
    if (loaded.inputs.labels.empty()) fail_input("--test-inputs needs their classes; give --test-labels");
    return run::accuracy(run::Executor(loaded.graph), loaded.inputs.images, loaded.inputs.labels);
  }

  train::TrainObserver observer(const train::Recipe& recipe) {
    train::TrainObserver observer;
    observer.step = [this, &recipe](std::int64_t epoch, double fraction, double loss) {
      if (!bar_) bar_ = std::make_unique<Progress>(fmt::format("epoch {} of {}", epoch, recipe.epochs), steps_a_bar);
      const auto reached = static_cast<std::uint64_t>(fraction * steps_a_bar);
      if (reached > shown_) bar_->advance(reached - shown_, fmt::format("loss {:.4f}", loss));
      shown_ = reached;
    };
    observer.epoch = [this](const train::EpochReport& report) {
      bar_.reset();
      shown_ = 0;
      const std::string validation =
          report.validation_accuracy() ? fmt::format(", validation {:.2f} %", 100 * *report.validation_accuracy()) : "";
      std::cout << fmt::format("epoch {}: loss {:.4f}, accuracy {:.2f} %{}, rate {:.5f}\n", report.epoch, report.loss,
                               100 * report.accuracy, validation, report.learning_rate)
                << std::flush;
    };
    return observer;
  }

  static constexpr std::uint64_t steps_a_bar = 1000;
  std::string network_, recipe_, inputs_, labels_, test_inputs_, test_labels_, checkpoint_, output_;
  io::InputOptions options_;
  std::unique_ptr<Progress> bar_;
  std::uint64_t shown_ = 0;
};

const RegisterCommand<Train> registration("train");

}  // namespace
}  // namespace rebasis::cli
