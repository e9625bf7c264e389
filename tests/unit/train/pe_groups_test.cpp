// Ternary weights and PE groups against the dissertation's equations, written out as loops.
#include "tests/support/torch_doctest.h"

#include <cmath>

#include "tests/support/errors.h"
#include "tests/support/sparse_training.h"
#include "workloads/train/figures.h"
#include "workloads/train/method_chain.h"

using namespace rebasis;

namespace {

constexpr std::size_t inner = 1;  // conv2, [8][8][3][3]
constexpr std::int64_t channels = 8, taps = 9;

/// `filters` [8][8][3][3] as loops see them.
struct Weights {
  std::vector<double> values;
  explicit Weights(const at::Tensor& filters) {
    const at::Tensor flat = filters.detach().contiguous().flatten();
    values.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  }
  [[nodiscard]] double at(std::int64_t m, std::int64_t c, std::int64_t k) const {
    return values[static_cast<std::size_t>((m * channels + c) * taps + k)];
  }
};

/// Norms of the groups of `group` channels, filter by filter.
std::vector<double> norms_of(const Weights& weights, std::int64_t group) {
  std::vector<double> norms;
  for (std::int64_t m = 0; m < channels; ++m) {
    for (std::int64_t first = 0; first < channels; first += group) {
      double squares = 0;
      for (std::int64_t c = first; c < std::min(first + group, channels); ++c) {
        for (std::int64_t k = 0; k < taps; ++k) squares += weights.at(m, c, k) * weights.at(m, c, k);
      }
      norms.push_back(std::sqrt(squares));
    }
  }
  return norms;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

at::Tensor inner_filters(const train::TrainableNetwork& network) {
  return network.filters(inner, network.weights(inner));
}

}  // namespace

TEST_CASE("value and slope of the penalty are those of equations 2.6 and 2.7, also for a last group that is smaller") {
  const test::TwoConvolutions network;
  for (const std::int64_t group : {1, 3, 8, 16}) {
    for (const double a : {0.0, 0.7, 1.0, 100.0}) {
      CAPTURE(group);
      CAPTURE(a);
      test::MethodRig rig(
          network.graph(), "pe_groups",
          "lambda: 0.5\ngroup_channels: " + std::to_string(group) + "\nclip_factor: " + std::to_string(a));
      const at::Tensor penalty = rig.method->penalty(inner, inner_filters(rig.network));
      penalty.backward();
      const Weights weights(inner_filters(rig.network)), slopes(rig.network.weights(inner).grad());
      const std::vector<double> norms = norms_of(weights, group);
      const double delta = a * mean_of(norms);
      double sum = 0;
      for (const double norm : norms) sum += std::min(norm, delta);
      CHECK(penalty.item<double>() == doctest::Approx(0.5 * sum));
      const std::int64_t per_filter = (channels + group - 1) / group;
      double worst = 0;
      for (std::int64_t m = 0; m < channels; ++m) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const double norm = norms[static_cast<std::size_t>(m * per_filter + c / group)];
          for (std::int64_t k = 0; k < taps; ++k) {
            const double slope = norm < delta ? 0.5 * weights.at(m, c, k) / norm : 0;
            worst = std::max(worst, std::abs(slope - slopes.at(m, c, k)));
          }
        }
      }
      CHECK(worst < 1e-6);
    }
  }
}

TEST_CASE("without clipping the penalty is group Lasso, equation 2.4; layers left alone have none") {
  const test::TwoConvolutions network;
  test::MethodRig rig(network.graph(), "pe_groups", "lambda: 2\ngroup_channels: 4\nclip: false\n");
  double sum = 0;
  for (const double norm : norms_of(Weights(inner_filters(rig.network)), 4)) sum += norm;
  CHECK(rig.method->penalty(inner, inner_filters(rig.network)).item<double>() == doctest::Approx(2 * sum));
  CHECK_FALSE(rig.method->penalty(0, rig.network.filters(0, rig.network.weights(0))).defined());
  CHECK_FALSE(rig.method->penalty(2, rig.network.filters(2, rig.network.weights(2))).defined());
  test::MethodRig left(network.graph(), "pe_groups", "lambda: 2\nleave: [c1_node, c2*]\n");
  CHECK_FALSE(left.method->penalty(inner, inner_filters(left.network)).defined());
}

TEST_CASE("ternary weights are those of equations 2.1 and 2.2, and their gradient goes straight through") {
  const test::TwoConvolutions network;
  for (const std::string rule : {"max", "mean"}) {
    CAPTURE(rule);
    const double share = rule == "max" ? 0.05 : 0.7;
    test::MethodRig rig(network.graph(), "ternary", "rule: " + rule + "\nthreshold: " + std::to_string(share) + "\n");
    const Weights weights(inner_filters(rig.network));
    double largest = 0, magnitudes = 0;
    for (const double w : weights.values) {
      largest = std::max(largest, std::abs(w));
      magnitudes += std::abs(w) / static_cast<double>(weights.values.size());
    }
    const double delta = share * (rule == "max" ? largest : magnitudes);
    double sum = 0, kept = 0;
    for (const double w : weights.values) {
      if (std::abs(w) <= delta) continue;
      sum += std::abs(w);
      kept += 1;
    }
    const at::Tensor effective = rig.method->apply(inner, inner_filters(rig.network));
    const Weights ternary(effective);
    for (std::size_t i = 0; i < weights.values.size(); ++i) {
      const double w = weights.values[i];
      CHECK(ternary.values[i] == doctest::Approx(std::abs(w) <= delta ? 0 : w > 0 ? sum / kept : -sum / kept));
    }
    const at::Tensor factors = at::arange(effective.numel(), at::kFloat).view(effective.sizes());
    (effective * factors).sum().backward();
    CHECK(rig.network.weights(inner).grad().equal(factors));
    CHECK(rig.method->apply(0, rig.network.weights(0)).equal(rig.network.weights(0)));
  }
}

