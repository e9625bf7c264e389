#include "sim/smartdeal/tiling.h"

#include <algorithm>
#include <utility>

#include "sim/smartdeal/dram_layout.h"

namespace rebasis::sim::smartdeal {

/// Builds the block list of one candidate and adds up its traffic.
struct Tiling::Builder {
  const Tiling& tiling;
  Mapping mapping;
  std::map<std::int64_t, InputWindow> windows;  ///< resident rows by first channel; one entry unless all fit
  std::int64_t weight_pass = -1, weight_chunk = -1;
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> weight_address;
  std::uint64_t next_weight_address = 0;
  bool whole_input = false;
  bool table_loaded = false;

  void load(Block& block, TensorClass tensor, std::uint64_t address, std::uint64_t bytes) {
    if (bytes == 0) return;
    block.load_bytes[static_cast<std::size_t>(tensor)] += bytes;
    if (!block.loads.empty()) {
      Transfer& last = block.loads.back();
      if (last.tensor == tensor && last.address + last.bytes == address) {
        last.bytes += bytes;
        return;
      }
    }
    block.loads.push_back({tensor, address, bytes});
  }

  void load_weights(Block& block, std::int64_t pass, std::int64_t chunk) {
    if (pass == weight_pass && chunk == weight_chunk) return;
    weight_pass = pass;
    weight_chunk = chunk;
    block.new_weights = true;
    const WeightLoad& size = tiling.weight_load(pass, block.pass);
    block.coefficient_symbols = size.symbols;
    block.coded_bytes = size.codes;
    block.coded = size.coded;
    block.weight_buffer_bytes = size.buffer;
    block.index_buffer_bytes = size.index_buffer;
    const bool table = tiling.layer_.layout.compressed && !table_loaded;
    const std::uint64_t table_bytes = table ? tiling.layer_.code_lengths.size() : 0;
    const std::uint64_t weights = size.weights + table_bytes;
    block.codes_begin = size.index + size.basis + table_bytes;
    table_loaded = true;
    const auto [entry, fresh] = weight_address.try_emplace({pass, chunk}, next_weight_address);
    std::uint64_t address = entry->second;
    load(block, TensorClass::index, address, size.index);
    load(block, TensorClass::basis, address += size.index, size.basis);
    load(block, TensorClass::weights, address += size.basis, weights);
    if (fresh) next_weight_address = address + weights;
  }

  void load_rows(Block& block, std::int64_t first_channel, std::int64_t last_channel, std::int64_t first_row,
                 std::int64_t last_row) {
    const LayerShape& shape = tiling.layer_.shape();
    const std::int64_t element = tiling.spec_.element_bytes();
    const std::int64_t dim_F = tiling.spec_.dim_F;
    for (std::int64_t h = first_row; h < last_row; ++h) {
      if (!tiling.row_used_[static_cast<std::size_t>(h)]) continue;
      if (last_channel - first_channel == shape.C) {
        load(block, TensorClass::inputs, inputs_base + as_unsigned(h * shape.C * shape.W * element),
             as_unsigned(shape.C * shape.W * element));
        continue;
      }
      for (std::int64_t column = 0; column < shape.W; column += dim_F) {  // [H][column tile][C][columns]
        const std::int64_t width = std::min(dim_F, shape.W - column);
        const std::int64_t position = h * shape.C * shape.W + column * shape.C + first_channel * width;
        load(block, TensorClass::inputs, inputs_base + as_unsigned(position * element),
             as_unsigned((last_channel - first_channel) * width * element));
      }
    }
  }

