#include <algorithm>

#include "common/units.h"
#include "sim/smartdeal/dram_layout.h"
#include "sim/smartdeal/mapping.h"

namespace rebasis::sim::smartdeal {

Tile tile_at(const LayerShape& shape, std::int64_t dim_F, std::int64_t index) {
  const std::int64_t tiles = ceil_div(shape.F(), dim_F);
  const std::int64_t column = index % tiles;
  return {index / tiles, column, std::min(dim_F, shape.F() - column * dim_F)};
}

std::uint64_t output_group_bytes(const Block& block, const Tile& tile, const arch::SmartDealSpec& spec) {
  const std::int64_t element =
      block.last_chunk ? spec.element_bytes() : ceil_div<std::int64_t>(spec.accumulator_bits, 8);
  return as_unsigned(block.pass.filters * tile.width * element);
}

std::uint64_t output_address(const LayerShape& shape, const Block& block, const Tile& tile,
                             const arch::SmartDealSpec& spec) {
  const std::int64_t element =
      block.last_chunk ? spec.element_bytes() : ceil_div<std::int64_t>(spec.accumulator_bits, 8);
  // [E][column tile][M][columns]: what a tile group writes is contiguous, and so is a row.
  const std::int64_t position =
      tile.e * shape.M * shape.F() + tile.index * spec.dim_F * shape.M + block.pass.first_filter * tile.width;
  return (block.last_chunk ? outputs_base : partial_sums_base) + as_unsigned(position * element);
}

namespace {

void append(std::vector<Transfer>& transfers, const Transfer& next) {
  if (!transfers.empty() && transfers.back().address + transfers.back().bytes == next.address) {
    transfers.back().bytes += next.bytes;
  } else {
    transfers.push_back(next);
  }
}

}  // namespace

std::vector<OutputBatch> output_batches(const LayerShape& shape, const Mapping& mapping,
                                        const arch::SmartDealSpec& spec) {
  std::vector<OutputBatch> batches;
  std::uint64_t filled = 0;
  const Block* previous = nullptr;
  for (const Block& block : mapping.blocks) {
    Block partial = block;
    partial.last_chunk = false;  // partial sums have the accumulator's width
    // A chunk's partial sums are written before the next chunk reads them: batches end with the chunk.
    bool fresh = previous == nullptr || previous->pass.first_unit != block.pass.first_unit;
    for (std::int64_t t = block.first_tile; t < block.last_tile && block.emits; ++t) {
      const Tile tile = tile_at(shape, spec.dim_F, t);
      const std::uint64_t bytes = output_group_bytes(block, tile, spec);
      const std::uint64_t held =
          block.adds_partial_sums ? std::max(bytes, output_group_bytes(partial, tile, spec)) : bytes;
      if (fresh || filled + held > mapping.batch_bytes) {
        batches.emplace_back();
        filled = 0;
        fresh = false;
      }
      OutputBatch& batch = batches.back();
      ++batch.groups;
      filled += held;
      append(batch.writes, {TensorClass::outputs, output_address(shape, block, tile, spec), bytes});
      if (block.adds_partial_sums) {
        append(batch.partial_sums, {TensorClass::outputs, output_address(shape, partial, tile, spec),
                                    output_group_bytes(partial, tile, spec)});
      }
    }
    previous = &block;
  }
  return batches;
}

}  // namespace rebasis::sim::smartdeal
