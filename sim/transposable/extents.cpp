#include "sim/transposable/extents.h"

#include <algorithm>

namespace rebasis::sim::transposable {

namespace {

constexpr std::uint64_t stream_base = std::uint64_t{1} << 36U;
constexpr std::uint64_t result_base = std::uint64_t{2} << 36U;

std::uint64_t bytes(std::int64_t value) { return static_cast<std::uint64_t>(value); }

}  // namespace

Tile Extents::whole() const {
  Tile tile;
  tile.conv.groups = {0, shape_.groups};
  tile.conv.filters = {0, shape_.filters_per_group()};
  tile.conv.channels = {0, shape_.channels_per_group()};
  tile.conv.rows = {0, job_.map_rows()};
  tile.images = {0, job_.images};
  return tile;
}

std::int64_t Extents::stream_tile(const Tile& tile) const {
  if (!streams_inputs()) return 0;
  const std::int64_t depth =
      tile.conv.groups.size() * (job_.transposed() ? tile.conv.filters : tile.conv.channels).size();
  const std::int64_t width = job_.transposed() ? shape_.F() : shape_.W;
  return depth * tile.images.size() * streamed_rows(job_, tile.conv.rows).size() * width * spec_.element_bytes();
}

std::int64_t Extents::second_tile(const Tile& tile) const {
  if (job_.pass != Pass::backward_weight) return buffered_weights(job_, spec_, tile.conv);
  return tile.conv.groups.size() * tile.conv.filters.size() * tile.images.size() * tile.conv.rows.size() * shape_.F() *
         spec_.element_bytes();
}

std::int64_t Extents::result_elements(const Tile& tile) const {
  const ConvTile& conv = tile.conv;
  const std::int64_t map = tile.images.size() * conv.rows.size();
  if (job_.pass == Pass::forward) return conv.groups.size() * conv.filters.size() * map * shape_.F();
  if (job_.pass == Pass::backward_data) return conv.groups.size() * conv.channels.size() * map * shape_.W;
  const std::int64_t weights = job_.weight_gradient ? conv.channels.size() * shape_.R * shape_.S : 0;
  const std::int64_t biases = job_.bias_gradient && conv.channels.first == 0 ? 1 : 0;
  return conv.groups.size() * conv.filters.size() * (weights + biases);
}

Extents::Traffic Extents::traffic(std::int64_t rows) const {
  std::int64_t halo = 0;
  for (std::int64_t row = 0; row < job_.map_rows(); row += rows)
    halo += streamed_rows(job_, {row, std::min(row + rows, job_.map_rows())}).size();
  const std::int64_t line = job_.transposed() ? shape_.M * shape_.F() : shape_.C * shape_.W;
  const Tile all = whole();
  const StoredWeights stored = stored_weights(job_, spec_, all.conv);
  const auto real = [](std::int64_t value) { return static_cast<double>(value); };
  return {streams_inputs() ? real(line * halo * job_.images * spec_.element_bytes()) : 0,
          job_.pass == Pass::backward_weight ? real(second_tile(all))
                                             : static_cast<double>(stored.weights + stored.basis + stored.index),
          real(result_elements(all) * spec_.element_bytes())};
}

/// A map in planes of the tile's channels, [image][row][column][channel of the tile].
std::vector<Transfer> Extents::map_transfers(const Tile& tile, bool of_channels, Range rows, std::int64_t height,
                                             std::int64_t width, std::uint64_t base, TensorClass tensor) const {
  if (rows.size() == 0) return {};
  const ConvTile& conv = tile.conv;
  const std::int64_t per_group = of_channels ? shape_.channels_per_group() : shape_.filters_per_group();
  const Range& part = of_channels ? conv.channels : conv.filters;
  const std::int64_t first = conv.groups.first * per_group + part.first, depth = conv.groups.size() * part.size();
  const std::int64_t element = spec_.element_bytes();
  const std::uint64_t plane = base + bytes(first * job_.images * height * width * element);
  const auto run = [&](std::int64_t image, std::int64_t row, std::int64_t count) {
    return Transfer{tensor, plane + bytes((image * height + row) * width * depth * element),
                    bytes(count * width * depth * element)};
  };
  if (rows.size() == height) return {run(tile.images.first, 0, tile.images.size() * height)};
  std::vector<Transfer> transfers;
  for (std::int64_t image = tile.images.first; image < tile.images.last; ++image)
    transfers.push_back(run(image, rows.first, rows.size()));
  return transfers;
}

std::vector<Transfer> Extents::stream_transfers(const Tile& tile) const {
  if (!streams_inputs()) return {};
  const Range rows = streamed_rows(job_, tile.conv.rows);
  return job_.transposed() ? map_transfers(tile, false, rows, shape_.E(), shape_.F(), stream_base, TensorClass::inputs)
                           : map_transfers(tile, true, rows, shape_.H, shape_.W, stream_base, TensorClass::inputs);
}

std::vector<Transfer> Extents::second_transfers(const Tile& tile, std::uint64_t address) const {
  if (job_.pass == Pass::backward_weight)
    return map_transfers(tile, false, tile.conv.rows, shape_.E(), shape_.F(), weights_base, TensorClass::inputs);
  const StoredWeights stored = stored_weights(job_, spec_, tile.conv);
  std::vector<Transfer> transfers;
  for (const auto& [tensor, size] :
       {std::pair{TensorClass::weights, stored.weights}, std::pair{TensorClass::basis, stored.basis},
        std::pair{TensorClass::index, stored.index}}) {
    if (size != 0) transfers.push_back({tensor, address, size});
    address += size;
  }
  return transfers;
}

std::vector<Transfer> Extents::result_transfers(const Tile& tile) const {
  if (job_.pass == Pass::forward)
    return map_transfers(tile, false, tile.conv.rows, shape_.E(), shape_.F(), result_base, TensorClass::outputs);
  if (job_.pass == Pass::backward_data)
    return map_transfers(tile, true, tile.conv.rows, shape_.H, shape_.W, result_base, TensorClass::outputs);
  const std::int64_t first = all_filters(shape_, tile.conv).first;
  const std::int64_t filter = shape_.channels_per_group() * shape_.R * shape_.S + 1;
  const std::int64_t offset =
      first * filter + tile.conv.filters.size() * tile.conv.channels.first * shape_.R * shape_.S;
  const std::int64_t elements = result_elements(tile);
  if (elements == 0) return {};
  return {{TensorClass::outputs, result_base + bytes(offset * spec_.element_bytes()),
           bytes(elements * spec_.element_bytes())}};
}

DramBytes Extents::compulsory() const {
  const Tile all = whole();
  DramBytes least;
  // Rows and columns that no kernel position touches need not move; whole rows do.
  std::int64_t touched = 0;
  for (std::int64_t row = 0; row < job_.map_rows(); ++row)
    touched += streamed_rows(job_, {row, row + 1}).size() > 0 ? 1 : 0;
  least.outputs = bytes(result_elements(all) * spec_.element_bytes());
  if (touched > 0 && job_.pass == Pass::forward && shape_.stride_h == 1 && shape_.dilation_h == 1)
    least.inputs = bytes(stream_tile(all));
  if (job_.pass == Pass::backward_weight) {
    least.inputs = bytes(second_tile(all));
    return least;
  }
  const StoredWeights stored = stored_weights(job_, spec_, all.conv);
  least.weights = stored.weights;
  least.basis = stored.basis;
  least.index = stored.index;
  return least;
}

}  // namespace rebasis::sim::transposable
