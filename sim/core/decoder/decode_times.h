// The weight decoder in `fast`: when its streams are done with each chunk, as recurrences over chunks.
#pragma once

#include <functional>
#include <vector>

#include "sim/core/decoder/decode_plan.h"

namespace rebasis::sim {

class DecodeTimes {
 public:
  explicit DecodeTimes(const DecodePlan& plan) : plan_(plan), free_(static_cast<std::size_t>(plan.spec.streams)) {}

  /// The next coded load, in the order of the steps. `issued`: when the DMA was told; `arrival(bytes)`: when so many of
  /// its bytes have come. `head`: bytes before the chunks. Returns when its weights are in the buffer.
  Cycle load(std::size_t tile, std::uint64_t head, Cycle issued, const std::function<Cycle(std::uint64_t)>& arrival);
  [[nodiscard]] const DecoderCounts& counts() const { return counts_; }

 private:
  const DecodePlan& plan_;
  std::vector<Cycle> free_;  ///< of each stream
  std::size_t next_ = 0;     ///< stream that takes the next chunk
  DecoderCounts counts_;
};

}  // namespace rebasis::sim
