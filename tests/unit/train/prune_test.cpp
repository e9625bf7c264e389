// Pruning while training: masks exact and the same as the pass would make, growth, saliency, filters, slimming.
#include "tests/support/torch_doctest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/sparse_training.h"
#include "workloads/compress/prune/prune_groups.h"
#include "workloads/train/figures.h"
#include "workloads/train/model_view.h"

using namespace rebasis;

namespace {

constexpr std::size_t inner = 1;

at::Tensor mask_of(const test::MethodRig& rig, std::size_t layer) {
  const at::Tensor filters = rig.network.filters(layer, rig.network.weights(layer));
  return rig.method->apply(layer, at::ones_like(filters)).detach();
}

std::int64_t zeros_in_all(const test::MethodRig& rig) {
  std::int64_t zeros = 0;
  for (std::size_t i = 0; i < rig.network.layers().size(); ++i)
    zeros += mask_of(rig, i).eq(0).sum().item<std::int64_t>();
  return zeros;
}

constexpr std::int64_t all_weights = 72 + 576 + 24;

}  // namespace

TEST_CASE("at once: exactly the share that was asked for, the smallest folded magnitudes of the network") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune", "sparsity: 0.9\nuntil: 0\n");
  {
    const at::NoGradGuard no_gradients;
    rig.network.norm(inner).scale.mul_(0.01);  // folding makes the layer's weights small
  }
  rig.method->begin_step(rig.network, {0, 1, 0, 10});
  CHECK(zeros_in_all(rig) == static_cast<std::int64_t>(0.9 * all_weights));
  CHECK(mask_of(rig, inner).sum().item<double>() == 0);
  std::vector<std::pair<double, bool>> weights;  // folded magnitude, kept
  for (std::size_t i = 0; i < 3; ++i) {
    const auto magnitudes =
        train::values_of(train::folded(rig.network, i, rig.network.filters(i, rig.network.weights(i))).abs());
    const auto mask = train::values_of(mask_of(rig, i));
    for (std::size_t k = 0; k < mask.size(); ++k)
      weights.emplace_back(static_cast<double>(magnitudes[k]), mask[k] != 0);
  }
  std::sort(weights.begin(), weights.end());
  for (std::size_t i = 0; i < weights.size(); ++i)
    CHECK(weights[i].second == (i >= static_cast<std::size_t>(0.9 * all_weights)));
}

TEST_CASE("every pattern zeroes what the pass of compress zeroes") {
  const test::TwoConvolutions file;
  const LayerShape shape = train::TrainableNetwork(file.graph()).layers()[inner].layer.shape;
  const std::vector<std::pair<std::string, compress::WeightGroups>> patterns{
      {"weight", compress::single_weights(shape)},  {"vector", compress::kernel_rows(shape, 1, 3)},
      {"kernel", compress::channel_runs(shape, 1)}, {"channel", compress::input_channels(shape)},
      {"filter", compress::whole_filters(shape)},   {"block", compress::matrix_blocks(shape, 4, 4)}};
  for (const auto& [pattern, groups] : patterns) {
    CAPTURE(pattern);
    test::MethodRig rig(file.graph(), "prune",
                        "sparsity: 0.4\nuntil: 0\nscope: layer\nkeep_first_last: true\npattern: " + pattern + "\n");
    compress::Model model = train::shapes_of(rig.network);
    model.layers[inner].weights =
        train::values_of(train::folded(rig.network, inner, rig.network.filters(inner, rig.network.weights(inner))));
    const double wanted = 0.4 * static_cast<double>(groups.count);
    (void)compress::prune_smallest(model, {{inner, groups, wanted}}, compress::Ranking::layer);
    rig.method->begin_step(rig.network, {0, 1, 0, 10});
    const auto mask = train::values_of(mask_of(rig, inner));
    for (std::size_t k = 0; k < mask.size(); ++k) CHECK((mask[k] == 0) == (model.layers[inner].weights[k] == 0));
    CHECK(mask_of(rig, 0).eq(1).all().item<bool>());
  }
}

