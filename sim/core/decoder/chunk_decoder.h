// A chunk of coded weights, and a decoder that works on it cycle by cycle. docs/decoders.md, "Cycle rules".
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sim/core/decoder/decode_plan.h"

namespace rebasis::sim {

/// The chunk as it lies in DRAM: header, then codes, or the trees of runs and values.
[[nodiscard]] std::vector<std::uint8_t> encode_chunk(std::span<const std::int8_t> weights, const LayerCode& code,
                                                     const arch::DecoderSpec& spec);

class ChunkDecoder {
 public:
  virtual ~ChunkDecoder() = default;
  /// One cycle; true when the chunk's last weight was written in it.
  bool cycle(DecoderActions& actions);
  /// Weights written so far, zeros too.
  [[nodiscard]] const std::vector<std::int8_t>& weights() const { return weights_; }

 protected:
  /// A group of symbols, or an operand in a tree.
  struct Entry {
    std::size_t number = 0;                                       ///< in the chunk
    std::vector<std::pair<std::uint32_t, std::int8_t>> operands;  ///< decoded: zeros, then the value
    bool walked = false;
    Cycle write_left = -1;  ///< -1: not yet writing
  };
  /// `weights`: of the chunk. `slots`: entries at work at once.
  ChunkDecoder(const DecodePlan& plan, std::size_t weights, std::size_t slots)
      : plan_(plan), count_(weights), slots_(slots) {}

  /// A cycle before the first entry; false when there are none left.
  virtual bool prepare(DecoderActions&) { return false; }
  [[nodiscard]] virtual bool more() const = 0;
  /// The first cycle of an entry, and each of the others.
  virtual void work(Entry& entry, DecoderActions& actions) = 0;

  const DecodePlan& plan_;
  std::size_t count_;

 private:
  [[nodiscard]] Cycle write_cycles(const Entry& entry) const;

  std::size_t slots_, entries_ = 0;
  std::deque<Entry> at_work_;
  std::vector<std::int8_t> weights_;
};

/// Decoder for the bytes of encode_chunk().
[[nodiscard]] std::unique_ptr<ChunkDecoder> make_chunk_decoder(const DecodePlan& plan, std::vector<std::uint8_t> bytes,
                                                               std::size_t weights);

}  // namespace rebasis::sim
