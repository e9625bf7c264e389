#include "tests/support/random_shape.h"

namespace rebasis::test {

namespace {

LayerShape any_shape(Dice& dice) {
  LayerShape shape;
  const std::int64_t kind = dice.between(0, 5);
  shape.M = dice.between(1, 20);
  shape.C = dice.between(1, 24);
  shape.H = dice.between(1, 10);
  shape.W = dice.between(1, 14);
  if (kind == 0) {  // fully connected
    shape.H = shape.W = 1;
    shape.C = dice.between(1, 90);
    return shape;
  }
  if (kind == 1) {  // 1x1
    shape.stride_h = shape.stride_w = dice.pick<std::int64_t>({1, 1, 2});
    return shape;
  }
  shape.R = dice.pick<std::int64_t>({1, 2, 3, 3, 3, 5});
  shape.S = dice.chance(0.8) ? shape.R : dice.pick<std::int64_t>({1, 2, 3, 4, 7});
  shape.stride_h = dice.pick<std::int64_t>({1, 1, 2, 3});
  shape.stride_w = dice.chance(0.7) ? shape.stride_h : dice.between(1, 3);
  shape.dilation_h = dice.pick<std::int64_t>({1, 1, 1, 2});
  shape.dilation_w = dice.pick<std::int64_t>({1, 1, 1, 2, 3});
  shape.pad_top = dice.between(0, 2);
  shape.pad_left = dice.between(0, 2);
  shape.pad_bottom = dice.between(0, 2);
  shape.pad_right = dice.between(0, 2);
  if (kind == 2) {  // depthwise, with and without a channel multiplier
    shape.groups = shape.C = dice.between(2, 12);
    shape.M = shape.C * dice.pick<std::int64_t>({1, 1, 2});
  } else if (kind == 3) {  // grouped
    shape.groups = dice.between(2, 3);
    shape.C = shape.groups * dice.between(2, 5);
    shape.M = shape.groups * dice.between(1, 6);
  }
  return shape;
}

}  // namespace

LayerShape random_shape(Dice& dice) {
  LayerShape shape;
  do {
    shape = any_shape(dice);
  } while (shape.E() < 1 || shape.F() < 1);
  return shape;
}

}  // namespace rebasis::test
