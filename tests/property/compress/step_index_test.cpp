// Random vectors: decode(encode(x)) = x, and the size is what a count of gaps says.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "workloads/encode/step_index.h"

using namespace rebasis::encode;

TEST_CASE("step index: what is encoded is decoded, at the size that the gaps give") {
  const bool passed = rc::check([] {
    const int bits = *rc::gen::inRange(1, 17);
    const int nonzero_in = *rc::gen::element(1, 2, 8, 40, 300);
    const auto length = *rc::gen::inRange<std::size_t>(0, 2000);
    std::vector<std::int8_t> dense(length);
    for (auto& value : dense) {
      if (*rc::gen::inRange(0, nonzero_in) == 0) value = *rc::gen::arbitrary<std::int8_t>();
    }
    const StepIndexed encoded = encode_steps(dense, bits);
    RC_ASSERT(decode_steps(encoded, length) == dense);

    std::size_t kept = 0, zeros = 0;
    for (const std::int8_t value : dense) {
      if (value == 0) {
        ++zeros;
        continue;
      }
      kept += 1 + zeros / (std::size_t{1} << bits);  // a placeholder for each 2^bits zeros before the value
      zeros = 0;
    }
    RC_ASSERT(encoded.values.size() == kept);
    RC_ASSERT(encoded.index_bits() == kept * static_cast<std::size_t>(bits));
    RC_ASSERT(encoded.steps.size() == (kept * static_cast<std::size_t>(bits) + 7) / 8);
  });
  CHECK(passed);
}
