// Continual learning with layers that freeze: ratios against a singular value decomposition, schedules and TopK by
// hand, frozen layers, costs of a network of two layers, resumed runs.
#include "tests/support/torch_doctest.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/graph/write_onnx.h"
#include "workloads/run/executor.h"
#include "workloads/train/continual/correlation.h"
#include "workloads/train/continual/encoder.h"
#include "workloads/train/continual/learner.h"
#include "workloads/train/continual/objective.h"
#include "workloads/train/continual/self_supervised.h"
#include "workloads/train/continual/tasks.h"

using namespace rebasis;
using namespace rebasis::test::tiny;
using train::ContinualRecipe;

namespace {

ContinualRecipe continual(const std::string& text) { return ContinualRecipe::parse(text, "c.yaml"); }

/// Columns of `basis` span a subspace; a naive projection of every row, Gram-Schmidt and all.
double naive_ratio(const at::Tensor& rows, const at::Tensor& spanning) {
  std::vector<at::Tensor> axes;
  for (std::int64_t column = 0; column < spanning.size(1); ++column) {
    at::Tensor axis = spanning.select(1, column).clone();
    for (int twice = 0; twice < 2; ++twice) {
      for (const at::Tensor& other : axes) axis -= axis.dot(other) * other;
    }
    axes.push_back(axis / axis.norm());
  }
  double projected = 0, all = 0;
  for (std::int64_t row = 0; row < rows.size(0); ++row) {
    for (const at::Tensor& axis : axes) projected += std::pow(rows[row].dot(axis).item<double>(), 2);
    all += rows[row].square().sum().item<double>();
  }
  return std::sqrt(projected / all);
}

graph::WeightLayer convolution(std::int64_t channels, std::int64_t size_, std::int64_t kernel, std::int64_t groups) {
  graph::WeightLayer layer;
  layer.op = "conv";
  layer.shape.C = channels;
  layer.shape.M = channels;
  layer.shape.H = layer.shape.W = size_;
  layer.shape.R = layer.shape.S = kernel;
  layer.shape.pad_top = layer.shape.pad_left = layer.shape.pad_bottom = layer.shape.pad_right = kernel / 2;
  layer.shape.groups = groups;
  return layer;
}

/// Each task two of the six stripes: three directions, bright or dark at the corner.
io::Inputs six_classes() {
  io::Inputs data = stripes();
  for (std::size_t i = 0; i < data.labels.size(); ++i)
    data.labels[i] += (static_cast<std::int64_t>(i) / classes) % 2 == 0 ? 0 : classes;
  return data;
}

const std::string quick =
    "epochs: 3\nbatch_size: 5\nprojection: 8\nprediction: 4\nclasses_per_task: 2\nreplay: {images: 12}\n"
    "knn: {neighbours: 5}\n";

}  // namespace

TEST_CASE("bases hold the share asked for and are the left singular vectors") {
  at::manual_seed(3);
  const at::Tensor matrix = at::mm(at::randn({12, 5}, at::kDouble), at::randn({5, 40}, at::kDouble)) +
                            0.01 * at::randn({12, 40}, at::kDouble);
  const auto [left, values, right] = at::linalg_svd(matrix, false);
  const at::Tensor squares = values.square();
  for (const double share : {0.5, 0.9, 0.999, 1.0}) {
    CAPTURE(share);
    const at::Tensor basis = train::basis_of(matrix, share);
    const std::int64_t rank = basis.size(1);
    const double all = squares.sum().item<double>();
    CHECK(squares.narrow(0, 0, rank).sum().item<double>() >= share * all * (1 - 1e-12));
    if (rank > 1) CHECK(squares.narrow(0, 0, rank - 1).sum().item<double>() < share * all);
    const at::Tensor own = at::mm(basis, basis.t()), known = left.narrow(1, 0, rank);
    CHECK((own - at::mm(known, known.t())).abs().max().item<double>() < 1e-8);
  }
}

