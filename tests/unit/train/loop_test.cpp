// The training loop: parts of a batch, threads, early stop, what an observer hears.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

double greatest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double greatest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) greatest = std::max(greatest, std::abs(static_cast<double>(a[i]) - b[i]));
  return greatest;
}

train::TrainedNetwork one_step(const Fixture& network, const std::string& more) {
  return trained(
             network,
             "epochs: 1\nbatch_size: 60\nlearning_rate: 0.1\nschedule: constant\nmomentum: 0\nweight_decay: 0\n" + more)
      .networks[0];
}

/// The network of the fixture without its batch-norm.
void write_without_norm(const std::string& path) {
  test::OnnxModel model;
  model.input("x", {1, 1, size, size});
  model.initialiser("w", test::noise({4, 1, 3, 3}, 1));
  model.initialiser("v", test::noise({classes, 4}, 2));
  model.initialiser("b", Tensor<float>({classes}, {0, 0, 0}));
  model.node("Conv", {"x", "w"}, {"c"});
  model.node("Relu", {"c"}, {"r"});
  model.node("GlobalAveragePool", {"r"}, {"p"});
  model.node("Flatten", {"p"}, {"f"});
  test::set(model.node("Gemm", {"f", "v", "b"}, {"y"}), "transB", std::int64_t{1});
  model.output("y");
  model.write(path);
}

}  // namespace

TEST_CASE("without batch-norms, the parts of a batch add up to its gradient, uneven ones too") {
  const Fixture network;
  write_without_norm(network.path);
  const auto whole = one_step(network, "label_smoothing: 0.1\n").constants;
  const auto before = trained(network, "epochs: 1\nbatch_size: 60\nlearning_rate: 0\n").networks[0].constants;
  for (const int parts : {2, 3, 7}) {
    CAPTURE(parts);
    const auto cut =
        one_step(network, "label_smoothing: 0.1\nmicro_batches: " + std::to_string(parts) + "\n").constants;
    for (const std::string name : {"w", "v", "b"}) {
      CHECK(greatest_difference(cut.at(name).values, whole.at(name).values) < 1e-6);
      CHECK(greatest_difference(before.at(name).values, whole.at(name).values) > 1e-4);
    }
  }
}

TEST_CASE("parts have batch-norm statistics of their own, the running ones are their mean") {
  const Fixture network;
  const auto whole = one_step(network, "").constants, cut = one_step(network, "micro_batches: 2\n").constants;
  CHECK(greatest_difference(whole.at("w").values, cut.at("w").values) > 1e-6);
  // Halves of equal size: the mean of their means is the batch's, the mean of their variances is not its variance.
  CHECK(greatest_difference(whole.at("mean").values, cut.at("mean").values) < 1e-6);
  CHECK(greatest_difference(whole.at("var").values, cut.at("var").values) > 1e-7);
  for (const float mean : cut.at("mean").values) CHECK(mean != 0);
}

TEST_CASE("the number of threads does not change a bit") {
  const Fixture network;
  const train::Recipe cut = recipe(
      std::string(plain) + "micro_batches: 4\naugment: {shift: 1}\nmethods:\n  - ternary: {keep_first_last: false}\n");
  const auto with_threads = [&](std::int64_t threads) {
    return train::train(network.graph(), cut, stripes(), {}, {}, threads);
  };
  const train::TrainResult one = with_threads(1);
  for (const std::int64_t threads : {2, 3, 8, 0}) CHECK(same(one, with_threads(threads)));
  CHECK(one.epochs.back().loss < one.epochs.front().loss);
}

TEST_CASE("a method's penalty counts once, however many parts there are") {
  const Fixture network;
  const std::string lasso =
      "methods:\n  - pe_groups: {group_channels: 1, lambda: 0.5, clip: false, keep_first_last: false}\n";
  write_without_norm(network.path);
  const auto whole = one_step(network, lasso).constants,
             cut = one_step(network, "micro_batches: 3\n" + lasso).constants;
  CHECK(greatest_difference(whole.at("w").values, cut.at("w").values) < 1e-6);
  CHECK(greatest_difference(whole.at("w").values, one_step(network, "").constants.at("w").values) > 1e-4);
}

TEST_CASE("a run ends when the validation accuracy no longer rises") {
  const Fixture network;
  const train::TrainResult result =
      trained(network, "epochs: 50\nbatch_size: 10\nlearning_rate: 0\nvalidation: 0.2\npatience: 3\n");
  CHECK(result.stopped_early);
  const auto best = std::max_element(result.epochs.begin(), result.epochs.end(), [](const auto& a, const auto& b) {
    return a.validation_accuracy() < b.validation_accuracy();
  });
  CHECK(result.epochs.end() - best == 4);  // three after the best; only the batch-norms' statistics change here
  CHECK(result.epochs.size() < 50);
  CHECK_FALSE(trained(network, "epochs: 2\nbatch_size: 10\nvalidation: 0.2\npatience: 3\n").stopped_early);
}

TEST_CASE("an observer hears where a resumed run goes on, and the accuracy so far") {
  const Fixture network;
  const std::string checkpoint = network.path + ".ckpt";
  std::filesystem::remove(checkpoint);
  struct Killed {};
  std::vector<double> accuracies;
  std::vector<std::int64_t> resumed;
  train::TrainObserver observer;
  observer.resumed = [&](std::int64_t epochs) { resumed.push_back(epochs); };
  observer.step = [&](std::int64_t, double, double, double accuracy) { accuracies.push_back(accuracy); };
  observer.epoch = [&](const train::EpochReport& report) {
    CHECK(report.accuracy == doctest::Approx(accuracies.back()));
    if (report.epoch == 2 && resumed.empty()) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(network.graph(), recipe(plain), stripes(), checkpoint, observer), Killed);
  CHECK(resumed.empty());
  (void)train::train(network.graph(), recipe(plain), stripes(), checkpoint, observer);
  CHECK(resumed == std::vector<std::int64_t>{2});
  CHECK(accuracies.size() == 36);  // six steps an epoch, none of them twice
  std::filesystem::remove(checkpoint);
}

TEST_CASE("a checkpoint of other images is refused") {
  const Fixture network;
  const std::string checkpoint = network.path + ".ckpt";
  (void)trained(network, plain, checkpoint);
  io::Inputs other = stripes();
  std::swap(other.labels[0], other.labels[1]);
  CHECK(test::bad_input([&] {
          (void)train::train(network.graph(), recipe(plain), other, checkpoint);
        }).find("recipe or data") != std::string::npos);
  std::filesystem::remove(checkpoint);
  CHECK(test::bad_input([&] { (void)trained(network, "batch_size: 4\nmicro_batches: 5\n"); }).find("use fewer parts") !=
        std::string::npos);
}
