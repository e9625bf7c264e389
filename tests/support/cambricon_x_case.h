// Random configurations of Cambricon-X, from a seed.
#pragma once

#include "arch/cambricon_x/spec.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// Every parameter varied; small enough that random layers need many tiles.
arch::CambriconXSpec random_cambricon_x(Dice& dice);

}  // namespace rebasis::test
