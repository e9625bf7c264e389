// Sub-nets that share their weights: turns, masks and their relations, statistics, resuming.
#include "tests/unit/train/sub_nets_case.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "tests/support/errors.h"

using namespace rebasis;
using namespace rebasis::test::tiny;
using test::drive, test::masks_of, test::w2_size, test::v_size;

namespace {

bool inside(const at::Tensor& child, const at::Tensor& parent) {
  return !child.logical_and(parent.logical_not()).any().item<bool>();
}

}  // namespace

TEST_CASE("completely subset: nested after every step; non-disjoint: each has weights of its own") {
  const test::TwoConvolutions file;
  for (const std::string relation : {"cs", "nd"}) {
    CAPTURE(relation);
    test::MethodRig rig(file.graph(), "sub_nets",
                        "targets: [50%, 70%, 90%]\nupdate_steps: 9\nadjustment_steps: 3\nrelation: " + relation + "\n");
    bool nested = true;
    drive(rig, 90, [&](std::int64_t) {
      for (std::size_t net = 1; net < 3; ++net) {
        for (std::size_t layer = 0; layer < 2; ++layer)
          nested = nested && inside(masks_of(rig, net)[layer], masks_of(rig, net - 1)[layer]);
        CHECK(masks_of(rig, net)[0].logical_and(masks_of(rig, net - 1)[0]).any().item<bool>());
      }
    });
    CHECK(nested == (relation == "cs"));
    const double targets[] = {0.5, 0.7, 0.9};
    for (std::size_t net = 0; net < 3; ++net) {
      const std::vector<at::Tensor> masks = masks_of(rig, net);
      const std::int64_t kept = masks[0].sum().item<std::int64_t>() + masks[1].sum().item<std::int64_t>();
      CHECK(w2_size + v_size - kept == static_cast<std::int64_t>(std::floor(targets[net] * (w2_size + v_size) + 1e-9)));
    }
    const auto metrics = rig.method->metrics(rig.network);
    const double gap = metrics.at("s90/sparsity") - metrics.at("s70/sparsity");
    if (relation == "cs") CHECK(metrics.at("s70^s90/non_overlap") == doctest::Approx(gap));
    if (relation == "nd") CHECK(metrics.at("s70^s90/non_overlap") > 1.01 * gap);  // Fig. 14
  }
}

TEST_CASE("a step leaves alone what its sub-net does not have; what no sub-net has is zero") {
  const test::TwoConvolutions file;
  for (const bool hold : {true, false}) {
    CAPTURE(hold);
    test::MethodRig rig(file.graph(), "sub_nets",
                        "targets: [50%, 80%]\ninitial_sparsity: 0.4\nupdate_steps: 8\nadjustment_steps: 4\n"
                        "hold_inactive: " +
                            std::string(hold ? "true\n" : "false\n"));
    rig.method->begin_epoch(rig.network, 0, 1);
    bool drifted = false;
    for (std::int64_t step = 0; step < 60; ++step) {
      CAPTURE(step);
      const train::Moment moment{0, 1, step, 60, 20};
      rig.method->begin_step(rig.network, moment);
      const at::Tensor before = rig.network.weights(1).detach().clone();
      rig.backward(moment);
      rig.method->after_backward(rig.network, moment);
      rig.descend();
      rig.method->after_step(rig.network, moment);
      const at::Tensor after = rig.network.weights(1).detach();
      const at::Tensor own = masks_of(rig, rig.method->selected())[0],
                       any = masks_of(rig, 0)[0].logical_or(masks_of(rig, 1)[0]);
      CHECK(after.masked_select(any.logical_not()).eq(0).all().item<bool>());
      CHECK(any.logical_not().any().item<bool>());
      const at::Tensor others = any.logical_and(own.logical_not());
      drifted = drifted || after.ne(before).logical_and(others).any().item<bool>();
    }
    CHECK(drifted == !hold);
  }
}