TEST_CASE("a group counts as zero when all its ternary weights are; rate by equation 2.8") {
  const test::TwoConvolutions file;
  train::TrainableNetwork network(file.graph());
  const auto recipe =
      train::Recipe::parse("methods:\n  - pe_groups: {group_channels: 4, lambda: 0}\n  - ternary\n", "t.yaml");
  train::MethodChain chain(recipe, network);
  {
    const at::NoGradGuard no_gradients;
    const at::Tensor filters = inner_filters(network);
    filters.fill_(1);
    filters[0].narrow(0, 0, 4).fill_(0.05F);    // all at the threshold, 0.05 of the largest: a zero group
    filters[1].narrow(0, 4, 4).fill_(-0.001F);  // and another
    filters[2][0][0][0].fill_(0);               // one weight in a group that stays
    filters[3][0][0][0].fill_(-1);
  }
  const train::Figures figures = chain.figures(network);
  CHECK(figures.metrics.at("c2_node/zero_groups") == doctest::Approx(2.0 / 16));
  CHECK(figures.metrics.at("zero_groups") == doctest::Approx(2.0 / 16));
  CHECK(figures.metrics.at("zero_weights") == doctest::Approx((2 * 36 + 1) / 576.0));
  CHECK(figures.metrics.at("c2_node/in_group_zeros") == doctest::Approx(1.0 / (576 - 72)));
  CHECK(figures.metrics.at("compression") == doctest::Approx(32 / ((1 - 2.0 / 16) * 2)));
  CHECK(figures.metrics.at("c2_node/threshold") ==
        doctest::Approx(mean_of(norms_of(Weights(inner_filters(network)), 4))));
  const train::Distribution& norms = figures.distributions.at("c2_node/group_norms");
  CHECK(norms.counts.front() == 1);  // -0.001; the other zero group has a norm of 0.3
  CHECK(norms.high == doctest::Approx(6));
  // Alone, pe_groups has weights of 32 bits, and zeros only below its own threshold.
  train::TrainableNetwork same(file.graph());
  train::MethodChain alone(
      train::Recipe::parse("methods:\n  - pe_groups: {group_channels: 4, zero_below: 0.05}\n", "t.yaml"), same);
  {
    const at::NoGradGuard no_gradients;
    inner_filters(same).copy_(inner_filters(network));
    inner_filters(same)[7][7][0][0].fill_(1.5F);
  }
  const train::Figures pruned = alone.figures(same);
  CHECK(pruned.metrics.at("zero_groups") == doctest::Approx(2.0 / 16));
  CHECK(pruned.metrics.at("compression") == doctest::Approx(16.0 / 14));
}

TEST_CASE("options and orders that make no sense are refused at their line") {
  const test::TwoConvolutions file;
  const auto refused = [&](const std::string& methods) {
    return test::bad_input([&] {
      train::TrainableNetwork network(file.graph());
      const train::MethodChain chain(train::Recipe::parse("methods:\n" + methods, "t.yaml"), network);
    });
  };
  CHECK(refused("  - ternary\n  - pe_groups\n").starts_with("t.yaml:3: pe_groups comes after ternary of line 2"));
  CHECK(refused("  - quantise: {bits: 4}\n  - ternary\n").starts_with("t.yaml:3: ternary and quantise of line 2 both"));
  CHECK(refused("  - quantise\n  - prune\n").find("put it before") != std::string::npos);
  CHECK(refused("  - ternary: {leave: [c2*, conv9]}\n").starts_with("t.yaml:2: "));
  CHECK(refused("  - ternary: {leave: [c2*, conv9]}\n").find("conv9") != std::string::npos);
  CHECK(refused("  - pe_groups: {sparsity: 1}\n").find("leaves nothing") != std::string::npos);
  CHECK(refused("  - prune: {sparsity: 1}\n").find("leaves nothing") != std::string::npos);
  CHECK(refused("  - prune: {sparsity: 1.2}\n").starts_with("t.yaml:2: "));
  CHECK(refused("  - ternary: {threshold: 1}\n").find("leaves nothing") != std::string::npos);
  CHECK(refused("  - quantise: {bits: 8, codes: asymmetric}\n").find("9 bits") != std::string::npos);
  CHECK(refused("  - quantise: {codes: asymmetric, bits: 4, range: learned}\n").find("zero point") !=
        std::string::npos);
  CHECK(refused("  - quantise: {bits: 9}\n").starts_with("t.yaml:2: "));
  CHECK(refused("  - prune\n  - ternary\n") == "(no error)");
}
