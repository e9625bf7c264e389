#include "sim/smartdeal/coefficient_decoders.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::smartdeal {

Cycle CoefficientDecoders::load(const Block& block, Cycle issued, const std::function<Cycle(std::uint64_t)>& arrival,
                                Account& account) {
  Cycle done = 0;
  if (!block.coded) return done;
  for (std::size_t i = 0; i < block.coded->size(); ++i) {
    const CodedFilter& filter = (*block.coded)[i];
    if (filter.symbols == 0) continue;
    if (!table_ready_) table_ready_ = arrival(block.codes_begin) + spec_.huffman_table_load;
    Cycle& free = free_[decoder_of(i, mode_, spec_)];
    const Cycle arrived = std::max(free, arrival(block.codes_begin + filter.end));
    const Cycle asked = std::clamp(issued, free, arrived);
    const Cycle begin = std::max(arrived, *table_ready_) + spec_.huffman_start;
    const auto cycles =
        static_cast<Cycle>(ceil_div(filter.symbols, static_cast<std::uint64_t>(spec_.huffman_symbols_per_cycle)));
    account[Cause::output] += asked - free;  // no bank of the weight buffer to decode into
    account[Cause::dram] += arrived - asked;
    account[Cause::fill_drain] += begin - arrived;
    account[Cause::busy] += cycles;
    free = begin + cycles;
    done = std::max(done, free);
  }
  return done;
}

}  // namespace rebasis::sim::smartdeal
