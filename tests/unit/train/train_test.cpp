// Training on an imported graph: it learns, resumes to the last bit, refuses what makes no sense, and its result is a
// network.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/run/executor.h"
#include "workloads/train/trainer.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

std::size_t zeros(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), 0.0F));
}

}  // namespace

TEST_CASE("a network learns, and the written file computes what training left") {
  const Fixture network;
  const io::Inputs data = stripes();
  const double before = run::accuracy(run::Executor(graph::import_onnx(network.path)), data.images, data.labels);
  for (const std::string optimiser : {"sgd", "adam"}) {
    CAPTURE(optimiser);
    const train::TrainResult result =
        trained(network, "epochs: 30\nbatch_size: 10\nlearning_rate: 0.02\noptimiser: " + optimiser + "\n");
    CHECK(result.epochs.size() == 30);
    CHECK(result.epochs.back().loss < 0.5 * result.epochs.front().loss);
    graph::replace_constants(network.path, result.networks[0].constants, {{"note", "trained"}}, "trained.onnx");
    const run::Executor after(graph::import_onnx("trained.onnx"));  // batch-norms folded, as everywhere else
    CHECK(run::accuracy(after, data.images, data.labels) > std::max(0.9, before));
    // A trained network can be trained again.
    graph::replace_constants("trained.onnx", result.networks[0].constants, {{"note", "again"}}, "trained.onnx");
    CHECK_NOTHROW((void)graph::import_onnx("trained.onnx"));
  }
}

TEST_CASE("the same seed gives the same bits, another seed others") {
  const Fixture network;
  const std::string augmented = std::string(plain) + "augment: {shift: 1, mirror: true}\n";
  CHECK(same(trained(network, augmented), trained(network, augmented)));
  CHECK_FALSE(same(trained(network, augmented), trained(network, augmented + "seed: 2\n")));
}

TEST_CASE("a run that was killed goes on and ends the same, to the last bit") {
  const Fixture network;
  const std::string text = std::string(plain) +
                           "optimiser: adam\nvalidation: 0.2\naverage_epochs: 3\naugment: {shift: 1}\n"
                           "methods:\n  - pe_groups: {group_channels: 1, sparsity: 0.5, keep_first_last: false}\n";
  const train::TrainResult whole = trained(network, text);
  struct Killed {};
  std::filesystem::remove("t.ckpt");
  train::TrainObserver kill;
  kill.epoch = [](const train::EpochReport& report) {
    if (report.epoch == 4) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(network.graph(), recipe(text), stripes(), "t.ckpt", kill), Killed);
  const train::TrainResult resumed = trained(network, text, "t.ckpt");
  CHECK(same(whole, resumed));
  REQUIRE(resumed.epochs.size() == whole.epochs.size());
  for (std::size_t i = 0; i < whole.epochs.size(); ++i) {
    CHECK(resumed.epochs[i].loss == whole.epochs[i].loss);
    CHECK(resumed.epochs[i].validation_accuracy() == whole.epochs[i].validation_accuracy());
  }
  CHECK(same(whole, trained(network, text, "t.ckpt")));  // a finished run is not run again
  const std::string other = test::bad_input([&] { (void)trained(network, plain, "t.ckpt"); });
  CHECK(other.find("t.ckpt") != std::string::npos);
  CHECK(other.find("another network, recipe or data") != std::string::npos);
  std::ofstream("t.ckpt") << "no checkpoint";
  CHECK(test::bad_input([&] { (void)trained(network, text, "t.ckpt"); }).find("is no checkpoint") != std::string::npos);
  std::filesystem::remove("t.ckpt");
}

