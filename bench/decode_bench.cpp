// Encoding, decoding and rebuilding of a SmartDeal layer: every simulation decodes each layer once.
#include <benchmark/benchmark.h>

#include <random>

#include "workloads/encode/smartdeal_form.h"

namespace {

using rebasis::LayerShape;
using rebasis::encode::Coefficient;
using rebasis::encode::EncodedCoefficients;
using rebasis::encode::EncodedView;
using rebasis::encode::SmartDealForm;

constexpr LayerShape kShape{
    .M = 256, .C = 256, .H = 14, .W = 14, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};

/// 256 3x3 filters over 256 channels in four slices; half of the coefficient rows and a third of the rest are zero.
SmartDealForm layer() {
  SmartDealForm form;
  form.info.n = 3;
  form.info.rows = kShape.C * kShape.R;
  form.info.slice_rows = {192, 192, 192, 192};
  form.info.exponents = {-4, -3, -2, -1, 0, 1, 2};
  form.filters = kShape.M;
  std::mt19937 random(1);
  const auto rows = static_cast<std::size_t>(form.filters * form.info.rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool zero_row = random() % 2 == 0;
    for (int column = 0; column < 3; ++column) {
      const int magnitude = zero_row || random() % 3 == 0 ? 0 : 1 + static_cast<int>(random() % 7);
      form.coefficients.push_back(static_cast<Coefficient>(random() % 2 == 0 ? magnitude : -magnitude));
    }
  }
  for (std::int64_t i = 0; i < form.filters * 4 * 9; ++i) {
    form.basis.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127));
  }
  form.basis_shift.assign(static_cast<std::size_t>(form.filters), 6);
  return form;
}

EncodedView view_of(const EncodedCoefficients& encoded, const SmartDealForm& form) {
  return {encoded.row_index, encoded.element_index, encoded.coefficients, encoded.code_lengths, encoded.filter_bits,
          form.basis,        form.basis_shift};
}

void encode(benchmark::State& state) {
  const SmartDealForm form = layer();
  for (auto _ : state) benchmark::DoNotOptimize(rebasis::encode::encode(form));
  state.SetItemsProcessed(state.iterations() * kShape.weights());
}
BENCHMARK(encode)->Unit(benchmark::kMillisecond);

void decode(benchmark::State& state) {
  const SmartDealForm form = layer();
  const EncodedCoefficients encoded = rebasis::encode::encode(form);
  for (auto _ : state) {
    benchmark::DoNotOptimize(rebasis::encode::decode(view_of(encoded, form), form.info, kShape, "bench"));
  }
  state.SetItemsProcessed(state.iterations() * kShape.weights());
}
BENCHMARK(decode)->Unit(benchmark::kMillisecond);

void rebuild(benchmark::State& state) {
  const SmartDealForm form = layer();
  for (auto _ : state) benchmark::DoNotOptimize(rebasis::encode::rebuild(form, kShape));
  state.SetItemsProcessed(state.iterations() * kShape.weights());
}
BENCHMARK(rebuild)->Unit(benchmark::kMillisecond);

}  // namespace
