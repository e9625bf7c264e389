// `fast` equals `clocked`, counter for counter, and `clocked` equals integer convolution, value for value.
#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/error.h"
#include "sim/core/dram.h"
#include "sim/core/reference_convolution.h"
#include "sim/smartdeal/clocked/machine.h"
#include "sim/smartdeal/fast.h"
#include "sim/smartdeal/plan.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/random_layer.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;

namespace {

std::unique_ptr<sim::DramModel> memory_of(const arch::SmartDealSpec& spec) {
  return sim::make_dram(
      {spec.dram_model, spec.dram_bandwidth_gb_s, spec.dram_latency_ns, spec.frequency_hz, spec.dram_mapping});
}

std::vector<std::int32_t> integer_weights(const LayerData& layer) {
  if (layer.layout.compressed) return encode::rebuild(layer.form, layer.shape());
  return {layer.original.begin(), layer.original.end()};
}

/// False when the case is infeasible.
bool check_case(std::uint64_t seed) {
  test::Dice dice(seed);
  test::RandomLayer layer = test::random_layer(dice);
  const arch::SmartDealSpec spec = test::random_spec(dice);
  const Activations image = layer.image();
  INFO("seed " << seed << ": " << test::describe(layer, spec));
  auto memory = memory_of(spec);
  Mapping mapping;
  try {
    mapping = map_layer(layer.data, spec, speed_of(*memory));
  } catch (const Error& error) {
    REQUIRE(error.status() == Status::infeasible);
    return false;
  }
  const CostTable costs(layer.data, image, spec);
  const LayerJob job{layer.data, image, mapping, costs, spec, true};
  const LayerRun fast = run_fast(job, sim::port_to(*memory));
  auto again = memory_of(spec);
  const ClockedRun clocked = run_machine(job, sim::port_to(*again));
  INFO("order " << mapping.order << ", chunks " << mapping.chunks << ", blocks " << mapping.blocks.size());
  for (std::size_t i = 0; i < fast.tiles.size(); ++i) {
    INFO("tile " << i << " block " << fast.tiles[i].block << " ready " << fast.tiles[i].ready << "/"
                 << clocked.run.tiles[i].ready << " done " << fast.tiles[i].done << "/" << clocked.run.tiles[i].done
                 << " drained " << fast.tiles[i].drained << "/" << clocked.run.tiles[i].drained);
    REQUIRE(fast.tiles[i] == clocked.run.tiles[i]);
  }
  REQUIRE(first_difference(fast.counters, clocked.run.counters) == "");
  const auto expected =
      sim::reference_convolution(layer.data.shape(), integer_weights(layer.data),
                                 [&](std::int64_t c, std::int64_t h, std::int64_t w) { return image.at(c, h, w); });
  REQUIRE(clocked.outputs == expected);
  CHECK(memory->counters() == again->counters());
  CHECK(fast.counters.dram == mapping.dram);
  const auto least = compulsory_traffic(layer.data, spec);
  CHECK(mapping.dram.weights >= least.weights);
  CHECK(mapping.dram.basis >= least.basis);
  CHECK(mapping.dram.index >= least.index);
  CHECK(mapping.dram.inputs >= least.inputs);
  CHECK(mapping.dram.outputs >= least.outputs);
  return true;
}

}  // namespace

