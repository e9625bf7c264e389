#include "sim/scnn/mapping.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "common/units.h"
#include "sim/scnn/layout_choice.h"

namespace rebasis::sim::scnn {

namespace {

std::uint64_t bytes_of(std::uint64_t bits) { return (bits + 7) / 8; }

/// Largest extents of what a PE accumulates and finishes.
struct PlaneExtent {
  std::int64_t rows = 1, columns = 1;          ///< accumulated
  std::int64_t own_rows = 1, own_columns = 1;  ///< finished
  void include(const PlanarTile& tile) {
    for (const Slice& slice : tile.row_slices) rows = std::max(rows, slice.reach.size()), own_rows = std::max(own_rows, slice.own.size());
    for (const Slice& slice : tile.column_slices) columns = std::max(columns, slice.reach.size()), own_columns = std::max(own_columns, slice.own.size());
  }
};

/// Accumulator addresses that `filters` filters take.
std::int64_t addresses(const AccumulatorLayout& layout, const PlaneExtent& plane, std::int64_t filters) {
  return (filters - 1) * layout.filter + (plane.rows - 1) * layout.row + (plane.columns - 1) * layout.column + 1;
}

AccumulatorLayout plane_layout(const PlaneExtent& plane, std::int64_t row_padding, std::int64_t filter_padding) {
  const std::int64_t row = plane.columns + row_padding;
  return {plane.rows * row + filter_padding, row, 1};
}

AccumulatorLayout filter_layout(const PlaneExtent& plane, std::int64_t filters, std::int64_t padding, std::int64_t row_padding) {
  const std::int64_t column = filters + padding;
  return {1, plane.columns * column + row_padding, column};
}

/// Filters whose results of a tile fit a bank of a PE's OARAM, whatever their values.
std::int64_t filters_in_oaram(const PlaneExtent& plane, const arch::ScnnSpec& spec) {
  const std::int64_t area = plane.own_rows * plane.own_columns;
  const auto bits = static_cast<std::int64_t>(encode::block_bits(static_cast<std::size_t>(area), static_cast<std::size_t>(area), format_of(spec)));
  return spec.oaram_bytes / 2 * 8 / bits;
}

/// Filters that a PE can have in work on the plane; 0: none.
std::int64_t filters_that_fit(const PlaneExtent& plane, const arch::ScnnSpec& spec) {
  return std::min(spec.banks * spec.bank_entries / (plane.rows * plane.columns), filters_in_oaram(plane, spec));
}

std::vector<std::int64_t> part_counts(std::int64_t whole) {
  std::vector<std::int64_t> list;
  for (std::int64_t parts = 1; parts < whole; parts += std::max<std::int64_t>(1, parts / 2)) list.push_back(parts);
  list.push_back(whole);
  return list;
}

std::vector<PlanarTile> cut_plane(const LayerShape& shape, std::int64_t row_parts, std::int64_t column_parts, const arch::ScnnSpec& spec) {
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  std::vector<PlanarTile> tiles;
  for (std::int64_t i = 0; i < row_parts; ++i) {
    for (std::int64_t j = 0; j < column_parts; ++j) {
      const Range e{shape.E() * i / row_parts, shape.E() * (i + 1) / row_parts}, f{shape.F() * j / column_parts, shape.F() * (j + 1) / column_parts};
      tiles.push_back({e, f, slices(rows, e, spec.pe_rows), slices(columns, f, spec.pe_columns)});
    }
  }
  return tiles;
}

PlaneExtent extent_of(const std::vector<PlanarTile>& tiles) {
  PlaneExtent plane;
  for (const PlanarTile& tile : tiles) plane.include(tile);
  return plane;
}

/// A way to cut the plane, with what its tiles need.
struct Cut {
  std::vector<PlanarTile> tiles;
  std::uint64_t largest_input = 0;  ///< bytes of a PE, any image
};

/// Cuts the plane into as few tiles as the accumulators, the OARAM and the IARAM allow.
class PlaneCutter {
 public:
  PlaneCutter(const DenseLayer& layer, const std::vector<Activations>& images, const arch::ScnnSpec& spec)
      : layer_(layer), images_(images), spec_(spec) {
    for (const std::int64_t rows : part_counts(layer.shape().E())) {
      for (const std::int64_t columns : part_counts(layer.shape().F())) parts_.emplace_back(rows, columns);
    }
    std::stable_sort(parts_.begin(), parts_.end(), [](const auto& a, const auto& b) { return a.first * a.second < b.first * b.second; });
  }

