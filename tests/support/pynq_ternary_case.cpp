#include "tests/support/pynq_ternary_case.h"

#include <algorithm>
#include <numeric>

#include "sim/core/system.h"
#include "tests/support/random_shape.h"

namespace rebasis::test {

namespace {

void fill_activations(TernaryCase& random, Dice& dice) {
  const LayerShape& shape = random.layer.shape();
  trace::ActivationInfo& info = random.layer.info.activations;
  info.is_signed = dice.chance(0.4);
  info.bits = random.wide ? 16 : 8;
  const double density = dice.pick<double>({0.2, 0.7, 1.0});
  random.activations.resize(static_cast<std::size_t>(shape.C * shape.H * shape.W * (random.wide ? 2 : 1)));
  for (auto& byte : random.activations) {
    if (dice.chance(density)) byte = static_cast<std::uint8_t>(dice.between(0, 255));
  }
}

TernaryCase layer_of(const LayerShape& shape, const char* encoding) {
  TernaryCase random;
  trace::LayerInfo& info = random.layer.info;
  info.name = "random";
  info.op = shape.H * shape.W * shape.R * shape.S == 1 ? "fc" : "conv";
  info.encoding = encoding;
  info.shape = shape;
  random.layer.codes.resize(static_cast<std::size_t>(shape.weights()));
  return random;
}

}  // namespace

sim::Activations TernaryCase::image() const {
  trace::TensorView view;
  const bool is_signed = layer.info.activations.is_signed;
  view.dtype =
      wide ? (is_signed ? trace::DType::i16 : trace::DType::u16) : (is_signed ? trace::DType::i8 : trace::DType::u8);
  view.bytes = std::as_bytes(std::span(activations));
  return {view, layer.shape(), 0};
}

std::string TernaryCase::describe() const {
  const LayerShape& s = layer.shape();
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  return layer.info.encoding + " M " + text(s.M) + " C " + text(s.C) + " H " + text(s.H) + " W " + text(s.W) + " R " +
         text(s.R) + " S " + text(s.S) + " stride " + text(s.stride_h) + "x" + text(s.stride_w) + " dilation " +
         text(s.dilation_h) + "x" + text(s.dilation_w) + " pads " + text(s.pad_top) + "," + text(s.pad_left) + "," +
         text(s.pad_bottom) + "," + text(s.pad_right) + " groups " + text(s.groups);
}

TernaryCase random_ternary_layer(Dice& dice) {
  TernaryCase random = layer_of(random_shape(dice), "ternary");
  trace::LayerInfo& info = random.layer.info;
  const LayerShape& shape = info.shape;
  info.ternary.group_channels = dice.pick<std::int64_t>({1, 2, 4, 16});
  random.layer.bytes_per_filter = dice.pick<std::int64_t>({0, 4, 8});
  const double groups = dice.pick<double>({0, 0.1, 0.5, 0.9, 1}), weights = dice.pick<double>({0.2, 0.7, 1});
  std::size_t at = 0;
  bool kept = false;
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t c = 0; c < shape.channels_per_group(); ++c) {
      if (c % info.ternary.group_channels == 0) kept = dice.chance(groups);
      for (std::int64_t tap = 0; tap < shape.R * shape.S; ++tap, ++at) {
        if (kept && dice.chance(weights)) random.layer.codes[at] = dice.chance(0.5) ? 1 : -1;
      }
    }
  }
  random.wide = dice.chance(0.5);
  fill_activations(random, dice);
  return random;
}

TernaryCase random_full_precision_layer(Dice& dice) {
  TernaryCase random = layer_of(random_shape(dice), "dense-int8");
  random.layer.bytes_per_filter = dice.pick<std::int64_t>({0, 4});
  for (auto& weight : random.layer.codes) weight = static_cast<std::int8_t>(dice.between(-128, 127));
  random.wide = dice.chance(0.5);
  fill_activations(random, dice);
  return random;
}