TEST_CASE("updates of different sub-nets are delta tau apart") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "sub_nets",
                      "targets: [50%, 80%]\nupdate_steps: 10\nadjustment_steps: 7\nswitch_steps: 2\n");
  std::vector<std::int64_t> when[2];
  double level[2] = {0, 0};
  drive(rig, 80, [&](std::int64_t step) {
    CHECK(rig.method->selected() == static_cast<std::size_t>(step / 2 % 2));
    for (std::size_t net = 0; net < 2; ++net) {
      const double now = rig.method->state().at(5 + 4 * net).item<double>();
      if (now != level[net]) when[net].push_back(step);
      level[net] = now;
    }
  });
  // A period of 2 x 7 steps; at the first own step on or after 14, 28, 42, 56 and 21, 35, 49: until 0.7 of the run.
  CHECK(when[0] == std::vector<std::int64_t>{16, 28, 44, 56});
  CHECK(when[1] == std::vector<std::int64_t>{22, 35, 50});
  CHECK(level[0] == doctest::Approx(0.5));
  CHECK(level[1] == doctest::Approx(0.8));
}

TEST_CASE("joint training adds the gradients of all sub-nets, each of its own weights") {
  const test::TwoConvolutions file;
  // Two sub-nets with the same zeros: a joint step is a step of one of them at twice the rate.
  const std::string plainly = "epochs: 2\nbatch_size: 20\nmomentum: 0\nweight_decay: 0\nschedule: constant\nmethods:\n";
  const std::string options = "initial_sparsity: 0.4, regrow: 0, update_steps: 2}\n";
  const train::TrainResult joint =
      train::train(file.graph(),
                   recipe("learning_rate: 0.01\n" + plainly +
                          "  - sub_nets: {targets: [40%, 40.0001%], training: joint, adjustment_steps: 0, " + options),
                   stripes());
  const train::TrainResult alone =
      train::train(file.graph(),
                   recipe("learning_rate: 0.02\n" + plainly + "  - prune_regrow: {target: 40%, " + options), stripes());
  REQUIRE(joint.networks.size() == 2);
  for (const std::string name : {"w1", "w2", "v", "gamma1", "mean2"}) {
    const std::vector<float>& expected = alone.networks[0].constants.at(name).values;
    for (const train::TrainedNetwork& network : joint.networks) {
      const std::vector<float>& found = network.constants.at(name).values;
      for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
  }
  CHECK(joint.epochs[0].loss == doctest::Approx(2 * alone.epochs[0].loss));
  CHECK(joint.epochs[0].accuracy == doctest::Approx(alone.epochs[0].accuracy));
  const auto& metrics = joint.epochs[0].metrics;
  CHECK(metrics.at("training_macs_dense") == 2 * 60 * 3 * (8 * 9 * 36 + w2_size * 36 + v_size));

  test::MethodRig rig(file.graph(), "sub_nets",
                      "targets: [40%, 80%]\ninitial_sparsity: 0.8\ntraining: joint\nupdate_steps: 100\n");
  CHECK(rig.method->joint());
  const train::Moment moment{0, 1, 0, 1000, 20};
  rig.method->begin_epoch(rig.network, 0, 1);
  rig.method->begin_step(rig.network, moment);
  for (std::size_t net = 0; net < 2; ++net) {
    rig.method->select(net);
    rig.backward(moment);
    rig.method->after_backward(rig.network, moment);
    const at::Tensor outside = masks_of(rig, net)[0].logical_not();
    CHECK(rig.network.weights(1).grad().masked_select(outside).eq(0).all().item<bool>());
    CHECK(rig.network.weights(1).grad().ne(0).any().item<bool>());
  }
}

TEST_CASE("each sub-net is written with its zeros and statistics of its own, or all with the same") {
  const test::TwoConvolutions file;
  const std::string text =
      "epochs: 12\nbatch_size: 10\nlearning_rate: 0.05\nmethods:\n  - sub_nets: {targets: [50%, 2:4, 80%], "
      "update_steps: 6, "
      "adjustment_steps: 2";
  const train::TrainResult own = train::train(file.graph(), recipe(text + "}\n"), stripes());
  REQUIRE(own.networks.size() == 3);
  CHECK(own.networks[0].name == "s50");
  CHECK(own.networks[1].name == "nm2-4");
  CHECK(own.networks[2].name == "s80");
  const auto zeros = [](const train::TrainedNetwork& network) {
    std::int64_t count = 0;
    for (const std::string name : {"w2", "v"}) {
      const std::vector<float>& values = network.constants.at(name).values;
      count += std::count(values.begin(), values.end(), 0.0F);
    }
    return count;
  };
  CHECK(zeros(own.networks[0]) == (w2_size + v_size) / 2);
  CHECK(zeros(own.networks[1]) == (w2_size + v_size) / 2);
  CHECK(zeros(own.networks[2]) == (w2_size + v_size) * 8 / 10);
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = a + 1; b < 3; ++b) {
      CHECK(own.networks[a].constants.at("mean2").values != own.networks[b].constants.at("mean2").values);
      CHECK(own.networks[a].constants.at("var1").values != own.networks[b].constants.at("var1").values);
      CHECK(own.networks[a].constants.at("w1").values == own.networks[b].constants.at("w1").values);
    }
  }
  // A weight that two sub-nets have is the same in both.
  const std::vector<float>& left = own.networks[0].constants.at("w2").values;
  const std::vector<float>& right = own.networks[2].constants.at("w2").values;
  for (std::size_t i = 0; i < left.size(); ++i) CHECK((left[i] == right[i] || left[i] == 0 || right[i] == 0));
  const train::TrainResult shared = train::train(file.graph(), recipe(text + ", share_statistics: true}\n"), stripes());
  for (const std::string name : {"mean1", "var1", "mean2", "var2"})
    CHECK(shared.networks[0].constants.at(name).values == shared.networks[2].constants.at(name).values);
}