  void load_inputs(Block& block) {
    const LayerShape& shape = tiling.layer_.shape();
    const std::int64_t tiles = ceil_div(shape.F(), tiling.spec_.dim_F);
    const std::int64_t first_e = block.first_tile / tiles, last_e = (block.last_tile - 1) / tiles;
    const std::int64_t first = std::clamp<std::int64_t>(first_e * shape.stride_h - shape.pad_top, 0, shape.H);
    const std::int64_t last = std::clamp<std::int64_t>(
        last_e * shape.stride_h + (shape.R - 1) * shape.dilation_h - shape.pad_top + 1, first, shape.H);
    std::int64_t first_channel, last_channel;
    if (tiling.mode_.depthwise) {
      first_channel = block.pass.first_filter / shape.filters_per_group();
      last_channel = (block.pass.first_filter + block.pass.filters - 1) / shape.filters_per_group() + 1;
    } else {
      const std::int64_t group = shape.channels_per_group();
      first_channel = block.pass.conv_group * group + block.pass.first_unit * tiling.layer_.layout.channels_per_unit;
      last_channel = block.pass.conv_group * group +
                     std::min(block.pass.last_unit * tiling.layer_.layout.channels_per_unit, group);
    }
    const auto resident = windows.find(first_channel);
    if (resident != windows.end() && resident->second.last_channel == last_channel &&
        first >= resident->second.first_row && first <= resident->second.last_row) {
      InputWindow& window = resident->second;
      load_rows(block, first_channel, last_channel, std::max(first, window.last_row), last);
      if (!whole_input) window.first_row = first;
      window.last_row = std::max(last, window.last_row);
      return;
    }
    load_rows(block, first_channel, last_channel, first, last);
    if (!whole_input || shape.groups > 1) windows.clear();
    windows[first_channel] = {last_channel, first, last};
  }

  void add(std::int64_t pass_index, std::int64_t chunk, std::int64_t first_tile, std::int64_t last_tile) {
    const std::int64_t units = tiling.layer_.layout.units;
    Block block;
    block.pass = tiling.pass_at(pass_index);
    block.pass.first_unit = chunk * mapping.units_per_chunk;
    block.pass.last_unit = std::min(units, block.pass.first_unit + mapping.units_per_chunk);
    block.first_tile = first_tile;
    block.last_tile = last_tile;
    block.first_chunk = chunk == 0;
    block.last_chunk = chunk == mapping.chunks - 1;
    block.emits = block.last_chunk || mapping.order == "spill";
    block.adds_partial_sums = mapping.order == "spill" && !block.first_chunk;
    load_weights(block, pass_index, chunk);
    load_inputs(block);
    mapping.blocks.push_back(std::move(block));
  }
};

Mapping Tiling::build(const std::string& order, std::int64_t chunks, std::int64_t height) const {
  const LayerShape& shape = layer_.shape();
  Builder builder{*this, {}, {}, -1, -1, {}, 0, false, false};
  Mapping& mapping = builder.mapping;
  mapping.order = order;
  mapping.chunks = chunks;
  mapping.rows_per_block = height;
  mapping.units_per_chunk = units_per_chunk(chunks);
  builder.whole_input = whole_input_fits(chunks);
  const std::int64_t tiles = ceil_div(shape.F(), spec_.dim_F);
  const std::int64_t all = shape.E() * tiles;
  const std::int64_t step = order == "restream" ? 1 : height * tiles;
  const std::int64_t passes = pass_count();
  if (order == "input-stationary") {
    for (std::int64_t first = 0; first < all; first += step) {
      for (std::int64_t pass = 0; pass < passes; ++pass) builder.add(pass, 0, first, std::min(first + step, all));
    }
  } else if (order == "restream") {
    for (std::int64_t pass = 0; pass < passes; ++pass) {
      for (std::int64_t tile = 0; tile < all; ++tile) {
        for (std::int64_t chunk = 0; chunk < chunks; ++chunk) builder.add(pass, chunk, tile, tile + 1);
      }
    }
  } else {
    for (std::int64_t pass = 0; pass < passes; ++pass) {
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        for (std::int64_t first = 0; first < all; first += step)
          builder.add(pass, chunk, first, std::min(first + step, all));
      }
    }
  }
  finish(mapping);
  return std::move(mapping);
}

}  // namespace rebasis::sim::smartdeal
