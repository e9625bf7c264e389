#include "sim/core/decoder/srams.h"

#include <algorithm>
#include <bit>

#include "sim/core/decoder/actions.h"
#include "sim/core/decoder/code.h"

namespace rebasis::sim {

arch::EnergyTable::Srams decoder_srams(const arch::DecoderSpec& decoder, const arch::EnergyTable::Srams& of_array) {
  constexpr std::uint64_t least_bytes = 512, table_bytes = 512;
  constexpr std::uint32_t table_port_bits = 16, chunk_port_bits = 64;
  // The bits of a chunk and its rank samples, 16 bits a word of the tree; a power of two.
  const std::uint64_t tree_bytes = static_cast<std::uint64_t>(decoder.chunk) * longest_code / 8;
  const std::uint64_t capacity = std::bit_ceil(tree_bytes + tree_bytes / tree_word_bytes * rank_sample_bytes);
  arch::EnergyTable::Srams srams{{"decoder_table", {table_bytes, table_port_bits}},
                                 {"decoder_chunk", {std::max(least_bytes, capacity), chunk_port_bits}}};
  if (const auto buffer = of_array.find("weight_buffer"); buffer != of_array.end())
    srams.emplace("decoder_staging", buffer->second);
  return srams;
}

}  // namespace rebasis::sim