TEST_CASE("a run with sub-nets that was killed in the middle of a group ends the same, to the last bit") {
  const test::TwoConvolutions file;
  // Seven steps an epoch and groups of three: an epoch ends within a group.
  const train::Recipe text = recipe(
      "epochs: 8\nbatch_size: 8\nlearning_rate: 0.05\nmethods:\n  - sub_nets: {targets: [40%, 60%, 85%], "
      "update_steps: 5, adjustment_steps: 2}\n");
  const train::TrainResult whole = train::train(file.graph(), text, stripes());
  for (const std::int64_t last : {1, 4}) {
    CAPTURE(last);
    struct Killed {};
    const std::string checkpoint = "sub_nets." + std::to_string(getpid()) + ".ckpt";
    train::TrainObserver kill;
    kill.epoch = [&](const train::EpochReport& report) {
      if (report.epoch == last) throw Killed{};
    };
    CHECK_THROWS_AS((void)train::train(file.graph(), text, stripes(), checkpoint, kill), Killed);
    const train::TrainResult resumed = train::train(file.graph(), text, stripes(), checkpoint);
    CHECK(same(whole, resumed));
    for (std::size_t i = 0; i < whole.epochs.size(); ++i) CHECK(whole.epochs[i].metrics == resumed.epochs[i].metrics);
    std::filesystem::remove(checkpoint);
  }
}

TEST_CASE("sub-nets that make no sense are refused") {
  const test::TwoConvolutions file;
  const auto message = [&](const std::string& options) {
    return test::bad_input([&] {
      (void)train::train(file.graph(), recipe("epochs: 1\nbatch_size: 10\nmethods:\n" + options), stripes());
    });
  };
  CHECK(message("  - sub_nets: {targets: [90%, 70%], relation: cs}\n").find("least sparse") != std::string::npos);
  CHECK(message("  - sub_nets: {targets: [50%, 50%]}\n").starts_with("t.yaml:4: "));
  CHECK(message("  - sub_nets: {targets: [50%, 70%]}\n").find("the run has 6 steps") != std::string::npos);
  CHECK(message("  - sub_nets: {targets: [50%]}\n  - sub_nets: {targets: [60%]}\n")
            .find("a second method with sub-nets") != std::string::npos);
}
