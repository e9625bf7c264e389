// Prune and regrow while a network trains: zeros are exact after every step, what grows has the largest gradients, a
// resumed run ends the same.
#include "tests/support/torch_doctest.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "tests/support/errors.h"
#include "tests/support/sparse_training.h"
#include "workloads/graph/replace_constants.h"
#include "workloads/train/methods/prune_regrow/options.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

/// The masks of w2 and v, then the number of updates.
std::vector<at::Tensor> masks_of(const test::MethodRig& rig) { return rig.method->state(); }

std::int64_t zeros(const at::Tensor& tensor) { return tensor.eq(0).sum().item<std::int64_t>(); }

std::size_t zeros(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), 0.0F));
}

constexpr std::int64_t w2_size = 8 * 8 * 9, v_size = 3 * 8;

/// The weights of w2 become zero in step 3 and have no gradient from then on.
class Stops : public train::Method {
 public:
  explicit Stops(bool drops) : drops_(drops) {}
  void begin_step(train::TrainableNetwork&, const train::Moment& moment) override { step_ = moment.steps_done(); }
  void after_backward(train::TrainableNetwork& network, const train::Moment&) override {
    if (step_ >= 3) at::Tensor(network.weights(1)).mutable_grad().zero_();
  }
  void after_step(train::TrainableNetwork& network, const train::Moment&) override {
    const at::NoGradGuard no_gradients;
    if (step_ == 3) at::Tensor(network.weights(1)).zero_();
  }
  [[nodiscard]] at::Tensor keeps_momentum(std::size_t layer) const override {
    return drops_ && layer == 1 && step_ == 3 ? at::zeros({8, 8, 3, 3}, at::kBool) : at::Tensor();
  }

 private:
  bool drops_;
  std::int64_t step_ = 0;
};

const train::MethodRegistration stops("test_stops", "",
                                      [](const arch::RawConfig&) { return std::make_unique<Stops>(true); });
const train::MethodRegistration drifts("test_drifts", "",
                                       [](const arch::RawConfig&) { return std::make_unique<Stops>(false); });

}  // namespace

TEST_CASE("a weight without momentum and gradient stays where it is, with SGD as with Adam") {
  const test::TwoConvolutions file;
  for (const std::string optimiser : {"sgd", "adam"}) {
    const auto w2 = [&](const std::string& method) {
      return train::train(file.graph(),
                          recipe("epochs: 2\nbatch_size: 10\nlearning_rate: 0.01\nweight_decay: 0\noptimiser: " +
                                 optimiser + "\nmethods:\n  - " + method + "\n"),
                          stripes())
          .networks[0]
          .constants.at("w2")
          .values;
    };
    CAPTURE(optimiser);
    CHECK(zeros(w2("test_stops")) == w2_size);
    CHECK(zeros(w2("test_drifts")) < w2_size / 2);
  }
}

TEST_CASE("pruned weights have no momentum when they grow again") {
  const test::TwoConvolutions file;
  test::MethodRig alone(file.graph(), "prune_regrow", "initial_sparsity: 0.5\n");
  CHECK(alone.method->keeps_momentum(1).equal(masks_of(alone)[0]));
  CHECK(alone.method->keeps_momentum(2).equal(masks_of(alone)[1]));
  CHECK_FALSE(alone.method->keeps_momentum(0).defined());
  // Sub-nets: what none of them has.
  test::MethodRig nets(file.graph(), "sub_nets", "targets: [60%, 2:4]\ninitial_sparsity: 0.6\nupdate_steps: 1\n");
  const std::vector<at::Tensor> state = nets.method->state();
  CHECK(nets.method->keeps_momentum(1).equal(state[2].logical_or(state[6])));
}

