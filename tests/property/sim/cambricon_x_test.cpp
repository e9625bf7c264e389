// Cambricon-X: what holds of every layer and configuration.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/cambricon_x/counters.h"
#include "tests/support/cambricon_x_case.h"

using namespace rebasis;
using namespace rebasis::sim::cambricon_x;
using rebasis::sim::Cause, rebasis::sim::Counters;
using rebasis::test::CambriconXCase, rebasis::test::Dice, rebasis::test::RandomDenseLayer;

namespace {

constexpr std::uint64_t cases = 300;

arch::CambriconXSpec roomy(Dice& dice) {
  const std::int64_t multipliers = dice.between(1, 8);
  arch::CambriconXSpec spec =
      test::roomy_cambricon_x(dice.between(1, 6), multipliers, multipliers * dice.between(1, 6));
  spec.lines = dice.between(2, 5);
  spec.nbin_latency = dice.between(0, 2);
  spec.gather = dice.pick<std::string>({"window", "row", "tap"});
  return spec;
}

std::uint64_t non_zero(const RandomDenseLayer& layer) {
  const auto& weights = layer.layer.weights;
  return weights.size() - static_cast<std::uint64_t>(std::count(weights.begin(), weights.end(), std::int8_t{0}));
}

}  // namespace

TEST_CASE("products are conserved: non-zero weights x output positions, whatever the tiles") {
  test::for_random_cases(cases, [](std::uint64_t seed) {
    Dice dice(seed);
    const RandomDenseLayer layer = test::random_dense_layer(dice);
    const CambriconXCase c(layer, test::random_cambricon_x(dice));
    if (c.plan == nullptr) return false;
    const Counters counters = c.run().counters;
    const auto positions = static_cast<std::uint64_t>(layer.layer.shape().E() * layer.layer.shape().F());
    CHECK(counters.effective_macs == non_zero(layer) * positions);
    // Placeholders are multiplied too; a step of 16 bits needs none.
    const auto products = counters.actions[mac] / static_cast<std::uint64_t>(c.spec.macs_per_product());
    if (c.spec.step_bits == 16)
      CHECK(products == counters.effective_macs);
    else
      CHECK(products >= counters.effective_macs);
    CHECK(counters.actions[Action::select] == products);
    CHECK(counters.actions[requantise] == static_cast<std::uint64_t>(layer.layer.shape().M) * positions);
    // A PE takes at most its multipliers in a busy cycle and at least one.
    const auto busy = static_cast<std::uint64_t>(counters.blocks[pes][Cause::busy]);
    CHECK(busy <= products);
    CHECK(products <= busy * static_cast<std::uint64_t>(c.spec.multipliers));
    return true;
  });
}

TEST_CASE("zero activations are not skipped: the values of the image change nothing") {
  test::for_random_cases(cases / 3, [](std::uint64_t seed) {
    Dice dice(seed);
    RandomDenseLayer layer = test::random_dense_layer(dice);
    const arch::CambriconXSpec spec = test::random_cambricon_x(dice);
    const CambriconXCase c(layer, spec);
    if (c.plan == nullptr) return false;
    std::fill(layer.activations.begin(), layer.activations.end(), std::uint8_t{0});
    CHECK(sim::first_difference(c.names, c.run().counters, CambriconXCase(layer, spec).run().counters) == "");
    return true;
  });
}

TEST_CASE("without placeholders and with a fixed assignment, fewer synapses never cost cycles") {
  test::for_random_cases(cases, [](std::uint64_t seed) {
    Dice dice(seed);
    RandomDenseLayer layer = test::random_dense_layer(dice);
    const arch::CambriconXSpec spec = roomy(dice);
    auto cycles = CambriconXCase(layer, spec).run().counters.cycles;
    for (int round = 0; round < 3; ++round) {
      for (auto& weight : layer.layer.weights) {
        if (dice.chance(0.2)) weight = 0;
      }
      const auto fewer = CambriconXCase(layer, spec).run().counters.cycles;
      CHECK(fewer <= cycles);
      cycles = fewer;
    }
    return true;
  });
}

TEST_CASE("more line registers, wider steps and wider lines never cost cycles inside a step") {
  test::for_random_cases(cases, [](std::uint64_t seed) {
    Dice dice(seed);
    const RandomDenseLayer layer = test::random_dense_layer(dice);
    arch::CambriconXSpec spec = roomy(dice);
    spec.step_bits = dice.between(1, 6);
    const auto issue = [&](const arch::CambriconXSpec& changed) { return test::whole_step(layer, changed).issue; };
    const auto base = issue(spec);
    arch::CambriconXSpec changed = spec;
    changed.lines += dice.between(1, 4);
    CHECK(issue(changed) <= base);
    changed = spec;
    ++changed.step_bits;
    CHECK(issue(changed) <= base);
    changed = spec;
    changed.scan *= 2;
    CHECK(issue(changed) <= base);
    return true;
  });
}

TEST_CASE("no memory in the timing is never slower than one, with the same tiles") {
  test::for_random_cases(cases / 3, [](std::uint64_t seed) {
    Dice dice(seed);
    const RandomDenseLayer layer = test::random_dense_layer(dice);
    arch::CambriconXSpec spec = test::random_cambricon_x(dice);
    const CambriconXCase with(layer, spec);
    if (with.plan == nullptr) return false;
    spec.dram_model = "unlimited";
    const CambriconXCase without(layer, spec);
    if (with.plan->describe() == without.plan->describe())
      CHECK(without.run().counters.cycles <= with.run().counters.cycles);
    return true;
  });
}
