// The Huffman decoders of SmartDeal in `fast`: one in front of the weight buffer of a slice, or shared by several.
// docs/accelerators/smartdeal.md, "Huffman decoders".
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sim/smartdeal/mapping.h"

namespace rebasis::sim::smartdeal {

/// Decoder that takes filter `index` of a pass.
[[nodiscard]] inline std::size_t decoder_of(std::size_t index, const Mode& mode, const arch::SmartDealSpec& spec) {
  return index % static_cast<std::size_t>(mode.slices) % static_cast<std::size_t>(spec.huffman_decoders);
}

class CoefficientDecoders {
 public:
  CoefficientDecoders(const Mode& mode, const arch::SmartDealSpec& spec)
      : mode_(mode), spec_(spec), free_(static_cast<std::size_t>(spec.huffman_decoders)) {}

  /// The coefficients of a block with new weights, in the order of the blocks. `issued`: when the DMA was told;
  /// `arrival(bytes)`: when so many bytes of the load have come. Returns when all are in the weight buffers.
  Cycle load(const Block& block, Cycle issued, const std::function<Cycle(std::uint64_t)>& arrival, Account& account);

 private:
  const Mode& mode_;
  const arch::SmartDealSpec& spec_;
  std::vector<Cycle> free_;           ///< of each decoder
  std::optional<Cycle> table_ready_;  ///< the layer's code table is in them
};

}  // namespace rebasis::sim::smartdeal