TEST_CASE("pruned weights are zero after every step, and there are exactly as many as the plan says") {
  const test::TwoConvolutions file;
  for (const std::string candidates : {"global", "layer"}) {
    CAPTURE(candidates);
    test::MethodRig rig(file.graph(), "prune_regrow",
                        "target: 80%\nupdate_steps: 5\ninitial_sparsity: 0.3\ncandidates: " + candidates + "\n");
    const std::int64_t steps = 60;
    std::int64_t pruned = static_cast<std::int64_t>(std::floor(0.3 * (w2_size + v_size)));
    rig.method->begin_epoch(rig.network, 0, 1);
    bool moved = false;
    for (std::int64_t step = 0; step < steps; ++step) {
      CAPTURE(step);
      const train::Moment moment{0, 1, step, steps, 20};
      const at::Tensor before = masks_of(rig)[0].clone();
      rig.method->begin_step(rig.network, moment);
      rig.backward(moment);
      // Straight through: pruned weights have gradients.
      const at::Tensor pruned_gradients = rig.network.weights(1).grad().masked_select(before.logical_not());
      CHECK(zeros(pruned_gradients) < pruned_gradients.numel());
      rig.method->after_backward(rig.network, moment);
      rig.descend();
      rig.method->after_step(rig.network, moment);
      if (step % 5 == 0 && step > 0) {  // updates at 5, 10, ...; eight of them until 0.7 of the run
        const double left = std::pow(1 - std::min(1.0, static_cast<double>(step / 5) / 8), 3);
        pruned = static_cast<std::int64_t>(std::floor((0.8 - 0.5 * left) * (w2_size + v_size) + 1e-9));
        moved = moved || before.logical_not().logical_and(masks_of(rig)[0]).any().item<bool>();
      } else {
        CHECK(before.equal(masks_of(rig)[0]));
      }
      const std::int64_t zero_weights = zeros(rig.network.weights(1)), zero_outputs = zeros(rig.network.weights(2));
      const std::int64_t masked = zeros(masks_of(rig)[0]) + zeros(masks_of(rig)[1]);
      CHECK(rig.network.weights(1).masked_select(masks_of(rig)[0].logical_not()).eq(0).all().item<bool>());
      CHECK(zero_weights + zero_outputs >= masked);
      if (candidates == "global") CHECK(masked == pruned);
      CHECK(zeros(rig.network.weights(0)) == 0);  // the first layer stays dense
    }
    CHECK(moved);
    if (candidates == "layer") {
      CHECK(zeros(rig.network.weights(1)) == static_cast<std::int64_t>(0.8 * w2_size));
      CHECK(zeros(rig.network.weights(2)) == static_cast<std::int64_t>(0.8 * v_size));
    }
  }
}

TEST_CASE("what grows has the largest gradients of all that was not kept, and starts from zero") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune_regrow",
                      "target: 75%\nupdate_steps: 4\ncandidates: layer\nkeep_last: true\nregrow: 0.4\n");
  const std::int64_t steps = 40;
  bool grew = false;
  rig.method->begin_epoch(rig.network, 0, 1);
  for (std::int64_t step = 0; step < steps; ++step) {
    CAPTURE(step);
    const train::Moment moment{0, 1, step, steps, 20};
    rig.method->begin_step(rig.network, moment);
    rig.backward(moment);
    const at::Tensor before = masks_of(rig)[0].clone().view(-1);
    const at::Tensor weights = rig.network.weights(1).detach().abs().clone().view(-1);
    const at::Tensor gradient = rig.network.weights(1).grad().abs().clone().view(-1);
    rig.method->after_backward(rig.network, moment);
    const at::Tensor after = masks_of(rig)[0].view(-1);
    const at::Tensor grown = after.logical_and(before.logical_not());
    if (grown.any().item<bool>()) {
      grew = true;
      CHECK(weights.masked_select(grown).eq(0).all().item<bool>());
      // Nothing left out has a larger gradient than something grown; nothing dropped outweighs something kept.
      CHECK(gradient.masked_select(grown).min().item<float>() >=
            gradient.masked_select(after.logical_not()).max().item<float>());
    }
    CHECK(rig.network.weights(1).grad().view(-1).masked_select(after.logical_not()).eq(0).all().item<bool>());
    rig.descend();
    rig.method->after_step(rig.network, moment);
  }
  CHECK(grew);
  CHECK(zeros(masks_of(rig)[0]) == 3 * w2_size / 4);
}

