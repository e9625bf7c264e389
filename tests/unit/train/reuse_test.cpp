// Training with reuse: what convolutions compute, its gradients, and hash vectors on their way into a trace.
#include "tests/support/torch_doctest.h"

#include <cmath>
#include <fstream>
#include <map>

#include "tests/support/sparse_training.h"
#include "workloads/compress/network/learned_vectors.h"
#include "workloads/compress/network/network_model.h"
#include "workloads/compress/recipe.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/train/trainer.h"

using namespace rebasis;

namespace {

/// A compression recipe in a file of this process alone.
struct RecipeFile {
  std::string path = "./reuse." + std::to_string(getpid()) + ".yaml";
  explicit RecipeFile(const std::string& options) {
    std::ofstream(path) << "passes: [int8, reuse: {" << options << "}]\n";
  }
  RecipeFile(const RecipeFile&) = delete;
  RecipeFile& operator=(const RecipeFile&) = delete;
  ~RecipeFile() { std::filesystem::remove(path); }
};

/// Element d of the row of output (e, f) of image n of a 3 x 3 convolution with padding 1.
float element(const at::Tensor& x, std::int64_t n, std::int64_t e, std::int64_t f, std::int64_t d) {
  const std::int64_t y = e + d % 9 / 3 - 1, c = f + d % 3 - 1;
  if (y < 0 || c < 0 || y >= x.size(2) || c >= x.size(3)) return 0;
  return x[n][d / 9][y][c].item<float>();
}

/// The convolution with centroids, one sub-vector at a time.
at::Tensor by_definition(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& vectors) {
  const std::int64_t depth = 9 * x.size(1), length = vectors.size(1);
  using Key = std::pair<std::int64_t, std::vector<bool>>;
  std::map<Key, std::pair<std::vector<double>, int>> buckets;
  const auto part = [&](std::int64_t n, std::int64_t e, std::int64_t f, std::int64_t first) {
    std::vector<double> values;
    for (std::int64_t d = first; d < std::min(first + length, depth); ++d)
      values.push_back(static_cast<double>(element(x, n, e, f, d)));
    return values;
  };
  const auto key = [&](const std::vector<double>& values, std::int64_t first) {
    std::vector<bool> bits;
    for (std::int64_t h = 0; h < vectors.size(0); ++h) {
      double sum = 0;
      for (std::size_t j = 0; j < values.size(); ++j)
        sum += values[j] * static_cast<double>(vectors[h][static_cast<std::int64_t>(j)].item<float>());
      bits.push_back(sum > 0);
    }
    return Key{first, bits};
  };
  const auto each = [&](const auto& visit) {
    for (std::int64_t n = 0; n < x.size(0); ++n)
      for (std::int64_t e = 0; e < x.size(2); ++e)
        for (std::int64_t f = 0; f < x.size(3); ++f)
          for (std::int64_t first = 0; first < depth; first += length) visit(n, e, f, first, part(n, e, f, first));
  };
  each([&](auto, auto, auto, std::int64_t first, const std::vector<double>& values) {
    auto& [sums, members] = buckets[key(values, first)];
    sums.resize(values.size());
    for (std::size_t j = 0; j < values.size(); ++j) sums[j] += values[j];
    ++members;
  });
  const at::Tensor filters = weights.reshape({weights.size(0), depth});
  at::Tensor output = at::zeros({x.size(0), weights.size(0), x.size(2), x.size(3)});
  each([&](std::int64_t n, std::int64_t e, std::int64_t f, std::int64_t first, const std::vector<double>& values) {
    const auto& [sums, members] = buckets.at(key(values, first));
    for (std::int64_t m = 0; m < weights.size(0); ++m)
      for (std::size_t j = 0; j < sums.size(); ++j)
        output[n][m][e][f] += sums[j] / members * filters[m][first + static_cast<std::int64_t>(j)].item<double>();
  });
  return output;
}

at::Tensor first_images(std::int64_t count) {
  const io::Inputs data = test::tiny::stripes();
  const at::Tensor all = at::tensor(data.images.values).reshape(data.images.shape);
  return all.narrow(0, 0, count);
}

}  // namespace

