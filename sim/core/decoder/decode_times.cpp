#include "sim/core/decoder/decode_times.h"

#include <algorithm>

namespace rebasis::sim {

Cycle DecodeTimes::load(std::size_t tile, std::uint64_t head, Cycle issued,
                        const std::function<Cycle(std::uint64_t)>& arrival) {
  const CodedTile& coded = plan_.tiles[tile];
  Cycle done = 0;
  for (const Chunk& chunk : coded.chunks) {
    Cycle& free = free_[next_];
    next_ = next_ + 1 == free_.size() ? 0 : next_ + 1;
    const Cycle begin = std::max(free, arrival(head + chunk.end)), asked = std::clamp(issued, free, begin);
    counts_.account[Cause::output] += asked - free;  // no bank of the weight buffer to decode into
    counts_.account[Cause::dram] += begin - asked;
    counts_.account[Cause::busy] += chunk.cycles;
    free = begin + chunk.cycles;
    done = std::max(done, free);
  }
  counts_.actions += coded.actions;
  counts_.actions[DecoderAction::table_write] += head;
  return done;
}

}  // namespace rebasis::sim