TernaryCase layer_with_groups(std::int64_t channels, std::int64_t map, std::int64_t nonzero, Dice& dice) {
  constexpr std::int64_t group_channels = 16, taps = 9;
  LayerShape shape;
  shape.M = shape.C = channels;
  shape.H = shape.W = map;
  shape.R = shape.S = 3;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = 1;
  TernaryCase made = layer_of(shape, "ternary");
  made.layer.info.ternary.group_channels = group_channels;
  made.layer.bytes_per_filter = 4;
  std::vector<std::int64_t> groups(static_cast<std::size_t>(channels * channels / group_channels));
  std::iota(groups.begin(), groups.end(), std::int64_t{0});
  for (std::size_t i = 0; i < static_cast<std::size_t>(nonzero); ++i) {
    std::swap(groups[i], groups[static_cast<std::size_t>(dice.between(static_cast<std::int64_t>(i),
                                                                      static_cast<std::int64_t>(groups.size()) - 1))]);
    const std::int64_t first = groups[i] * group_channels * taps;
    for (std::int64_t w = 0; w < group_channels * taps; ++w) {
      made.layer.codes[static_cast<std::size_t>(first + w)] =
          static_cast<std::int8_t>(w == 0 ? 1 : dice.between(-1, 1));
    }
  }
  made.wide = true;
  fill_activations(made, dice);
  return made;
}

arch::PynqTernarySpec board_spec() {
  auto spec = arch::pynq_ternary_parameters().resolve({});
  spec.frequency_hz = 100e6;
  spec.dram_model = "ddr3-1066-x16";
  spec.dma_request_bytes = 128;
  spec.dma_outstanding = 16;
  return spec;
}

arch::PynqTernarySpec random_board_spec(Dice& dice) {
  using I = std::int64_t;
  auto spec = board_spec();
  spec.frequency_hz = dice.pick<double>({50e6, 100e6, 200e6});
  spec.dma_request_bytes = dice.pick<I>({8, 64, 128, 512});
  spec.dma_outstanding = dice.pick<I>({1, 4, 16});
  spec.dram_model = dice.pick<std::string>({"unlimited", "bandwidth", "ddr3-1066-x16", "lpddr4-3200-x32"});
  spec.dram_bandwidth_gb_s = dice.pick<double>({0.1, 2});
  spec.dram_latency_ns = dice.pick<double>({0, 100});
  spec.objective = dice.pick<std::string>({"dram", "latency"});
  spec.pes = dice.pick<I>({1, 1, 2, 3, 5});
  spec.pe_channels = dice.pick<I>({1, 2, 3, 4, 16});
  spec.pe_rows = dice.pick<I>({1, 2, 3, 5});
  spec.pe_columns = dice.pick<I>({1, 2, 3, 5});
  spec.pe_kind = dice.pick<std::string>({"ternary", "ternary", "mac"});
  spec.pe_depth = dice.pick<I>({7, 8, 9, 14});
  spec.weight_prefetch = dice.chance(0.6);
  spec.skip_groups = dice.chance(0.7);
  spec.groups_per_cycle = dice.pick<I>({1, 2, 8});
  spec.ternary_bits = dice.pick<I>({2, 8, 16});
  spec.stored_groups = dice.pick<std::string>({"nonzero", "all"});
  spec.input_buffer_bytes = dice.pick<I>({8, 32, 128}) * 1024;
  spec.weight_buffer_bytes = dice.pick<I>({8, 32, 128}) * 1024;
  spec.output_buffer_bytes = dice.pick<I>({1, 4, 64}) * 1024;
  spec.weight_port_bits = dice.pick<I>({8, 64, 256});
  spec.weight_read_latency = dice.pick<I>({0, 1, 2, 5});
  spec.overlap = dice.chance(0.6);
  spec.output_lanes = dice.pick<I>({1, 2, 4, 7});
  spec.output_depth = dice.pick<I>({1, 2, 6});
  spec.engine_dsps = dice.pick<I>({1, 3, 8, 32});
  spec.engine_depth = dice.pick<I>({2, 8});
  spec.axi_ports = dice.pick<I>({1, 2, 3, 4});
  spec.axi_latency = dice.pick<I>({0, 5, 30});
  spec.host_start = dice.pick<I>({0, 1, 40});
  return spec;
}

MappedCase::MappedCase(TernaryCase layer, const arch::PynqTernarySpec& spec)
    : layer_(std::move(layer)), spec_(spec), names_(sim::pynq_ternary::counter_names(spec_)), image_(layer_.image()) {
  plan_ =
      sim::pynq_ternary::make_plan(layer_.layer, spec_, names_, sim::speed_of(*sim::make_dram(sim::dram_spec(spec_))));
}

std::size_t MappedCase::shells() const { return sim::pynq_ternary::shell_names(spec_).size(); }

sim::LayerRun MappedCase::run_fast() {
  const auto memory = sim::make_dram(sim::dram_spec(spec_));
  return plan_->run_fast(image_, sim::port_to(*memory), true);
}

}  // namespace rebasis::test
