#include "sim/smartdeal/tiling.h"

#include <algorithm>

#include "sim/smartdeal/dram_layout.h"

namespace rebasis::sim::smartdeal {

Tiling::Tiling(const LayerData& layer, const arch::SmartDealSpec& spec, const MemorySpeed& memory)
    : layer_(layer),
      spec_(spec),
      mode_(mode_of(layer.shape(), spec)),
      memory_(memory),
      row_used_(static_cast<std::size_t>(layer.shape().H), false) {
  const LayerShape& shape = layer.shape();
  for (std::int64_t e = 0; e < shape.E(); ++e) {
    for (std::int64_t r = 0; r < shape.R; ++r) {
      const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
      if (h >= 0 && h < shape.H) row_used_[static_cast<std::size_t>(h)] = true;
    }
  }
}

std::int64_t Tiling::units_per_chunk(std::int64_t chunks) const {
  const std::int64_t units = ceil_div(layer_.layout.units, chunks);
  if (chunks == 1 || units <= mode_.lanes) return units;  // fewer units than lanes: as small as it takes
  return std::min(ceil_div(units, mode_.lanes) * mode_.lanes, layer_.layout.units);
}

std::int64_t Tiling::channels_of(std::int64_t units) const {
  if (mode_.depthwise) return std::min(mode_.slices, layer_.shape().M);  // a channel a slice (or fewer)
  return std::min(units * layer_.layout.channels_per_unit, layer_.shape().channels_per_group());
}

std::int64_t Tiling::pass_count() const {
  if (mode_.depthwise) return ceil_div(layer_.shape().M, mode_.slices);
  return layer_.shape().groups * ceil_div(layer_.shape().filters_per_group(), mode_.filters_at_once());
}

PassRange Tiling::pass_at(std::int64_t index) const {
  const LayerShape& shape = layer_.shape();
  if (mode_.depthwise) {
    const std::int64_t first = index * mode_.slices;
    return {0, first, std::min(mode_.slices, shape.M - first), 0, layer_.layout.units};
  }
  const std::int64_t passes = ceil_div(shape.filters_per_group(), mode_.filters_at_once());
  const std::int64_t group = index / passes;
  const std::int64_t first = index % passes * mode_.filters_at_once();
  return {group, group * shape.filters_per_group() + first,
          std::min(mode_.filters_at_once(), shape.filters_per_group() - first), 0, layer_.layout.units};
}

std::uint64_t Tiling::filter_buffer_bytes(std::int64_t first_unit, std::int64_t last_unit) const {
  const WeightLayout& layout = layer_.layout;
  const std::int64_t first = first_unit * layout.rows_per_unit;
  const std::int64_t last = last_unit * layout.rows_per_unit;
  if (!layout.compressed) return as_unsigned((last - first) * layout.n * spec_.element_bytes());
  std::int64_t most = 0;
  for (std::int64_t m = 0; m < layer_.shape().M; ++m) {
    const auto begin = layer_.nonzeros.begin() + m * layout.rows;
    most = std::max<std::int64_t>(
        most, std::count_if(begin + first, begin + last, [](std::uint8_t count) { return count != 0; }));
  }
  const auto basis = [&](std::int64_t row) { return layout.basis_of_row[static_cast<std::size_t>(row)]; };
  const std::int64_t bases = basis(last - 1) - basis(first) + 1;
  return as_unsigned(most * ceil_div<std::int64_t>(layout.row_bits, 8) +
                     bases * layout.basis_bytes * spec_.element_bytes());
}

std::uint64_t Tiling::index_bytes(std::int64_t units) const {
  if (!layer_.layout.compressed) return 0;
  const std::int64_t filters =
      std::min(mode_.filters_at_once(), mode_.depthwise ? layer_.shape().M : layer_.shape().filters_per_group());
  return as_unsigned(ceil_div<std::int64_t>(filters * units * layer_.layout.rows_per_unit, 8));
}

bool Tiling::weights_fit(std::int64_t units) const {
  const WeightLayout& layout = layer_.layout;
  const std::uint64_t buffer = as_unsigned(spec_.weight_buffer_bytes / 2);
  if (index_bytes(units) > as_unsigned(spec_.index_gb_bytes / 2)) return false;
  for (std::int64_t first = 0; first < layout.units; first += units) {
    const std::uint64_t need =
        filter_buffer_bytes(first, std::min(first + units, layout.units)) * as_unsigned(mode_.clusters);
    if (need > buffer) return false;
  }
  return true;
}

std::uint64_t Tiling::input_row_bytes(std::int64_t units) const {
  const LayerShape& shape = layer_.shape();
  const std::int64_t of_lane =
      mode_.depthwise ? ceil_div(channels_of(units), mode_.lanes)
                      : std::min(ceil_div(units, mode_.lanes) * layer_.layout.channels_per_unit, channels_of(units));
  const std::int64_t columns = shape.W + (spec_.input_gb_row_start == "padding" ? shape.pad_left : 0);
  const bool by_phase = spec_.input_gb_columns == "by_phase";
  const std::int64_t pieces = by_phase ? std::min(shape.stride_w, columns) : 1;
  const std::int64_t access = spec_.lane_banks() * spec_.input_word_bytes();
  const std::int64_t row = pieces * ceil_div(ceil_div(columns, pieces) * spec_.element_bytes(), access) * access;
  return as_unsigned(of_lane * row * mode_.lanes);
}

std::int64_t Tiling::max_window_rows(std::int64_t height) const {
  const LayerShape& shape = layer_.shape();
  const std::int64_t rows = (height - 1) * shape.stride_h + (shape.R - 1) * shape.dilation_h + 1;
  return std::min(rows, shape.H);
}

bool Tiling::whole_input_fits(std::int64_t chunks) const {
  // With groups the next group's channels are loaded while this group's are in use.
  const std::int64_t copies = layer_.shape().groups > 1 ? 2 * chunks : chunks;
  return input_row_bytes(units_per_chunk(chunks)) * as_unsigned(layer_.shape().H * copies) <=
         as_unsigned(spec_.input_gb_bytes);
}

bool Tiling::inputs_fit(std::int64_t chunks, std::int64_t height) const {
  const std::uint64_t row = input_row_bytes(units_per_chunk(chunks));
  const std::uint64_t buffer = as_unsigned(spec_.input_gb_bytes);
  return whole_input_fits(chunks) || 2 * row * as_unsigned(max_window_rows(height)) <= buffer;
}

std::size_t Tiling::block_count(const std::string& order, std::int64_t chunks, std::int64_t height) const {
  const LayerShape& shape = layer_.shape();
  const std::int64_t pieces =
      order == "restream" ? shape.E() * ceil_div(shape.F(), spec_.dim_F) : ceil_div(shape.E(), height);
  return static_cast<std::size_t>(pass_count() * chunks * pieces);
}

void Tiling::check_output_buffer() const {
  const std::int64_t filters = std::min(mode_.filters_at_once(), layer_.shape().M);
  const std::int64_t group =
      filters * std::min(spec_.dim_F, layer_.shape().F()) * ceil_div<std::int64_t>(spec_.accumulator_bits, 8);
  if (group > spec_.output_gb_bytes) {
    fail_infeasible("layer '" + layer_.info.name + "': a group of output tiles takes " + std::to_string(group) +
                    " bytes as partial sums, output_gb.size is " + std::to_string(spec_.output_gb_bytes) +
                    "; enlarge output_gb.size or reduce array.dim_M or array.dim_F");
  }
}

void Tiling::fail() const {
  const std::string layer = "layer '" + layer_.info.name + "': ";
  const std::uint64_t index = index_bytes(1);
  if (index > as_unsigned(spec_.index_gb_bytes / 2)) {
    fail_infeasible(layer + "the weight index of the fewest channels takes " + std::to_string(index) +
                    " bytes, half of index_gb.size (" + std::to_string(spec_.index_gb_bytes) + ") is less; enlarge it");
  }
  const std::uint64_t weights = filter_buffer_bytes(0, 1) * as_unsigned(mode_.clusters);
  if (!weights_fit(1)) {
    fail_infeasible(layer + "the weights of the fewest channels take about " + std::to_string(weights) +
                    " bytes of a slice, half of weight_buffer.size (" + std::to_string(spec_.weight_buffer_bytes) +
                    ") is less; enlarge it");
  }
  fail_infeasible(layer + "the input rows of one output row take " +
                  std::to_string(input_row_bytes(1) * as_unsigned(max_window_rows(1))) +
                  " bytes for the fewest channels, half of input_gb.size (" + std::to_string(spec_.input_gb_bytes) +
                  ") is less; enlarge it");
}

const Tiling::WeightLoad& Tiling::weight_load(std::int64_t pass_index, const PassRange& pass) const {
  const auto [entry, fresh] = weight_loads_.try_emplace({pass_index, pass.first_unit, pass.last_unit});
  WeightLoad& size = entry->second;
  if (!fresh) return size;
  const WeightLayout& layout = layer_.layout;
  const std::int64_t first = pass.first_unit * layout.rows_per_unit;
  const std::int64_t last = pass.last_unit * layout.rows_per_unit;
  if (layout.compressed) {
    std::uint64_t coefficient_bits = 0;
    std::int64_t index_bits = pass.filters * (last - first);
    size.index_buffer = bytes_for(Bits(as_unsigned(index_bits))).count();
    std::int64_t stored_rows = 0;
    std::vector<CodedFilter> coded;
    for (std::int64_t m = pass.first_filter; m < pass.first_filter + pass.filters; ++m) {
      coefficient_bits += layer_.coefficient_bits(m, first, last);
      coded.push_back({bytes_for(Bits(coefficient_bits)).count(), 0});
      for (std::int64_t row = first; row < last; ++row) {
        const std::uint8_t count = layer_.nonzeros[static_cast<std::size_t>(m * layout.rows + row)];
        size.symbols += count;
        coded.back().symbols += count;
        stored_rows += count != 0 ? 1 : 0;
      }
    }
    index_bits += stored_rows * layout.n;
    const auto basis_of = [&](std::int64_t row) { return layout.basis_of_row[static_cast<std::size_t>(row)]; };
    const std::int64_t bases = pass.filters * (basis_of(last - 1) - basis_of(first) + 1);
    size.weights = size.codes = bytes_for(Bits(coefficient_bits)).count();
    size.coded = std::make_shared<const std::vector<CodedFilter>>(std::move(coded));
    size.index = bytes_for(Bits(as_unsigned(index_bits))).count();
    size.basis = as_unsigned(bases * layout.basis_bytes * spec_.element_bytes());
    size.buffer = as_unsigned(stored_rows * ceil_div<std::int64_t>(layout.row_bits, 8)) + size.basis;
  } else {
    size.weights = as_unsigned(pass.filters * (last - first) * layout.n * spec_.element_bytes());
    size.buffer = size.weights;
  }
  if (layer_.has_bias && pass.first_unit == 0) size.weights += as_unsigned(pass.filters) * 4;
  return size;
}

double Tiling::work_cycles(const Block& block) const {
  constexpr double digits = 1.5;  // cycles of a weight on a line of bit-serial MACs, typical of trained networks
  const WeightLayout& layout = layer_.layout;
  const std::int64_t units = block.pass.last_unit - block.pass.first_unit;
  const std::int64_t lanes = mode_.depthwise ? 1 : mode_.lanes;
  const std::int64_t taps = layout.rows_per_unit * std::max(layer_.shape().S, layout.channels_per_unit);
  const double compute = static_cast<double>(ceil_div(units, lanes) * taps) * digits;
  const std::int64_t slice_bytes = std::min(spec_.dim_F, layer_.shape().F()) * spec_.element_bytes();
  const std::int64_t port = ceil_div(slice_bytes, spec_.output_gb_banks * spec_.output_gb_port_bits / 8);
  const double output = static_cast<double>(std::min(mode_.slices, block.pass.filters) * port);
  return static_cast<double>(block.last_tile - block.first_tile) * std::max(compute, output);
}

void Tiling::finish(Mapping& mapping) const {
  const LayerShape& shape = layer_.shape();
  double previous_work = 0;
  const auto cycles = [&](std::uint64_t bytes) { return static_cast<double>(bytes) / memory_.bytes_per_cycle; };
  std::uint64_t largest_group = 1, smallest_group = UINT64_MAX;
  for (const Block& block : mapping.blocks) {
    const auto bytes_of = [&](TensorClass tensor) { return block.load_bytes[static_cast<std::size_t>(tensor)]; };
    std::uint64_t moved = 0;
    for (std::int64_t t = block.first_tile; t < block.last_tile && block.emits; ++t) {
      const Tile tile = tile_at(shape, spec_.dim_F, t);
      const std::uint64_t group = output_group_bytes(block, tile, spec_);
      const auto accumulator = as_unsigned(ceil_div<std::int64_t>(spec_.accumulator_bits, 8));
      const std::uint64_t partial = as_unsigned(block.pass.filters * tile.width) * accumulator;
      moved += group + (block.adds_partial_sums ? partial : 0);
      smallest_group = std::min(smallest_group, group);
      largest_group = std::max(largest_group, block.adds_partial_sums ? std::max(group, partial) : group);
    }
    mapping.dram.weights += bytes_of(TensorClass::weights);
    mapping.dram.basis += bytes_of(TensorClass::basis);
    mapping.dram.index += bytes_of(TensorClass::index);
    mapping.dram.inputs += bytes_of(TensorClass::inputs);
    mapping.dram.outputs += moved;
    std::uint64_t loaded = 0;
    for (const std::uint64_t bytes : block.load_bytes) loaded += bytes;
    // Double buffering: this block's load runs while the one before computes and drains.
    const double load = loaded == 0 ? 0 : cycles(loaded) + memory_.latency;
    mapping.estimated_cycles += std::max(load, previous_work);
    previous_work = std::max(work_cycles(block), cycles(moved));
  }
  mapping.estimated_cycles += previous_work;
  mapping.batch_bytes = std::max(as_unsigned(spec_.output_gb_bytes / spec_.output_gb_banks), largest_group);
  mapping.output_slots =
      std::max<std::int64_t>(1, spec_.output_gb_bytes / static_cast<std::int64_t>(mapping.batch_bytes));
  if (mapping.order == "spill") {
    // A partial sum is written before it is asked for: no more banks than the tiles of a chunk fill.
    const std::uint64_t chunk_tiles = as_unsigned(shape.E() * ceil_div(shape.F(), spec_.dim_F));
    const std::uint64_t batches =
        ceil_div(chunk_tiles, std::max<std::uint64_t>(1, mapping.batch_bytes / smallest_group));
    mapping.output_slots = std::min<std::int64_t>(mapping.output_slots, static_cast<std::int64_t>(batches));
  }
}

DramBytes compulsory_traffic(const LayerData& layer, const arch::SmartDealSpec& spec) {
  const LayerShape& shape = layer.shape();
  const WeightLayout& layout = layer.layout;
  DramBytes bytes;
  bytes.outputs = as_unsigned(shape.M * shape.E() * shape.F() * spec.element_bytes());
  std::int64_t rows = 0;
  std::vector<bool> used(static_cast<std::size_t>(shape.H), false);
  for (std::int64_t e = 0; e < shape.E(); ++e) {
    for (std::int64_t r = 0; r < shape.R; ++r) {
      const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
      if (h < 0 || h >= shape.H || used[static_cast<std::size_t>(h)]) continue;
      used[static_cast<std::size_t>(h)] = true;
      ++rows;
    }
  }
  bytes.inputs = as_unsigned(rows * shape.C * shape.W * spec.element_bytes());
  if (!layout.compressed) {
    bytes.weights = as_unsigned(shape.weights() * spec.element_bytes());
  } else {
    std::uint64_t code = 0, index = as_unsigned(shape.M * layout.rows);
    for (const std::uint64_t bits : layer.filter_coefficient_bits) code += bits;
    for (const std::uint8_t count : layer.nonzeros) index += count != 0 ? as_unsigned(layout.n) : 0;
    bytes.weights = bytes_for(Bits(code)).count() + layer.code_lengths.size();
    bytes.index = bytes_for(Bits(index)).count();
    bytes.basis = as_unsigned(shape.M * layout.bases * layout.basis_bytes * spec.element_bytes());
  }
  if (layer.has_bias) bytes.weights += as_unsigned(shape.M) * 4;
  return bytes;
}

}  // namespace rebasis::sim::smartdeal