TEST_CASE("N:M: every group has its zeros at the end, in the file and after batch-norms are folded") {
  const test::TwoConvolutions file;
  for (const std::int64_t zeros_of_four : {2, 3}) {
    CAPTURE(zeros_of_four);
    const train::TrainResult result =
        train::train(file.graph(),
                     recipe("epochs: 10\nbatch_size: 10\nlearning_rate: 0.05\nmethods:\n  - prune_regrow: {target: \"" +
                            std::to_string(zeros_of_four) + ":4\", update_steps: 5}\n"),
                     stripes());
    graph::replace_constants(file.path, result.networks[0].constants, {}, "nm.onnx");
    const graph::Graph folded = graph::import_onnx("nm.onnx");
    for (const graph::WeightLayer& layer : graph::weight_layers(folded)) {
      const std::vector<float> weights = graph::layer_weights(folded, layer).values;
      const auto area = static_cast<std::size_t>(layer.shape.R * layer.shape.S);
      const auto channels = static_cast<std::size_t>(layer.shape.C);
      if (channels == 1) {
        CHECK(zeros(weights) == 0);  // the first layer
        continue;
      }
      for (std::size_t i = 0; i < weights.size() / 4; ++i) {
        const std::size_t tap = i % area, group = i / area % (channels / 4), filter = i / area / (channels / 4);
        std::int64_t count = 0;
        for (std::size_t k = 0; k < 4; ++k)
          count += weights[(filter * channels + 4 * group + k) * area + tap] == 0.0F ? 1 : 0;
        REQUIRE(count == zeros_of_four);
      }
    }
    std::filesystem::remove("nm.onnx");
  }
}

TEST_CASE("a sparse run that was killed ends the same, to the last bit") {
  const test::TwoConvolutions file;
  const train::Recipe text = recipe(
      "epochs: 8\nbatch_size: 10\nlearning_rate: 0.05\nmethods:\n  - prune_regrow: {target: 85%, update_steps: 4}\n");
  const train::TrainResult whole = train::train(file.graph(), text, stripes());
  struct Killed {};
  const std::string checkpoint = "regrow." + std::to_string(getpid()) + ".ckpt";
  train::TrainObserver kill;
  kill.epoch = [](const train::EpochReport& report) {
    if (report.epoch == 3) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(file.graph(), text, stripes(), checkpoint, kill), Killed);
  const train::TrainResult resumed = train::train(file.graph(), text, stripes(), checkpoint);
  CHECK(same(whole, resumed));
  for (std::size_t i = 0; i < whole.epochs.size(); ++i) CHECK(whole.epochs[i].metrics == resumed.epochs[i].metrics);
  std::filesystem::remove(checkpoint);
  const std::vector<float>& weights = whole.networks[0].constants.at("w2").values;
  const std::vector<float>& outputs = whole.networks[0].constants.at("v").values;
  CHECK(zeros(weights) + zeros(outputs) == static_cast<std::size_t>(0.85 * (w2_size + v_size)));
  const auto& metrics = whole.epochs.back().metrics;
  CHECK(metrics.at("sparsity") == doctest::Approx(0.85).epsilon(0.002));
  CHECK(metrics.at("training_macs") < metrics.at("training_macs_dense"));
}

TEST_CASE("training cost: forward and backward of what is left, weights' gradients dense where they decide") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune_regrow",
                      "target: 50%\ninitial_sparsity: 0.5\nupdate_steps: 3\nregrow: 0\ncandidates: layer\n");
  rig.method->begin_epoch(rig.network, 0, 1);
  for (std::int64_t step = 0; step < 4; ++step) {
    const train::Moment moment{0, 1, step, 10, 20};
    rig.method->begin_step(rig.network, moment);
    rig.backward(moment);
    rig.method->after_backward(rig.network, moment);
  }
  const double first = 8 * 9 * 36, rest = w2_size * 36 + v_size;
  const auto metrics = rig.method->metrics(rig.network);
  CHECK(metrics.at("training_macs_dense") == 4 * 20 * 3 * (first + rest));
  CHECK(metrics.at("training_macs") == 4 * 20 * 3 * (first + rest / 2) + 20 * rest / 2);  // one step of four regrows
}

TEST_CASE("options that make no sense are refused") {
  const test::TwoConvolutions file;
  const auto message = [&](const std::string& options) {
    return test::bad_input([&] {
      (void)train::train(file.graph(),
                         recipe("epochs: 1\nbatch_size: 10\nmethods:\n  - prune_regrow: {" + options + "}\n"),
                         stripes());
    });
  };
  CHECK(message("target: 120%").starts_with("t.yaml:4: "));
  CHECK(message("target: 90%, sparsity: 1").find("unknown key") != std::string::npos);
  CHECK(message("target: 90%, update_steps: 100").find("the run has 6 steps") != std::string::npos);
}
