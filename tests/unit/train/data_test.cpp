// Which images a run trains on, and the weights it starts from.
#include "tests/support/torch_doctest.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/train/initialise.h"
#include "workloads/train/split.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

using Positions = std::vector<std::int64_t>;

/// 40 of class 0, 31 of class 1, 7 of class 2, in a mixed order.
std::vector<std::int64_t> uneven_labels() {
  std::vector<std::int64_t> labels;
  for (int i = 0; i < 78; ++i) labels.push_back(i % 11 == 3 ? 2 : i % 2);
  while (std::count(labels.begin(), labels.end(), 2) < 7) *std::find(labels.begin(), labels.end(), 1) = 2;
  return labels;
}

std::map<std::int64_t, std::int64_t> counts(const std::vector<std::int64_t>& labels, const Positions& chosen) {
  std::map<std::int64_t, std::int64_t> counts;
  for (const std::int64_t i : chosen) ++counts[labels[static_cast<std::size_t>(i)]];
  return counts;
}

Positions merged(std::vector<Positions> parts) {
  Positions all;
  for (const Positions& part : parts) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  return all;
}

Positions everything(std::size_t count) {
  Positions all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

TEST_CASE("parts share no image, leave none out and hold every class evenly") {
  const auto labels = uneven_labels();
  const auto whole = counts(labels, everything(labels.size()));
  for (const int of : {2, 3, 7}) {
    CAPTURE(of);
    std::vector<Positions> parts;
    for (int part = 1; part <= of; ++part) {
      parts.push_back(
          train::split(labels, recipe("data: {part: " + std::to_string(part) + ", of: " + std::to_string(of) + "}\n"))
              .training);
      CHECK(std::abs(static_cast<double>(parts.back().size()) - 78.0 / of) < 1);
      for (const auto& [label, count] : counts(labels, parts.back())) {
        CHECK(std::abs(static_cast<double>(count) - static_cast<double>(whole.at(label)) / of) < 1);
      }
      CHECK(counts(labels, parts.back()).size() == 3);
    }
    CHECK(merged(parts) == everything(labels.size()));
  }
}

TEST_CASE("the seed of the data alone decides the part") {
  const auto labels = uneven_labels();
  const auto first = [&](const std::string& more, const std::string& data = "") {
    return train::split(labels, recipe(more + "data: {part: 1, of: 2" + data + "}\n")).training;
  };
  CHECK(first("") == first("seed: 5\n"));
  CHECK(first("") != first("", ", seed: 2"));
  CHECK(first("") != everything(39));  // not simply the first half
}

TEST_CASE("validation images are of every class and are no training images") {
  const auto labels = uneven_labels();
  const train::Split split = train::split(labels, recipe("validation: 0.25\n"));
  CHECK(merged({split.training, split.validation}) == everything(labels.size()));
  CHECK(split.validation.size() == 20);  // 0.25 * 78 = 19.5
  const auto kept = counts(labels, split.validation), whole = counts(labels, everything(labels.size()));
  REQUIRE(kept.size() == 3);
  for (const auto& [label, count] : kept)
    CHECK(std::abs(static_cast<double>(count) - 0.25 * static_cast<double>(whole.at(label))) <= 1);
  CHECK(train::split(labels, recipe("epochs: 1\n")).validation.empty());
  const train::Split half = train::split(labels, recipe("validation: 0.5\ndata: {part: 2, of: 2}\n"));
  CHECK(merged({half.training, half.validation}) == train::split(labels, recipe("data: {part: 2, of: 2}\n")).training);
}

TEST_CASE("classes are chosen, for training as for testing") {
  const auto labels = uneven_labels();
  const auto chosen = counts(labels, train::split(labels, recipe("data: {classes: [2, 0]}\n")).training);
  CHECK(chosen.size() == 2);
  CHECK(chosen.at(2) == 7);
  CHECK(recipe("data: {classes: 1}\n").data_classes == std::vector<std::int64_t>{1});
  io::Inputs all = stripes();
  const io::Inputs of_two = train::of_classes(all, {2});
  CHECK(of_two.labels == std::vector<std::int64_t>(20, 2));
  CHECK(of_two.images.shape == Shape{20, 1, size, size});
  CHECK(
      std::equal(of_two.images.values.begin(), of_two.images.values.begin() + 36, all.images.values.begin() + 2 * 36));
  CHECK(of_two.images.values.back() == all.images.values.back());
  CHECK(train::of_classes(all, {}).labels == all.labels);
}

TEST_CASE("a choice of images that makes no sense is refused") {
  const auto labels = uneven_labels();
  const auto message = [&](const std::string& text) {
    return test::bad_input([&] { (void)train::split(labels, recipe(text)); });
  };
  CHECK(message("data: {part: 3, of: 2}\n").starts_with("t.yaml:1: data.part is more than data.of"));
  CHECK(message("epochs: 2\ndata: {classes: [1, x]}\n").starts_with("t.yaml:2: data.classes holds x"));
  CHECK(message("data: {classes: [-1]}\n").find("class numbers from 0") != std::string::npos);
  CHECK(message("data: {classes: [1, 1]}\n").find("twice") != std::string::npos);
  CHECK(message("data: {classes: []}\n").find("empty") != std::string::npos);
  CHECK(message("data: {classes: [3]}\n").find("class 3, of which there is no image") != std::string::npos);
  CHECK(message("data: {part: 1, of: 8}\n").find("class 2 has 7 images") != std::string::npos);
  CHECK(message("data: {half: 1}\n").find("unknown key") != std::string::npos);
}

TEST_CASE("training sees its part alone") {
  const Fixture network;
  const auto epoch = [&](const std::string& data) {
    return trained(network, "epochs: 1\nbatch_size: 5\n" + data).networks[0];
  };
  io::Inputs of_two = train::of_classes(stripes(), {1, 2});
  const auto alone = train::train(network.graph(), recipe("epochs: 1\nbatch_size: 5\n"), of_two).networks[0];
  CHECK(epoch("data: {classes: [1, 2]}\n").constants.at("w").values == alone.constants.at("w").values);
  CHECK(epoch("").constants.at("w").values != alone.constants.at("w").values);
}

TEST_CASE("random weights have the variances that were asked for, and the seed decides them") {
  test::OnnxModel model;  // 64 filters of 32 x 3 x 3, then 100 -> 50
  model.input("x", {1, 32, 4, 4});
  model.initialiser("w", test::noise({64, 32, 3, 3}, 1));
  model.initialiser("bias", test::noise({64}, 2));
  for (const std::string name : {"gamma", "beta", "mean", "var"}) model.initialiser(name, test::noise({64}, 3));
  model.initialiser("v", test::noise({64, 500}, 4));
  model.initialiser("b", test::noise({500}, 5));
  test::set(model.node("Conv", {"x", "w", "bias"}, {"c"}), "pads", std::vector<std::int64_t>{1, 1, 1, 1});
  model.node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"});
  model.node("GlobalAveragePool", {"n"}, {"p"});
  model.node("Flatten", {"p"}, {"f"});
  model.node("Gemm", {"f", "v", "b"}, {"y"});
  model.output("y");
  const std::string path = "initialise_test.onnx";
  model.write(path);
  graph::ImportOptions options;
  options.fold_batch_norms = false;
  const graph::Graph graph = graph::import_onnx(path, options);
  const auto values = [&](const std::string& text) {
    train::TrainableNetwork network(graph);
    train::initialise(network, recipe(text));
    return network.values();
  };
  const auto mean_square = [](const std::vector<float>& v) {
    return std::inner_product(v.begin(), v.end(), v.begin(), 0.0) / static_cast<double>(v.size());
  };
  auto all = values("initialise: all\n");
  CHECK(mean_square(all["w"].values) == doctest::Approx(2.0 / (64 * 9)).epsilon(0.05));  // fan-out: 64 filters x 3 x 3
  CHECK(mean_square(all["v"].values) == doctest::Approx(1.0 / 64 / 3).epsilon(0.05));    // uniform in +-1/8
  CHECK(std::abs(*std::max_element(all["v"].values.begin(), all["v"].values.end()) - 0.125F) < 0.001F);
  for (const std::string zero : {"bias", "beta", "mean", "b"}) CHECK(mean_square(all[zero].values) == 0);
  for (const std::string one : {"gamma", "var"}) CHECK(all[one].values == std::vector<float>(64, 1));
  CHECK(values("initialise: all\n")["w"].values == all["w"].values);
  CHECK(values("initialise: all\nseed: 2\n")["w"].values != all["w"].values);
  auto kept = values("epochs: 1\n"), last = values("initialise: last\n");
  CHECK(kept["w"].values == test::noise({64, 32, 3, 3}, 1).values);
  for (const std::string name : {"w", "bias", "gamma", "mean", "var"}) CHECK(last[name].values == kept[name].values);
  CHECK(mean_square(last["v"].values) == doctest::Approx(1.0 / 64 / 3).epsilon(0.05));
  CHECK(mean_square(last["b"].values) == 0);
}
