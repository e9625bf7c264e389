// Small Bit-Pragmatic designs for tests.
#pragma once

#include "arch/bit_pragmatic/spec.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// The default design with an array and buffers of a size that tests can step through.
arch::BitPragmaticSpec small_bit_pragmatic();
/// Every parameter varied.
arch::BitPragmaticSpec random_bit_pragmatic(Dice& dice);

}  // namespace rebasis::test