TEST_CASE("SmartDeal: fast, clocked and arithmetic agree on random layers and configurations") {
  // REBASIS_CASES=N runs more; a failure prints the seed.
  const char* const cases = std::getenv("REBASIS_CASES");
  const std::uint64_t count = cases == nullptr ? 1000 : std::stoull(cases);
  std::uint64_t run = 0;
  for (std::uint64_t seed = 1; seed <= count; ++seed) run += check_case(seed) ? 1 : 0;
  MESSAGE(run << " feasible cases of " << count);
  CHECK(run >= count / 2);
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = arch::smartdeal_parameters();
  test::MappingPairs pairs(parameters.describe());
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    test::Dice dice(seed);
    const test::RandomLayer layer = test::random_layer(dice);
    const arch::SmartDealSpec spec = test::random_spec(dice);
    INFO("seed " << seed << ": " << test::describe(layer, spec));
    arch::SmartDealSpec other = spec;
    test::vary(dice, other.objective, {"dram", "latency"});
    test::vary(dice, other.input_gb_bytes, {256, 512, 1024, 2048, 32768});
    test::vary(dice, other.weight_buffer_bytes, {64, 128, 192, 384, 4096});
    test::vary(dice, other.index_gb_bytes, {32, 64, 32768});
    test::vary(dice, other.output_gb_bytes, {256, 320, 384, 512, 768, 1024, 1536, 8192});
    for (std::int64_t* banks : {&other.weight_buffer_banks, &other.index_gb_banks})
      test::vary(dice, *banks, {1, 2, 16});
    const sim::CounterNames names = counter_names(spec);
    const auto plan_on = [&](const arch::SmartDealSpec& design) {
      return test::feasible_plan([&] { return make_plan(layer.data, design, names, speed_of(*memory_of(spec))); });
    };
    const auto a = plan_on(spec), b = plan_on(other);
    if (a && b) pairs.compare(*a, parameters.print(spec), *b, parameters.print(other), names, layer.image(), spec);
  }
  pairs.finish();
}

TEST_CASE("whatever a run takes from a mapping is in its identity") {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.dim_M = spec.dim_C = spec.dim_F = 4;
  LayerData data;
  data.info.name = "layer";
  data.info.encoding = "dense-int8";
  data.info.shape = {.M = 12, .C = 16, .H = 12, .W = 12, .R = 3, .S = 3};
  data.original.assign(static_cast<std::size_t>(data.info.shape.weights()), 1);
  data.layout = layout_of(data.info);
  data.nonzeros = count_nonzeros(data);
  spec.weight_buffer_bytes = 160;  // chunks of channels, whose partial sums spill
  spec.input_gb_bytes = 8192;
  spec.output_gb_bytes = 256;
  const Mapping plain = map_layer(data, spec, {12.8, 50});
  REQUIRE(plain.order == "spill");
  const auto last = plain.blocks.size() - 1;
  REQUIRE(plain.blocks[last].adds_partial_sums);
  const std::vector<std::function<void(Mapping&)>> changes{
      [](Mapping& m) { m.blocks.pop_back(); },
      [](Mapping& m) { ++m.blocks[0].pass.conv_group; },
      [](Mapping& m) { ++m.blocks[0].pass.first_filter; },
      [](Mapping& m) { --m.blocks[0].pass.filters; },
      [](Mapping& m) { ++m.blocks[0].pass.first_unit; },
      [](Mapping& m) { ++m.blocks[0].pass.last_unit; },
      [](Mapping& m) { ++m.blocks[0].first_tile; },
      [](Mapping& m) { --m.blocks[0].last_tile; },
      [](Mapping& m) { m.blocks[0].new_weights = false; },
      [](Mapping& m) { m.blocks[0].first_chunk = false; },
      [](Mapping& m) { m.blocks[0].last_chunk = true; },
      [last](Mapping& m) { m.blocks[last].emits = false; },
      [last](Mapping& m) { m.blocks[last].adds_partial_sums = false; },
      [](Mapping& m) { ++m.blocks[0].loads[0].address; },
      [](Mapping& m) { ++m.blocks[0].loads[0].bytes; },
      [](Mapping& m) { m.blocks[0].loads[0].tensor = sim::TensorClass::basis; },
      [](Mapping& m) { m.blocks[0].loads.clear(); },
      [](Mapping& m) { ++m.blocks[0].coefficient_symbols; },
      [](Mapping& m) { ++m.blocks[0].weight_buffer_bytes; },
      [](Mapping& m) { ++m.blocks[0].index_buffer_bytes; },
      [](Mapping& m) { ++m.output_slots; },
      [](Mapping& m) { m.batch_bytes *= 2; }};
  std::set<std::string> identities{identity(data.shape(), plain, spec)};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    Mapping mapping = plain;
    changes[i](mapping);
    CHECK(identities.insert(identity(data.shape(), mapping, spec)).second);
  }
  // Slots beyond the batches change nothing.
  Mapping many = plain, more = plain;
  many.output_slots = 1000;
  more.output_slots = 2000;
  CHECK(identity(data.shape(), many, spec) == identity(data.shape(), more, spec));
}
