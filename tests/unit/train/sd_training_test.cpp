// SD-training: Ce moves from bucket to bucket as the paper counts, its zeros stay, no dense weights are kept, and the
// result reaches compress with the same Ce.
#include "tests/support/torch_doctest.h"

#include <cmath>
#include <random>

#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/compress/network/compress_network.h"
#include "workloads/compress/smartdeal/decompose.h"
#include "workloads/compress/smartdeal/given.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/io/npy.h"
#include "workloads/run/executor.h"
#include "workloads/train/method_chain.h"
#include "workloads/train/methods/sd_training_layer.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

constexpr const char* smartdeal = "passes:\n  - smartdeal: {threshold: 0.4, leave_if_larger: false}\n";

std::string with(const std::string& recipe, const std::string& options = "") {
  return std::string(plain) + "methods:\n  - sd_training: {gradient_threshold: 0.0001, counter_threshold: 2, " +
         options + "recipe: " + recipe + "}\n";
}

train::Buckets buckets(const std::vector<int>& codes) {
  const at::Tensor tensor = at::tensor(codes, at::kChar);
  return {tensor.clone(), tensor.ne(0).to(at::kChar), at::zeros_like(tensor)};
}

int item(const at::Tensor& tensor, std::int64_t i) { return tensor[i].item<int>(); }

/// One element, one step at a time.
struct Naive {
  int code, mask, counter = 0;
  void step(double gradient, int powers, const train::SwitchRule& rule) {
    if (mask == 0 || std::abs(gradient) < rule.gradient_threshold || gradient == 0) return;
    const int sign = gradient > 0 ? 1 : -1;
    counter += rule.descent ? -sign * (rule.through_zero || code > 0 ? 1 : -1) : sign;
    if (std::abs(counter) < rule.counter_threshold) return;
    const int move = counter > 0 ? 1 : -1;
    counter = 0;
    if (rule.through_zero) {
      code = std::min(powers, std::max(-powers, code + move));
    } else {
      const int magnitude = std::min(powers, std::max(1, std::abs(code) + move));
      code = code < 0 ? -magnitude : magnitude;
    }
  }
};

}  // namespace

TEST_CASE("the counter of appendix D: three up, one down, one unchanged are +2") {
  train::Buckets b = buckets({3});
  train::SwitchRule rule;
  rule.descent = rule.through_zero = false;
  for (const double gradient : {1.0, 1.0, 1.0, -1.0, 0.0}) {
    CHECK(train::switch_buckets(b, at::tensor({gradient}), 8, rule) == 0);
  }
  CHECK(item(b.counter, 0) == 2);
  CHECK(item(b.codes, 0) == 3);
  rule.counter_threshold = 3;  // the next one switches up, and counting starts again
  CHECK(train::switch_buckets(b, at::tensor({1.0}), 8, rule) == 1);
  CHECK(item(b.codes, 0) == 4);
  CHECK(item(b.counter, 0) == 0);
}

TEST_CASE("descent: a positive gradient lowers the value, whatever its sign") {
  train::SwitchRule rule;
  rule.counter_threshold = 1;
  for (const bool through_zero : {true, false}) {
    rule.through_zero = through_zero;
    train::Buckets b = buckets({2, -2, 1, 0});
    train::switch_buckets(b, at::tensor({1.0, 1.0, 1.0, 1.0}), 2, rule);
    CHECK(item(b.codes, 0) == 1);   // 2^1 -> 2^0
    CHECK(item(b.codes, 1) == -2);  // -2^1 is the lowest of P
    CHECK(item(b.codes, 2) == (through_zero ? 0 : 1));
    CHECK(item(b.codes, 3) == 0);  // frozen
    train::switch_buckets(b, at::tensor({1.0, 1.0, 1.0, 1.0}), 2, rule);
    CHECK(item(b.codes, 2) == (through_zero ? -1 : 1));
  }
}

