// Which weights a sparse net keeps: against plain sorting, and the growth of its sparsity.
#include "tests/support/torch_doctest.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "tests/support/errors.h"
#include "workloads/train/methods/prune_regrow/options.h"
#include "workloads/train/methods/prune_regrow/topology.h"

using namespace rebasis;
using train::LayerTensors;

namespace {

using Flags = std::vector<bool>;

std::vector<float> values(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kFloat).contiguous().view(-1);
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

Flags flags(const at::Tensor& tensor) {
  Flags all;
  for (const float value : values(tensor)) all.push_back(value != 0);
  return all;
}

/// Flags of the `count` largest values where `among` allows.
Flags naive_largest(const std::vector<float>& values, const Flags& among, std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (among[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  Flags chosen(values.size(), false);
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) chosen[order[i]] = true;
  return chosen;
}

/// Equations 3.1 and 3.2, one weight after another.
Flags naive_exchange(const Flags& active, const std::vector<float>& strength, const std::vector<float>& gradient,
                     std::size_t pruned, double regrow) {
  const std::size_t remaining = active.size() - pruned;
  const auto given_up = static_cast<std::size_t>(std::floor(regrow * static_cast<double>(remaining) + 1e-9));
  Flags result = naive_largest(strength, active, remaining - given_up), candidates(result.size());
  const auto kept = static_cast<std::size_t>(std::count(result.begin(), result.end(), true));
  std::transform(result.begin(), result.end(), candidates.begin(), [](bool flag) { return !flag; });
  const Flags grown = naive_largest(gradient, candidates, remaining - kept);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = result[i] || grown[i];
  return result;
}

at::Tensor random_filters(at::IntArrayRef shape, std::int64_t seed) {
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  at::Tensor tensor = at::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.view(-1)[i] = static_cast<double>(random() % 1'000'003) / 1e6;
  return tensor;
}

LayerTensors random_layers(std::int64_t seed) {
  return {random_filters({4, 8, 3, 3}, seed), random_filters({6, 16, 1, 1}, seed + 100),
          random_filters({5, 6, 3, 3}, seed + 200)};  // no whole number of groups of 4
}

LayerTensors kept(const LayerTensors& layers) {
  LayerTensors masks;
  for (const at::Tensor& layer : layers) masks.push_back(at::ones(layer.sizes(), at::kBool));
  return masks;
}

Flags joined_flags(const LayerTensors& layers) {
  Flags all;
  for (const at::Tensor& layer : layers) {
    const Flags own = flags(layer);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

std::vector<float> joined(const LayerTensors& layers) {
  std::vector<float> all;
  for (const at::Tensor& layer : layers) {
    const std::vector<float> own = values(layer);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

std::int64_t zeros(const at::Tensor& mask) { return mask.numel() - mask.sum().item<std::int64_t>(); }

/// Zeros of each group of channels, [groups].
std::vector<std::int64_t> group_zeros(const at::Tensor& mask, std::int64_t group) {
  std::vector<std::int64_t> counts;
  for (std::int64_t m = 0; m < mask.size(0); ++m) {
    for (std::int64_t r = 0; r < mask.size(2); ++r) {
      for (std::int64_t s = 0; s < mask.size(3); ++s) {
        for (std::int64_t c = 0; c < mask.size(1); c += group) {
          std::int64_t count = 0;
          for (std::int64_t k = c; k < c + group; ++k) count += mask[m][k][r][s].item<bool>() ? 0 : 1;
          counts.push_back(count);
        }
      }
    }
  }
  return counts;
}

const train::SparsityPattern single{0.9, 0, 0};

}  // namespace

TEST_CASE("pruning keeps the strongest, regrowing takes the largest gradients of all that is not kept") {
  for (std::int64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    const LayerTensors magnitudes = random_layers(seed), gradients = random_layers(1000 + seed);
    for (const double regrow : {0.0, 0.3, 0.5, 1.0}) {
      LayerTensors global = kept(magnitudes), local = kept(magnitudes);
      Flags expected = joined_flags(global);
      for (const double level : {0.2, 0.55, 0.9}) {  // one after another: the second starts from what the first left
        train::prune_and_regrow(global, single, magnitudes, gradients, {level, regrow, true});
        const auto pruned = static_cast<std::size_t>(std::floor(level * static_cast<double>(expected.size()) + 1e-9));
        expected = naive_exchange(expected, joined(magnitudes), joined(gradients), pruned, regrow);
        REQUIRE(joined_flags(global) == expected);
        train::prune_and_regrow(local, single, magnitudes, gradients, {level, regrow, false});
        for (const at::Tensor& mask : local)
          CHECK(zeros(mask) == std::floor(level * static_cast<double>(mask.numel()) + 1e-9));
      }
    }
  }
}

TEST_CASE("groups of N:M: the weakest take the pattern, those with the largest gradients give it up") {
  const train::SparsityPattern pattern{0.75, 3, 4};
  const LayerTensors magnitudes = random_layers(1), gradients = random_layers(2);
  LayerTensors masks = kept(magnitudes);
  const auto sparse_groups = [&] {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      for (const std::int64_t zeros : group_zeros(masks[i], 4)) {
        CHECK((zeros == 0 || zeros == 3));
        count += zeros == 3 ? 1 : 0;
      }
    }
    return count;
  };
  const std::int64_t groups = (4 * 8 * 9 + 6 * 16) / 4;
  for (const double level : {0.4, 0.8, 1.0}) {
    const LayerTensors before = {masks[0].clone(), masks[1].clone()};
    train::prune_and_regrow(masks, pattern, magnitudes, gradients, {level, 0.5, true});
    CHECK(sparse_groups() == static_cast<std::int64_t>(std::floor(level * static_cast<double>(groups) + 1e-9)));
    for (std::size_t i = 0; i < 2; ++i) {  // a sparse group keeps its pattern or becomes dense
      const at::Tensor was = before[i].permute({0, 2, 3, 1}).reshape({-1, 4}),
                       is = masks[i].permute({0, 2, 3, 1}).reshape({-1, 4});
      for (std::int64_t g = 0; g < was.size(0); ++g) {
        if (!was[g].all().item<bool>()) CHECK((is[g].all().item<bool>() || is[g].equal(was[g])));
      }
    }
  }
  CHECK(zeros(masks[2]) == 0);  // 6 channels have no groups of 4
  // The one weight left of a fresh group is its largest.
  LayerTensors fresh = kept(magnitudes);
  train::prune_and_regrow(fresh, pattern, magnitudes, gradients, {1, 0, true});
  CHECK((magnitudes[0] * fresh[0]).view({4, 2, 4, 3, 3}).sum(2).equal(magnitudes[0].view({4, 2, 4, 3, 3}).amax(2)));
  // By their sums: with half of the groups, no sparse one outweighs a dense one.
  LayerTensors half = kept(magnitudes);
  train::prune_and_regrow(half, pattern, magnitudes, gradients, {0.5, 0, true});
  float strongest_sparse = 0, weakest_dense = 100;
  for (std::size_t i = 0; i < 2; ++i) {
    const at::Tensor sums = magnitudes[i].permute({0, 2, 3, 1}).reshape({-1, 4}).sum(1);
    const at::Tensor dense = half[i].permute({0, 2, 3, 1}).reshape({-1, 4}).all(1);
    for (std::int64_t g = 0; g < sums.size(0); ++g) {
      float& bound = dense[g].item<bool>() ? weakest_dense : strongest_sparse;
      bound = dense[g].item<bool>() ? std::min(bound, sums[g].item<float>()) : std::max(bound, sums[g].item<float>());
    }
  }
  CHECK(strongest_sparse <= weakest_dense);
}

TEST_CASE("pruning inside a parent stays inside it and keeps its strongest") {
  const LayerTensors magnitudes = random_layers(7), gradients = random_layers(8);
  for (const bool global : {true, false}) {
    CAPTURE(global);
    LayerTensors parent = kept(magnitudes);
    train::prune_and_regrow(parent, single, random_layers(9), gradients, {0.5, 0.5, global});
    LayerTensors child = kept(magnitudes);
    train::prune_inside(child, parent, single, magnitudes, {0.8, 0, global});
    for (std::size_t i = 0; i < child.size(); ++i)
      CHECK(child[i].logical_and(parent[i].logical_not()).sum().item<std::int64_t>() == 0);
    if (global) {
      const auto expected = naive_largest(
          joined(magnitudes), joined_flags(parent),
          joined(magnitudes).size() - static_cast<std::size_t>(0.8 * static_cast<double>(joined(magnitudes).size())));
      CHECK(joined_flags(child) == expected);
    }
    train::prune_inside(child, parent, {0.5, 2, 4}, magnitudes, {1, 0, global});
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(child[i].logical_and(parent[i].logical_not()).sum().item<std::int64_t>() == 0);
      for (const std::int64_t zeros : group_zeros(child[i], 4)) CHECK(zeros >= 2);
    }
  }
}

TEST_CASE("the sparsity grows to its target in the updates that the run has") {
  train::RegrowOptions options = train::regrow_parameters().resolve({});
  const train::GrowthPlan plan = train::plan_growth(options, 0.2, 0.9, 30, 100, 1000, 3);
  CHECK(plan.rises == 6);  // at 130, 230, ..., 630: the last before 700
  CHECK_FALSE(plan.due(129, 0));
  CHECK(plan.due(130, 0));
  CHECK_FALSE(plan.due(131, 1));
  CHECK(plan.level(3) == doctest::Approx(0.9 - 0.7 * 0.125));
  CHECK(plan.level(6) == 0.9);
  CHECK(plan.level(9) == 0.9);
  options.growth = "cosine";
  CHECK(train::plan_growth(options, 0, 0.9, 0, 100, 1000, 1).level(2) ==
        doctest::Approx(0.9 * (1 - (1 + std::cos(std::acos(-1.0) * 2 / 7)) / 2)));
  CHECK(train::regrow_share(options, 0) == 0.5);
  CHECK(train::regrow_share(options, 0.5) == doctest::Approx(0.25));
  CHECK(train::regrow_share(options, 1) == doctest::Approx(0));
  CHECK(test::bad_input([&] { (void)train::plan_growth(options, 0, 0.9, 200, 300, 400, 3); }).find("400 steps") !=
        std::string::npos);
}

TEST_CASE("sparsities as users write them") {
  const SourceLocation where{"t.yaml", 3};
  CHECK(train::parse_pattern("90%", where).sparsity == doctest::Approx(0.9));
  CHECK(train::parse_pattern("0.95", where).name() == "s95");
  CHECK(train::parse_pattern("93.75%", where).name() == "s93.75");
  const train::SparsityPattern groups = train::parse_pattern("15:16", where);
  CHECK(groups.zeros == 15);
  CHECK(groups.group == 16);
  CHECK(groups.sparsity == 0.9375);
  CHECK(groups.name() == "nm15-16");
  const auto several = train::parse_patterns("[70%, 2:4]", where);
  REQUIRE(several.size() == 2);
  CHECK(several[1].group == 4);
  for (const std::string text : {"", "100%", "1.5", "-1", "4:4", "0:4", "1:9999", "2:", "nan", "a", "5:4:3"}) {
    CAPTURE(text);
    CHECK(test::bad_input([&] { (void)train::parse_pattern(text, where); }).starts_with("t.yaml:3: "));
  }
  CHECK(test::bad_input([&] { (void)train::parse_patterns("[70%, 0.7]", where); }).find("name each once") !=
        std::string::npos);
  CHECK(test::bad_input([&] { (void)train::parse_patterns("[]", where); }).find("no sub-net") != std::string::npos);
}
