#include "sim/scnn/mapping.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "common/sha256.h"
#include "common/units.h"
#include "sim/scnn/layout_choice.h"
#include "sim/scnn/plane_cut.h"

namespace rebasis::sim::scnn {

namespace {

std::uint64_t bytes_of(std::uint64_t bits) { return (bits + 7) / 8; }

/// Accumulator addresses that `filters` filters take.
std::int64_t addresses(const AccumulatorLayout& layout, const PlaneExtent& plane, std::int64_t filters) {
  return (filters - 1) * layout.filter + (plane.rows - 1) * layout.row + (plane.columns - 1) * layout.column + 1;
}

AccumulatorLayout plane_layout(const PlaneExtent& plane, std::int64_t row_padding, std::int64_t filter_padding) {
  const std::int64_t row = plane.columns + row_padding;
  return {plane.rows * row + filter_padding, row, 1};
}

AccumulatorLayout filter_layout(const PlaneExtent& plane, std::int64_t filters, std::int64_t padding,
                                std::int64_t row_padding) {
  const std::int64_t column = filters + padding;
  return {1, plane.columns * column + row_padding, column};
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
          {"pe_tile",
           "E " + text(tile.row_slices.front().own.size()) + ", F " + text(tile.column_slices.front().own.size())},
          {"filter_groups", std::to_string(groups.size()) + " of " + text(groups.front().filters.size())},
          {"channel_chunks", text(chunks)},
          {"weights", weights_resident   ? "resident"
                      : tiles.size() > 1 ? "streamed for each tile"
                                         : "streamed"},
          {"accumulator_layout",
           "filter " + text(layout.filter) + ", row " + text(layout.row) + ", column " + text(layout.column)}};
}

std::string Mapping::identity() const {
  Sha256 hash;
  hash.add(fully_connected);
  hash.add(tiles.size());
  for (const PlanarTile& tile : tiles) {
    for (const std::int64_t bound : {tile.rows.first, tile.rows.last, tile.columns.first, tile.columns.last})
      hash.add(bound);
  }
  hash.add(input_banks);
  hash.add(groups.size());
  for (const FilterGroup& group : groups) {
    hash.add(group.filters.first);
    hash.add(group.filters.last);
  }
  hash.add(chunks);
  hash.add(weights_resident);
  for (const std::int64_t stride : {layout.filter, layout.row, layout.column}) hash.add(stride);
  hash.add(output_density);
  return hash.digest();
}

ChunkBytes chunk_bytes(const FilterGroup& group, Range channels, bool first, const DenseLayer& layer,
                       const arch::ScnnSpec& spec) {
  std::uint64_t stored = 0, header = 0;
  for (const WeightStream& lane : group.lanes) {
    const Range own = channels_of(layer.shape(), lane.filters);
    const auto clip = [&](std::int64_t c) {
      return static_cast<std::size_t>(std::clamp(c, own.first, own.last) - own.first);
    };
    stored += lane.stored_before[clip(channels.last)] - lane.stored_before[clip(channels.first)];
    header += lane.header_before[clip(channels.last)] - lane.header_before[clip(channels.first)];
  }
  ChunkBytes bytes{bytes_of(stored * static_cast<std::uint64_t>(spec.precision_bits)),
                   bytes_of(stored * static_cast<std::uint64_t>(spec.run_bits) + header)};
  if (first && layer.has_bias) bytes.weights += 4 * static_cast<std::uint64_t>(group.filters.size());
  return bytes;
}

std::uint64_t result_bytes(const PlanarTile& tile, const FilterGroup& group, const Mapping& mapping,
                           const arch::ScnnSpec& spec) {
  std::uint64_t headers = 0, outputs = 0;
  for (const Slice& row : tile.row_slices) {
    for (const Slice& column : tile.column_slices) {
      const auto area = static_cast<std::uint64_t>(row.own.size() * column.own.size());
      headers += encode::header_bits(area);
      outputs += area;
    }
  }
  const auto filters = static_cast<double>(group.filters.size());
  const auto stored =
      static_cast<std::uint64_t>(std::ceil(static_cast<double>(outputs) * filters * mapping.output_density));
  return bytes_of(headers * static_cast<std::uint64_t>(group.filters.size()) +
                  stored * static_cast<std::uint64_t>(spec.stored_bits()));
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
  const std::size_t best =
      candidates.size() == 1 ? 0 : best_layout(layer, image, mapping.tiles.front(), candidates, lanes, spec);
  mapping.layout = candidates[best].layout;
  const std::int64_t most = candidates[best].filters * lanes, groups = ceil_div(shape.M, most);
  for (std::int64_t i = 0; i < groups; ++i) {
    mapping.groups.push_back(make_group(layer, spec, {shape.M * i / groups, shape.M * (i + 1) / groups}, lanes));
  }
}

/// Bytes of the largest chunk when each group's channels are cut into `chunks`.
std::uint64_t largest_chunk(const DenseLayer& layer, const arch::ScnnSpec& spec, const Mapping& mapping,
                            std::int64_t chunks) {
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
  mapping.weights_resident =
      !single && mapping.groups.size() == 1 && all <= static_cast<std::uint64_t>(spec.weight_buffer_bytes);
  if (mapping.weights_resident) return;
  const auto bank = static_cast<std::uint64_t>(spec.weight_buffer_bytes / 2);
  std::uint64_t largest = 0;
  for (const std::int64_t chunks : part_counts(most)) {
    // The more groups there are, the less the wait before the first matters.
    if (single &&
        chunks < std::min(ceil_div(spec.input_chunks, static_cast<std::int64_t>(mapping.groups.size())), most))
      continue;
    mapping.chunks = chunks;
    largest = largest_chunk(layer, spec, mapping, chunks);
    if (largest <= bank) return;
  }
  fail_infeasible("layer " + layer.info.name + " does not fit: a bank of the weight buffer would need " +
                  std::to_string(largest) + " bytes of " + std::to_string(bank) + "; use a larger weight_buffer.size");
}

}  // namespace

Mapping map_layer(const DenseLayer& layer, const std::vector<Activations>& images, std::optional<double> output_density,
                  const arch::ScnnSpec& spec) {
  const LayerShape& shape = layer.shape();
  Mapping mapping;
  mapping.fully_connected = spec.fully_connected && shape.H * shape.W == 1 && shape.E() * shape.F() == 1;
  mapping.output_density = output_density.value_or(spec.output_density);
  PlaneCut cut = cut_plane(layer, images, spec);
  mapping.tiles = std::move(cut.tiles);
  mapping.input_banks = cut.input_banks;
  choose_groups(layer, images.front(), spec, mapping);
  choose_chunks(layer, spec, mapping);
  return mapping;
}

}  // namespace rebasis::sim::scnn
