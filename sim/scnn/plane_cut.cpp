#include "sim/scnn/plane_cut.h"

#include <algorithm>
#include <optional>

#include "common/error.h"
#include "sim/scnn/inputs.h"
#include "sim/scnn/weights.h"

namespace rebasis::sim::scnn {

PlaneExtent extent_of(const std::vector<PlanarTile>& tiles) {
  PlaneExtent plane;
  for (const PlanarTile& tile : tiles) {
    for (const Slice& slice : tile.row_slices) {
      plane.rows = std::max(plane.rows, slice.reach.size());
      plane.own_rows = std::max(plane.own_rows, slice.own.size());
    }
    for (const Slice& slice : tile.column_slices) {
      plane.columns = std::max(plane.columns, slice.reach.size());
      plane.own_columns = std::max(plane.own_columns, slice.own.size());
    }
  }
  return plane;
}

namespace {

/// Filters whose results of a tile fit a bank of a PE's OARAM, whatever their values.
std::int64_t filters_in_oaram(const PlaneExtent& plane, const arch::ScnnSpec& spec) {
  const std::int64_t area = plane.own_rows * plane.own_columns;
  const auto bits = static_cast<std::int64_t>(
      encode::block_bits(static_cast<std::size_t>(area), static_cast<std::size_t>(area), format_of(spec)));
  return spec.oaram_bytes / 2 * 8 / bits;
}

}  // namespace

std::int64_t filters_that_fit(const PlaneExtent& plane, const arch::ScnnSpec& spec) {
  return std::min(spec.banks * spec.bank_entries / (plane.rows * plane.columns), filters_in_oaram(plane, spec));
}

std::vector<std::int64_t> part_counts(std::int64_t whole) {
  std::vector<std::int64_t> list;
  for (std::int64_t parts = 1; parts < whole; parts += std::max<std::int64_t>(1, parts / 2)) list.push_back(parts);
  list.push_back(whole);
  return list;
}

namespace {

std::vector<PlanarTile> tiles_of(const LayerShape& shape, std::int64_t row_parts, std::int64_t column_parts,
                                 const arch::ScnnSpec& spec) {
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  std::vector<PlanarTile> tiles;
  for (std::int64_t i = 0; i < row_parts; ++i) {
    for (std::int64_t j = 0; j < column_parts; ++j) {
      const Range e{shape.E() * i / row_parts, shape.E() * (i + 1) / row_parts},
          f{shape.F() * j / column_parts, shape.F() * (j + 1) / column_parts};
      tiles.push_back({e, f, slices(rows, e, spec.pe_rows), slices(columns, f, spec.pe_columns)});
    }
  }
  return tiles;
}

/// Cuts the plane into as few tiles as the accumulators, the OARAM and the IARAM allow.
class PlaneCutter {
 public:
  PlaneCutter(const DenseLayer& layer, const std::vector<Activations>& images, const arch::ScnnSpec& spec)
      : layer_(layer), images_(images), spec_(spec) {
    for (const std::int64_t rows : part_counts(layer.shape().E())) {
      for (const std::int64_t columns : part_counts(layer.shape().F())) parts_.emplace_back(rows, columns);
    }
    std::stable_sort(parts_.begin(), parts_.end(),
                     [](const auto& a, const auto& b) { return a.first * a.second < b.first * b.second; });
  }

  /// Empty when no cut fits with `banks` tiles in the IARAM (a single tile takes all of it).
  [[nodiscard]] std::optional<std::vector<PlanarTile>> fewest(std::int64_t banks) {
    for (const auto& [rows, columns] : parts_) {
      std::vector<PlanarTile> tiles = tiles_of(layer_.shape(), rows, columns, spec_);
      if (filters_that_fit(extent_of(tiles), spec_) == 0) continue;
      const auto capacity = static_cast<std::uint64_t>(spec_.iaram_bytes / (tiles.size() == 1 ? 1 : banks));
      smallest_ = largest_input(tiles, capacity);
      if (smallest_ <= capacity) return tiles;
    }
    return std::nullopt;
  }
  /// What the last cut would have needed.
  [[nodiscard]] std::uint64_t smallest() const { return smallest_; }

 private:
  /// Stops at the first tile beyond `capacity`.
  [[nodiscard]] std::uint64_t largest_input(const std::vector<PlanarTile>& tiles, std::uint64_t capacity) const {
    std::uint64_t largest = 0;
    for (const Activations& image : images_) {
      for (const PlanarTile& tile : tiles) {
        largest = std::max(largest, InputBits(image, layer_.shape(), tile, spec_).largest_pe());
        if (largest > capacity) return largest;
      }
    }
    return largest;
  }

  const DenseLayer& layer_;
  const std::vector<Activations>& images_;
  const arch::ScnnSpec& spec_;
  std::vector<std::pair<std::int64_t, std::int64_t>> parts_;
  std::uint64_t smallest_ = 0;
};

std::uint64_t compressed_weights(const DenseLayer& layer, const arch::ScnnSpec& spec) {
  const auto stored = static_cast<std::uint64_t>(
      std::count_if(layer.weights.begin(), layer.weights.end(), [](std::int8_t w) { return w != 0; }));
  return (stored * static_cast<std::uint64_t>(spec.stored_bits()) + 7) / 8;
}

[[noreturn]] void fail_cut(const DenseLayer& layer, std::uint64_t input_bytes, const arch::ScnnSpec& spec) {
  const PlaneExtent pixel = extent_of(tiles_of(layer.shape(), layer.shape().E(), layer.shape().F(), spec));
  const std::string head = "layer " + layer.info.name + " does not fit: ";
  if (filters_in_oaram(pixel, spec) == 0) {
    fail_infeasible(head + "a bank of a PE's OARAM holds no output; use a larger oaram.size");
  }
  if (filters_that_fit(pixel, spec) == 0) {
    fail_infeasible(head + "a PE would need " + std::to_string(pixel.rows * pixel.columns) + " partial sums of " +
                    std::to_string(spec.banks * spec.bank_entries) + "; use more accumulator.entries");
  }
  fail_infeasible(head + "the IARAM of a PE would need " + std::to_string(input_bytes) + " bytes of " +
                  std::to_string(spec.iaram_bytes) + "; use a larger iaram.size");
}

}  // namespace

PlaneCut cut_plane(const DenseLayer& layer, const std::vector<Activations>& images, const arch::ScnnSpec& spec) {
  PlaneCutter cutter(layer, images, spec);
  // With two banks the next tile is loaded meanwhile; with one there are fewer tiles, and weights are streamed once a
  // tile.
  const auto twice = cutter.fewest(2);
  const auto once = twice && twice->size() == 1 ? twice : cutter.fewest(1);
  if (!once) fail_cut(layer, cutter.smallest(), spec);
  const bool resident = compressed_weights(layer, spec) <= static_cast<std::uint64_t>(spec.weight_buffer_bytes);
  const bool prefer_two = twice && (spec.objective == "latency" || resident || twice->size() == once->size());
  if (!prefer_two) return {*once, 1};
  return {*twice, twice->size() > 1 ? 2 : 1};
}

}  // namespace rebasis::sim::scnn
