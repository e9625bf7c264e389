// A ternary layer: every code is one of three, and the group index says which groups have a non-zero weight.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "workloads/trace/bit_string.h"
#include "workloads/trace/check_layer.h"

namespace rebasis::trace {
namespace {

/// Code 10 has its high bit (odd places) without its low one.
void check_codes(const LayerTensors& tensors) {
  for (const std::uint8_t byte : tensors.find("codes")->as<std::uint8_t>()) {
    if (((byte >> 1) & ~byte & 0x55) != 0) tensors.fail("a ternary code is 10; 00, 01 (+1) and 11 (-1) are possible");
  }
}

void check_index(const LayerTensors& tensors, const BitString& codes) {
  const LayerInfo& layer = tensors.layer();
  const auto filters = static_cast<std::uint64_t>(layer.shape.M);
  const auto groups = static_cast<std::uint64_t>(layer.ternary.groups_of_filter(layer.shape));
  const auto channels = static_cast<std::uint64_t>(layer.shape.channels_per_group());
  const auto channel_bits = 2 * static_cast<std::uint64_t>(layer.shape.R * layer.shape.S);
  const auto group_channels = static_cast<std::uint64_t>(layer.ternary.group_channels);
  const BitString index = require_bits(tensors, "group_index", filters * groups);
  for (std::uint64_t m = 0; m < filters; ++m) {
    for (std::uint64_t g = 0; g < groups; ++g) {
      const std::uint64_t first = m * channels + g * group_channels;
      const std::uint64_t last = m * channels + std::min((g + 1) * group_channels, channels);
      const bool used = codes.ones(first * channel_bits, last * channel_bits) != 0;
      if (used == index.bit(m * groups + g)) continue;
      tensors.fail("group " + std::to_string(g) + " of filter " + std::to_string(m) +
                   (used ? " has a non-zero weight, but its bit in group_index is 0"
                         : " has no non-zero weight, but its bit in group_index is 1"));
    }
  }
}

}  // namespace

void check_ternary(const LayerTensors& tensors) {
  const LayerShape& shape = tensors.layer().shape;
  const BitString codes = require_bits(tensors, "codes", 2 * static_cast<std::uint64_t>(shape.weights()));
  check_codes(tensors);
  check_index(tensors, codes);
  const float alpha = tensors.require("alpha", DType::f32, {1}).as<float>()[0];
  if (!std::isfinite(alpha) || alpha <= 0) tensors.fail("alpha must be a positive, finite number");
  if (tensors.find("channel_scale") == nullptr) return;
  for (const float scale : tensors.require("channel_scale", DType::f32, {shape.M}).as<float>()) {
    if (!std::isfinite(scale) || scale < 0) tensors.fail("a channel scale is negative, infinite or not a number");
  }
}

}  // namespace rebasis::trace
