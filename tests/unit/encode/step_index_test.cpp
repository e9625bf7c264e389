// Step-indexed vectors worked out by hand, and streams that are none.
#include "workloads/encode/step_index.h"

#include <doctest/doctest.h>

#include "tests/support/errors.h"

using namespace rebasis;
using namespace rebasis::encode;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Values = std::vector<std::int8_t>;

}  // namespace

TEST_CASE("steps count from the value before, stored less one") {
  // Positions 0, 1, 4: steps 1, 1, 3, stored 0, 0, 2 in two bits each, lowest first.
  const StepIndexed encoded = encode_steps(Values{5, -3, 0, 0, 7, 0}, 2);
  CHECK(encoded.values == Values{5, -3, 7});
  CHECK(encoded.steps == Bytes{0b100000});
  CHECK(encoded.index_bits() == 6);
  CHECK(unpack_steps(encoded) == std::vector<std::uint32_t>{1, 1, 3});
  CHECK(decode_steps(encoded, 6) == Values{5, -3, 0, 0, 7, 0});
  CHECK(decode_steps(encoded, 5) == Values{5, -3, 0, 0, 7});  // what follows the last value is zero
}

TEST_CASE("a distance that the index cannot express takes placeholders") {
  // One bit: steps of 1 or 2. Position 4 is five from the beginning: placeholders at 1 and 3.
  const StepIndexed encoded = encode_steps(Values{0, 0, 0, 0, 9}, 1);
  CHECK(encoded.values == Values{0, 0, 9});
  CHECK(unpack_steps(encoded) == std::vector<std::uint32_t>{2, 2, 1});
  CHECK(decode_steps(encoded, 5) == Values{0, 0, 0, 0, 9});
  // The longest step itself takes none.
  CHECK(encode_steps(Values{0, 0, 0, 9}, 2).values == Values{9});
  CHECK(encode_steps(Values{0, 0, 0, 0, 9}, 2).values == Values{0, 9});
}

TEST_CASE("nothing to keep") {
  CHECK(encode_steps(Values{}, 4).values.empty());
  const StepIndexed zeros = encode_steps(Values(100), 4);  // no placeholder behind the last value
  CHECK(zeros.values.empty());
  CHECK(zeros.steps.empty());
  CHECK(decode_steps(zeros, 100) == Values(100));
}

TEST_CASE("streams that do not belong together are refused") {
  StepIndexed encoded = encode_steps(Values{1, 2, 3}, 4);
  CHECK(test::bad_input([&] { (void)decode_steps(encoded, 2); }) ==
        "step index leaves its vector: value 2 would be at 2 of 2");
  encoded.steps.push_back(0);
  CHECK(test::bad_input([&] { (void)unpack_steps(encoded); }) ==
        "step index of 3 values has 3 bytes; right would be 2");
  encoded.steps.clear();
  CHECK(test::bad_input([&] { (void)decode_steps(encoded, 3); }) ==
        "step index of 3 values has 0 bytes; right would be 2");
}
