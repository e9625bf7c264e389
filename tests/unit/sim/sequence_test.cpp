// Step sequences on schedules computed by hand from the rules of docs/accelerators/common.md, "Steps", in both
// fidelities.
#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/toy_core.h"

using namespace rebasis::sim;
using namespace rebasis::test;

namespace {

constexpr DmaLimits limits{512, 8};
constexpr std::uint64_t tile_bytes = 16;

Load load(std::size_t buffer) {
  return {buffer, {{buffer == 0 ? TensorClass::inputs : TensorClass::weights, 0, tile_bytes}}};
}
std::vector<Transfer> outputs() { return {{TensorClass::outputs, 0, tile_bytes}}; }

Step step(std::vector<Load> loads, bool begins_output, bool stores) {
  Step s;
  s.loads = std::move(loads);
  s.begins_output = begins_output;
  if (stores) s.stores = outputs();
  return s;
}

StepPlan plan_of(std::vector<Step> steps) {
  StepPlan plan;
  plan.steps = std::move(steps);
  plan.buffers = {{2, 1, 0}, {2, 1, 0}};
  plan.result_slots = 4;
  plan.output_read_action = 1;
  plan.output_write_action = 2;
  return plan;
}

/// A step's [begin, inputs consumed, results complete].
struct Times {
  Cycle begin = 0, consumed = 0, complete = 0;
};

struct Expected {
  std::vector<Times> steps;
  Cycle cycles = 0, dram = 0, output = 0, fill_drain = 0;
};

void check(const StepPlan& plan, const std::vector<StepCost>& costs, const DramPort& port, const Expected& expected) {
  const CounterNames names = toy_names();
  for (const bool clocked : {false, true}) {
    CAPTURE(clocked);
    const LayerRun run =
        clocked ? toy_clocked(plan, costs, names, limits, port) : toy_fast(plan, costs, names, limits, port);
    REQUIRE(run.steps.size() == expected.steps.size());
    for (std::size_t i = 0; i < expected.steps.size(); ++i) {
      CAPTURE(i);
      CHECK(run.steps[i].ready == expected.steps[i].begin);
      CHECK(run.steps[i].done == expected.steps[i].consumed);
      CHECK(run.steps[i].drained == expected.steps[i].complete);
    }
    CHECK(run.counters.cycles == expected.cycles);
    const Account& core = run.counters.blocks.front();
    CHECK(core[Cause::dram] == expected.dram);
    CHECK(core[Cause::output] == expected.output);
    CHECK(core[Cause::fill_drain] == expected.fill_drain);
    CHECK(core.total() == expected.cycles);
    CHECK(run.counters.blocks.back().total() == expected.cycles);  // the DMA's
  }
}

}  // namespace

TEST_CASE("one step: load, controller's register, issue, pipeline, store") {
  // Load 0 -> 10, armed in 10, begins 11, 5 cycles, 2 more in the pipeline: 18. The store is issued at 19 and done
  // at 29.
  check(plan_of({step({load(0)}, true, true)}), {{5, 2, 0}}, fixed_memory(10, 10), {{{11, 16, 18}}, 29, 10, 11, 1 + 2});
}

TEST_CASE("a load is issued when its bank is free, the first ones at once") {
  // Inputs of steps 0 and 1, and the weights, are requested in cycles 0 (inputs), 1 (weights), 2 (inputs): done 10,
  // 11, 12. The bank of step 0 is free at 16, its load issued at 17, done 27.
  const auto plan =
      plan_of({step({load(0), load(1)}, true, false), step({load(0)}, false, false), step({load(0)}, false, true)});
  check(plan, {{4, 0, 0}, {4, 0, 0}, {4, 0, 0}}, fixed_memory(10, 10),
        {{{12, 16, 16}, {16, 20, 20}, {28, 32, 32}}, 43, 11 + 7, 11, 1 + 1});
}

TEST_CASE("with one bank the next tile is requested only after the step") {
  auto plan = plan_of({step({load(0)}, true, false), step({load(0)}, false, true)});
  plan.buffers[0].banks = 1;
  // Consumed at 15, issued at 16, done at 26.
  check(plan, {{4, 0, 0}, {4, 0, 0}}, fixed_memory(10, 10), {{{11, 15, 15}, {27, 31, 31}}, 42, 10 + 11, 11, 1 + 1});
}

TEST_CASE("a tile that two steps use is released by the second") {
  auto plan =
      plan_of({step({load(0), load(1)}, true, false), step({load(1)}, false, false), step({load(0)}, false, true)});
  plan.buffers[0].banks = 1;
  // Requests: inputs 0, weights 1, weights 2. The inputs' bank is free after step 1: issued at 19, done 29.
  check(plan, {{3, 0, 0}, {3, 0, 0}, {3, 0, 0}}, fixed_memory(10, 10),
        {{{12, 15, 15}, {15, 18, 18}, {30, 33, 33}}, 44, 11 + 11, 11, 1 + 1});
}

