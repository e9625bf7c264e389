// SCNN by hand: dense layers in closed form, conflicts, halos, the weight FIFO, fully-connected layers, refusals.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/error.h"
#include "sim/scnn/geometry.h"
#include "tests/support/scnn_case.h"

using namespace rebasis;
using sim::Cause, sim::Range;
using test::ScnnCase, test::plain_scnn_spec;

namespace {

LayerShape conv(std::int64_t M, std::int64_t C, std::int64_t size, std::int64_t kernel, std::int64_t pad) {
  LayerShape shape;
  shape.M = M;
  shape.C = C;
  shape.H = shape.W = size;
  shape.R = shape.S = kernel;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = pad;
  return shape;
}

test::RandomDenseLayer dense(const LayerShape& shape) {
  test::Dice dice(7);
  return test::dense_layer_of(shape, dice, {1, 1});
}

}  // namespace

TEST_CASE(
    "Dense 1x1 layers that divide evenly: a step is two cycles for the first weights and C x A/I x K/F products") {
  for (const std::int64_t channels : {1, 5, 16}) {
    for (const std::int64_t filters : {8, 32}) {
      arch::ScnnSpec spec = plain_scnn_spec(2, 2, 4, 4);
      spec.input_chunks = 1;
      spec.oaram_bytes = 4096;
      const auto layer = dense(conv(filters, channels, 8, 1, 0));  // 4 x 4 outputs a PE
      const sim::LayerRun run = ScnnCase(layer, spec).run();
      REQUIRE(run.steps.size() == 1);
      CHECK(run.steps[0].done - run.steps[0].ready == 2 + channels * (16 / 4) * (filters / 4));
      CHECK(run.steps[0].drained - run.steps[0].done == spec.pe_stages + 16 * filters / spec.ppu_outputs);
      const sim::Account& pes = run.counters.blocks[sim::scnn::pes];
      CHECK(pes[Cause::busy] == 4 * channels * 4 * (filters / 4));
      CHECK(pes[Cause::weights] == 2 * 4);
      CHECK(pes[Cause::imbalance] == 0);
      CHECK(run.counters.effective_macs == static_cast<std::uint64_t>(layer.layer.shape().macs()));
    }
  }
}

TEST_CASE("One bank serves one product a cycle, with or without a queue") {
  for (const std::int64_t queue : {1, 4}) {
    arch::ScnnSpec spec = plain_scnn_spec(1, 1, 4, 4);
    spec.banks = 1;
    spec.bank_entries = 1024;
    spec.bank_queue = queue;
    const auto layer = dense(conv(8, 3, 4, 1, 0));  // outlives the case, which refers to its activations
    const sim::LayerRun run = ScnnCase(layer, spec).run();
    const sim::Account& pes = run.counters.blocks[sim::scnn::pes];
    CHECK(run.counters.blocks[sim::scnn::accumulator_banks][Cause::busy] == 8 * 3 * 16);
    sim::Cycle issue = 0;
    for (const auto& step : run.steps) issue += step.done - step.ready;
    CHECK(issue == 8 * 3 * 16 + pes[Cause::weights]);
  }
}

TEST_CASE("A tile's outputs are spread over the PEs, the inputs centred, the halo on both sides") {
  const sim::scnn::Axis same{8, 8, 3, 1, 1, 1};
  const auto two = sim::scnn::slices(same, {0, 8}, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[0] == sim::scnn::Slice{{0, 4}, {0, 4}, {0, 5}});
  CHECK(two[1] == sim::scnn::Slice{{4, 8}, {4, 8}, {3, 8}});
  CHECK(sim::scnn::slices({7, 7, 3, 1, 1, 1}, {0, 7}, 8).size() == 7);  // a 7x7 map leaves PEs without work
  // Stride 2: outputs follow the even inputs; a PE's last odd input reaches into the next PE's first output.
  const auto strided = sim::scnn::slices({8, 4, 3, 2, 1, 1}, {0, 4}, 2);
  CHECK(strided[0] == sim::scnn::Slice{{0, 4}, {0, 2}, {0, 3}});
  CHECK(strided[1] == sim::scnn::Slice{{4, 8}, {2, 4}, {2, 4}});
  // A halo that is deeper than the neighbour passes through its accumulators.
  const auto deep = sim::scnn::slices({4, 4, 5, 1, 1, 2}, {0, 4}, 4);
  CHECK(deep[0].reach == Range{0, 3});
  CHECK(deep[2].reach == Range{0, 4});
}

