// rebasis train: a network, labelled images and a recipe become a network with other weights.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/train/history_files.h"
#include "common/file.h"
#include "common/progress.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/graph/write_onnx.h"
#include "workloads/run/executor.h"
#include "workloads/run/network_inputs.h"
#include "workloads/train/split.h"
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
    app.add_option("--set", sets_, "A value in place of the recipe's: key=value, of a method METHOD.key=value")
        ->allow_extra_args(false);
    app.add_option("--inputs", inputs_, "Training images: an .npy, IDX or CIFAR file, or a folder")->required();
    app.add_option(
        "--labels", labels_,
        "Class of each image: IDX, .npy or text; CIFAR and a folder with one sub-folder a class bring their own");
    app.add_flag("--coarse-labels", options_.coarse_labels, "CIFAR-100: train on the 20 coarse classes");
    app.add_option("--test-inputs", test_inputs_, "Images for the accuracy before and after");
    app.add_option("--test-labels", test_labels_, "Their classes");
    app.add_option("--mean", options_.mean,
                   "Subtracted from each channel; one value or one a channel, divided by commas")
        ->delimiter(',');
    app.add_option("--std", options_.std, "What each channel is divided by; one value or one a channel")
        ->delimiter(',');
    app.add_option("--scale", options_.scale, "Factor of pixels before --mean [1/255; .npy: 1]");
    app.add_option("--limit", options_.limit, "Train on the first images only; 0: all")->check(CLI::NonNegativeNumber);
    app.add_option("--threads", threads_, "Threads that share the recipe's micro_batches; 0: one a processor")
        ->check(CLI::Range(0, 1024));
    app.add_option("--checkpoint", checkpoint_, "File that keeps the state after each epoch and is resumed from");
    app.add_option("--history", files_.history,
                   "Write what every epoch brought, JSON, after each epoch; 'rebasis report' shows it")
        ->type_name("FILE");
    app.add_option("--report", files_.report, "Write the same as an HTML page, after the last epoch")
        ->type_name("FILE");
    app.add_option("-o,--output", output_, "The trained network, ONNX")->required();
  }

  int run() override {
    const train::Recipe recipe = train::Recipe::load(recipe_, sets_);
    { const AtomicFile can_be_written(output_); }  // found out now, not after the work
    files_.try_to_write();
    graph::ImportOptions keep_batch_norms;
    keep_batch_norms.fold_batch_norms = false;
    options_.cifar_part = io::CifarPart::training;
    const run::NetworkInputs loaded =
        run::load_network_and_inputs(network_, inputs_, labels_, options_, keep_batch_norms);
    class_names_ = loaded.inputs.class_names;
    const std::optional<Tested> before = test(network_, recipe);
    files_.header = {std::filesystem::path(network_).filename().string(),
                     recipe.name,
                     recipe.text,
                     command_line(),
                     std::string(build_version),
                     {},
                     {}};
    if (before) files_.header.tested_before = before->accuracy;
    std::cout << images_text(train::split(loaded.inputs.labels, recipe), recipe) << std::flush;
    const train::TrainResult result =
        train::train(loaded.graph, recipe, loaded.inputs, checkpoint_, observer(recipe), threads_);
    for (const train::TrainedNetwork& network : result.networks) {
      std::map<std::string, std::string> metadata{{"rebasis.version", std::string(build_version)},
                                                  {"rebasis.training_recipe", recipe.text},
                                                  {"rebasis.command", command_line()}};
      metadata.insert(network.properties.begin(), network.properties.end());
      if (result.graph) {
        graph::write_changed(*result.graph, network.constants, metadata, output_of(network));
      } else {
        graph::replace_constants(network_, network.constants, metadata, output_of(network), network.factors);
      }
    }
    print_cost(result.epochs);
    if (result.stopped_early)
      std::cout << fmt::format("stopped after {} epochs: the validation accuracy no longer rose\n",
                               result.epochs.size());
    if (result.best_epoch) std::cout << fmt::format("weights of epoch {}, the best\n", *result.best_epoch);
    for (const train::TrainedNetwork& network : result.networks) {
      const std::string name = network.name.empty() ? "" : network.name + ": ";
      if (!before) continue;
      const double after = test(output_of(network), recipe)->accuracy;
      files_.header.tested_after[network.name] = after;
      std::cout << fmt::format("{}Top-1 on the {} test images{}: {:.2f} % before, {:.2f} % after\n", name,
                               before->images, of_classes_text(recipe), 100 * before->accuracy, 100 * after);
    }
    files_.finish(result.epochs);
    return 0;
  }

 private:
  /// What methods count that skip zeros.
  static void print_cost(const std::vector<train::EpochReport>& epochs) {
    double spent = 0, dense = 0;
    for (const train::EpochReport& epoch : epochs) {
      if (!epoch.metrics.contains("training_macs")) continue;
      spent += epoch.metrics.at("training_macs");
      dense += epoch.metrics.at("training_macs_dense");
    }
    if (dense == 0) return;
    std::cout << fmt::format(
        "training cost, forward and backward: {:.4g} multiply-accumulates without those of zeros, {:.4g} with them\n",
        spent, dense);
  }

  struct Tested {
    std::size_t images;
    double accuracy;
  };

  /// What the recipe takes of the images.
  [[nodiscard]] static std::string images_text(const train::Split& split, const train::Recipe& recipe) {
    const std::string part =
        recipe.data_parts == 1 ? "" : fmt::format(", part {} of {}", recipe.data_part, recipe.data_parts);
    const std::string validation =
        split.validation.empty() ? "" : fmt::format(", {} more for validation", split.validation.size());
    return fmt::format("{} training images{}{}{}\n", split.training.size(), of_classes_text(recipe), part, validation);
  }

  [[nodiscard]] static std::string of_classes_text(const train::Recipe& recipe) {
    return recipe.data_classes.empty() ? "" : fmt::format(" of classes {}", fmt::join(recipe.data_classes, ", "));
  }

  /// FILE.onnx, or FILE.NAME.onnx of a sub-net.
  [[nodiscard]] std::string output_of(const train::TrainedNetwork& network) const {
    std::filesystem::path path(output_);
    if (!network.name.empty())
      path.replace_filename(path.stem().string() + "." + network.name + path.extension().string());
    return path.string();
  }

  /// Accuracy on the test images, those of the recipe's classes.
  [[nodiscard]] std::optional<Tested> test(const std::string& network, const train::Recipe& recipe) const {
    if (test_inputs_.empty()) return std::nullopt;
    io::InputOptions all = options_;
    all.limit = 0;
    all.cifar_part = io::CifarPart::test;
    run::NetworkInputs loaded = run::load_network_and_inputs(network, test_inputs_, test_labels_, all);
    if (loaded.inputs.labels.empty()) fail_input("--test-inputs needs their classes; give --test-labels");
    if (loaded.inputs.class_names != class_names_ && !class_names_.empty() && !loaded.inputs.class_names.empty())
      fail_input({test_inputs_},
                 "has other classes than the training images; give both the same sub-folders, empty ones too");
    const io::Inputs tested = train::of_classes(std::move(loaded.inputs), recipe.data_classes);
    if (tested.labels.empty()) fail_input({test_inputs_}, "no test image is of the recipe's data.classes");
    return Tested{tested.labels.size(), run::accuracy(run::Executor(loaded.graph), tested.images, tested.labels)};
  }

  train::TrainObserver observer(const train::Recipe& recipe) {
    train::TrainObserver observer;
    observer.resumed = [this, &recipe](std::int64_t epochs) {
      Progress::note(epochs < recipe.epochs
                         ? fmt::format("{}: goes on at epoch {} of {}", checkpoint_, epochs + 1, recipe.epochs)
                         : fmt::format("{}: all {} epochs are done", checkpoint_, epochs));
    };
    observer.step = [this, &recipe](std::int64_t epoch, double fraction, double loss, double accuracy) {
      if (!bar_) bar_ = std::make_unique<Progress>(fmt::format("epoch {} of {}", epoch, recipe.epochs), steps_a_bar);
      const double done = static_cast<double>(epoch - 1) + fraction;
      if (!start_) start_ = Start{std::chrono::steady_clock::now(), done};
      const auto reached = static_cast<std::uint64_t>(fraction * steps_a_bar);
      if (reached > shown_)
        bar_->advance(reached - shown_,
                      fmt::format("loss {:.4f}, accuracy {:.2f} %{}", loss, 100 * accuracy, left(done, recipe)));
      shown_ = reached;
    };
    observer.costs = [&recipe](const train::TrainingCosts& costs) {
      std::cout << fmt::format(
                       "a step of {} images: {} of {} values trained; {:.3f} MB of parameters and {:.3f} MB of "
                       "activations kept; {:.4g} multiply-accumulates forward, {:.4g} backward\n",
                       recipe.batch_size, costs.trained, costs.parameters, costs.parameter_bytes() / 1e6,
                       costs.activation_bytes() / 1e6, static_cast<double>(costs.forward_macs),
                       static_cast<double>(costs.backward_macs()))
                << std::flush;
    };
    observer.history = [this](const std::vector<train::EpochReport>& epochs) { files_.keep(epochs); };
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

  /// ", 12 min left" of all epochs, from the speed since the first step of this process.
  [[nodiscard]] std::string left(double epochs_done, const train::Recipe& recipe) const {
    const double done = epochs_done - start_->epochs;
    if (done <= 0) return "";
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_->time;
    const double seconds = spent.count() / done * (static_cast<double>(recipe.epochs) - epochs_done);
    return seconds < 100 ? fmt::format(", {:.0f} s left", seconds) : fmt::format(", {:.0f} min left", seconds / 60);
  }

  struct Start {
    std::chrono::steady_clock::time_point time;
    double epochs;
  };
  static constexpr std::uint64_t steps_a_bar = 1000;
  std::optional<Start> start_;
  std::int64_t threads_ = 0;
  std::string network_, recipe_, inputs_, labels_, test_inputs_, test_labels_, checkpoint_, output_;
  std::vector<std::string> sets_;
  std::vector<std::string> class_names_;  ///< of the training images, when they have names
  io::InputOptions options_;
  HistoryFiles files_;
  std::unique_ptr<Progress> bar_;
  std::uint64_t shown_ = 0;
};

const RegisterCommand<Train> registration("train");

}  // namespace
}  // namespace rebasis::cli
