#include "cli/inspect/trace_figures.h"

#include <algorithm>
#include <bit>

namespace rebasis::cli {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::uint64_t zero_bytes(std::span<const std::byte> bytes) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), std::byte{0}));
}

/// Ones in a bit string; its padding is zero.
std::uint64_t ones(std::span<const std::byte> bytes) {
  std::uint64_t count = 0;
  for (const std::byte byte : bytes)
    count += static_cast<std::uint64_t>(std::popcount(std::to_integer<unsigned char>(byte)));
  return count;
}

std::uint64_t zero_rows(std::span<const std::byte> bytes, std::size_t width) {
  std::uint64_t count = 0;
  for (std::size_t row = 0; row + width <= bytes.size(); row += width) {
    count += zero_bytes(bytes.subspan(row, width)) == width ? 1U : 0U;
  }
  return count;
}

}  // namespace

TraceLayerFigures layer_figures(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  reader.check_layer(layer);
  TraceLayerFigures figures;
  figures.sizes = encode::layer_sizes(reader, layer);
  const auto activations = reader.tensor(layer.name + "/activations").bytes;
  figures.activation_bytes = activations.size();
  figures.activation_sparsity = share(zero_bytes(activations), activations.size());
  figures.synthetic = layer.weight_provenance == "synthetic" || layer.activations.provenance == "synthetic";
  if (layer.encoding == "smartdeal") {
    const auto rows = static_cast<std::uint64_t>(layer.shape.M * layer.smartdeal.rows);
    const std::uint64_t kept = ones(reader.tensor(layer.name + "/row_index").bytes);
    const std::uint64_t elements = rows * static_cast<std::uint64_t>(layer.smartdeal.n);
    figures.row_sparsity = share(rows - kept, rows);
    figures.weight_sparsity = share(elements - ones(reader.tensor(layer.name + "/element_index").bytes), elements);
  } else {
    const auto weights = reader.tensor(layer.name + "/weights").bytes;
    const auto width = static_cast<std::size_t>(layer.shape.S);
    figures.weight_sparsity = share(zero_bytes(weights), weights.size());
    figures.row_sparsity = share(zero_rows(weights, width), weights.size() / width);
  }
  return figures;
}

}  // namespace rebasis::cli
