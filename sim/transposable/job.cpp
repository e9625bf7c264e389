#include "sim/transposable/job.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::transposable {

RowSums::RowSums(std::int64_t filters, std::int64_t rows, const std::vector<std::uint8_t>& values)
    : rows_(rows), prefix_(static_cast<std::size_t>((filters + 1) * (rows + 1))) {
  const auto at = [&](std::int64_t m, std::int64_t row) -> std::int64_t& {
    return prefix_[static_cast<std::size_t>(m * (rows + 1) + row)];
  };
  for (std::int64_t m = 0; m < filters; ++m) {
    for (std::int64_t row = 0; row < rows; ++row) {
      at(m + 1, row + 1) =
          values[static_cast<std::size_t>(m * rows + row)] + at(m, row + 1) + at(m + 1, row) - at(m, row);
    }
  }
}

std::int64_t RowSums::sum(Range filters, Range rows) const {
  const auto at = [&](std::int64_t m, std::int64_t row) {
    return prefix_[static_cast<std::size_t>(m * (rows_ + 1) + row)];
  };
  return at(filters.last, rows.last) - at(filters.first, rows.last) - at(filters.last, rows.first) +
         at(filters.first, rows.first);
}

void TrainedLayer::index() {
  const auto width = static_cast<std::size_t>(form.info.n);
  std::vector<std::uint8_t> counts(form.coefficients.size() / width), any(counts.size());
  for (std::size_t i = 0; i < form.coefficients.size(); ++i) counts[i / width] += form.coefficients[i] != 0 ? 1 : 0;
  std::transform(counts.begin(), counts.end(), any.begin(),
                 [](std::uint8_t count) { return static_cast<std::uint8_t>(count != 0 ? 1 : 0); });
  nonzeros = RowSums(form.filters, form.info.rows, counts);
  rows = RowSums(form.filters, form.info.rows, any);
  slice_of_row.clear();
  for (std::size_t slice = 0; slice < form.info.slice_rows.size(); ++slice)
    slice_of_row.insert(slice_of_row.end(), static_cast<std::size_t>(form.info.slice_rows[slice]),
                        static_cast<std::int64_t>(slice));
}

Range all_filters(const LayerShape& shape, const ConvTile& tile) {
  const std::int64_t filters = shape.filters_per_group();
  return {tile.groups.first * filters + tile.filters.first, (tile.groups.last - 1) * filters + tile.filters.last};
}

std::int64_t groups_at_once(const Job& job, const arch::TransposableSpec& spec) {
  const LayerShape& shape = job.shape();
  std::int64_t results = shape.filters_per_group(), operands = shape.channels_per_group();
  if (job.transposed()) std::swap(results, operands);
  return std::clamp<std::int64_t>(std::min(spec.rows / results, spec.columns / operands), 1, shape.groups);
}

namespace {

std::int64_t tile_weights(const LayerShape& shape, const ConvTile& tile) {
  return tile.groups.size() * tile.filters.size() * tile.channels.size() * shape.R * shape.S;
}

/// Rows of Ce of the tile's channels.
Range tile_rows(const TrainedLayer& layer, const ConvTile& tile) {
  const std::int64_t kernel = layer.shape().R * layer.shape().S;
  return layer.rows_of({tile.channels.first * kernel, tile.channels.last * kernel});
}

std::int64_t bases(const TrainedLayer& layer, Range rows) {
  return 1 + layer.slice_of_row[static_cast<std::size_t>(rows.last - 1)] -
         layer.slice_of_row[static_cast<std::size_t>(rows.first)];
}

}  // namespace

StoredWeights stored_weights(const Job& job, const arch::TransposableSpec& spec, const ConvTile& tile) {
  const TrainedLayer& layer = *job.layer;
  const Range filters = all_filters(layer.shape(), tile);
  const bool biases = layer.has_bias && job.pass == Pass::forward && tile.first_chunk;
  const std::int64_t bias_bytes = biases ? filters.size() * spec.sum_bytes() : 0;
  const auto bytes = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  if (!layer.factored) return {bytes(tile_weights(layer.shape(), tile) * spec.element_bytes() + bias_bytes), 0, 0};
  const Range rows = tile_rows(layer, tile);
  const std::int64_t nonzeros = layer.nonzeros.sum(filters, rows), kept = layer.rows.sum(filters, rows);
  return {bytes(ceil_div<std::int64_t>(nonzeros * spec.code_bits, 8) + bias_bytes),
          bytes(filters.size() * bases(layer, rows) * layer.n() * layer.n() * spec.element_bytes()),
          bytes(ceil_div<std::int64_t>(filters.size() * rows.size() + kept * layer.n(), 8))};
}

std::int64_t buffered_weights(const Job& job, const arch::TransposableSpec& spec, const ConvTile& tile) {
  const TrainedLayer& layer = *job.layer;
  const Range filters = all_filters(layer.shape(), tile);
  const bool biases = layer.has_bias && job.pass == Pass::forward && tile.first_chunk;
  const std::int64_t bias_bytes = biases ? filters.size() * spec.sum_bytes() : 0;
  if (!layer.factored) return tile_weights(layer.shape(), tile) * spec.element_bytes() + bias_bytes;
  const Range rows = tile_rows(layer, tile);
  return filters.size() * ceil_div<std::int64_t>(rows.size() * layer.n() * spec.code_bits, 8) +
         filters.size() * bases(layer, rows) * layer.n() * layer.n() * spec.element_bytes() + bias_bytes;
}

}  // namespace rebasis::sim::transposable
