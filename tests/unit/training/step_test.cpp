// A training step as work: which passes run, and what memory holds; closed forms by hand.
#include <doctest/doctest.h>

#include <string>

#include "common/error.h"
#include "workloads/training_step/memory.h"

using namespace rebasis::training;
using rebasis::trace::LayerInfo;

namespace {

/// conv1 .. convN of 2 channels on a 4x4 map with 3x3 kernels, then fc of 3 outputs.
std::vector<LayerInfo> network(std::size_t convolutions) {
  std::vector<LayerInfo> layers(convolutions + 1);
  for (std::size_t i = 0; i < convolutions; ++i) {
    layers[i].name = "conv" + std::to_string(i + 1);
    layers[i].op = "conv";
    layers[i].shape.M = layers[i].shape.C = 2;
    layers[i].shape.H = layers[i].shape.W = 4;
    layers[i].shape.R = layers[i].shape.S = 3;
    layers[i].shape.pad_top = layers[i].shape.pad_left = layers[i].shape.pad_bottom = layers[i].shape.pad_right = 1;
  }
  layers.back().name = "fc";
  layers.back().op = "fc";
  layers.back().shape.C = 2;
  layers.back().shape.M = 3;
  return layers;
}

std::string text_of(const std::vector<LayerInfo>& layers, const StepOptions& options) {
  std::string text;
  for (const PassOfLayer& pass : passes_of(work_of(layers, options))) {
    text += (text.empty() ? "" : " ") + layers[pass.layer].name + ":" + name(pass.pass) + (pass.again ? "+" : "");
  }
  return text;
}

std::vector<MemoryPoint> memory(const std::vector<LayerInfo>& layers, const StepOptions& options, std::int64_t batch,
                                bool norms = false) {
  MemoryOptions sizes;
  sizes.batch = batch;
  return memory_over_time(elements_of(layers, std::vector<bool>(layers.size(), true), norms), work_of(layers, options),
                          sizes);
}

std::int64_t of(const MemoryPoint& point, Held what) { return point.bytes[static_cast<std::size_t>(what)]; }

}  // namespace

TEST_CASE("passes of a step: forward, then back as far as something learns") {
  const auto layers = network(2);
  const std::string forward = "conv1:forward conv2:forward fc:forward";
  CHECK(text_of(layers, {}) == forward +
                                   " fc:backward-weight fc:backward-data fc:update"
                                   " conv2:backward-weight conv2:backward-data conv2:update"
                                   " conv1:backward-weight conv1:update");
  CHECK(text_of(layers, {"forward"}) == forward);
  CHECK(text_of(layers, {"last-layer"}) == forward + " fc:backward-weight fc:update");
  CHECK(text_of(layers, {"dense", "conv1"}) ==
        forward + " fc:backward-weight fc:backward-data fc:update conv2:backward-weight conv2:update");
  // A frozen layer between learning ones hands the gradient on.
  CHECK(text_of(layers, {"dense", "conv2"}) ==
        forward +
            " fc:backward-weight fc:backward-data fc:update conv2:backward-data conv1:backward-weight conv1:update");
  // A detached one does not, but what comes before it may get a gradient on another way.
  CHECK(text_of(layers, {"dense", "", "", "conv2"}) ==
        forward + " fc:backward-weight fc:backward-data fc:update conv1:backward-weight conv1:update");
  CHECK(text_of(layers, {"dense", "", "f*"}) == forward + " fc:backward-weight fc:update");
  CHECK(text_of(layers, {"dense", "conv*, fc"}) == forward);
}

TEST_CASE("biases alone learn without weights, the last layer with them") {
  const auto work = work_of(network(2), {"bias-only"});
  CHECK(work[0].learns_bias);
  CHECK_FALSE(work[0].learns_weights);
  CHECK_FALSE(work[0].keeps_input);
  CHECK(work[1].backward_data);
  CHECK(work[2].learns_weights);
  CHECK(work[2].keeps_input);
}

TEST_CASE("a list that names no layer is refused") {
  CHECK_THROWS_WITH_AS(static_cast<void>(work_of(network(1), {"dense", "conv7"})),
                       "training.frozen: no layer 'conv7'; names of layers are divided by commas, * is any text",
                       rebasis::Error);
  CHECK_THROWS_AS(static_cast<void>(work_of(network(1), {"dense", "", "conv1,,x"})), rebasis::Error);
  CHECK(work_of({}, {}).empty());
}