TEST_CASE("buckets move as a naive loop over the elements says") {
  std::mt19937 random(7);
  constexpr int elements = 200, powers = 4;
  for (const auto& [descent, through_zero] : {std::pair{true, true}, std::pair{true, false}, std::pair{false, false}}) {
    for (const int threshold : {1, 3, 7, 127}) {
      CAPTURE(descent);
      CAPTURE(through_zero);
      CAPTURE(threshold);
      const train::SwitchRule rule{0.3, threshold, descent, through_zero};
      std::vector<int> codes;
      for (int i = 0; i < elements; ++i) codes.push_back(static_cast<int>(random() % 9) - powers);
      std::vector<Naive> naive;
      for (const int code : codes) naive.push_back({code, code == 0 ? 0 : 1});
      train::Buckets b = buckets(codes);
      for (int step = 0; step < 300; ++step) {
        std::vector<double> gradient;
        for (int i = 0; i < elements; ++i)  // some elements are pulled one way
          gradient.push_back((static_cast<int>(random() % 201) - 100) / 100.0 + (i % 3 - 1) * 0.3);
        train::switch_buckets(b, at::tensor(gradient), powers, rule);
        for (int i = 0; i < elements; ++i)
          naive[static_cast<std::size_t>(i)].step(gradient[static_cast<std::size_t>(i)], powers, rule);
      }
      bool equal = true;
      for (int i = 0; i < elements; ++i) {
        const Naive& n = naive[static_cast<std::size_t>(i)];
        equal = equal && item(b.codes, i) == n.code && item(b.counter, i) == n.counter;
      }
      CHECK(equal);
    }
  }
}

TEST_CASE("given factors keep Ce exactly and B to 8 bits, in slices of unequal length") {
  LayerShape shape;
  shape.M = 3, shape.C = 5, shape.H = shape.W = 4, shape.R = shape.S = 3;
  const Tensor<float> weights = test::noise({3, 5, 3, 3}, 9);
  compress::smartdeal::Options options = compress::smartdeal::resolve({});
  options.max_slice_rows = 6, options.threshold = 0.1;
  const auto form = compress::smartdeal::decompose("l", shape, weights.values, options).form;
  REQUIRE(form.info.slice_rows.size() > 1);
  compress::Layer layer;
  layer.name = "l", layer.shape = shape, layer.smartdeal = form;
  const at::Tensor scale = at::tensor({0.3, -2.0, 1.0}, at::kDouble);
  const train::SdLayer trained(layer, scale);
  Factors factors = trained.factors();
  const std::size_t filter = factors.basis.values.size() / 3;
  for (std::size_t i = 0; i < factors.basis.values.size(); ++i)  // fold the batch-norm in again
    factors.basis.values[i] *= i / filter == 0 ? 0.3F : i / filter == 1 ? -2.0F : 1.0F;
  const auto again = compress::smartdeal::form_of("l", shape, factors, form.info);
  CHECK(again.coefficients == form.coefficients);
  CHECK(again.info.exponents == form.info.exponents);
  CHECK(encode::rebuild(again, shape) == encode::rebuild(form, shape));
  factors.coefficients.values[0] = 0.3F;
  CHECK(test::bad_input([&] {
          (void)compress::smartdeal::form_of("l", shape, factors, form.info);
        }).find("no power of two") != std::string::npos);
  options.max_slice_rows = 192;
  CHECK(test::bad_input([&] {
          (void)compress::smartdeal::form_of(
              "l", shape, trained.factors(),
              compress::smartdeal::decompose("l", shape, weights.values, options).form.info);
        }).find("other slices") != std::string::npos);
}

TEST_CASE("training keeps zeros and powers of two, and no dense weights") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal);
  train::TrainableNetwork trainable(network.graph());
  train::MethodChain chain(test::tiny::recipe(with(recipe.path)), trainable);
  const std::size_t w = trainable.layers()[0].parameter;
  CHECK(trainable.parameters()[w].storage().nbytes() == sizeof(float));
  CHECK_FALSE(trainable.parameters()[w].requires_grad());
  CHECK(chain.kept(trainable).size() == trainable.parameters().size() - 2);
  const Factors before = chain.factors(trainable).at("w");

  const train::TrainResult result = trained(network, with(recipe.path));
  const Factors& after = result.networks[0].factors.at("w");
  std::size_t zeros = 0, moved = 0;
  for (std::size_t i = 0; i < after.coefficients.values.size(); ++i) {
    const float value = after.coefficients.values[i];
    int exponent = 0;
    CHECK((value == 0 || std::abs(std::frexp(value, &exponent)) == 0.5F));
    if (before.coefficients.values[i] == 0) {
      ++zeros;
      CHECK(value == 0);
    }
    moved += value != before.coefficients.values[i] ? 1 : 0;
  }
  CHECK(zeros > 0);
  CHECK(moved > 0);
  CHECK(after.basis.values != before.basis.values);
  CHECK(result.epochs.front().metrics.at("sd/switched") > 0);
  CHECK(result.epochs.back().metrics.at("sd/kept_bytes") > 0);
  const train::TrainResult still = trained(network, with(recipe.path, "switch_until: 0, "));
  CHECK(still.networks[0].factors.at("w").coefficients.values == before.coefficients.values);
  CHECK(still.networks[0].factors.at("w").basis.values != before.basis.values);
}