TEST_CASE("the correlation ratio is that of a naive projection, within 0 and 1, and 1 inside the subspace") {
  at::manual_seed(4);
  const at::Tensor matrix = at::randn({18, 60}, at::kDouble) * at::linspace(0.01, 3, 18, at::kDouble).view({18, 1});
  const at::Tensor basis = train::basis_of(matrix, 0.9);
  REQUIRE(basis.size(1) < 18);
  for (int k = 0; k < 20; ++k) {
    const at::Tensor gradient = at::randn({6, 2, 3, 3});
    const double ratio = train::correlation_ratio(gradient, {basis});
    CHECK(ratio >= 0);
    CHECK(ratio <= 1);
    CHECK(ratio == doctest::Approx(naive_ratio(gradient.to(at::kDouble).view({6, 18}), basis)).epsilon(1e-9));
  }
  const at::Tensor inside = at::mm(at::randn({6, basis.size(1)}, at::kDouble), basis.t());
  CHECK(train::correlation_ratio(inside.view({6, 2, 3, 3}), {basis}) == doctest::Approx(1));
  const at::Tensor outside = at::eye(18, at::kDouble) - at::mm(basis, basis.t());
  CHECK(train::correlation_ratio(outside.narrow(0, 0, 6).reshape({6, 2, 3, 3}), {basis}) < 1e-6);
  CHECK(train::correlation_ratio(at::zeros({6, 2, 3, 3}), {basis}) == 1);
}