  /// Empty when no cut fits with `banks` tiles in the IARAM (a single tile takes all of it).
  [[nodiscard]] std::optional<Cut> fewest(std::int64_t banks) {
    for (const auto& [rows, columns] : parts_) {
      Cut cut{cut_plane(layer_.shape(), rows, columns, spec_)};
      if (filters_that_fit(extent_of(cut.tiles), spec_) == 0) continue;
      const auto capacity = static_cast<std::uint64_t>(spec_.iaram_bytes / (cut.tiles.size() == 1 ? 1 : banks));
      cut.largest_input = largest_input(cut.tiles, capacity);
      if (cut.largest_input <= capacity) return cut;
      smallest_ = cut.largest_input;
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
  const auto stored = static_cast<std::uint64_t>(std::count_if(layer.weights.begin(), layer.weights.end(), [](std::int8_t w) { return w != 0; }));
  return bytes_of(stored * static_cast<std::uint64_t>(spec.stored_bits()));
}

/// With two banks the next tile is loaded meanwhile; with one there are fewer tiles, and weights are streamed once a tile.
void choose_tiles(const DenseLayer& layer, const std::vector<Activations>& images, const arch::ScnnSpec& spec, Mapping& mapping) {
  PlaneCutter cutter(layer, images, spec);
  const std::optional<Cut> twice = cutter.fewest(2);
  const std::optional<Cut> once = twice && twice->tiles.size() == 1 ? twice : cutter.fewest(1);
  if (!once) {
    const PlaneExtent pixel = extent_of(cut_plane(layer.shape(), layer.shape().E(), layer.shape().F(), spec));
    const std::string head = "layer " + layer.info.name + " does not fit: ";
    if (filters_in_oaram(pixel, spec) == 0) fail_infeasible(head + "a bank of a PE's OARAM holds no output; use a larger oaram.size");
    if (filters_that_fit(pixel, spec) == 0) {
      fail_infeasible(head + "a PE would need " + std::to_string(pixel.rows * pixel.columns) + " partial sums of " +
                      std::to_string(spec.banks * spec.bank_entries) + "; use more accumulator.entries");
    }
    fail_infeasible(head + "the IARAM of a PE would need " + std::to_string(cutter.smallest()) + " bytes of " + std::to_string(spec.iaram_bytes) +
                    "; use a larger iaram.size");
  }
  const bool resident = compressed_weights(layer, spec) <= static_cast<std::uint64_t>(spec.weight_buffer_bytes);
  const bool prefer_two = twice && (spec.objective == "latency" || resident || twice->tiles.size() == once->tiles.size());
  mapping.tiles = prefer_two ? twice->tiles : once->tiles;
  mapping.input_banks = prefer_two && mapping.tiles.size() > 1 ? 2 : 1;
}

/// Candidates of a layout, with the filters that fit each.
std::vector<LayoutCandidate> layouts(const PlaneExtent& plane, std::int64_t filters, const arch::ScnnSpec& spec) {
  std::vector<LayoutCandidate> list;
  const std::int64_t capacity = spec.banks * spec.bank_entries;
  const auto add = [&](const AccumulatorLayout& layout, std::int64_t n) {
    if (n >= 1 && addresses(layout, plane, n) <= capacity) list.push_back({layout, n});
  };
  const bool plane_too = spec.accumulator_layout != "filters", filters_too = spec.accumulator_layout != "plane";
  const std::int64_t paddings = std::min<std::int64_t>(spec.banks, 16);
  for (std::int64_t padding = 0; plane_too && padding < paddings; ++padding) {
    for (std::int64_t row = 0; row < (plane.rows > 1 ? 3 : 1); ++row) {
      const AccumulatorLayout layout = plane_layout(plane, row, padding);
      add(layout, std::min(filters, (capacity - addresses(layout, plane, 1)) / layout.filter + 1));
    }
  }
  for (std::int64_t padding = 0; filters_too && padding < paddings; ++padding) {
    for (std::int64_t row = 0; row < (plane.rows > 1 ? 3 : 1); ++row) {
      std::int64_t n = std::min(filters, capacity / (plane.rows * plane.columns));
      while (n > 1 && addresses(filter_layout(plane, n, padding, row), plane, n) > capacity) --n;
      add(filter_layout(plane, n, padding, row), n);
    }
  }
  return list;
}

}  // namespace

std::map<std::string, std::string> Mapping::describe() const {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  const PlanarTile& tile = tiles.front();
  return {{"dataflow", fully_connected ? "filters spread over the PEs" : "planar tiles"},
          {"planar_tiles", std::to_string(tiles.size()) + (input_banks > 1 ? ", double-buffered" : "")},
          {"tile", "E " + text(tile.rows.size()) + ", F " + text(tile.columns.size())},
          {"pe_tile", "E " + text(tile.row_slices.front().own.size()) + ", F " + text(tile.column_slices.front().own.size())},
          {"filter_groups", std::to_string(groups.size()) + " of " + text(groups.front().filters.size())},
          {"channel_chunks", text(chunks)},
          {"weights", weights_resident ? "resident" : tiles.size() > 1 ? "streamed for each tile" : "streamed"},
          {"accumulator_layout", "filter " + text(layout.filter) + ", row " + text(layout.row) + ", column " + text(layout.column)}};
}

ChunkBytes chunk_bytes(const FilterGroup& group, Range channels, bool first, const DenseLayer& layer, const arch::ScnnSpec& spec) {
  std::uint64_t stored = 0, header = 0;
  for (const WeightStream& lane : group.lanes) {
    const Range own = channels_of(layer.shape(), lane.filters);
    const auto clip = [&](std::int64_t c) { return static_cast<std::size_t>(std::clamp(c, own.first, own.last) - own.first); };
    stored += lane.stored_before[clip(channels.last)] - lane.stored_before[clip(channels.first)];
    header += lane.header_before[clip(channels.last)] - lane.header_before[clip(channels.first)];
  }
  ChunkBytes bytes{bytes_of(stored * static_cast<std::uint64_t>(spec.precision_bits)), bytes_of(stored * static_cast<std::uint64_t>(spec.run_bits) + header)};
  if (first && layer.has_bias) bytes.weights += 4 * static_cast<std::uint64_t>(group.filters.size());
  return bytes;
}

std::uint64_t result_bytes(const PlanarTile& tile, const FilterGroup& group, const Mapping& mapping, const arch::ScnnSpec& spec) {
  std::uint64_t headers = 0, outputs = 0;
  for (const Slice& row : tile.row_slices) {
    for (const Slice& column : tile.column_slices) {
      const auto area = static_cast<std::uint64_t>(row.own.size() * column.own.size());
      headers += encode::header_bits(area);
      outputs += area;
    }
  }
  const auto filters = static_cast<double>(group.filters.size());
  const auto stored = static_cast<std::uint64_t>(std::ceil(static_cast<double>(outputs) * filters * mapping.output_density));
  return bytes_of(headers * static_cast<std::uint64_t>(group.filters.size()) + stored * static_cast<std::uint64_t>(spec.stored_bits()));
}

namespace {

FilterGroup make_group(const DenseLayer& layer, const arch::ScnnSpec& spec, Range filters, std::int64_t lanes) {
  FilterGroup group{filters, {}, channels_of(layer.shape(), filters)};
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    const Range own{filters.first + filters.size() * lane / lanes, filters.first + filters.size() * (lane + 1) / lanes};
    if (own.size() > 0) group.lanes.push_back(weight_stream(layer, spec, own));
  }
  return group;
}

void choose_groups(const DenseLayer& layer, const Activations& image, const arch::ScnnSpec& spec, Mapping& mapping) {
  const LayerShape& shape = layer.shape();
  const PlaneExtent plane = extent_of(mapping.tiles);
  const std::int64_t lanes = mapping.fully_connected ? spec.pes() : 1;
  const std::int64_t fit = std::min(filters_that_fit(plane, spec), ceil_div(shape.M, lanes));
  const auto candidates = layouts(plane, fit, spec);
  const std::size_t best = candidates.size() == 1 ? 0 : best_layout(layer, image, mapping.tiles.front(), candidates, lanes, spec);
  mapping.layout = candidates[best].layout;
  const std::int64_t most = candidates[best].filters * lanes, groups = ceil_div(shape.M, most);
  for (std::int64_t i = 0; i < groups; ++i) {
    mapping.groups.push_back(make_group(layer, spec, {shape.M * i / groups, shape.M * (i + 1) / groups}, lanes));
  }
}

/// Bytes of the largest chunk when each group's channels are cut into `chunks`.
std::uint64_t largest_chunk(const DenseLayer& layer, const arch::ScnnSpec& spec, const Mapping& mapping, std::int64_t chunks) {
  std::uint64_t largest = 0;
  for (const FilterGroup& group : mapping.groups) {
    for (std::int64_t i = 0; i < chunks; ++i) {
      largest = std::max(largest, chunk_bytes(group, group.chunk(i, chunks), i == 0, layer, spec).total());
    }
  }
  return largest;
}

void choose_chunks(const DenseLayer& layer, const arch::ScnnSpec& spec, Mapping& mapping) {
  std::uint64_t all = 0;
  std::int64_t most = 1;
  for (const FilterGroup& group : mapping.groups) {
    all += chunk_bytes(group, group.channels, true, layer, spec).total();
    most = std::max(most, group.channels.size());
  }
  const bool single = mapping.tiles.size() == 1;  // loads all once, whatever the chunks
  mapping.weights_resident = !single && mapping.groups.size() == 1 && all <= static_cast<std::uint64_t>(spec.weight_buffer_bytes);
  if (mapping.weights_resident) return;
  const auto bank = static_cast<std::uint64_t>(spec.weight_buffer_bytes / 2);
  std::uint64_t largest = 0;
  for (const std::int64_t chunks : part_counts(most)) {
    // The more groups there are, the less the wait before the first matters.
    if (single && chunks < std::min(ceil_div(spec.input_chunks, static_cast<std::int64_t>(mapping.groups.size())), most)) continue;
    mapping.chunks = chunks;
    largest = largest_chunk(layer, spec, mapping, chunks);
    if (largest <= bank) return;
  }
  fail_infeasible("layer " + layer.info.name + " does not fit: a bank of the weight buffer would need " + std::to_string(largest) + " bytes of " +
                  std::to_string(bank) + "; use a larger weight_buffer.size");
}

}  // namespace

Mapping map_layer(const DenseLayer& layer, const std::vector<Activations>& images, std::optional<double> output_density, const arch::ScnnSpec& spec) {
  const LayerShape& shape = layer.shape();
  Mapping mapping;
  mapping.fully_connected = spec.fully_connected && shape.H * shape.W == 1 && shape.E() * shape.F() == 1;
  mapping.output_density = output_density.value_or(spec.output_density);
  choose_tiles(layer, images, spec, mapping);
  choose_groups(layer, images.front(), spec, mapping);
  choose_chunks(layer, spec, mapping);
  return mapping;
}

}  // namespace rebasis::sim::scnn
