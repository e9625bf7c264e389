// Projection: what training validates and starts its epochs with is what compress makes of the weights.
#include "tests/support/torch_doctest.h"

#include <cmath>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/compress/network/network_model.h"
#include "workloads/compress/recipe.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/run/executor.h"
#include "workloads/train/split.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

constexpr const char* smartdeal = "passes:\n  - smartdeal: {threshold: 0.02, leave_if_larger: false}\n";

/// The network as trained, read from its file again and compressed as `rebasis compress` does.
struct Compressed {
  File file{"compressed.onnx"};
  graph::Graph graph;
  std::unique_ptr<compress::NetworkModel> model;
  Compressed(const Fixture& network, const train::TrainResult& result, const std::string& recipe) {
    graph::replace_constants(network.path, result.networks[0].constants, {}, file.path);
    graph = graph::import_onnx(file.path);
    model = std::make_unique<compress::NetworkModel>(graph);
    compress::Recipe::parse(recipe, "c.yaml").apply(model->model());
  }
  [[nodiscard]] std::vector<float> rebuilt(std::size_t layer) const {
    return compress::rebuilt_weights(model->model().layers[layer]);
  }
  [[nodiscard]] std::vector<float> folded(std::size_t layer) const {
    return graph::layer_weights(graph, graph::weight_layers(graph)[layer]).values;
  }
};

void check_equal(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-5));
}

std::string with(const std::string& options) {
  return std::string(plain) + "methods:\n  - project: {" + options + "}\n";
}

}  // namespace

TEST_CASE("the projected result folds to exactly what compress leaves of the result that was not projected") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal);
  const Compressed kept(network, trained(network, with("recipe: " + recipe.path)), smartdeal);
  const Compressed projected(network, trained(network, with("at_end: project, recipe: " + recipe.path)), smartdeal);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    CAPTURE(layer);
    check_equal(projected.folded(layer), kept.rebuilt(layer));
    CHECK(kept.folded(layer) != kept.rebuilt(layer));
  }
}

TEST_CASE("every epoch but the first begins with what compress leaves of the one before") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal);
  const auto run = [&](const std::string& epochs, const std::string& options) {
    return trained(network, "epochs: " + epochs + "\nbatch_size: 10\nlearning_rate: 0\nmethods:\n  - project: {" +
                                options + "recipe: " + recipe.path + "}\n");
  };
  const train::TrainResult one = run("1", ""), two = run("2", "");
  const Compressed first(network, one, smartdeal);
  const auto& c = one.networks[0].constants;
  const std::vector<float> rebuilt = first.rebuilt(0), weights = two.networks[0].constants.at("w").values;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::size_t m = i / 9;
    const double scale = c.at("gamma").values[m] / std::sqrt(c.at("var").values[m] + 1e-5);
    CHECK(weights[i] * scale == doctest::Approx(rebuilt[i]).epsilon(1e-5));
  }
  CHECK(weights != c.at("w").values);
  CHECK(run("2", "every: 2, ").networks[0].constants.at("w").values == c.at("w").values);
}

TEST_CASE("validation sees the projected weights, in the last epoch too") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal);
  const std::string text = "validation: 0.4\n" + with("recipe: " + recipe.path);
  const train::TrainResult result = trained(network, text);
  const Compressed compressed(network, result, smartdeal);
  const io::Inputs data = stripes();
  const auto positions = train::split(data.labels, test::tiny::recipe(text)).validation;
  io::Inputs chosen;
  chosen.images.shape = {static_cast<std::int64_t>(positions.size()), 1, size, size};
  for (const std::int64_t i : positions) {
    const auto image = data.images.values.begin() + i * size * size;
    chosen.images.values.insert(chosen.images.values.end(), image, image + size * size);
    chosen.labels.push_back(data.labels[static_cast<std::size_t>(i)]);
  }
  const run::Executor executor(compressed.graph);
  const auto outputs = executor.run_all(chosen.images, compressed.model->hooks(), 250);
  CHECK(run::accuracy(outputs, chosen.labels) == doctest::Approx(result.epochs.back().validation.at(0)));
  CHECK(result.epochs.back().metrics.at("project/error") > 0);
}

TEST_CASE("channels that are pruned once stay pruned") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal);
  const File once("once.yaml", "passes:\n  - channel_prune: {ratio: 0.25}\n");
  const auto result = trained(network, with("once: " + once.path + ", recipe: " + recipe.path)).networks[0].constants;
  int pruned = 0;
  for (std::size_t m = 0; m < 4; ++m) {
    const auto& w = result.at("w").values;
    const auto first = w.begin() + static_cast<std::ptrdiff_t>(9 * m);
    if (std::count(first, first + 9, 0.0F) < 9) continue;
    ++pruned;
    CHECK(result.at("gamma").values[m] == 0);
    CHECK(result.at("beta").values[m] == 0);
    for (std::size_t k = 0; k < 3; ++k) CHECK(result.at("v").values[4 * k + m] == 0);  // what reads the channel
  }
  CHECK(pruned == 1);
}

TEST_CASE("a projected run that was killed goes on and ends the same, to the last bit") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal), once("once.yaml", "passes:\n  - channel_prune: {ratio: 0.25}\n");
  const File checkpoint("p.ckpt");
  const std::string text = "validation: 0.2\nkeep: best\n" + with("once: " + once.path + ", recipe: " + recipe.path);
  struct Killed {};
  train::TrainObserver kill;
  kill.epoch = [](const train::EpochReport& report) {
    if (report.epoch == 3) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(network.graph(), test::tiny::recipe(text), stripes(), checkpoint.path, kill),
                  Killed);
  CHECK(same(trained(network, text), trained(network, text, checkpoint.path)));
}

TEST_CASE("an unknown compression recipe is refused") {
  const Fixture network;
  CHECK(test::bad_input([&] { (void)trained(network, with("recipe: smartdael")); }).find("smartdeal") !=
        std::string::npos);
}
