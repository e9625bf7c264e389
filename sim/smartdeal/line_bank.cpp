#include "sim/smartdeal/line_bank.h"

#include <algorithm>
#include <limits>

#include "sim/smartdeal/latencies.h"

// The loops below are where `fast` spends its time. They are plain so that the compiler vectorises them, once for each
// instruction set the program may meet.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define REBASIS_VECTOR_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define REBASIS_VECTOR_CLONES
#endif

namespace rebasis::sim::smartdeal {

namespace {

template <class Sum>
struct WaitSums {
  Sum imbalance = 0, output = 0, fill_drain = 0, dram = 0, index = 0, inputs = 0, weights = 0;
};

/// Start and end of an item on the lines that need it; the wait before it is cut at each event that it waited for.
template <class Sum>
[[gnu::always_inline]] inline WaitSums<Sum> start_lines(const ItemTimes item, const std::uint16_t* __restrict fetch,
                                                        const Time* __restrict weights_ready,
                                                        const Time* __restrict slice_done,
                                                        const Time* __restrict handoff, const Time* __restrict gate,
                                                        Time* __restrict done, Time* __restrict start,
                                                        std::size_t first, std::size_t last) {
  Sum imbalance = 0, output = 0, fill_drain = 0, dram = 0, index = 0, inputs = 0, weights = 0;
  for (std::size_t s = first; s < last; ++s) {
    const Time needed = fetch[s] != 0 ? -1 : 0;
    const Time t0 = done[s];
    const Time t1 = std::max(t0, slice_done[s]);
    const Time t2 = std::max(t1, handoff[s]);
    const Time t3 = std::max(t2, gate[s]);
    const Time loaded = std::max(t3, item.block_loaded);
    const Time t4 = std::max(loaded, item.block_ready);
    const Time t5 = std::max(t4, item.selected);
    const Time t6 = std::max(t5, item.port_free);
    const Time t7 = std::max(t6, item.basis_ready);
    const Time t8 = std::max(t7, item.granted);
    const Time t9 = std::max(t8, item.arrived);
    const Time t10 = std::max(t9, weights_ready[s]);
    imbalance += needed & (t1 - t0 + t8 - t7);
    output += needed & (t2 - t1);
    fill_drain += needed & (t3 - t2);
    dram += needed & (loaded - t3);
    index += needed & (t5 - t4);
    inputs += needed & (t6 - t5 + t9 - t8);
    weights += needed & (t4 - loaded + t7 - t6 + t10 - t9);
    start[s] = t0 > 0 ? t10 : 0;  // only for new rows: the line's first row takes a latch that nothing held
    done[s] = needed != 0 ? t10 + item.cycles : t0;
  }
  return {imbalance, output, fill_drain, dram, index, inputs, weights};
}

REBASIS_VECTOR_CLONES
WaitSums<Time> start_lines_early(const ItemTimes item, const std::uint16_t* __restrict fetch,
                                 const Time* __restrict weights_ready, const Time* __restrict slice_done,
                                 const Time* __restrict handoff, const Time* __restrict gate, Time* __restrict done,
                                 Time* __restrict start, std::size_t first, std::size_t last) {
  return start_lines<Time>(item, fetch, weights_ready, slice_done, handoff, gate, done, start, first, last);
}

/// Late in a long layer the waits of all slices together no longer fit 32 bits.
WaitSums<std::int64_t> start_lines_late(const ItemTimes item, const std::uint16_t* fetch, const Time* weights_ready,
                                        const Time* slice_done, const Time* handoff, const Time* gate, Time* done,
                                        Time* start, std::size_t first, std::size_t last) {
  return start_lines<std::int64_t>(item, fetch, weights_ready, slice_done, handoff, gate, done, start, first, last);
}

template <class Sum>
void add(Waits& waits, const WaitSums<Sum>& sums) {
  waits.imbalance += sums.imbalance;
  waits.output += sums.output;
  waits.fill_drain += sums.fill_drain;
  waits.dram += sums.dram;
  waits.index += sums.index;
  waits.inputs += sums.inputs;
  waits.weights += sums.weights;
}

REBASIS_VECTOR_CLONES
void fetch_lines(Time requested, Time release, Time latency, const std::uint16_t* __restrict fetch,
                 const std::uint16_t* __restrict rebuild, const Time* __restrict latch_free,
                 Time* __restrict basis_start, Time* __restrict basis_words, Time* __restrict port_free,
                 Time* __restrict rebuilder_free, Time* __restrict weights_ready, std::size_t first, std::size_t last) {
  for (std::size_t s = first; s < last; ++s) {
    const bool needed = fetch[s] != 0;
    const Time start = std::max(std::max(requested, latch_free[s] + release), port_free[s]);
    // Basis words take the port's idle cycles; `basis_start` becomes their arrival when none are left.
    const Time basis_from = std::max(port_free[s], basis_start[s]);
    const Time words = basis_words[s];
    const Time moved = std::min(std::max(0, start - basis_from), words);
    const Time fetched = start + fetch[s];
    const Time ready = std::max(fetched + latency, rebuilder_free[s]) + rebuild[s];
    basis_start[s] = needed && words > 0 && moved == words ? basis_from + words + latency : basis_start[s];
    basis_words[s] = needed ? words - moved : words;
    port_free[s] = needed ? fetched : port_free[s];
    rebuilder_free[s] = needed ? ready : rebuilder_free[s];
    weights_ready[s] = needed ? ready : weights_ready[s];
  }
}

REBASIS_VECTOR_CLONES
Time latest(const std::uint16_t* __restrict fetch, const Time* __restrict time, std::size_t first, std::size_t last) {
  Time result = 0;
  for (std::size_t s = first; s < last; ++s) result = std::max(result, fetch[s] != 0 ? time[s] : 0);
  return result;
}

REBASIS_VECTOR_CLONES
void select(const std::uint16_t* __restrict fetch, const Time* __restrict from, Time* __restrict to, std::size_t first,
            std::size_t last) {
  for (std::size_t s = first; s < last; ++s) to[s] = fetch[s] != 0 ? from[s] : to[s];
}

}  // namespace

LineBank::LineBank(std::size_t slices, const LineShape& shape)
    : read_latency_(shape.read_latency),
      release_latency_(shape.row_latches == 1 ? 0 : shape.release_latency),
      done_(slices),
      slot_free_(shape.fifo_rows, std::vector<Time>(slices)),
      row_start_(shape.row_latches - 1, std::vector<Time>(slices)),
      port_free_(slices),
      rebuilder_free_(slices),
      weights_ready_(slices),
      basis_start_(slices),
      basis_words_(slices),
      start_(slices) {}

Time LineBank::room(const std::uint16_t* fetch, std::size_t first, std::size_t last) const {
  return latest(fetch, slot_free_.front().data(), first, last);
}

void LineBank::push(std::vector<std::vector<Time>>& ring, const std::uint16_t* fetch, const std::vector<Time>& value,
                    std::size_t first, std::size_t last) {
  if (ring.empty()) return;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) select(fetch, ring[i + 1].data(), ring[i].data(), first, last);
  select(fetch, value.data(), ring.back().data(), first, last);
}