TEST_CASE("a step waits for the store of the tile whose output bank it takes") {
  const auto plan =
      plan_of({step({load(0)}, true, true), step({}, true, true), step({}, true, true), step({}, true, true)});
  // Stores take 30: issued at 14 and 16, done at 44 and 46. Steps 2 and 3 begin a cycle after.
  check(plan, {{2, 0, 0}, {2, 0, 0}, {2, 0, 0}, {2, 0, 0}}, fixed_memory(10, 30),
        {{{11, 13, 13}, {13, 15, 15}, {45, 47, 47}, {47, 49, 49}}, 80, 10, 29 + 31, 1 + 1});
}

TEST_CASE("spilled partial sums are read back after the bank's last store, and in the order of their channel") {
  auto plan = plan_of({step({load(0)}, true, true), step({}, true, true), step({}, true, true), step({}, true, true)});
  plan.steps[2].partial_sums = plan.steps[3].partial_sums = outputs();
  // Store 0: 14 -> 24; its bank's sums: 24 -> 34. Store 1 queues behind that read: 25 -> 35; its bank's sums: 35 -> 45.
  check(plan, {{2, 0, 0}, {2, 0, 0}, {2, 0, 0}, {2, 0, 0}}, fixed_memory(10, 10),
        {{{11, 13, 13}, {13, 15, 15}, {35, 37, 37}, {46, 48, 48}}, 59, 10, 19 + 8 + 11, 1 + 1 + 1});
}

TEST_CASE("the first tiles' partial sums are read at the start") {
  auto plan = plan_of({step({}, true, true)});
  plan.steps[0].partial_sums = outputs();
  check(plan, {{2, 0, 0}}, fixed_memory(7, 10), {{{8, 10, 10}}, 21, 0, 7 + 11, 1});
}

TEST_CASE("a step waits until one of the result slots is free") {
  auto plan = plan_of({step({load(0)}, true, false), step({}, false, false), step({}, false, true)});
  const std::vector<StepCost> costs{{3, 5, 0}, {3, 5, 0}, {3, 5, 0}};
  plan.result_slots = 1;  // 14 + 5 = 19, armed in 19
  check(plan, costs, fixed_memory(10, 10),
        {{{11, 14, 19}, {20, 23, 28}, {29, 32, 37}}, 48, 10, 5 + 5 + 11, 1 + 1 + 1 + 5});
  plan.result_slots = 2;  // step 2 waits for step 0, complete at 19
  check(plan, costs, fixed_memory(10, 10), {{{11, 14, 19}, {14, 17, 22}, {20, 23, 28}}, 39, 10, 2 + 11, 1 + 1 + 5});
  plan.result_slots = 3;
  check(plan, costs, fixed_memory(10, 10), {{{11, 14, 19}, {14, 17, 22}, {17, 20, 25}}, 36, 10, 11, 1 + 5});
}

TEST_CASE("the controller arms a step only after the one before has begun") {
  // Steps of one cycle: 11, 13, 15.
  const auto plan = plan_of({step({load(0)}, true, false), step({}, false, false), step({}, false, true)});
  check(plan, {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}, fixed_memory(10, 10),
        {{{11, 12, 12}, {13, 14, 14}, {15, 16, 16}}, 27, 10, 11, 1 + 1 + 1});
}

TEST_CASE("a unit that serves one step at a time") {
  const auto plan = plan_of({step({load(0)}, true, false), step({}, false, false), step({}, false, true)});
  // 14 + 2 = 16, served until 22; the next arrives at 19 and is served until 28, then 34.
  check(plan, {{3, 2, 6}, {3, 2, 6}, {3, 2, 6}}, fixed_memory(10, 10),
        {{{11, 14, 22}, {14, 17, 28}, {17, 20, 34}}, 45, 10, 11, 1 + 14});
}

TEST_CASE("results do not overtake each other") {
  const auto plan = plan_of({step({load(0)}, true, true), step({}, true, true)});
  // Step 1 leaves its shorter pipeline at 16, but step 0's results come at 22.
  check(plan, {{2, 9, 0}, {2, 1, 0}}, fixed_memory(10, 10), {{{11, 13, 22}, {13, 15, 22}}, 34, 10, 12, 1 + 7});
}

