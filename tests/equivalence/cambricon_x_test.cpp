// Cambricon-X on random layers: `fast` = `clocked` = integer convolution, over every parameter.
#include <doctest/doctest.h>

#include "sim/cambricon_x/plan.h"
#include "sim/core/system.h"
#include "tests/support/cambricon_x_case.h"
#include "tests/support/mapping_identity.h"

using namespace rebasis;
using rebasis::test::CambriconXCase, rebasis::test::Dice;

namespace {

CambriconXCase random_case(std::uint64_t seed) {
  Dice dice(seed);
  test::RandomDenseLayer layer = test::random_dense_layer(dice);
  return {std::move(layer), test::random_cambricon_x(dice)};
}

}  // namespace

TEST_CASE("fast = clocked = integer convolution, on random layers and configurations") {
  test::for_random_cases(1000, [](std::uint64_t seed) {
    const CambriconXCase random = random_case(seed);
    INFO(random.layer.describe());
    if (random.plan == nullptr) return false;
    test::check_plan(*random.plan, random.names, random.layer.image(), random.spec,
                     sim::cambricon_x::shell_names(random.spec).size());
    return true;
  });
}

TEST_CASE("the order in which the shells are evaluated does not matter") {
  test::for_random_cases(100, [](std::uint64_t seed) {
    const CambriconXCase random = random_case(seed + 7000);
    INFO(random.layer.describe());
    if (random.plan == nullptr) return false;
    const sim::Activations image = random.layer.image();
    const auto memory = sim::make_dram(sim::dram_spec(random.spec)),
               again = sim::make_dram(sim::dram_spec(random.spec));
    const auto ordered = random.plan->machine(image, sim::port_to(*memory)),
               shuffled = random.plan->machine(image, sim::port_to(*again));
    const std::size_t shells = test::all_shells(sim::cambricon_x::shell_names(random.spec).size(), random.names);
    const sim::ClockedRun a = sim::run_machine(*ordered, shells), b = test::run_shuffled(*shuffled, shells, seed);
    CHECK(sim::first_difference(random.names, a.run.counters, b.run.counters) == "");
    CHECK(a.run.steps == b.run.steps);
    CHECK(a.outputs == b.outputs);
    return true;
  });
}

TEST_CASE("equal mapping identities, equal counters") {
  const auto& parameters = arch::cambricon_x_parameters();
  test::MappingPairs pairs(parameters.describe());
  test::for_random_cases(2000, [&](std::uint64_t seed) {
    const CambriconXCase a = random_case(seed);
    Dice dice(seed + 9000);
    arch::CambriconXSpec other = a.spec;
    test::vary(dice, other.objective, {"dram", "latency"});
    test::vary(dice, other.nbin_bytes, {512, 1024, 2048, 4096, 65536});
    test::vary(dice, other.nbout_bytes, {other.pes * 32, other.pes * 64, other.pes * 256, other.pes * 8192});
    test::vary(dice, other.sb_bytes, {128, 256, 512, 8192});
    test::vary(dice, other.index_bytes, {other.pes * 128, other.pes * 256, other.pes * 512, other.pes * 8192});
    for (std::int64_t* banks : {&other.nbin_banks, &other.sb_banks, &other.index_banks})
      test::vary(dice, *banks, {1, 4, 16});
    const CambriconXCase b(a.layer, other);
    if (a.plan == nullptr || b.plan == nullptr) return false;
    pairs.compare(*a.plan, parameters.print(a.spec), *b.plan, parameters.print(other), a.names, a.layer.image(),
                  a.spec);
    return true;
  });
  pairs.finish();
}
