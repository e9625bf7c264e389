// Layer shapes of every kind: convolutions with any stride, dilation and padding, depthwise, grouped, 1x1, fully
// connected.
#pragma once

#include "tests/support/dice.h"
#include "workloads/layer_shape.h"

namespace rebasis::test {

/// A shape with at least one output.
LayerShape random_shape(Dice& dice);

}  // namespace rebasis::test