void LineBank::consume(const ItemTimes& item, const std::uint16_t* fetch, const std::uint16_t* rebuild, bool new_row,
                       const SliceTimes& slice, std::size_t first, std::size_t last, Waits& waits) {
  if (new_row) {
    // With one latch the row in use blocks the fetch until it is done; its end is registered anyway.
    const std::vector<Time>& latch_free = row_start_.empty() ? done_ : row_start_.front();
    fetch_lines(item.granted + signal_latency, release_latency_, read_latency_, fetch, rebuild, latch_free.data(),
                basis_start_.data(), basis_words_.data(), port_free_.data(), rebuilder_free_.data(),
                weights_ready_.data(), first, last);
  }
  const Time* const slice_done = slice.done.data();
  const Time* const handoff = slice.handoff.data();
  const Time* const gate = slice.gate.data();
  // No wait is longer than the time that this item or the gate of the tile stands for, within a small factor.
  const auto early = static_cast<Time>(std::numeric_limits<Time>::max() / 4 / std::max<std::size_t>(1, done_.size()));
  if (item.arrived < early && slice.latest_gate < early) {
    add(waits, start_lines_early(item, fetch, weights_ready_.data(), slice_done, handoff, gate, done_.data(),
                                 start_.data(), first, last));
  } else {
    add(waits, start_lines_late(item, fetch, weights_ready_.data(), slice_done, handoff, gate, done_.data(),
                                start_.data(), first, last));
  }
  push(slot_free_, fetch, done_, first, last);
  if (new_row) push(row_start_, fetch, start_, first, last);
}

Time LineBank::finish_basis(std::size_t slice) {
  if (basis_words_[slice] > 0) {
    port_free_[slice] = std::max(port_free_[slice], basis_start_[slice]) + basis_words_[slice];
    basis_words_[slice] = 0;
    basis_start_[slice] = port_free_[slice] + read_latency_;
  }
  return basis_start_[slice];
}

void LineBank::start_basis(std::size_t slice, Time at, Time words) {
  basis_start_[slice] = at;
  basis_words_[slice] = words;
}

}  // namespace rebasis::sim::smartdeal