TEST_CASE("it learns") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal);
  const auto result = trained(network,
                              "epochs: 30\nbatch_size: 10\nlearning_rate: 0.02\nmethods:\n  - sd_training: "
                              "{recipe: " +
                                  recipe.path + "}\n");
  CHECK(result.epochs.back().loss < 0.6 * result.epochs.front().loss);
}

TEST_CASE("a run in SmartDeal form that was killed goes on and ends the same, to the last bit") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal), checkpoint("s.ckpt");
  const std::string text = "average_epochs: 2\nvalidation: 0.2\n" + with(recipe.path);
  struct Killed {};
  train::TrainObserver kill;
  kill.epoch = [](const train::EpochReport& report) {
    if (report.epoch == 5) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(network.graph(), test::tiny::recipe(text), stripes(), checkpoint.path, kill),
                  Killed);
  const auto whole = trained(network, text), resumed = trained(network, text, checkpoint.path);
  CHECK(same(whole, resumed));
  CHECK(whole.networks[0].factors.at("w").coefficients.values ==
        resumed.networks[0].factors.at("w").coefficients.values);
}

TEST_CASE("the file computes the weights, compress takes Ce over exactly, and training goes on from it") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal), onnx("trained.onnx"), trace("t.trace"), images("i.npy");
  const train::TrainResult result = trained(network, with(recipe.path));
  const train::TrainedNetwork& left = result.networks[0];
  graph::replace_constants(network.path, left.constants, {}, onnx.path, left.factors);
  graph::ImportOptions unfolded;
  unfolded.fold_batch_norms = false;
  const graph::Graph graph = graph::import_onnx(onnx.path, unfolded);
  for (const std::string name : {"w", "v"}) {
    const auto& read = graph.float_constant(name).values;
    const auto& written = left.constants.at(name).values;
    REQUIRE(read.size() == written.size());
    for (std::size_t i = 0; i < read.size(); ++i) CHECK(read[i] == doctest::Approx(written[i]).epsilon(1e-5));
    CHECK(graph.factors.at(name).coefficients.values == left.factors.at(name).coefficients.values);
  }
  CHECK(graph.nodes.size() == network.graph().nodes.size());

  io::write_npy(images.path, stripes().images);
  compress::CompressRequest request;
  request.network = onnx.path, request.inputs = images.path, request.output = trace.path;
  const auto report = compress::compress_network(request, compress::Recipe::load(recipe.path));
  for (std::size_t i = 0; i < 2; ++i) {
    const compress::Layer& layer = report.model.layers[i];
    REQUIRE(layer.smartdeal);
    const Factors& factors = left.factors.at(i == 0 ? "w" : "v");
    std::vector<float> values;
    for (const encode::Coefficient code : layer.smartdeal->coefficients) {
      const double magnitude =
          code == 0 ? 0
                    : std::ldexp(1.0, layer.smartdeal->info.exponents[static_cast<std::size_t>(std::abs(code) - 1)]);
      values.push_back(static_cast<float>(code < 0 ? -magnitude : magnitude));
    }
    CHECK(values == factors.coefficients.values);  // one slice a filter: no padding
    CHECK(layer.statistics.at("weight_error") < 0.02);
  }
  CHECK(*report.output_error < 0.05);

  // A second training begins with the Ce of the file, and its plain constants replace the product.
  train::TrainableNetwork trainable(graph);
  const train::MethodChain chain(test::tiny::recipe(with(recipe.path)), trainable);
  CHECK(chain.factors(trainable).at("w").coefficients.values == left.factors.at("w").coefficients.values);
  const auto plain_result = train::train(graph, test::tiny::recipe(plain), stripes());
  const File dense("dense.onnx");
  graph::replace_constants(onnx.path, plain_result.networks[0].constants, {}, dense.path);
  const graph::Graph read = graph::import_onnx(dense.path, unfolded);
  CHECK(read.factors.empty());
  CHECK(read.float_constant("w").values == plain_result.networks[0].constants.at("w").values);
}

TEST_CASE("recipes that make no sense are refused") {
  const Fixture network;
  const File recipe("r.yaml", smartdeal), nothing("n.yaml", "passes:\n  - smartdeal: {leave: true}\n");
  CHECK(test::bad_input([&] { (void)trained(network, with(recipe.path, "direction: text, ")); }).find("through_zero") !=
        std::string::npos);
  CHECK(test::bad_input([&] { (void)trained(network, with(nothing.path)); }).find("no layer") != std::string::npos);
}