TEST_CASE("convolutions compute with centroids, the last sub-vector of a row may be shorter") {
  const RecipeFile recipe("hashes: 2, length: 7");
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "reuse", "recipe: " + recipe.path);
  const std::vector<at::Tensor> vectors = rig.method->parameters();
  REQUIRE(vectors.size() == 2);
  REQUIRE(vectors[0].sizes() == at::IntArrayRef({2, 7}));
  const at::NoGradGuard no_gradients;
  const at::Tensor images = first_images(3);
  std::map<std::string, at::Tensor> seen;
  (void)rig.network.outputs(images, false,
                            [&](const std::string& name, const at::Tensor& value) { seen[name] = value; });
  CHECK(at::allclose(seen.at("c1"), by_definition(images, rig.network.weights(0), vectors[0]), 1e-4, 1e-5));
  CHECK(at::allclose(seen.at("c2"), by_definition(seen.at("r1"), rig.network.weights(1), vectors[1]), 1e-4, 1e-4));
}

TEST_CASE("weights have the gradient of what is computed; hash vectors one where both buckets of a bit are used") {
  const RecipeFile recipe("hashes: 3, length: 9");
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "reuse", "recipe: " + recipe.path);
  const at::Tensor images = first_images(6);
  const auto loss = [&] { return rig.network.forward(images, false).square().sum(); };
  loss().backward();
  const at::Tensor weights = rig.network.weights(1);  // its inputs do not depend on it: the loss is smooth
  const at::Tensor gradient = weights.grad().clone();
  for (const std::int64_t place : {0, 100, 333}) {
    constexpr float step = 1e-2F;
    at::Tensor flat = weights.detach().view({-1});
    const float before = flat[place].item<float>();
    flat[place] = before + step;
    const double above = loss().item<double>();
    flat[place] = before - step;
    const double below = loss().item<double>();
    flat[place] = before;
    CHECK(gradient.view({-1})[place].item<double>() == doctest::Approx((above - below) / (2.0 * step)).epsilon(0.02));
  }
  for (const at::Tensor& vectors : rig.method->parameters()) {
    REQUIRE(vectors.grad().defined());
    CHECK(at::isfinite(vectors.grad()).all().item<bool>());
    CHECK(vectors.grad().abs().max().item<float>() > 0);
  }
  // All inputs in one bucket: no bit has a choice.
  const at::NoGradGuard no_gradients;
  for (const at::Tensor& vectors : rig.method->parameters()) {
    at::Tensor(vectors).mutable_grad().zero_();
    at::Tensor(vectors).zero_();
  }
  {
    const at::AutoGradMode gradients(true);
    loss().backward();
  }
  for (const at::Tensor& vectors : rig.method->parameters()) CHECK(vectors.grad().abs().max().item<float>() == 0);
}

TEST_CASE("trained hash vectors reach the pass of rebasis compress through the network's file") {
  const RecipeFile recipe("hashes: 4, length: 9");
  const test::TwoConvolutions file;
  const train::Recipe training = test::tiny::recipe(
      "epochs: 3\nbatch_size: 20\nlearning_rate: 0.05\nmethods: [reuse: {recipe: " + recipe.path + "}]\n");
  const train::TrainResult result = train::train(file.graph(), training, test::tiny::stripes());
  CHECK(result.epochs.back().loss < result.epochs.front().loss);
  REQUIRE(result.networks.size() == 1);
  const auto learned =
      compress::from_property(result.networks[0].properties.at(compress::reuse_property), "reuse_trained.onnx");
  REQUIRE(learned.size() == 2);

  graph::replace_constants(file.path, result.networks[0].constants, result.networks[0].properties,
                           "reuse_trained.onnx");
  const graph::Graph graph = graph::import_onnx("reuse_trained.onnx");
  compress::NetworkModel network(graph);
  compress::Recipe::parse("passes: [int8, reuse]\n", "learned.yaml").apply(network.model());
  compress::NetworkModel random(graph);
  compress::Recipe::parse("passes: [int8, reuse: {vectors: random, hashes: 4, length: 9}]\n", "random.yaml")
      .apply(random.model());
  for (std::size_t i = 0; i < 2; ++i) {
    const compress::Layer& layer = network.model().layers[i];
    CHECK(layer.reuse->vectors == learned.at(layer.name));
    CHECK(layer.reuse->vectors.hashes == 4);
    CHECK_FALSE(layer.reuse->vectors == random.model().layers[i].reuse->vectors);  // they have moved
  }
}
