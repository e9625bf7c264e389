// What of a mapping decides how the layer runs.
#include <algorithm>

#include "common/sha256.h"
#include "sim/smartdeal/mapping.h"

namespace rebasis::sim::smartdeal {

namespace {

void add_block(Sha256& hash, const Block& block) {
  const PassRange& pass = block.pass;
  for (const std::int64_t number : {pass.conv_group, pass.first_filter, pass.filters, pass.first_unit, pass.last_unit,
                                    block.first_tile, block.last_tile})
    hash.add(number);
  for (const bool flag : {block.new_weights, block.first_chunk, block.last_chunk, block.emits, block.adds_partial_sums})
    hash.add(flag);
  add_transfers(hash, block.loads);
  for (const std::uint64_t count : {block.coefficient_symbols, block.weight_buffer_bytes, block.index_buffer_bytes})
    hash.add(count);
}

}  // namespace

std::string identity(const LayerShape& shape, const Mapping& mapping, const arch::SmartDealSpec& spec) {
  Sha256 hash;
  hash.add(mapping.blocks.size());
  for (const Block& block : mapping.blocks) add_block(hash, block);
  const std::vector<OutputBatch> batches = output_batches(shape, mapping, spec);
  hash.add(batches.size());
  for (const OutputBatch& batch : batches) {
    hash.add(batch.groups);
    add_transfers(hash, batch.writes);
    add_transfers(hash, batch.partial_sums);
  }
  hash.add(std::min(mapping.output_slots, static_cast<std::int64_t>(batches.size())));
  return hash.digest();
}

}  // namespace rebasis::sim::smartdeal