TEST_CASE("segments: what is not kept is computed again, segment by segment from the last") {
  CHECK(text_of(network(3), {"dense", "", "", "", 2}) ==
        "conv1:forward conv2:forward conv3:forward fc:forward"
        " fc:backward-weight fc:backward-data fc:update conv3:backward-weight conv3:backward-data conv3:update"
        " conv1:forward+"
        " conv2:backward-weight conv2:backward-data conv2:update conv1:backward-weight conv1:update");
  // As many segments as layers: each layer's input begins a segment, so all are kept.
  CHECK(text_of(network(3), {"dense", "", "", "", 9}) == text_of(network(3), {}));
}

TEST_CASE("memory of a step by hand") {
  // 32 elements a map and image, 36 + 2 parameters a convolution, 6 + 3 of fc, whose input has 2 elements; 4 bytes
  // each.
  constexpr std::int64_t map = 5 * 32 * 4, fc_in = 5 * 2 * 4, fc_out = 5 * 3 * 4, parameters = (38 + 38 + 9) * 4;
  const auto points = memory(network(2), {}, 5);
  REQUIRE(points.size() == 11);
  for (const MemoryPoint& point : points) {
    CHECK(of(point, Held::weights) == parameters);
    CHECK(of(point, Held::optimiser) == parameters);
  }
  CHECK(of(points[0], Held::activations) == map);  // the first input; the output is being made
  CHECK(of(points[0], Held::working) == map);
  CHECK(of(points[1], Held::activations) == 2 * map);
  CHECK(of(points[2], Held::activations) == 2 * map + fc_in);
  CHECK(of(points[3], Held::gradients) == 9 * 4);  // fc: backward-weight
  CHECK(of(points[3], Held::working) == fc_out);
  CHECK(of(points[4], Held::activations) == 2 * map);  // fc: backward-data
  CHECK(of(points[4], Held::working) == fc_out + fc_in);
  CHECK(of(points[6], Held::gradients) == 38 * 4);  // fc's are gone
  CHECK(of(points[9], Held::activations) == map);
  CHECK(of(points[10], Held::activations) == 0);  // conv1: update
  CHECK(peak_of(points).total() == 2 * parameters + 2 * map + 38 * 4 + map);
}

TEST_CASE("what is stored at the end of the forward pass is Table 16") {
  for (const bool norms : {false, true}) {
    for (const char* const method : {"dense", "last-layer", "bias-only", "forward"}) {
      const auto layers = network(4);
      const auto work = work_of(layers, {method});
      const auto elements = elements_of(layers, std::vector<bool>(5, true), norms);
      MemoryOptions sizes;
      sizes.batch = 7;
      const Table16 formulas = table16(elements, work, sizes.batch);
      const auto points = memory_over_time(elements, work, sizes);
      CAPTURE(method);
      CAPTURE(norms);
      CHECK(of(points[4], Held::activations) == 4 * formulas.activations);
      CHECK(of(points.back(), Held::optimiser) == 4 * formulas.parameters);
    }
  }
  // Convolution 2 x 2 x 9 and n 2 x 16; norm 4 and n 32; ReLU n 32; FC 6 + 3 and n 2.
  const auto layers = network(1);
  const Table16 one = table16(elements_of(layers, {true, true}, true), work_of(layers, {}), 10);
  CHECK(one.parameters == 36 + 4 + 6 + 3);
  CHECK(one.activations == 10 * (32 + 32 + 32 + 2));
}

TEST_CASE("recomputing never keeps more, ends with nothing and costs one forward pass at most") {
  for (std::int64_t segments = 1; segments <= 13; ++segments) {
    const auto layers = network(12);
    const StepOptions options{"dense", "", "", "", segments};
    const auto points = memory(layers, options, 3), all = memory(layers, {}, 3);
    CAPTURE(segments);
    CHECK(of(peak_of(points), Held::activations) <= of(peak_of(all), Held::activations));
    CHECK(points.size() <= all.size() + layers.size());
    CHECK(of(points.back(), Held::activations) == 0);
    for (const MemoryPoint& point : points) CHECK(of(point, Held::activations) >= 0);
    // A weight gradient has its input.
    const auto work = work_of(layers, options);
    for (const MemoryPoint& point : points)
      if (point.pass == Pass::backward_weight) CHECK(of(point, Held::activations) > 0);
  }
  CHECK(peak_of(memory(network(12), {"dense", "", "", "", 4}, 3)).total() <
        peak_of(memory(network(12), {}, 3)).total());
}

TEST_CASE("the chart names what it shows") {
  const std::string svg = memory_chart("a < b", memory(network(2), {}, 5), {{1000, "Table 16"}});
  for (const char* const text :
       {"a &lt; b", "weights", "optimiser", "gradients", "activations", "working", "Table 16", "</svg>"})
    CHECK(svg.find(text) != std::string::npos);
}
