// What the weight decoder counts, and what its memories are.
#pragma once

#include <array>
#include <cstdint>

#include "sim/core/account.h"

namespace rebasis::sim {

/// Priced events, in the order in which sequence_names() appends them.
enum class DecoderAction : std::size_t {
  table_read,
  table_write,  ///< bytes of the code table
  chunk_read,
  chunk_write,  ///< bytes of a chunk's tree and rank samples
  huffman_symbol,
  pair,        ///< of run_length
  rank,        ///< bits counted in a word and added to its sample
  level_step,  ///< bit taken at a cursor of succinct_block
  staged_read,
  staged_write,  ///< bytes of coded weights in the bank of the weight buffer that their weights will fill
  count
};
inline constexpr std::size_t decoder_actions = static_cast<std::size_t>(DecoderAction::count);
inline constexpr std::array<const char*, decoder_actions> decoder_action_names{
    "decoder_table.read_byte",   "decoder_table.write_byte",  "decoder_chunk.read_byte", "decoder_chunk.write_byte",
    "huffman_decoder.symbol",    "weight_decoder.pair",       "weight_decoder.rank",     "weight_decoder.level_step",
    "decoder_staging.read_byte", "decoder_staging.write_byte"};

/// Of one run or one tile.
struct DecoderActions {
  std::array<std::uint64_t, decoder_actions> count{};
  [[nodiscard]] std::uint64_t& operator[](DecoderAction action) { return count[static_cast<std::size_t>(action)]; }
  [[nodiscard]] std::uint64_t operator[](DecoderAction action) const { return count[static_cast<std::size_t>(action)]; }
  DecoderActions& operator+=(const DecoderActions& other) {
    for (std::size_t i = 0; i < count.size(); ++i) count[i] += other.count[i];
    return *this;
  }
  bool operator==(const DecoderActions&) const = default;
};

/// What a run of a layer counts of the decoder. Cycles after its last work are left to the sequence, as idle.
struct DecoderCounts {
  Account account;  ///< of all streams
  DecoderActions actions;
};

inline constexpr const char* decoder_block = "weight_decoder";

// An access to a level of a tree in the chunk memory: where the node begins, a word of bits, the count before it.
inline constexpr std::uint64_t tree_word_bits = 64;
inline constexpr std::uint64_t node_start_bytes = 2, tree_word_bytes = 8, rank_sample_bytes = 2;
inline constexpr std::uint64_t level_bytes = node_start_bytes + tree_word_bytes + rank_sample_bytes;

}  // namespace rebasis::sim
