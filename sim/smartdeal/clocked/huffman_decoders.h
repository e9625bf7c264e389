// The Huffman decoders, cycle by cycle: each takes the codes of its slices' filters when they have arrived and puts out
// symbols_per_cycle coefficients a cycle.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/core/dma.h"
#include "sim/smartdeal/clocked/packet.h"
#include "sim/smartdeal/counters.h"
#include "workloads/encode/huffman.h"

namespace rebasis::sim::smartdeal {

class HuffmanDecoders {
 public:
  HuffmanDecoders(const Context& context, const Dma& dma);

  /// `issued`: when the load of each block was, or will be, given to the DMA, as far as that is known.
  void evaluate(Cycle now, const std::vector<Cycle>& issued, Counters& counters);
  /// When the block's coefficients were decoded: 0 when it brings none, Dma::never while they are not.
  [[nodiscard]] Cycle done(std::size_t block) const { return done_[block]; }
  [[nodiscard]] std::uint64_t symbols() const { return symbols_; }

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  struct Work {
    std::size_t block = 0, filter = 0;  ///< of the pass
  };
  struct Decoder {
    std::deque<Work> todo;
    std::vector<std::uint8_t> codes;  ///< of the first, while in work
    std::vector<encode::Coefficient> expected;
    std::optional<encode::BitReader> in;
    std::size_t next = 0;
    std::int64_t filling = 0;  ///< cycles until the first bits are in the decoder's buffer
  };
  void load_table(Cycle now);
  void start(Decoder& decoder);
  void step(Decoder& decoder, Cycle now);

  const Context& context_;
  const Dma& dma_;
  std::optional<encode::HuffmanEncoder> writer_;
  std::optional<encode::HuffmanDecoder> code_;
  std::vector<Decoder> decoders_;
  std::vector<Cycle> done_;        ///< by block
  std::vector<std::size_t> left_;  ///< filters to decode, by block
  std::uint64_t symbols_ = 0;
  std::size_t first_block_ = 0;   ///< that brings codes, and the table before them
  std::int64_t table_left_ = -1;  ///< cycles of loading the table, once it has arrived
};

}  // namespace rebasis::sim::smartdeal
