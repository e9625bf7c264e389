// Laws of the SCNN model on random layers: products are conserved, and what theory promises to be monotone is.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/error.h"
#include "tests/support/scnn_case.h"

using namespace rebasis;
using sim::Cause;
using test::ScnnCase;

namespace {

struct Pairs {
  std::uint64_t multiplied = 0, landed = 0;
};

/// Pairs of non-zero operands that leave the same residue, straight from the definition of the convolution; those whose
/// output exists have landed. Inputs beyond the last that any output needs are not there.
Pairs count_pairs(const test::RandomDenseLayer& random) {
  const LayerShape& shape = random.layer.shape();
  const sim::Activations image = random.image();
  const auto needed = [](std::int64_t i, std::int64_t pad, std::int64_t outputs, std::int64_t stride,
                         std::int64_t kernel, std::int64_t dilation) {
    return i + pad >= 0 && i + pad <= (outputs - 1) * stride + (kernel - 1) * dilation;
  };
  Pairs pairs;
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t c = 0; c < shape.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < shape.R; ++r) {
        for (std::int64_t s = 0; s < shape.S; ++s) {
          if (random.layer.weight(m, c, r, s) == 0) continue;
          for (std::int64_t h = 0; h < shape.H; ++h) {
            for (std::int64_t w = 0; w < shape.W; ++w) {
              if (image.at(m / shape.filters_per_group() * shape.channels_per_group() + c, h, w) == 0) continue;
              if (!needed(h, shape.pad_top, shape.E(), shape.stride_h, shape.R, shape.dilation_h)) continue;
              if (!needed(w, shape.pad_left, shape.F(), shape.stride_w, shape.S, shape.dilation_w)) continue;
              const std::int64_t down = h + shape.pad_top - r * shape.dilation_h,
                                 across = w + shape.pad_left - s * shape.dilation_w;
              if (down % shape.stride_h != 0 || across % shape.stride_w != 0) continue;
              ++pairs.multiplied;
              if (down >= 0 && across >= 0 && down / shape.stride_h < shape.E() && across / shape.stride_w < shape.F())
                ++pairs.landed;
            }
          }
        }
      }
    }
  }
  return pairs;
}

/// Roomy: one planar tile, whatever the layer.
arch::ScnnSpec roomy(std::int64_t rows, std::int64_t columns) {
  arch::ScnnSpec spec = test::plain_scnn_spec(rows, columns, 4, 4);
  spec.bank_entries = 4096;
  spec.iaram_bytes = spec.oaram_bytes = spec.weight_buffer_bytes = 1 << 20;
  return spec;
}

std::int64_t steps_of(const sim::LayerRun& run) { return run.counters.blocks[sim::scnn::pes][Cause::busy]; }

sim::Cycle issue_cycles(const sim::LayerRun& run) {
  sim::Cycle sum = 0;
  for (const auto& step : run.steps) sum += step.done - step.ready;
  return sum;
}

}  // namespace

TEST_CASE("Products are conserved: non-zero x non-zero pairs are multiplied, those with an output accumulated") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    test::Dice dice(seed);
    const auto layer = test::random_dense_layer(dice);
    const Pairs pairs = count_pairs(layer);
    ScnnCase whole(layer, roomy(dice.between(1, 3), dice.between(1, 3)));
    const sim::LayerRun run = whole.run();
    CHECK(whole.action(run, "mac.mac") == pairs.multiplied);
    CHECK(whole.action(run, "crossbar.product") == pairs.landed);
    arch::ScnnSpec any = test::random_scnn_spec(dice);
    any.precision_bits = 8;
    try {
      ScnnCase cut(layer, any);  // planar tiles repeat inputs, never outputs
      const sim::LayerRun cut_run = cut.run();
      CHECK(cut.action(cut_run, "mac.mac") >= pairs.landed);
      CHECK(cut.action(cut_run, "crossbar.product") == pairs.landed);
    } catch (const Error& error) {
      REQUIRE(error.status() == Status::infeasible);
    }
  }
}

TEST_CASE("More zeros never take more steps; deeper queues and a wider broadcast never more cycles") {
  std::int64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    test::Dice dice(seed);
    auto layer = test::random_dense_layer(dice, {0.5, 0.5});
    const arch::ScnnSpec spec = roomy(2, 2);
    ScnnCase first(layer, spec);
    const sim::LayerRun before = first.run();
    arch::ScnnSpec queued = spec;
    queued.bank_queue = 4;
    CHECK(issue_cycles(ScnnCase(layer, queued).run()) <= issue_cycles(before));
    arch::ScnnSpec wide = spec;
    wide.broadcast_vectors = 2;
    CHECK(issue_cycles(ScnnCase(layer, wide).run()) <= issue_cycles(before));
    for (auto& weight : layer.layer.weights) weight = dice.chance(0.3) ? std::int8_t{0} : weight;
    for (auto& activation : layer.activations) activation = dice.chance(0.3) ? std::uint8_t{0} : activation;
    ScnnCase second(layer, spec);
    const sim::LayerRun after = second.run();
    if (first.plan().describe() != second.plan().describe()) continue;  // other values, another mapping
    ++compared;
    CHECK(steps_of(after) <= steps_of(before));
  }
  CHECK(compared > 20);
}

TEST_CASE("More zeros can take more cycles: they put other operands into a vector, which then meet in a bank") {
  std::int64_t slower = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    test::Dice dice(seed);
    LayerShape shape;
    shape.M = 32;
    shape.C = 1;
    shape.H = shape.W = 4;
    auto layer = test::dense_layer_of(shape, dice, {0.5, 1});
    arch::ScnnSpec spec = roomy(1, 1);
    spec.input_chunks = 1;
    ScnnCase first(layer, spec);
    const sim::LayerRun before = first.run();
    *std::find_if(layer.layer.weights.begin(), layer.layer.weights.end(),
                  [](std::int8_t weight) { return weight != 0; }) = 0;
    ScnnCase second(layer, spec);
    const sim::LayerRun after = second.run();
    if (first.plan().describe() != second.plan().describe()) continue;
    CHECK(steps_of(after) <= steps_of(before));
    slower += issue_cycles(after) > issue_cycles(before) ? 1 : 0;
  }
  CHECK(slower > 0);
}