TEST_CASE("Halo exchange: rows with their corners, then columns, then the outputs") {
  arch::ScnnSpec spec = plain_scnn_spec(2, 2, 4, 4);
  spec.halo_sums = 1;
  spec.ppu_outputs = 1;
  const auto layer = dense(conv(4, 2, 8, 3, 1));
  ScnnCase runner(layer, spec);
  const sim::LayerRun run = runner.run();
  REQUIRE(!run.steps.empty());
  const auto& last = run.steps.back();
  const sim::Cycle filters = 4;
  CHECK(last.drained - last.done == spec.pe_stages + filters * (1 * 5 + 1 * 4 + 4 * 4));
  // Two PE rows exchange a row of 5 + 5 sums each way, two columns a column of 4 + 4.
  CHECK(runner.action(run, "link.write_byte") == static_cast<std::uint64_t>(filters * (2 * 10 + 2 * 8)) * 3);
  CHECK(runner.action(run, "requantise.op") == 4 * 64);
}

TEST_CASE("Inputs that no tap meets are neither loaded nor multiplied") {
  LayerShape shape = conv(4, 4, 8, 1, 0);
  shape.stride_h = shape.stride_w = 2;
  const auto layer = dense(shape);
  ScnnCase runner(layer, plain_scnn_spec(2, 2, 4, 4));
  const sim::LayerRun run = runner.run();
  CHECK(runner.action(run, "mac.mac") == static_cast<std::uint64_t>(shape.macs()));
  CHECK(run.counters.dram.inputs <= 4 * 16 * 12 / 8 + 4 * 4 * 2);
}

TEST_CASE("Fully-connected layers multiply one activation a step: a quarter of the multipliers") {
  arch::ScnnSpec spec = plain_scnn_spec(2, 2, 4, 4);
  spec.fully_connected = true;
  spec.input_chunks = 1;
  const auto layer = dense(conv(4 * 32, 24, 1, 1, 0));
  ScnnCase runner(layer, spec);
  const sim::LayerRun run = runner.run();
  REQUIRE(run.steps.size() == 1);
  CHECK(run.steps[0].done - run.steps[0].ready == 2 + 24 * 32 / 4);
  CHECK(runner.plan().mac_utilisation(run.counters) <= 0.25);
}

TEST_CASE("A layer without a plane is not supported, with the reason") {
  trace::LayerInfo info = dense(conv(10, 64, 1, 1, 0)).layer.info;  // op "fc"
  arch::ScnnSpec spec = plain_scnn_spec(8, 8, 4, 4);
  CHECK(sim::scnn::unsupported_layer(info, spec)->find("fully-connected") != std::string::npos);
  info.op = "conv";
  CHECK(sim::scnn::unsupported_layer(info, spec)->find("squeeze-and-excite") != std::string::npos);
  spec.fully_connected = true;
  CHECK(!sim::scnn::unsupported_layer(info, spec));
  info.shape = conv(10, 64, 2, 1, 0);
  spec.fully_connected = false;
  CHECK(!sim::scnn::unsupported_layer(info, spec));
  info.activations.bits = 12;
  CHECK(sim::scnn::unsupported_layer(info, spec)->find("12 bits; array.precision is 8") != std::string::npos);
  info.encoding = "smartdeal";
  CHECK(sim::scnn::unsupported_layer(info, spec)->find("smartdeal") != std::string::npos);
}

TEST_CASE("What does not fit is infeasible, with the buffer that ran out") {
  const auto reason = [](const LayerShape& shape, void (*shrink)(arch::ScnnSpec&)) -> std::string {
    arch::ScnnSpec spec = plain_scnn_spec(1, 1, 4, 4);
    shrink(spec);
    try {
      ScnnCase(dense(shape), spec);
    } catch (const Error& error) {
      return error.status() == Status::infeasible ? error.what() : "other status";
    }
    return "none";
  };
  CHECK(reason(conv(4, 64, 4, 1, 0), [](arch::ScnnSpec& s) {
          s.iaram_bytes = 64;
        }).find("the IARAM of a PE would need 104 bytes of 64") != std::string::npos);
  CHECK(reason(conv(4, 2, 4, 1, 0), [](arch::ScnnSpec& s) { s.oaram_bytes = 2; }).find("OARAM") != std::string::npos);
  CHECK(reason(conv(300, 1, 4, 5, 2), [](arch::ScnnSpec& s) {
          s.weight_buffer_bytes = 64;
        }).find("the weight buffer would need") != std::string::npos);
}