TEST_CASE("ternary weights come out ternary, pruned groups come out zero") {
  const Fixture network;
  const std::string inner = "keep_first_last: false";
  const auto ternary =
      trained(network, std::string(plain) + "methods:\n  - ternary: {rule: mean, threshold: 0.7, " + inner + "}\n")
          .networks[0]
          .constants.at("w")
          .values;
  float alpha = 0;
  for (const float w : ternary) alpha = std::max(alpha, std::abs(w));
  CHECK(alpha > 0);
  for (const float w : ternary) CHECK((w == 0.0F || std::abs(w) == doctest::Approx(alpha)));
  const auto groups =
      trained(network, std::string(plain) + "methods:\n  - pe_groups: {group_channels: 1, lambda: 0, sparsity: 0.5, " +
                           inner + "}\n")
          .networks[0]
          .constants.at("w")
          .values;
  int zero_groups = 0;
  for (std::size_t m = 0; m < 4; ++m)
    zero_groups += zeros({groups.begin() + static_cast<std::ptrdiff_t>(9 * m),
                          groups.begin() + static_cast<std::ptrdiff_t>(9 * m + 9)}) == 9
                       ? 1
                       : 0;
  CHECK(zero_groups == 2);
}

TEST_CASE("the group penalty follows equation 2.6: strong groups are not pulled") {
  const Fixture network;
  const auto norm = [](const train::TrainResult& result, std::size_t m) {
    double sum = 0;
    for (std::size_t k = 0; k < 9; ++k) sum += std::pow(result.networks[0].constants.at("w").values[9 * m + k], 2);
    return std::sqrt(sum);
  };
  // No data term worth mentioning: what moves is the penalty's doing.
  const std::string text =
      "epochs: 1\nbatch_size: 30\nlearning_rate: 0.001\nmomentum: 0\nweight_decay: 0\nschedule: constant\nmethods:\n  "
      "- pe_groups: {group_channels: 1, lambda: 50, keep_first_last: false, ";
  const train::TrainResult clipped = trained(network, text + "clip: true}\n"),
                           lasso = trained(network, text + "clip: false}\n");
  const train::TrainResult none = trained(
      network, "epochs: 1\nbatch_size: 30\nlearning_rate: 0.001\nmomentum: 0\nweight_decay: 0\nschedule: constant\n");
  double mean = 0;
  for (std::size_t m = 0; m < 4; ++m) mean += norm(none, m) / 4;
  for (std::size_t m = 0; m < 4; ++m) {
    CAPTURE(m);
    CHECK(norm(none, m) - norm(lasso, m) ==
          doctest::Approx(2 * 0.001 * 50).epsilon(0.05));  // two steps of lambda * rate
    if (norm(none, m) > 1.05 * mean) CHECK(norm(clipped, m) == doctest::Approx(norm(none, m)).epsilon(0.01));
    if (norm(none, m) < 0.95 * mean) CHECK(norm(clipped, m) == doctest::Approx(norm(lasso, m)).epsilon(0.01));
  }
}

TEST_CASE("what makes no sense is refused") {
  const Fixture network;
  const auto message = [&](const std::string& text) { return test::bad_input([&] { (void)trained(network, text); }); };
  CHECK(message("epochs: 0\n").starts_with("t.yaml:1: "));
  CHECK(message("epoch: 3\n").find("unknown key") != std::string::npos);
  CHECK(message("patience: 2\n").find("validation") != std::string::npos);
  CHECK(message("methods:\n  - ternari\n").starts_with("t.yaml:2: "));
  io::Inputs data = stripes();
  data.images.values[0] = std::nanf("");
  CHECK(test::bad_input([&] {
          (void)train::train(network.graph(), recipe(plain), data);
        }).find("the loss is not finite in epoch 1") != std::string::npos);
  data = stripes();
  data.labels[0] = classes;
  CHECK(test::bad_input([&] {
          (void)train::train(network.graph(), recipe(plain), data);
        }).find("labels of this network") != std::string::npos);
  data.labels.clear();
  CHECK(test::bad_input([&] { (void)train::train(network.graph(), recipe(plain), data); }).find("--labels") !=
        std::string::npos);
  CHECK(test::bad_input([&] {
          graph::replace_constants(network.path, {{"nothing", Tensor<float>(Shape{1})}}, {}, "x.onnx");
        }).find("no constant nothing") != std::string::npos);
  CHECK(test::bad_input([&] {
          graph::replace_constants(network.path, {{"w", Tensor<float>(Shape{1})}}, {}, "x.onnx");
        }).find("shape") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists("x.onnx"));
}

