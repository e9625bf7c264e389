#include "cli/inspect/trace_figures.h"

#include <algorithm>
#include <bit>

#include "workloads/encode/layer_decoder.h"

namespace rebasis::cli {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

template <class T>
std::uint64_t zeros(std::span<const T> values) {
  return static_cast<std::uint64_t>(std::count(values.begin(), values.end(), T{0}));
}

std::uint64_t zero_activations(const trace::TensorView& view) {
  using trace::DType;
  if (view.dtype == DType::u16) return zeros(view.as<std::uint16_t>());
  if (view.dtype == DType::i16) return zeros(view.as<std::int16_t>());
  return zeros(view.bytes);
}

/// Ones in a bit string; its padding is zero.
std::uint64_t ones(std::span<const std::byte> bytes) {
  std::uint64_t count = 0;
  for (const std::byte byte : bytes)
    count += static_cast<std::uint64_t>(std::popcount(std::to_integer<unsigned char>(byte)));
  return count;
}

template <class T>
std::uint64_t zero_rows(std::span<const T> values, std::size_t width) {
  std::uint64_t count = 0;
  for (std::size_t row = 0; row + width <= values.size(); row += width)
    count += zeros(values.subspan(row, width)) == width ? 1U : 0U;
  return count;
}

template <class T>
void weight_figures(std::span<const T> weights, const LayerShape& shape, TraceLayerFigures& figures) {
  const auto width = static_cast<std::size_t>(shape.S);
  figures.weight_sparsity = share(zeros(weights), weights.size());
  figures.row_sparsity = share(zero_rows(weights, width), weights.size() / width);
}

}  // namespace

TraceLayerFigures layer_figures(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  reader.check_layer(layer);
  TraceLayerFigures figures;
  figures.sizes = encode::layer_sizes(reader, layer);
  const trace::TensorView activations = reader.tensor(layer.name + "/activations");
  figures.activation_bytes = activations.bytes.size();
  figures.activation_sparsity =
      share(zero_activations(activations), activations.bytes.size() / trace::size_of(activations.dtype));
  figures.synthetic = layer.weight_provenance == "synthetic" || layer.activations.provenance == "synthetic";
  if (layer.encoding == "smartdeal") {
    const auto rows = static_cast<std::uint64_t>(layer.shape.M * layer.smartdeal.rows);
    const std::uint64_t kept = ones(reader.tensor(layer.name + "/row_index").bytes);
    const std::uint64_t elements = rows * static_cast<std::uint64_t>(layer.smartdeal.n);
    figures.row_sparsity = share(rows - kept, rows);
    figures.weight_sparsity = share(elements - ones(reader.tensor(layer.name + "/element_index").bytes), elements);
  } else if (layer.encoding == "ternary") {
    const encode::TernaryForm form = encode::decode_ternary_layer(reader, layer);
    weight_figures(std::span<const std::int8_t>(form.weights), layer.shape, figures);
    const auto groups = static_cast<std::uint64_t>(layer.shape.M * layer.ternary.groups_of_filter(layer.shape));
    figures.group_sparsity = share(groups - ones(reader.tensor(layer.name + "/group_index").bytes), groups);
  } else {
    weight_figures(reader.tensor(layer.name + "/weights").as<std::int8_t>(), layer.shape, figures);
  }
  return figures;
}

}  // namespace rebasis::cli
