#include "tests/unit/sim/smartdeal_case.h"

#include <span>

#include "workloads/encode/smartdeal_form.h"

namespace rebasis::test {

using namespace sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;

namespace {

SmartDealCase empty_case(const LayerShape& shape, std::uint8_t activation) {
  SmartDealCase layer;
  layer.data.info.name = "hand";
  layer.data.info.op = "conv";
  layer.data.info.shape = shape;
  layer.activations.assign(static_cast<std::size_t>(shape.C * shape.H * shape.W), activation);
  return layer;
}

void finish(LayerData& data) {
  data.layout = layout_of(data.info);
  data.nonzeros = count_nonzeros(data);
}

}  // namespace

Activations SmartDealCase::image() const {
  trace::TensorView view;
  view.dtype = is_signed ? trace::DType::i8 : trace::DType::u8;
  view.bytes = std::as_bytes(std::span(activations));
  return {view, data.info.shape, 0};
}

SmartDealCase dense_case(const LayerShape& shape, std::int8_t weight, std::uint8_t activation) {
  SmartDealCase layer = empty_case(shape, activation);
  layer.data.info.encoding = "dense-int8";
  layer.data.original.assign(static_cast<std::size_t>(shape.weights()), weight);
  finish(layer.data);
  return layer;
}

SmartDealCase smartdeal_case(const LayerShape& shape, const std::vector<std::uint8_t>& nonzeros,
                             const std::vector<std::int64_t>& slice_rows, std::uint8_t activation,
                             std::int64_t vector) {
  SmartDealCase layer = empty_case(shape, activation);
  LayerData& data = layer.data;
  data.info.encoding = "smartdeal";
  trace::SmartDealInfo& info = data.info.smartdeal;
  info.rows_are_kernel_rows = shape.R > 1 || shape.S > 1;
  info.n = info.rows_are_kernel_rows ? shape.S : vector;
  info.rows = static_cast<std::int64_t>(nonzeros.size()) / shape.M;
  info.slice_rows = slice_rows;
  info.exponents = {-3, -2, -1, 0};
  data.form.info = info;
  data.form.filters = shape.M;
  data.form.coefficients.assign(nonzeros.size() * static_cast<std::size_t>(info.n), 0);
  for (std::size_t row = 0; row < nonzeros.size(); ++row) {
    for (std::size_t k = 0; k < nonzeros[row]; ++k) {
      data.form.coefficients[row * static_cast<std::size_t>(info.n) + k] =
          static_cast<encode::Coefficient>(1 + (row + k) % 4);
    }
  }
  data.form.basis.assign(static_cast<std::size_t>(shape.M * info.n * info.n) * slice_rows.size(), 3);
  data.form.basis_shift.assign(static_cast<std::size_t>(shape.M), 6);
  const encode::EncodedCoefficients encoded = encode::encode(data.form);
  data.filter_coefficient_bits.assign(encoded.filter_bits.begin(), encoded.filter_bits.end());
  data.code_lengths = encoded.code_lengths;
  finish(data);
  return layer;
}

arch::SmartDealSpec small_spec(std::int64_t dim_M, std::int64_t dim_C, std::int64_t dim_F) {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.dim_M = dim_M;
  spec.dim_C = dim_C;
  spec.dim_F = dim_F;
  spec.clusters = 1;
  spec.weight_buffer_latency = spec.release_latency = 0;  // tests of their own
  spec.requantise_stages = 1;
  spec.dram_model = "unlimited";
  spec.huffman_symbols_per_cycle = 64;  // out of the way of what a test is about
  spec.huffman_start = spec.huffman_table_load = 0;
  spec.input_gb_latency = spec.index_latency = 0;
  spec.huffman_decoders = dim_M;
  return spec;
}

std::unique_ptr<sim::DramModel> memory_of(const arch::SmartDealSpec& spec) {
  return sim::make_dram(
      {spec.dram_model, spec.dram_bandwidth_gb_s, spec.dram_latency_ns, spec.frequency_hz, spec.dram_mapping});
}

BothRuns run_both(SmartDealCase& layer, const arch::SmartDealSpec& spec) {
  const auto memory = memory_of(spec), again = memory_of(spec);
  BothRuns runs;
  runs.mapping = map_layer(layer.data, spec, speed_of(*memory));
  const Activations image = layer.image();
  const CostTable costs(layer.data, image, spec);
  const LayerJob job{layer.data, image, runs.mapping, costs, spec, true};
  runs.fast = run_fast(job, port_to(*memory));
  runs.clocked = run_machine(job, port_to(*again));
  return runs;
}

std::string text_of(const Account& account) {
  std::string text;
  for (std::size_t i = 0; i < account.cycles.size(); ++i) {
    if (account.cycles[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(name(Cause{i})) + " " + std::to_string(account.cycles[i]);
  }
  return text;
}

}  // namespace rebasis::test
