#include "workloads/booth.h"

#include <doctest/doctest.h>

using namespace rebasis;

TEST_CASE("booth digits rebuild every 8-bit value, signed or unsigned") {
  for (int value = -128; value <= 255; ++value) {
    int rebuilt = 0, weight = 1, non_zero = 0;
    for (const int digit : booth_decode(value)) {
      CHECK(digit >= -2);
      CHECK(digit <= 2);
      rebuilt += digit * weight;
      weight *= 4;
      non_zero += digit != 0 ? 1 : 0;
    }
    CHECK(rebuilt == value);
    CHECK(booth_digits(value) == non_zero);
    if (value <= 127) CHECK_MESSAGE(booth_decode(value)[4] == 0, "an int8 value needs four digits: " << value);
    if (value > 127) CHECK_MESSAGE(booth_decode(value)[4] == 1, "the fifth digit of " << value);
  }
}

TEST_CASE("booth digit counts by hand") {
  CHECK(booth_digits(0) == 0);
  CHECK(booth_digits(1) == 1);
  CHECK(booth_digits(2) == 2);  // -2 + 4
  CHECK(booth_digits(-1) == 1);
  CHECK(booth_digits(4) == 1);
  CHECK(booth_digits(85) == 4);    // 64 + 16 + 4 + 1
  CHECK(booth_digits(127) == 2);   // 128 - 1 = 2 * 64 - 1
  CHECK(booth_digits(-128) == 1);  // -2 * 64
  CHECK(booth_digits(170) == 5);   // 256 - 64 - 16 - 4 - 2
  CHECK(booth_digits(255) == 2);   // 256 - 1
}