TEST_CASE("a run whose weights overflow in any of its steps is stopped, and none that is not leaves infinities") {
  const Fixture network;
  int stopped = 0, ended = 0;
  for (int steps = 1; steps <= 24; ++steps) {  // without a gradient's help, weight decay alone is a factor of -99
    CAPTURE(steps);
    const train::Recipe text = recipe("epochs: " + std::to_string(steps) +
                                      "\nbatch_size: 60\nlearning_rate: 100\nmomentum: 0\nweight_decay: 1\n"
                                      "schedule: constant\n");
    try {
      const train::TrainResult result = train::train(network.graph(), text, stripes());
      ++ended;
      for (const auto& [name, values] : result.networks[0].constants) {
        for (const float value : values.values) REQUIRE(std::isfinite(value));
      }
    } catch (const Error& error) {
      CHECK(error.status() == Status::bad_input);
      CHECK(std::string(error.what()).find("lower learning_rate") != std::string::npos);
      ++stopped;
    }
  }
  CHECK(stopped > 0);
  CHECK(ended > 0);
}

TEST_CASE("values of --set take the place of the recipe's and of its methods' and are checked alike") {
  const Fixture network;
  const std::string text =
      "epochs: 3\naugment: {shift: 1}\nmethods:\n  - prune: {sparsity: 0.5, until: 0}\n  - ternary";
  const auto parsed = [&](const std::vector<std::string>& sets) { return train::Recipe::parse(text, "t.yaml", sets); };
  const train::Recipe set = parsed({"epochs=7", "augment.shift=2", "data.classes=[1, 2]", "prune.sparsity=0.25"});
  CHECK(set.epochs == 7);
  CHECK(set.shift_pixels == 2);
  CHECK(set.data_classes == std::vector<std::int64_t>{1, 2});
  CHECK(set.methods[0].options.find("sparsity")->value == "0.25");
  CHECK(set.methods[0].options.find("until")->value == "0");
  CHECK(set.methods[1].options.entries().empty());
  CHECK(set.text == text +
                        "\n# --set epochs=7\n# --set augment.shift=2\n# --set data.classes=[1, 2]\n"
                        "# --set prune.sparsity=0.25\n");
  CHECK(recipe(set.text).epochs == 3);  // comments: the text reads as the file does
  const auto message = [&](const std::string& assignment) {
    return test::bad_input([&] { (void)train::train(network.graph(), parsed({assignment}), stripes()); });
  };
  CHECK(message("epochs=0").starts_with("--set epochs=0: "));
  CHECK(message("epoch=2").find("unknown key") != std::string::npos);
  CHECK(message("data.classes=[1, 1]").starts_with("--set data.classes=[1, 1]: "));
  CHECK(message("patience=2").find("validation") != std::string::npos);
  CHECK(message("prune.sparsity=1.5").starts_with("--set prune.sparsity=1.5: "));
  CHECK(message("prune.sparsty=0.5").find("unknown key") != std::string::npos);
  CHECK(message("quantise.bits=4").find("unknown key") != std::string::npos);
  CHECK(message("epochs").find("write --set key=value") != std::string::npos);
  const std::string twice = "methods:\n  - prune: {pattern: filter}\n  - prune\n";
  CHECK(test::bad_input([&] {
          (void)train::Recipe::parse(twice, "t.yaml", {"prune.sparsity=0.5"});
        }).find("more than once") != std::string::npos);
}

TEST_CASE("learning rate: warm-up, cosine, steps") {
  const train::Recipe cosine = recipe("epochs: 10\nwarm_up_epochs: 2\n");
  CHECK(cosine.rate_factor(0) == 0);
  CHECK(cosine.rate_factor(1) == doctest::Approx(0.5));
  CHECK(cosine.rate_factor(2) == doctest::Approx(1));
  CHECK(cosine.rate_factor(6) == doctest::Approx(0.5));
  CHECK(cosine.rate_factor(10) == doctest::Approx(0));
  const train::Recipe step = recipe("epochs: 100\nschedule: step\nstep_epochs: 40\nstep_factor: 0.1\n");
  CHECK(step.rate_factor(39.9) == 1);
  CHECK(step.rate_factor(40) == doctest::Approx(0.1));
  CHECK(step.rate_factor(80) == doctest::Approx(0.01));
  CHECK(recipe("schedule: constant\n").rate_factor(7) == 1);
}
