// The sub-pixel decomposition of transposed convolutions against their definition, both in exact integer arithmetic.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "workloads/graph/layers.h"

using namespace rebasis;
using graph::SubPixelPhase;
using graph::WeightLayer;

namespace {

/// Integer-valued floats, so that sums are exact in any order.
Tensor<float> integers(const Shape& shape) {
  Tensor<float> tensor(shape);
  for (float& value : tensor.values) value = static_cast<float>(*rc::gen::inRange(-8, 9));
  return tensor;
}

float at(const Tensor<float>& tensor, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
  const Shape& shape = tensor.shape;
  return tensor.values[static_cast<std::size_t>(((a * shape[1] + b) * shape[2] + c) * shape[3] + d)];
}

/// Adds every input times every tap to the output it lands on. `weights` [M][C/groups][R][S].
Tensor<float> by_definition(const WeightLayer& layer, const Tensor<float>& input, const Tensor<float>& weights) {
  const LayerShape& s = layer.shape;
  Tensor<float> output({1, s.M, layer.output_rows, layer.output_columns});
  for (std::int64_t m = 0; m < s.M; ++m) {
    for (std::int64_t c = 0; c < s.channels_per_group(); ++c) {
      const std::int64_t channel = m / s.filters_per_group() * s.channels_per_group() + c;
      for (std::int64_t h = 0; h < s.H; ++h) {
        for (std::int64_t w = 0; w < s.W; ++w) {
          for (std::int64_t r = 0; r < s.R; ++r) {
            for (std::int64_t t = 0; t < s.S; ++t) {
              const std::int64_t row = h * s.stride_h + r * s.dilation_h - s.pad_top;
              const std::int64_t column = w * s.stride_w + t * s.dilation_w - s.pad_left;
              if (row < 0 || row >= layer.output_rows || column < 0 || column >= layer.output_columns) continue;
              output.values[static_cast<std::size_t>((m * layer.output_rows + row) * layer.output_columns + column)] +=
                  at(input, 0, channel, h, w) * at(weights, m, c, r, t);
            }
          }
        }
      }
    }
  }
  return output;
}

/// Paper eq. 1 with padding and dilation.
float convolution_at(const LayerShape& s, const Tensor<float>& input, const Tensor<float>& weights, std::int64_t m,
                     std::int64_t e, std::int64_t f) {
  float sum = 0;
  for (std::int64_t c = 0; c < s.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < s.R; ++r) {
      for (std::int64_t t = 0; t < s.S; ++t) {
        const std::int64_t h = e * s.stride_h + r * s.dilation_h - s.pad_top;
        const std::int64_t w = f * s.stride_w + t * s.dilation_w - s.pad_left;
        if (h < 0 || h >= s.H || w < 0 || w >= s.W) continue;
        sum += at(input, 0, m / s.filters_per_group() * s.channels_per_group() + c, h, w) * at(weights, m, c, r, t);
      }
    }
  }
  return sum;
}

WeightLayer random_layer() {
  WeightLayer layer;
  layer.name = "up";
  layer.op = "convtranspose";
  LayerShape& s = layer.shape;
  s.groups = *rc::gen::inRange(1, 3);
  s.C = s.groups * *rc::gen::inRange(1, 3);
  s.M = s.groups * *rc::gen::inRange(1, 3);
  s.H = *rc::gen::inRange(1, 6), s.W = *rc::gen::inRange(1, 6);
  s.R = *rc::gen::inRange(1, 6), s.S = *rc::gen::inRange(1, 6);
  s.stride_h = *rc::gen::inRange(1, 5), s.stride_w = *rc::gen::inRange(1, 5);
  s.dilation_h = *rc::gen::inRange(1, 4), s.dilation_w = *rc::gen::inRange(1, 4);
  s.pad_top = *rc::gen::inRange(0, 4), s.pad_left = *rc::gen::inRange(0, 4);
  // Any output size: smaller ones cut the end off, larger ones append what no tap reaches.
  layer.output_rows = *rc::gen::inRange(1, 20), layer.output_columns = *rc::gen::inRange(1, 20);
  return layer;
}

}  // namespace

TEST_CASE("phases of a transposed convolution interleave to its output") {
  CHECK(rc::check([] {
    const WeightLayer layer = random_layer();
    const LayerShape& s = layer.shape;
    const Tensor<float> input = integers({1, s.C, s.H, s.W});
    const Tensor<float> weights = integers({s.M, s.channels_per_group(), s.R, s.S});
    const Tensor<float> expected = by_definition(layer, input, weights);
    std::int64_t written = 0;
    for (const SubPixelPhase& phase : graph::sub_pixel_phases(layer)) {
      const LayerShape& p = phase.shape;
      RC_ASSERT(p.pad_top >= 0 && p.pad_left >= 0 && p.pad_bottom >= 0 && p.pad_right >= 0);
      RC_ASSERT(p.stride_h == 1 && p.stride_w == 1);
      const Tensor<float> kernel = graph::phase_weights(layer, phase, weights);
      for (std::int64_t m = 0; m < s.M; ++m) {
        for (std::int64_t e = 0; e < p.E(); ++e) {
          for (std::int64_t f = 0; f < p.F(); ++f, ++written) {
            const std::int64_t row = phase.phase_h + s.stride_h * e, column = phase.phase_w + s.stride_w * f;
            RC_ASSERT(row < layer.output_rows && column < layer.output_columns);
            RC_ASSERT(convolution_at(p, input, kernel, m, e, f) == at(expected, 0, m, row, column));
          }
        }
      }
    }
    RC_ASSERT(written == expected.size());  // every output once
  }));
}

TEST_CASE("doubling with a 2x2 kernel takes four 1x1 convolutions without pads") {
  WeightLayer layer;
  layer.name = "up";
  layer.op = "convtranspose";
  layer.shape.H = layer.shape.W = 5;
  layer.shape.R = layer.shape.S = layer.shape.stride_h = layer.shape.stride_w = 2;
  layer.output_rows = layer.output_columns = 10;
  const auto phases = graph::sub_pixel_phases(layer);
  REQUIRE(phases.size() == 4);
  CHECK(phases[1].name == "up.phase_0_1");
  for (const SubPixelPhase& phase : phases) {
    CHECK(phase.shape.R == 1);
    CHECK(phase.shape.S == 1);
    CHECK(phase.shape.pad_top + phase.shape.pad_left + phase.shape.pad_bottom + phase.shape.pad_right == 0);
    CHECK(phase.taps_h == std::vector<std::int64_t>{phase.phase_h});
  }
}