TEST_CASE("bytes by class, and the actions that follow from the plan") {
  auto plan = plan_of({step({load(0), load(1)}, true, true), step({load(0)}, true, true), step({}, true, true)});
  plan.steps[2].partial_sums = outputs();
  const CounterNames names = toy_names();
  const LayerRun run = toy_fast(plan, {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}}, names, limits, fixed_memory(10, 10));
  CHECK(run.counters.dram.inputs == 2 * tile_bytes);
  CHECK(run.counters.dram.weights == tile_bytes);
  CHECK(run.counters.dram.outputs == 4 * tile_bytes);  // three stores, one read of partial sums
  const auto action = [&](const std::string& wanted) {
    for (std::size_t i = 0; i < names.actions.size(); ++i) {
      if (names.actions[i] == wanted) return run.counters.actions[i];
    }
    return ~std::uint64_t{0};
  };
  CHECK(action("buffer.write_byte") == 3 * tile_bytes);
  CHECK(action("output.read_byte") == 3 * tile_bytes);
  CHECK(action("output.write_byte") == tile_bytes);
  CHECK(action("dram.read_byte") == 4 * tile_bytes);
  CHECK(action("dram.write_byte") == 3 * tile_bytes);
  CHECK(action("controller.cycle") == static_cast<std::uint64_t>(run.counters.cycles));
}

TEST_CASE("whatever a run takes from a plan is in its identity") {
  const auto three_tiles = [] {
    StepPlan plan = plan_of(
        {step({load(0), load(1)}, true, true), step({load(0)}, true, true), step({load(0), load(1)}, true, true)});
    plan.steps[2].partial_sums = outputs();
    plan.steps[0].tile = {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, true, true};
    plan.buffers[0].banks = 1;
    plan.buffers[1].banks = 1;
    plan.output_banks = 1;
    plan.result_slots = 1;
    return plan;
  };
  const std::vector<std::function<void(StepPlan&)>> changes{
      [](StepPlan& p) { p.steps.pop_back(); },
      [](StepPlan& p) { ++p.steps[0].tile.groups.first; },
      [](StepPlan& p) { ++p.steps[0].tile.filters.last; },
      [](StepPlan& p) { ++p.steps[0].tile.channels.last; },
      [](StepPlan& p) { ++p.steps[0].tile.rows.last; },
      [](StepPlan& p) { ++p.steps[0].tile.columns.last; },
      [](StepPlan& p) { p.steps[0].tile.first_chunk = false; },
      [](StepPlan& p) { p.steps[0].tile.last_chunk = false; },
      [](StepPlan& p) { p.steps[1].begins_output = false; },
      [](StepPlan& p) { p.steps[1].loads.clear(); },
      [](StepPlan& p) { p.steps[1].loads[0].buffer = 1; },
      [](StepPlan& p) { p.steps[1].loads[0].transfers.clear(); },
      [](StepPlan& p) { ++p.steps[1].loads[0].transfers[0].address; },
      [](StepPlan& p) { ++p.steps[1].loads[0].transfers[0].bytes; },
      [](StepPlan& p) { p.steps[1].loads[0].transfers[0].tensor = TensorClass::index; },
      [](StepPlan& p) { ++p.steps[2].partial_sums[0].address; },
      [](StepPlan& p) { p.steps[2].partial_sums.clear(); },
      [](StepPlan& p) { std::swap(p.steps[2].partial_sums, p.steps[1].partial_sums); },
      [](StepPlan& p) { ++p.steps[2].stores[0].bytes; },
      [](StepPlan& p) { p.steps[1].stores.clear(); },
      [](StepPlan& p) { ++p.buffers[0].banks; },
      [](StepPlan& p) { ++p.buffers[1].channel; },
      [](StepPlan& p) { p.buffers[1].write_action = std::nullopt; },
      [](StepPlan& p) { ++p.channels; },
      [](StepPlan& p) { ++p.output_banks; },
      [](StepPlan& p) { ++p.result_slots; },
      [](StepPlan& p) { p.output_read_action = 7; },
      [](StepPlan& p) { p.output_write_action = std::nullopt; }};
  const std::string plain = identity(three_tiles());
  CHECK(identity(three_tiles()) == plain);
  std::set<std::string> identities{plain};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    StepPlan plan = three_tiles();
    changes[i](plan);
    CHECK(identities.insert(identity(plan)).second);
  }
}

TEST_CASE("banks and slots that the steps cannot fill are not in a plan's identity") {
  StepPlan enough = plan_of({step({load(0), load(1)}, true, true), step({load(0)}, true, true)});
  enough.result_slots = enough.output_banks = enough.buffers[0].banks = 2;
  enough.buffers[1].banks = 1;
  StepPlan more = enough;
  more.result_slots = more.output_banks = 9;
  for (StepBuffer& buffer : more.buffers) buffer.banks = 9;
  CHECK(identity(more) == identity(enough));
  const CounterNames names = toy_names();
  const std::vector<StepCost> costs(2, StepCost{3, 2, 1});
  const DramPort port = [](const DramRequest&, Cycle now) { return now + 20; };
  CHECK(toy_fast(more, costs, names, limits, port).counters == toy_fast(enough, costs, names, limits, port).counters);
}
