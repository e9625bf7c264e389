// Gradients of sub-nets that are trained in turn: equation 3.4 by hand, within groups and at their borders.
#include "tests/unit/train/sub_nets_case.h"

#include <cmath>
#include <vector>

#include "workloads/train/methods/sub_nets/gradient_correction.h"

using namespace rebasis;
using namespace rebasis::test::tiny;
using test::drive, test::masks_of;

namespace {

/// All gradients behind one another, in double precision.
std::vector<double> gradient_of(const test::MethodRig& rig) {
  const at::Tensor flat = train::flattened_gradient(rig.network.parameters()).to(at::kDouble);
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// `previous` where the selected sub-net has weights: w2 and v are parameters of their own.
std::vector<double> shared_part(const test::MethodRig& rig, std::size_t net, std::vector<double> previous) {
  std::size_t first = 0;
  for (std::size_t p = 0; p < rig.network.parameters().size(); ++p) {
    const auto count = static_cast<std::size_t>(rig.network.parameters()[p].numel());
    for (std::size_t layer = 1; layer <= 2; ++layer) {
      if (rig.network.layers()[layer].parameter != p) continue;
      const at::Tensor mask = masks_of(rig, net)[layer - 1].contiguous().view(-1);
      for (std::size_t i = 0; i < count; ++i) {
        if (!mask[static_cast<std::int64_t>(i)].item<bool>()) previous[first + i] = 0;
      }
    }
    first += count;
  }
  return previous;
}

}  // namespace

TEST_CASE("equation 3.4 by hand") {
  const at::Tensor all = at::ones({3}, at::kBool);
  const at::Tensor previous = at::tensor({1.0F, 2.0F, 2.0F});
  at::Tensor against = at::tensor({-3.0F, 0.0F, 0.0F});  // -3 - (-3 / 9) * (1, 2, 2)
  CHECK(train::correct_gradient(against, previous, all) == -3);
  CHECK(against.allclose(at::tensor({-3 + 1.0F / 3, 2.0F / 3, 2.0F / 3})));
  at::Tensor along = at::tensor({3.0F, 0.0F, -1.0F});
  CHECK(train::correct_gradient(along, previous, all) == 1);
  CHECK(along.equal(at::tensor({3.0F, 0.0F, -1.0F})));
  at::Tensor opposite = at::tensor({-2.0F, -4.0F, -4.0F});
  (void)train::correct_gradient(opposite, previous, all);
  CHECK(opposite.abs().max().item<float>() < 1e-6F);
  at::Tensor anything = at::tensor({1.0F, -1.0F, 5.0F});
  CHECK(train::correct_gradient(anything, at::zeros({3}), all) == 0);
  CHECK(anything.equal(at::tensor({1.0F, -1.0F, 5.0F})));
  // What the sub-net does not have stays zero, and the two are still orthogonal.
  at::Tensor partial = at::tensor({-3.0F, 1.0F, 0.0F});  // -1 against (1, 2, .): -3 + 1/5, 1 + 2/5
  CHECK(train::correct_gradient(partial, previous, at::tensor({1, 1, 0}).to(at::kBool)) == -1);
  CHECK(partial.allclose(at::tensor({-2.8F, 1.4F, 0.0F})));
  CHECK(std::abs(train::inner_product(partial, previous)) < 1e-6);
}

TEST_CASE("gradients are corrected within a group and not between groups") {
  const test::TwoConvolutions file;
  for (const std::string previous : {"raw", "corrected", "not at all"}) {
    CAPTURE(previous);
    const bool corrects = previous != "not at all";
    test::MethodRig rig(file.graph(), "sub_nets",
                        "targets: [30%, 60%, 80%]\nupdate_steps: 6\nadjustment_steps: 2\n" +
                            (corrects ? "previous_gradient: " + previous + "\n" : std::string("training: ast\n")));
    const std::int64_t steps = 90;
    std::vector<double> before;
    int corrected = 0, compared = 0;
    rig.method->begin_epoch(rig.network, 0, 1);
    for (std::int64_t step = 0; step < steps; ++step) {
      CAPTURE(step);
      const train::Moment moment{0, 1, step, steps, 20};
      rig.method->begin_step(rig.network, moment);
      const auto net = static_cast<std::size_t>(step % 3);
      REQUIRE(rig.method->selected() == net);
      rig.backward(moment);
      const std::vector<double> dense = gradient_of(rig);
      rig.method->after_backward(rig.network, moment);
      const std::vector<double> raw = shared_part(rig, net, dense), after = gradient_of(rig);
      if (net == 0) {
        CHECK(after == raw);  // nothing is corrected between groups
      } else {
        const std::vector<double> shared = shared_part(rig, net, before);
        const double product = dot(raw, shared), norm = dot(shared, shared);
        ++compared;
        corrected += product < 0 ? 1 : 0;
        double worst = 0;
        for (std::size_t i = 0; i < raw.size(); ++i) {
          const double expected = raw[i] - (corrects && product < 0 ? product / norm * shared[i] : 0);
          worst = std::max(worst, std::abs(after[i] - expected));
        }
        CHECK(worst < 1e-5 * std::sqrt(dot(raw, raw)));
        if (corrects) CHECK(dot(after, before) > -1e-5 * std::sqrt(dot(after, after) * dot(before, before)));
      }
      before = previous == "corrected" ? after : raw;
      rig.descend();
      rig.method->after_step(rig.network, moment);
    }
    CHECK(corrected > 0);
    CHECK(corrected < compared);
    const auto metrics = rig.method->metrics(rig.network);
    CHECK(metrics.at("s60/negative_inner_products") + metrics.at("s80/negative_inner_products") ==
          doctest::Approx(corrected / 30.0));
    CHECK(metrics.count("s30/negative_inner_products") == 0);
  }
}

TEST_CASE("opposite gradients: gone within a group, untouched at its border") {
  const test::TwoConvolutions file;
  test::MethodRig rig(file.graph(), "sub_nets", "targets: [30%, 60%]\ninitial_sparsity: 0.5\n");
  rig.method->begin_epoch(rig.network, 0, 1);
  for (std::int64_t step = 0; step < 6; ++step) {  // + - + - + -, every gradient against the one before it
    CAPTURE(step);
    const train::Moment moment{0, 1, step, 1000, 20};
    rig.method->begin_step(rig.network, moment);
    for (const at::Tensor& parameter : rig.network.parameters())
      parameter.mutable_grad() = at::full_like(parameter.detach(), step % 2 == 0 ? 1.0 : -1.0);
    rig.method->after_backward(rig.network, moment);
    const at::Tensor gradient = rig.network.weights(1).grad();
    const at::Tensor mask = masks_of(rig, rig.method->selected())[0];
    if (step % 2 == 0) CHECK(gradient.equal(mask.to(at::kFloat)));
    if (step % 2 == 1) CHECK(gradient.abs().max().item<float>() < 1e-5F);
  }
}
