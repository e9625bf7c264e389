// Bit-Pragmatic: `fast` equals `clocked` in every counter and `clocked` equals integer convolution, on random layers,
// designs and memories.
#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/bit_pragmatic/plan.h"
#include "sim/core/system.h"
#include "tests/support/bit_pragmatic_case.h"
#include "tests/support/mapping_identity.h"
#include "tests/support/model_equivalence.h"

namespace rebasis {
namespace {

using sim::bit_pragmatic::counter_names;
using sim::bit_pragmatic::make_plan;

constexpr sim::MemorySpeed memory_speed{12.8, 100};

/// Cycle-by-cycle work of a case, to keep the slow ones out: steps of lanes and filters.
bool small(const LayerShape& shape) { return shape.macs() <= 200'000; }

/// 16-bit activations of the layer's shape, as many of them zero as in the 8-bit ones.
std::vector<std::byte> widened(const test::RandomDenseLayer& random, test::Dice& dice) {
  std::vector<std::byte> bytes;
  for (const std::uint8_t value : random.activations) {
    bytes.push_back(static_cast<std::byte>(value));
    bytes.push_back(static_cast<std::byte>(value == 0 ? 0 : dice.between(0, 255)));
  }
  return bytes;
}

/// The layer's own 8-bit image, or a 16-bit one where the array takes it.
void check_image(sim::LayerPlan& plan, const sim::CounterNames& names, const test::RandomDenseLayer& random,
                 const arch::BitPragmaticSpec& spec, test::Dice& dice) {
  const std::size_t shells = sim::bit_pragmatic::shell_names(spec).size();
  if (spec.precision_bits == 8 || dice.chance(0.5)) {
    test::check_plan(plan, names, random.image(), spec, shells);
    return;
  }
  const std::vector<std::byte> bytes = widened(random, dice);
  trace::TensorView view;
  view.dtype = random.layer.info.activations.is_signed ? trace::DType::i16 : trace::DType::u16;
  view.bytes = bytes;
  test::check_plan(plan, names, sim::Activations(view, random.layer.shape(), 0), spec, shells);
}

bool check_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const arch::BitPragmaticSpec spec = test::random_bit_pragmatic(dice);
  test::RandomDenseLayer random = test::random_dense_layer(dice);
  for (int again = 0; again < 20 && !small(random.layer.shape()); ++again) random = test::random_dense_layer(dice);
  INFO(random.describe());
  std::string parameters;
  for (const auto& [key, value] : arch::bit_pragmatic_parameters().print(spec)) parameters += key + ": " + value + "; ";
  CAPTURE(parameters);
  const sim::CounterNames names = counter_names(spec);
  std::unique_ptr<sim::LayerPlan> plan;
  try {
    plan = make_plan(random.layer, spec, names, memory_speed);
  } catch (const Error& error) {
    REQUIRE(error.status() == Status::infeasible);
    return false;
  }
  check_image(*plan, names, random, spec, dice);
  return true;
}

}  // namespace

TEST_CASE("fast equals clocked, clocked equals arithmetic") { test::for_random_cases(400, check_case); }

TEST_CASE("the order of the shells within a cycle does not matter") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test::Dice dice(seed);
    arch::BitPragmaticSpec spec = test::small_bit_pragmatic();
    spec.sync = seed % 2 == 0 ? "column" : "pallet";
    spec.registers = 1 + static_cast<std::int64_t>(seed % 3);
    test::randomise_decoder(spec.decoder, dice);
    const test::RandomDenseLayer random = test::dense_layer_of(
        {.M = 6, .C = 10, .H = 5, .W = 7, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1}, dice, {0.2, 0.7});
    const sim::CounterNames names = counter_names(spec);
    const auto plan = make_plan(random.layer, spec, names, memory_speed);
    const std::size_t shells = test::all_shells(sim::bit_pragmatic::shell_names(spec).size(), names);
    const auto memory = sim::make_dram(sim::dram_spec(spec)), again = sim::make_dram(sim::dram_spec(spec));
    const sim::Activations image = random.image();
    const auto ordered = plan->machine(image, sim::port_to(*memory));
    const auto shuffled = plan->machine(image, sim::port_to(*again));
    const sim::ClockedRun a = sim::run_machine(*ordered, shells), b = test::run_shuffled(*shuffled, shells, seed);
    CHECK(sim::first_difference(names, a.run.counters, b.run.counters) == "");
    CHECK(a.outputs == b.outputs);
  }
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = arch::bit_pragmatic_parameters();
  test::MappingPairs pairs(parameters.describe());
  test::for_random_cases(2000, [&](std::uint64_t seed) {
    test::Dice dice(seed);
    const arch::BitPragmaticSpec spec = test::random_bit_pragmatic(dice);
    test::RandomDenseLayer random = test::random_dense_layer(dice);
    for (int again = 0; again < 20 && !small(random.layer.shape()); ++again) random = test::random_dense_layer(dice);
    INFO(random.describe());
    arch::BitPragmaticSpec other = spec;
    test::vary(dice, other.objective, {"dram", "latency"});
    test::vary(dice, other.pack_groups, {false, true});
    for (std::int64_t* bytes : {&other.nbin_bytes, &other.sb_bytes, &other.nbout_bytes})
      test::vary(dice, *bytes, {512, 1024, 1536, 2048, 4096, 8192, 65536});
    for (std::int64_t* banks : {&other.nbin_banks, &other.sb_banks, &other.nbout_banks})
      test::vary(dice, *banks, {1, 4, 64});
    const sim::CounterNames names = counter_names(spec);
    const auto plan_on = [&](const arch::BitPragmaticSpec& design) {
      return test::feasible_plan([&] { return make_plan(random.layer, design, names, memory_speed); });
    };
    const auto a = plan_on(spec), b = plan_on(other);
    if (!a || !b) return false;
    pairs.compare(*a, parameters.print(spec), *b, parameters.print(other), names, random.image(), spec);
    return true;
  });
  pairs.finish();
}

}  // namespace rebasis
