#include "tests/support/random_layer.h"

#include <bit>

#include "common/units.h"
#include "tests/support/random_shape.h"
#include "workloads/encode/smartdeal_form.h"

namespace rebasis::test {

namespace {

using sim::smartdeal::LayerData;

void make_smartdeal(LayerData& data, Dice& dice) {
  const LayerShape& shape = data.info.shape;
  auto& form = data.form;
  auto& info = data.info.smartdeal;
  info.rows_are_kernel_rows = shape.R > 1 || shape.S > 1;
  info.n = info.rows_are_kernel_rows ? shape.S : dice.pick<std::int64_t>({2, 3, 3, 4});
  info.rows =
      info.rows_are_kernel_rows ? shape.channels_per_group() * shape.R : ceil_div(shape.channels_per_group(), info.n);
  const std::int64_t slice = dice.pick<std::int64_t>({3, 7, 12, 192});
  for (std::int64_t row = 0; row < info.rows; row += slice) info.slice_rows.push_back(std::min(slice, info.rows - row));
  const std::int64_t exponents = dice.between(1, 8);
  for (std::int64_t e = 0; e < exponents; ++e) info.exponents.push_back(static_cast<int>(e - 4));
  form.info = info;
  form.filters = shape.M;
  form.coefficients.resize(static_cast<std::size_t>(shape.M * info.rows * info.n));
  const double row_density = dice.pick<double>({0.0, 0.1, 0.5, 0.9, 1.0}), density = dice.pick<double>({0.2, 0.6, 1.0});
  for (std::int64_t row = 0; row < shape.M * info.rows; ++row) {
    if (!dice.chance(row_density)) continue;
    for (std::int64_t k = 0; k < info.n; ++k) {
      if (!dice.chance(density)) continue;
      const auto value = static_cast<encode::Coefficient>(dice.between(1, exponents));
      form.coefficients[static_cast<std::size_t>(row * info.n + k)] =
          dice.chance(0.5) ? value : static_cast<encode::Coefficient>(-value);
    }
  }
  form.basis.resize(static_cast<std::size_t>(shape.M) * info.slice_rows.size() *
                    static_cast<std::size_t>(info.n * info.n));
  for (auto& element : form.basis) element = static_cast<std::int8_t>(dice.between(-128, 127));
  form.basis_shift.assign(static_cast<std::size_t>(shape.M), 6);
  const auto encoded = encode::encode(form);
  data.filter_coefficient_bits.assign(encoded.filter_bits.begin(), encoded.filter_bits.end());
  data.code_lengths = encoded.code_lengths;
}

}  // namespace

sim::Activations RandomLayer::image() const {
  trace::TensorView view;
  view.dtype = is_signed ? trace::DType::i8 : trace::DType::u8;
  view.bytes = std::as_bytes(std::span(activations));
  return {view, data.info.shape, 0};
}

RandomLayer random_layer(Dice& dice) {
  RandomLayer layer;
  LayerData& data = layer.data;
  data.info.shape = random_shape(dice);
  const LayerShape& shape = data.info.shape;
  data.info.name = "random";
  data.info.op = "conv";
  data.has_bias = dice.chance(0.5);
  data.info.encoding = dice.chance(0.65) ? "smartdeal" : "dense-int8";
  if (data.info.encoding == "smartdeal") {
    make_smartdeal(data, dice);
  } else {
    data.original.resize(static_cast<std::size_t>(shape.weights()));
    for (auto& weight : data.original) weight = static_cast<std::int8_t>(dice.between(-128, 127));
  }
  data.layout = sim::smartdeal::layout_of(data.info);
  data.nonzeros = sim::smartdeal::count_nonzeros(data);
  layer.is_signed = dice.chance(0.5);
  layer.activations.resize(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  const double density = dice.pick<double>({0.0, 0.2, 0.6, 1.0}), row_density = dice.pick<double>({0.5, 1.0});
  for (std::int64_t row = 0; row < shape.C * shape.H; ++row) {
    if (!dice.chance(row_density)) continue;
    for (std::int64_t w = 0; w < shape.W; ++w) {
      if (dice.chance(density))
        layer.activations[static_cast<std::size_t>(row * shape.W + w)] =
            static_cast<std::uint8_t>(dice.between(0, 255));
    }
  }
  return layer;
}

arch::SmartDealSpec random_spec(Dice& dice) {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.precision_bits = dice.pick<std::int64_t>({8, 8, 16});
  spec.frequency_hz = dice.pick<double>({0.2e9, 1e9, 2e9});
  spec.dim_M = dice.between(1, 9);
  spec.dim_C = dice.between(1, 6);
  spec.dim_F = dice.between(1, 9);
  spec.slice_sync = dice.pick<std::string>({"slice", "slice", "array"});
  spec.max_kernel = dice.between(1, 6);
  spec.fifo_rows = dice.between(1, 4);
  spec.mac_sync = dice.pick<std::string>({"weight", "row", "lead"});
  spec.mac_lead = dice.between(1, 3);
  spec.bit_serial = dice.chance(0.85);
  spec.shift_places = dice.pick<std::int64_t>({1, 1, 2, 64});
  spec.accumulator_bits = dice.pick<std::int64_t>({24, 32, 48});
  spec.rebuild_engines = dice.between(1, 4);
  spec.clusters = dice.between(1, std::min<std::int64_t>({spec.rebuild_engines, spec.dim_F, 3}));
  spec.rebuild_terms = dice.between(1, 3);
  spec.row_latches = dice.between(1, 4);
  spec.release_latency = dice.between(0, 1);
  spec.input_gb_bytes = dice.pick<std::int64_t>({1024, 4096, 32768});
  spec.input_gb_banks = dice.pick<std::int64_t>({1, 4, 8, 32});
  spec.input_gb_word = dice.pick<std::int64_t>({0, 0, 1, 3, 4, 16});
  spec.input_gb_row_start = dice.pick<std::string>({"padding", "word"});
  spec.input_gb_columns = dice.pick<std::string>({"in_order", "by_phase"});
  spec.input_gb_latency = dice.pick<std::int64_t>({0, 1, 2, 2, 5});
  spec.input_gb_factor = dice.pick<double>({0.5, 1, 4, 16});
  spec.weight_buffer_bytes = dice.pick<std::int64_t>({192, 512, 4096});
  spec.weight_buffer_factor = dice.pick<double>({0.5, 1, 2, 4});
  spec.weight_buffer_latency = dice.pick<std::int64_t>({0, 1, 1, 3});
  spec.index_gb_bytes = dice.pick<std::int64_t>({64, 1024, 32768});
  spec.output_gb_bytes = dice.pick<std::int64_t>({1024, 2048, 8192});
  spec.output_gb_banks = dice.pick<std::int64_t>({1, 2});
  spec.output_gb_port_bits = dice.pick<std::int64_t>({8, 64, 256});
  spec.output_fifo_tiles = dice.between(1, 3);
  spec.requantise_stages = dice.between(1, 4);
  spec.pairs_per_cycle = dice.pick<std::int64_t>({1, 2, 4, 64});
  spec.index_window = dice.pick<std::string>({"word", "any"});
  spec.index_latency = dice.between(0, 2);
  spec.tile_bits = dice.pick<std::int64_t>({1, 2, 4});
  spec.huffman_start = dice.between(0, 3);
  spec.huffman_table_load = dice.pick<std::int64_t>({0, 1, 16, 100});
  spec.huffman_decoders = dice.between(1, 9);
  spec.huffman_symbols_per_cycle = dice.pick<std::int64_t>({1, 1, 2, 16});
  spec.skip_activations = dice.pick<std::string>({"row", "segment", "off"});
  spec.dma_request_bytes = dice.pick<std::int64_t>({8, 64, 512});
  spec.dma_outstanding = dice.between(1, 8);
  spec.dram_model =
      dice.pick<std::string>({"unlimited", "bandwidth", "lpddr4-3200-x32", "ddr4-2400-x64", "ddr3-1066-x16"});
  spec.dram_bandwidth_gb_s = dice.pick<double>({0.5, 3, 25});
  spec.objective = dice.pick<std::string>({"dram", "latency"});
  return spec;
}

std::string describe(const RandomLayer& layer, const arch::SmartDealSpec& spec) {
  const LayerShape& s = layer.data.info.shape;
  const auto text = [](std::int64_t value) { return std::to_string(value) + " "; };
  std::string line = layer.data.info.encoding + " M,C,H,W,R,S " + text(s.M) + text(s.C) + text(s.H) + text(s.W) +
                     text(s.R) + text(s.S) + "stride " + text(s.stride_h) + text(s.stride_w) + "dilation " +
                     text(s.dilation_h) + text(s.dilation_w) + "groups " + text(s.groups);
  for (const auto& [key, value] : arch::smartdeal_parameters().print(spec)) line += key + "=" + value + " ";
  return line;
}

}  // namespace rebasis::test
