#include "sim/smartdeal/layer_data.h"

#include <algorithm>
#include <bit>

#include "common/error.h"
#include "common/units.h"

namespace rebasis::sim::smartdeal {

namespace {

bool bit_at(std::span<const std::uint8_t> bits, std::uint64_t position) {
  return ((bits[position / 8] >> (position % 8)) & 1U) != 0;
}

/// `count` <= 16 bits from `position`, least significant first.
unsigned bits_at(std::span<const std::uint8_t> bits, std::uint64_t position, std::int64_t count) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4 && position / 8 + i < bits.size(); ++i)
    word |= std::uint32_t{bits[position / 8 + i]} << (8 * i);
  return (word >> (position % 8)) & ((1U << count) - 1U);
}

/// Bits of a stored coefficient: a mask bit, sign and exponent code.
std::int64_t coefficient_bits(std::size_t exponents) {
  return 2 + std::bit_width(std::max<std::size_t>(exponents, 2) - 1);
}

/// Population of each row's element bits; rows that the row index leaves out have none.
std::vector<std::uint8_t> index_nonzeros(const trace::LayerInfo& info, const WeightLayout& layout,
                                         std::span<const std::uint8_t> row_index,
                                         std::span<const std::uint8_t> element_index) {
  std::vector<std::uint8_t> counts(static_cast<std::size_t>(info.shape.M * layout.rows));
  std::uint64_t element = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!bit_at(row_index, i)) continue;
    counts[i] = static_cast<std::uint8_t>(std::popcount(bits_at(element_index, element, layout.n)));
    element += static_cast<std::uint64_t>(layout.n);
  }
  return counts;
}

encode::EncodedView encoded_view(const trace::TraceReader& trace, const std::string& name) {
  const auto part = [&](const char* tensor) { return trace.tensor(name + "/" + tensor); };
  return {part("row_index").as<std::uint8_t>(),    part("element_index").as<std::uint8_t>(),
          part("coefficients").as<std::uint8_t>(), part("code_lengths").as<std::uint8_t>(),
          part("filter_bits").as<std::uint32_t>(), part("basis").as<std::int8_t>(),
          part("basis_shift").as<std::int8_t>()};
}

}  // namespace

WeightLayout layout_of(const trace::LayerInfo& info) {
  const LayerShape& shape = info.shape;
  WeightLayout layout;
  layout.compressed = info.encoding == "smartdeal";
  layout.n = layout.compressed ? info.smartdeal.n : shape.S;
  layout.channel_vectors = layout.compressed && !info.smartdeal.rows_are_kernel_rows;
  layout.rows = layout.compressed ? info.smartdeal.rows : shape.channels_per_group() * shape.R;
  layout.rows_per_unit = layout.channel_vectors ? 1 : shape.R;
  layout.channels_per_unit = layout.channel_vectors ? layout.n : 1;
  layout.units = layout.rows / layout.rows_per_unit;
  if (!layout.compressed) {
    layout.row_bits = 8 * layout.n;
    return layout;
  }
  layout.row_bits = layout.n * coefficient_bits(info.smartdeal.exponents.size());
  layout.bases = static_cast<std::int64_t>(info.smartdeal.slice_rows.size());
  layout.basis_bytes = layout.n * layout.n;
  for (std::int64_t slice = 0; slice < layout.bases; ++slice) {
    layout.basis_of_row.insert(layout.basis_of_row.end(),
                               static_cast<std::size_t>(info.smartdeal.slice_rows[static_cast<std::size_t>(slice)]),
                               slice);
  }
  return layout;
}

std::vector<std::uint8_t> count_nonzeros(const LayerData& layer) {
  const WeightLayout& layout = layer.layout;
  const auto rows = static_cast<std::size_t>(layer.info.shape.M * layout.rows);
  if (!layout.compressed)
    return std::vector<std::uint8_t>(rows, static_cast<std::uint8_t>(std::min<std::int64_t>(layout.n, 255)));
  std::vector<std::uint8_t> counts(rows);
  for (std::size_t i = 0; i < layer.form.coefficients.size(); ++i) {
    counts[i / static_cast<std::size_t>(layout.n)] += layer.form.coefficients[i] != 0 ? 1 : 0;
  }
  return counts;
}

void LayerData::decode_values() {
  if (!layout.compressed) {
    if (!original.empty()) return;
    const auto weights = source->tensor(info.name + "/weights").as<std::int8_t>();
    original.assign(weights.begin(), weights.end());
  } else if (form.coefficients.empty()) {
    form = encode::decode(encoded_view(*source, info.name), info.smartdeal, info.shape, info.name);
  }
}

std::uint64_t LayerData::coefficient_bits(std::int64_t m, std::int64_t first, std::int64_t last) const {
  if (first == 0 && last == layout.rows) return filter_coefficient_bits[static_cast<std::size_t>(m)];
  const std::size_t exponents = info.smartdeal.exponents.size();
  std::uint64_t bits = 0;
  const auto begin = form.coefficients.begin() + (m * layout.rows + first) * layout.n;
  for (auto c = begin; c != begin + (last - first) * layout.n; ++c) {
    if (*c != 0) bits += code_lengths[encode::symbol_of(*c, exponents)];
  }
  return bits;
}

namespace {

void require_supported(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  const std::string layer = trace.path() + ": layer \"" + info.name + "\": ";
  if (info.encoding != "smartdeal" && info.encoding != "dense-int8") {
    fail_input(layer + "its weights are in the encoding " + info.encoding +
               "; SmartDeal takes smartdeal and dense-int8 (recipes smartdeal, dense-int8)");
  }
  if (info.activations.bits > 8) {
    fail_input(layer + "its activations have " + std::to_string(info.activations.bits) +
               " bits; SmartDeal takes up to 8 (activations: {bits: 8} in the recipe)");
  }
}

}  // namespace

LayerData load_layer(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  require_supported(trace, info);
  trace.check_layer(info);
  LayerData layer;
  layer.info = info;
  layer.source = &trace;
  layer.layout = layout_of(info);
  layer.has_bias = trace.has(info.name + "/bias");
  layer.synthetic = info.weight_provenance == "synthetic" || info.activations.provenance == "synthetic";
  if (!layer.layout.compressed) {
    layer.nonzeros = count_nonzeros(layer);
    return layer;
  }
  const encode::EncodedView view = encoded_view(trace, info.name);
  layer.nonzeros = index_nonzeros(info, layer.layout, view.row_index, view.element_index);
  layer.filter_coefficient_bits.assign(view.filter_bits.begin(), view.filter_bits.end());
  layer.code_lengths.assign(view.code_lengths.begin(), view.code_lengths.end());
  return layer;
}

}  // namespace rebasis::sim::smartdeal