TEST_CASE("the pruned share grows, what is pruned stays pruned, and weights that are kept train on") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune", "sparsity: 0.8\nuntil: 0.5\ninterval: 2\n");
  at::Tensor before = mask_of(rig, inner);
  std::int64_t zeros = 0;
  for (std::int64_t step = 0; step < 20; ++step) {
    const train::Moment moment{0, 1, step, 20};
    rig.method->begin_step(rig.network, moment);
    rig.backward(moment);
    rig.descend();
    rig.method->after_step(rig.network, moment);
    const at::Tensor now = mask_of(rig, inner);
    CHECK((now * (1 - before)).sum().item<double>() == 0);
    const std::int64_t count = zeros_in_all(rig);
    CHECK(count >= zeros);
    const double t = std::min(1.0, static_cast<double>(step - (step < 10 ? step % 2 : 0)) / 10);
    CHECK(count == static_cast<std::int64_t>(0.8 * (1 - std::pow(1 - t, 3)) * all_weights + 1e-6));
    zeros = count;
    before = now;
  }
  CHECK(zeros == static_cast<std::int64_t>(0.8 * all_weights));
}

TEST_CASE("a run too short for the schedule is pruned at its end") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune", "sparsity: 0.5\nuntil: 0.9\ninterval: 1000\nscore: saliency\n");
  rig.method->begin_step(rig.network, {0, 2, 0, 1});
  rig.method->end_epoch(rig.network, 0, 2);
  CHECK(zeros_in_all(rig) == 0);
  rig.method->end_epoch(rig.network, 1, 2);
  CHECK(zeros_in_all(rig) == all_weights / 2);
}

TEST_CASE("saliency is |weight x gradient|, the sum over the steps that were seen") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune",
                      "sparsity: 0.5\nuntil: 0\ninterval: 2\nscope: layer\nscore: saliency\nkeep_first_last: true\n");
  at::Tensor saliency = at::zeros({8, 8, 3, 3});
  for (std::int64_t step = 0; step < 2; ++step) {
    const train::Moment moment{0, 1, step, 10};
    rig.method->begin_step(rig.network, moment);
    CHECK(zeros_in_all(rig) == 0);
    rig.backward(moment);
    rig.method->after_backward(rig.network, moment);
    saliency += (rig.network.weights(inner) * rig.network.weights(inner).grad()).abs().detach();
    rig.descend();
  }
  rig.method->begin_step(rig.network, {0, 1, 2, 10});
  const at::Tensor mask = mask_of(rig, inner);
  CHECK(mask.sum().item<double>() == 288);
  CHECK(saliency.masked_select(mask.eq(0)).max().item<double>() <=
        saliency.masked_select(mask.eq(1)).min().item<double>());
}

TEST_CASE("pruned filters have no batch-norm left, and slimming is the L1 norm of the scales") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "prune",
                      "sparsity: 0.5\nuntil: 0\npattern: filter\nslimming: 0.25\nscope: layer\n");
  {
    const at::NoGradGuard no_gradients;
    rig.network.norm(inner).shift.fill_(1);
    rig.network.norm(inner).scale[2].fill_(-3);
  }
  CHECK(rig.method->penalty(inner, {}).item<double>() == doctest::Approx(0.25 * 10));
  CHECK_FALSE(rig.method->penalty(2, {}).defined());
  rig.method->begin_step(rig.network, {0, 1, 0, 10});
  rig.method->after_step(rig.network, {0, 1, 0, 10});
  const at::Tensor kept = mask_of(rig, inner).flatten(1).amax(1);
  CHECK(kept.sum().item<double>() == 4);
  CHECK(kept[2].item<double>() == 1);  // folding makes it the strongest
  CHECK((rig.network.norm(inner).scale * (1 - kept)).abs().sum().item<double>() == 0);
  CHECK((rig.network.norm(inner).shift * (1 - kept)).abs().sum().item<double>() == 0);
  CHECK(rig.network.norm(inner).shift.detach().equal(kept));
  CHECK(mask_of(rig, 2).eq(1).all().item<bool>());  // its filters are the classes
}
