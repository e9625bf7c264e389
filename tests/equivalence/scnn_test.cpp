// SCNN: `fast` equals `clocked`, counter for counter, and `clocked` equals integer convolution, value for value.
#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/error.h"
#include "sim/scnn/mapping.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/scnn_case.h"

using namespace rebasis;

namespace {

/// False when the case is infeasible.
bool check_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const test::RandomDenseLayer layer = test::random_dense_layer(dice);
  const arch::ScnnSpec spec = test::random_scnn_spec(dice);
  INFO(layer.describe() << "; " << test::describe(spec));
  try {
    test::ScnnCase(layer, spec).run();
  } catch (const Error& error) {
    REQUIRE(error.status() == Status::infeasible);
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("SCNN: fast, clocked and arithmetic agree on random layers and configurations") {
  test::for_random_cases(400, check_case);
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = arch::scnn_parameters();
  test::MappingPairs pairs(parameters.describe());
  test::for_random_cases(1000, [&](std::uint64_t seed) {
    test::Dice dice(seed);
    const test::RandomDenseLayer layer = test::random_dense_layer(dice);
    const arch::ScnnSpec spec = test::random_scnn_spec(dice);
    INFO(layer.describe() << "; " << test::describe(spec));
    arch::ScnnSpec other = spec;
    test::vary(dice, other.objective, {"dram", "latency"});
    test::vary(dice, other.fully_connected, {false, true});
    test::vary(dice, other.bank_entries, {4, 16, 32, 128});
    test::vary(dice, other.accumulator_layout, {"best", "plane", "filters"});
    test::vary(dice, other.weight_buffer_bytes, {256, 1024, 32768});
    test::vary(dice, other.iaram_bytes, {48, 128, 512, 4096});
    test::vary(dice, other.oaram_bytes, {64, 256, 2048});
    test::vary(dice, other.output_density, {0, 0.4, 1});
    test::vary(dice, other.input_chunks, {1, 2, 6});
    // Half of the layers have a reader in the trace, whose density holds instead of output.density.
    const std::optional<double> density = dice.chance(0.5) ? std::optional(0.3) : std::nullopt;
    const sim::CounterNames names = sim::scnn::counter_names(spec);
    const auto plan_on = [&](const arch::ScnnSpec& design) {
      return test::feasible_plan(
          [&] { return sim::scnn::make_plan(layer.layer, {layer.image()}, density, design, names); });
    };
    const auto a = plan_on(spec), b = plan_on(other);
    if (!a || !b) return false;
    pairs.compare(*a, parameters.print(spec), *b, parameters.print(other), names, layer.image(), spec);
    return true;
  });
  pairs.finish();
}

TEST_CASE("whatever a run takes from a mapping is in its identity") {
  using sim::scnn::Mapping;
  test::Dice dice(1);
  const test::RandomDenseLayer layer = test::dense_layer_of({.M = 12, .C = 8, .H = 32, .W = 32}, dice, {1, 1});
  arch::ScnnSpec spec = arch::scnn_parameters().resolve({});
  spec.iaram_bytes = spec.oaram_bytes = 64;
  spec.bank_entries = 2;
  const Mapping plain = sim::scnn::map_layer(layer.layer, {layer.image()}, std::nullopt, spec);
  REQUIRE(plain.tiles.size() > 1);
  REQUIRE(plain.groups.size() > 1);
  const std::vector<std::function<void(Mapping&)>> changes{[](Mapping& m) { m.fully_connected = !m.fully_connected; },
                                                           [](Mapping& m) { m.tiles.pop_back(); },
                                                           [](Mapping& m) { ++m.tiles[0].rows.first; },
                                                           [](Mapping& m) { ++m.tiles[0].rows.last; },
                                                           [](Mapping& m) { ++m.tiles[0].columns.first; },
                                                           [](Mapping& m) { ++m.tiles[0].columns.last; },
                                                           [](Mapping& m) { ++m.input_banks; },
                                                           [](Mapping& m) { m.groups.pop_back(); },
                                                           [](Mapping& m) { --m.groups[0].filters.first; },
                                                           [](Mapping& m) { ++m.groups[0].filters.last; },
                                                           [](Mapping& m) { ++m.chunks; },
                                                           [](Mapping& m) { m.weights_resident = !m.weights_resident; },
                                                           [](Mapping& m) { ++m.layout.filter; },
                                                           [](Mapping& m) { ++m.layout.row; },
                                                           [](Mapping& m) { ++m.layout.column; },
                                                           [](Mapping& m) { m.output_density /= 2; }};
  std::set<std::string> identities{plain.identity()};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    Mapping mapping = plain;
    changes[i](mapping);
    CHECK(identities.insert(mapping.identity()).second);
  }
}

TEST_CASE("the density of a layer's results, which comes from the next layer, is part of its mapping identity") {
  test::Dice dice(1);
  const test::RandomDenseLayer layer = test::dense_layer_of({.M = 8, .C = 8, .H = 8, .W = 8}, dice, {1, 1});
  const arch::ScnnSpec spec = arch::scnn_parameters().resolve({});
  const sim::CounterNames names = sim::scnn::counter_names(spec);
  const auto identity = [&](double density) {
    return sim::scnn::make_plan(layer.layer, {layer.image()}, density, spec, names)->mapping_identity();
  };
  CHECK(identity(0.5) == identity(0.5));
  CHECK(identity(0.5) != identity(0.25));
}
