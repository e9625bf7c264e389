// SCNN: `fast` equals `clocked`, counter for counter, and `clocked` equals integer convolution, value for value.
#include <doctest/doctest.h>

#include "common/error.h"
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
