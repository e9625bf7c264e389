// Random layers and configurations of the SmartDeal accelerator, from a seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/smartdeal/layer_data.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// A layer with its activations; the tensors are owned here.
struct RandomLayer {
  sim::smartdeal::LayerData data;
  std::vector<std::uint8_t> activations;
  bool is_signed = false;
  [[nodiscard]] sim::Activations image() const;
};

/// Any shape the accelerator supports: kernels, strides, dilations, pads, groups, depthwise, 1x1, FC; compressed or
/// not.
RandomLayer random_layer(Dice& dice);
/// Every parameter varied.
arch::SmartDealSpec random_spec(Dice& dice);
/// One line that says what the case is.
std::string describe(const RandomLayer& layer, const arch::SmartDealSpec& spec);

}  // namespace rebasis::test
