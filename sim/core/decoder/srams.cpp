#include "sim/core/decoder/srams.h"

#include <algorithm>
#include <bit>

#include "sim/core/decoder/actions.h"
#include "sim/core/decoder/code.h"

namespace rebasis::sim {

arch::EnergyTable::Srams decoder_srams(const arch::DecoderSpec& decoder, const arch::EnergyTable::Srams& of_array) {
  constexpr std::int64_t least_bytes = 512, symbols = 256, table_port_bits = 16;
  // The bits of a chunk and its rank samples, 16 bits a word; a power of two.
  const std::int64_t tree_bytes =
      decoder.chunk * longest_code / 8 * (tree_word_bytes + rank_sample_bytes) / tree_word_bytes;
  const auto capacity = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(tree_bytes)));
  arch::EnergyTable::Srams srams{{"decoder_table", {2 * symbols, table_port_bits}},
                                 {"decoder_chunk", {std::max(least_bytes, capacity), tree_word_bits}}};
  if (const auto buffer = of_array.find("weight_buffer"); buffer != of_array.end())
    srams.emplace("decoder_staging", buffer->second);
  return srams;
}

}  // namespace rebasis::sim