TEST_CASE("a convolution's gradient lies in the span of its patches, in every group") {
  at::manual_seed(5);
  for (const std::int64_t groups : {1, 2, 4}) {
    CAPTURE(groups);
    const graph::WeightLayer layer = convolution(4, 5, 3, groups);
    const at::Tensor input = at::randn({2, 4, 5, 5});
    at::Tensor weights = at::randn({4, 4 / groups, 3, 3}).set_requires_grad(true);
    const at::Tensor output = at::conv2d(input, weights, {}, 1, 1, 1, groups);
    (output * at::randn(output.sizes())).sum().backward();
    std::vector<at::Tensor> bases;
    for (std::int64_t group = 0; group < groups; ++group) {
      const at::Tensor patches = train::representation(layer, input, group);
      CHECK(patches.sizes() == at::IntArrayRef({36 / groups, 50}));
      bases.push_back(train::basis_of(patches, 1));
      // As columns of the convolution itself: filter times patches is the output.
      const std::int64_t per_group = 4 / groups;
      const at::Tensor product = at::mm(weights.detach().narrow(0, group * per_group, per_group).flatten(1), patches);
      const at::Tensor expected =
          output.detach().narrow(1, group * per_group, per_group).transpose(0, 1).reshape({per_group, -1});
      CHECK((product - expected).abs().max().item<double>() < 1e-4);
    }
    CHECK(train::correlation_ratio(weights.grad(), bases) == doctest::Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("the schedule rises to k_f in the last epoch; as printed it falls") {
  ContinualRecipe recipe = continual("freeze: {initial: 0.1, final: 0.5}\n");
  CHECK(train::freeze_ratio(recipe, 0, 10) == doctest::Approx(0.1));
  CHECK(train::freeze_ratio(recipe, 5, 10) == doctest::Approx(0.3));
  CHECK(train::freeze_ratio(recipe, 10, 10) == doctest::Approx(0.5));
  for (std::int64_t n = 1; n <= 10; ++n)
    CHECK(train::freeze_ratio(recipe, n, 10) > train::freeze_ratio(recipe, n - 1, 10));
  recipe.freeze_schedule = "printed";
  CHECK(train::freeze_ratio(recipe, 0, 10) == doctest::Approx(0.5));
  CHECK(train::freeze_ratio(recipe, 10, 10) == doctest::Approx(0.1));
  CHECK(train::freeze_ratio(recipe, 2, 8) == doctest::Approx(0.1 + 0.2 * (1 + std::cos(std::numbers::pi / 4))));
}

TEST_CASE("TopK freezes the most correlated layers and never thaws") {
  ContinualRecipe recipe = continual("{}");
  const std::vector<double> correlation{0.2, 0.9, 0.5, 0.9, 0.1};
  std::vector<bool> frozen(5, false);
  using Layers = std::vector<bool>;
  train::freeze_most(frozen, correlation, 0.05, recipe);
  CHECK(frozen == Layers{false, false, false, false, false});
  train::freeze_most(frozen, correlation, 0.2, recipe);
  CHECK(frozen == Layers{false, true, false, false, false});  // the first of equals
  train::freeze_most(frozen, correlation, 0.6, recipe);
  CHECK(frozen == Layers{false, true, true, true, false});
  train::freeze_most(frozen, correlation, 0.2, recipe);
  CHECK(frozen == Layers{false, true, true, true, false});
  train::freeze_most(frozen, correlation, 1, recipe);
  CHECK(frozen == Layers{true, true, true, true, true});
  recipe.freeze_order = "ascending";
  frozen.assign(5, false);
  train::freeze_most(frozen, correlation, 0.4, recipe);
  CHECK(frozen == Layers{true, true, false, false, false});
}

TEST_CASE("accuracy and forgetting by hand") {
  const train::TaskAccuracy accuracy{{0.9}, {0.7, 0.8}, {0.8, 0.85, 0.6}};
  CHECK(train::final_accuracy(accuracy) == doctest::Approx(0.75));
  CHECK(train::forgetting(accuracy) == doctest::Approx((0.1 + 0.0) / 2));
  CHECK(train::forgetting({{0.5}}) == 0);
}

TEST_CASE("losses and nearest neighbours by hand") {
  const auto pairs = [](std::vector<float> values) { return at::tensor(values).view({-1, 2}); };
  const at::Tensor a = pairs({1, 0, 0, 2}), b = pairs({3, 0, 4, 0});
  CHECK(train::simsiam_loss(a, b, a, b).item<float>() == doctest::Approx(-0.5));
  const at::Tensor target = b.clone().set_requires_grad(true), prediction = a.clone().set_requires_grad(true);
  train::simsiam_loss(prediction, target, prediction, target).backward();
  CHECK(prediction.grad().defined());
  CHECK_FALSE(target.grad().defined());
  // Two components that are the same over the batch: diagonal 1, the other two elements 1.
  const at::Tensor same = pairs({1, 1, -1, -1});
  CHECK(train::barlow_twins_loss(same, same, 0.25).item<float>() == doctest::Approx(0.5).epsilon(1e-3));
  CHECK(train::barlow_twins_loss(same, -same, 0.25).item<float>() == doctest::Approx(8.5).epsilon(1e-3));
  const auto classes_of = [](std::vector<std::int64_t> labels) { return at::tensor(labels, at::kLong); };
  const at::Tensor bank = pairs({1, 0, 1, 0.1F, 0, 1}), asked = pairs({2, 0.1F, 0.1F, 5});
  const at::Tensor labels = classes_of({0, 0, 1});
  CHECK(train::knn_accuracy(bank, labels, asked, classes_of({0, 1}), 1, 0.1) == 1);
  CHECK(train::knn_accuracy(bank, labels, asked, classes_of({1, 1}), 1, 0.1) == 0.5);
  // All three vote: two far ones do not outvote a near one.
  CHECK(train::knn_accuracy(bank, labels, asked, classes_of({0, 1}), 3, 0.1) == 1);
}

TEST_CASE("tasks follow the numbers of classes, and every earlier one has its share of the buffer") {
  const ContinualRecipe recipe = continual("classes_per_task: 2\nreplay: {images: 4}\n");
  const std::vector<std::int64_t> labels{3, 0, 1, 2, 0, 1, 2, 3, 4, 0, 1};
  const train::Tasks tasks = train::tasks_of(labels, recipe, 2);
  REQUIRE(tasks.classes == std::vector<std::vector<std::int64_t>>{{0, 1}, {2, 3}});  // a rest of one class is left out
  CHECK(tasks.images[0] == std::vector<std::int64_t>{1, 4, 2, 5});
  CHECK(train::replayed(tasks, 0, recipe).empty());
  CHECK(train::replayed(tasks, 1, recipe).size() == 4);
  const auto both = train::replayed(tasks, 2, recipe);
  CHECK(std::count_if(both.begin(), both.end(), [&](auto i) { return labels[static_cast<std::size_t>(i)] < 2; }) == 2);
  CHECK(both.size() == 4);
  CHECK(train::spread({5, 6, 7, 8, 9}, 2) == std::vector<std::int64_t>{5, 7});
  CHECK(train::spread({5, 6, 7}, 0).size() == 3);
  CHECK(train::spread({5, 6, 7}, 4).size() == 3);
}

TEST_CASE("views and mixing weights stay in their bounds") {
  const ContinualRecipe recipe = continual("views: {jitter: 0, smallest_crop: 1, mirror: false}\n");
  std::mt19937_64 random(1);
  double mean = 0, spread = 0;
  for (int i = 0; i < 2000; ++i) {
    const double weight = train::mixing_weight(0.4, random);
    CHECK(weight >= 0);
    CHECK(weight <= 1);
    mean += weight / 2000;
    spread += (weight - 0.5) * (weight - 0.5) / 2000;
  }
  CHECK(mean == doctest::Approx(0.5).epsilon(0.06));
  CHECK(spread == doctest::Approx(1 / (4 * (2 * 0.4 + 1))).epsilon(0.06));  // variance of Beta(a, a)
  const at::Tensor flat = at::full({3, 1, 6, 6}, 0.7F);
  CHECK((train::view_of(flat, recipe, random) - flat).abs().max().item<float>() < 1e-5);
  const at::Tensor images = at::rand({4, 2, 6, 6});
  const at::Tensor view = train::view_of(images, continual("views: {jitter: 0}\n"), random);
  CHECK(view.sizes() == images.sizes());
  CHECK(view.min().item<float>() >= images.min().item<float>() - 1e-5F);  // interpolation invents nothing
  CHECK(view.max().item<float>() <= images.max().item<float>() + 1e-5F);
  CHECK_FALSE(view.equal(images));
}

TEST_CASE("frozen layers do not change, with their batch-norm; the others do, and thawed ones again") {
  const Fixture fixture;
  const ContinualRecipe recipe = continual(quick);
  train::SelfSupervised model(train::encoder_of(fixture.graph()), recipe);
  CHECK(model.freezable().size() == 1);  // the classifier is gone, the heads do not freeze
  const at::Tensor images = at::randn({10, 1, size, size});
  const auto values = [&] {
    std::map<std::string, at::Tensor> all;
    for (std::size_t i = 0; i < model.network().parameters().size(); ++i)
      all[model.network().parameter_names()[i]] = model.network().parameters()[i].detach().clone();
    for (const auto& [name, tensor] : model.network().statistics()) all[name] = tensor.clone();
    return all;
  };
  const auto changed = [&](bool frozen) {
    model.freezable().apply(model.network(), {frozen});
    const auto before = values();
    model.take_gradients(model.loss(images, images + 0.1));
    for (at::Tensor parameter : model.network().parameters()) {
      if (parameter.grad().defined()) parameter.detach().sub_(0.1 * parameter.grad());
    }
    std::set<std::string> names;
    for (const auto& [name, tensor] : values()) {
      if (!tensor.equal(before.at(name))) names.insert(name);
    }
    return names;
  };
  for (const bool frozen : {false, true, false}) {
    CAPTURE(frozen);
    const std::set<std::string> names = changed(frozen);
    for (const std::string name : {"w", "gamma", "beta", "mean", "var"}) CHECK(names.contains(name) == !frozen);
    CHECK(names.contains("head.projector.product1.weight"));
  }
  // Ratios leave weights and statistics alone.
  const auto before = values();
  const std::vector<double> ratios = model.correlations(images, {{images, images + 0.1}});
  REQUIRE(ratios.size() == 1);
  CHECK(ratios[0] > 0);
  CHECK(ratios[0] <= 1);
  for (const auto& [name, tensor] : values()) CHECK(tensor.equal(before.at(name)));
}

TEST_CASE("costs of a step by hand: freezing saves the gradient of weights and the input, not the gradient behind") {
  const Fixture fixture;
  const ContinualRecipe recipe = continual(quick);
  const train::SelfSupervised model(train::encoder_of(fixture.graph()), recipe);
  const std::int64_t n = 7, plane = size * size, conv = 9 * 4 * plane, first = 4 * 8, second = 8 * 8;
  const std::int64_t third = 8 * 4, fourth = 4 * 8, heads = first + second + third + fourth;
  const train::TrainingCosts free = model.freezable().costs(model.network().graph(), {false}, n),
                             held = model.freezable().costs(model.network().graph(), {true}, n);
  CHECK(free.forward_macs == n * (conv + heads));
  CHECK(free.backward_weight_macs == n * (conv + heads));
  CHECK(free.backward_data_macs == n * heads);
  CHECK(held.forward_macs == free.forward_macs);
  CHECK(held.backward_weight_macs == n * heads);
  CHECK(held.backward_data_macs == n * (heads - first));  // nothing trained lies before the projector
  // Of the heads: inputs of products and batch-norms. Of the encoder: x, the convolution's output, signs.
  const std::int64_t of_heads = 4 + (8 + 8) + (8 + 8) + (4 + 4);
  CHECK(free.kept == n * (of_heads + plane + 4 * plane));
  CHECK(free.kept_bits == n * 4 * plane);
  CHECK(held.kept == n * of_heads);
  CHECK(held.kept_bits == 0);
}

TEST_CASE("a run learns task after task, freezes, writes an encoder, and resumes to the last bit") {
  const Fixture fixture;
  const io::Inputs data = six_classes();
  for (const std::string objective : {"simsiam", "barlow_twins"}) {
    CAPTURE(objective);
    const ContinualRecipe recipe =
        continual(quick + "objective: " + objective + "\nfreeze: {final: 1, gradient_batches: 2}\n");
    const train::LearningResult whole = train::learn(fixture.graph(), recipe, data, data);
    REQUIRE(whole.tasks.size() == 3);
    REQUIRE(whole.epochs.size() == 9);
    CHECK(whole.tasks[0].correlation.empty());
    CHECK(whole.epochs[2].frozen.empty());          // the first task trains everything
    CHECK(whole.epochs[3].frozen.empty());          // 0.25 of one layer
    CHECK(whole.epochs[5].frozen == whole.layers);  // k_f
    CHECK(whole.epochs[6].frozen.empty());          // the next task begins anew
    CHECK(whole.epochs[5].backward_macs < whole.epochs[5].backward_macs_unfrozen);
    CHECK(whole.epochs[5].activation_bytes < whole.epochs[5].activation_bytes_unfrozen);
    CHECK(whole.epochs[5].replay_bytes == 12 * size * size);
    CHECK(whole.epochs[2].replay_bytes == 0);
    const File written("encoder.onnx"), checkpoint("learn.ckpt");
    graph::write_changed(whole.encoder, whole.constants, {}, written.path);
    const auto features = run::Executor(graph::import_onnx(written.path)).run_all(data.images)[0];
    CHECK(features.shape == Shape{images, 4});
    struct Killed {};
    for (const std::int64_t at : {2, 4, 6}) {  // within a task, and between two
      train::LearningObserver kill;
      kill.epoch = [&](const train::LearningEpoch& epoch) {
        if ((epoch.task - 1) * 3 + epoch.epoch == at) throw Killed{};
      };
      std::filesystem::remove(checkpoint.path);
      CHECK_THROWS_AS((void)train::learn(fixture.graph(), recipe, data, data, checkpoint.path, kill), Killed);
      const train::LearningResult resumed = train::learn(fixture.graph(), recipe, data, data, checkpoint.path);
      for (const auto& [name, value] : whole.constants) CHECK(resumed.constants.at(name).values == value.values);
      CHECK(resumed.accuracy() == whole.accuracy());
      for (std::size_t i = 0; i < whole.epochs.size(); ++i) {
        CHECK(resumed.epochs[i].loss == whole.epochs[i].loss);
        CHECK(resumed.epochs[i].frozen == whole.epochs[i].frozen);
      }
    }
  }
}

TEST_CASE("recipes and images that make no sense are refused") {
  const Fixture fixture;
  const auto message = [&](const std::string& text) {
    return test::bad_input([&] { (void)train::learn(fixture.graph(), continual(text), stripes(), stripes()); });
  };
  CHECK(message("epoch: 3\n").find("unknown") != std::string::npos);
  CHECK(message("freeze: {initial: 0.5, final: 0.2}\n").find("freeze.initial is more") != std::string::npos);
  CHECK(message("replay: {images: 0}\n").find("replayed images") != std::string::npos);
  CHECK(message("classes_per_task: 9\n").find("fewer classes") != std::string::npos);
  io::Inputs nameless = stripes();
  nameless.labels.clear();
  CHECK(test::bad_input([&] {
          (void)train::learn(fixture.graph(), continual(quick), nameless, stripes());
        }).find("--labels") != std::string::npos);
}
