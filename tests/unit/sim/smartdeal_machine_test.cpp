// The clocked SmartDeal machine without a kernel: what the SystemC shells rely on.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "common/error.h"
#include "tests/support/random_layer.h"
#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using rebasis::sim::DramPort, rebasis::sim::TensorClass, rebasis::sim::tensor_classes, rebasis::sim::Transfer,
    rebasis::sim::MemorySpeed;

namespace {

/// run_machine, with the blocks evaluated in another random order in every cycle.
ClockedRun run_shuffled(const LayerJob& job, const DramPort& port, std::uint64_t seed) {
  Machine machine(job, port);
  Cycle now = 0;
  std::vector<std::function<void()>> blocks = {
      [&] { machine.evaluate_controller(now); }, [&] { machine.evaluate_input(now); },
      [&] { machine.evaluate_output(now); }, [&] { machine.evaluate_dma(now); },
      [&] { machine.evaluate_decoders(now); }};
  for (std::size_t slice = 0; slice < machine.slices.size(); ++slice)
    blocks.emplace_back([&machine, &now, slice] { machine.evaluate_slice(now, slice); });
  std::mt19937_64 order(seed);
  for (; !machine.finished(now); ++now) {
    std::shuffle(blocks.begin(), blocks.end(), order);
    for (const auto& evaluate : blocks) evaluate();
    machine.commit();
  }
  return machine.take_result(now);
}

/// Message of the Error of `action`, and its status.
template <class Action>
std::pair<std::string, Status> error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return {error.what(), error.status()};
  }
  return {"(no error)", Status::done};
}

/// A memory that takes `latency` cycles for every request.
DramPort slow_port(Cycle latency) {
  return [latency](const sim::DramRequest&, Cycle now) { return now + latency; };
}

}  // namespace

TEST_CASE("the order in which the blocks of a cycle are evaluated does not matter") {
  int run = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    test::Dice dice(seed + 7'000);
    test::RandomLayer layer = test::random_layer(dice);
    const arch::SmartDealSpec spec = test::random_spec(dice);
    INFO("seed " << seed << ": " << test::describe(layer, spec));
    const auto memory = test::memory_of(spec), again = test::memory_of(spec);
    Mapping mapping;
    try {
      mapping = map_layer(layer.data, spec, speed_of(*memory));
    } catch (const Error&) {
      continue;
    }
    ++run;
    const Activations image = layer.image();
    const CostTable costs(layer.data, image, spec);
    const LayerJob job{layer.data, image, mapping, costs, spec, true};
    const ClockedRun straight = run_machine(job, sim::port_to(*memory));
    const ClockedRun shuffled = run_shuffled(job, sim::port_to(*again), seed);
    REQUIRE(first_difference(straight.run.counters, shuffled.run.counters) == "");
    REQUIRE(straight.run.tiles == shuffled.run.tiles);
    REQUIRE(straight.outputs == shuffled.outputs);
  }
  CHECK(run > 60);
}

TEST_CASE("a memory that never answers: the watchdog says what each block waits for") {
  LayerShape shape;
  shape.W = 2;
  const test::SmartDealCase layer = test::dense_case(shape, 1, 1);
  test::SmartDealCase mapped = layer;
  const arch::SmartDealSpec spec = test::small_spec(2, 1, 1);
  const auto memory = test::memory_of(spec);
  const Mapping mapping = map_layer(mapped.data, spec, speed_of(*memory));
  const Activations image = mapped.image();
  const CostTable costs(mapped.data, image, spec);
  const LayerJob job{mapped.data, image, mapping, costs, spec, false};
  const auto [message, status] = error_of([&] { (void)run_machine(job, slow_port(Cycle{1} << 40)); });
  CHECK(status == Status::internal);
  CHECK(message.find("no progress for 1000000 cycles") != std::string::npos);
  CHECK(message.find("tiles passed by the selectors: 0 of 2") != std::string::npos);
  CHECK(message.find("blocks started: 0 of 1") != std::string::npos);
  CHECK(message.find("DMA requests: 2") != std::string::npos);
  // `fast` takes no time for waiting, but a layer of 2^40 cycles is refused, too.
  CHECK(error_of([&] { (void)run_fast(job, slow_port(Cycle{1} << 40)); }).second == Status::bad_input);
}

TEST_CASE("a slow memory that answers is no deadlock") {
  test::SmartDealCase layer = test::dense_case(LayerShape{}, 1, 1);
  const arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  const auto memory = test::memory_of(spec);
  const Mapping mapping = map_layer(layer.data, spec, speed_of(*memory));
  const Activations image = layer.image();
  const CostTable costs(layer.data, image, spec);
  const LayerJob job{layer.data, image, mapping, costs, spec, false};
  const LayerRun fast = run_fast(job, slow_port(900'000));
  CHECK(first_difference(fast.counters, run_machine(job, slow_port(900'000)).run.counters) == "");
  // Two requests one cycle apart, 7 cycles to the write (see the schedule of one multiplication), the write.
  CHECK(fast.counters.cycles == 1 + 900'000 + 8 + 900'000);
}

TEST_CASE("an error of the memory reaches the caller") {
  test::SmartDealCase layer = test::dense_case(LayerShape{}, 1, 1);
  const arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  const auto memory = test::memory_of(spec);
  const Mapping mapping = map_layer(layer.data, spec, speed_of(*memory));
  const Activations image = layer.image();
  const CostTable costs(layer.data, image, spec);
  const LayerJob job{layer.data, image, mapping, costs, spec, false};
  const DramPort broken = [](const sim::DramRequest&, Cycle) -> Cycle { fail_internal("row hammered"); };
  CHECK(error_of([&] { (void)run_fast(job, broken); }).first == "row hammered");
  CHECK(error_of([&] { (void)run_machine(job, broken); }).first == "row hammered");
}
