// The PE lines with the same number of all slices: the state of the `fast` recurrences, arrays over slices.
#pragma once

#include <cstdint>
#include <vector>

namespace rebasis::sim::smartdeal {

using Time = std::int32_t;  ///< cycles since the start of the layer; 32 bits let a vector register hold more slices

/// When an item went through the selector and the input port, and what it takes on a line.
struct ItemTimes {
  Time block_loaded = 0;  ///< data of the block in the buffers, but for decoding
  Time block_ready = 0;   ///< its weights decoded
  Time selected = 0;      ///< the index selector found the pair
  Time port_free = 0;     ///< the lane's port has sent what came before
  Time basis_ready = 0;   ///< every line concerned has the basis
  Time granted = 0;       ///< every FIFO that needs it has room; the port starts
  Time arrived = 0;       ///< the segment is in the FIFOs
  Time cycles = 0;        ///< on the line
};

/// End of the last tile, by slice.
struct SliceTimes {
  std::vector<Time> done;     ///< all lines finished
  std::vector<Time> handoff;  ///< the adder tree took the partial sums
  std::vector<Time> gate;     ///< the lines may start the next tile
  Time latest_gate = 0;
};

/// Line cycles spent waiting, summed over the slices of one call.
struct Waits {
  std::int64_t imbalance = 0, output = 0, fill_drain = 0, dram = 0, index = 0, inputs = 0, weights = 0;
};

/// What a line consists of, as far as the recurrences go.
struct LineShape {
  std::size_t fifo_rows = 0, row_latches = 0;
  Time read_latency = 0;     ///< of the weight buffer
  Time release_latency = 0;  ///< from the start of a row to the fetch into the latch that it frees
};

class LineBank {
 public:
  LineBank(std::size_t slices, const LineShape& shape);

  /// Earliest cycle at which all slices of [first, last) that need the row (fetch != 0) have room in their FIFO.
  [[nodiscard]] Time room(const std::uint16_t* fetch, std::size_t first, std::size_t last) const;
  /// The lines of [first, last) that need the row consume the item. `new_row`: its weight row must be fetched first.
  void consume(const ItemTimes& item, const std::uint16_t* fetch, const std::uint16_t* rebuild, bool new_row,
               const SliceTimes& slice, std::size_t first, std::size_t last, Waits& waits);

  /// Completes the outstanding basis fetch; returns when it is (was) complete. Uses the weight port's idle cycles.
  Time finish_basis(std::size_t slice);
  /// Starts fetching `words` port cycles of basis at `at`.
  void start_basis(std::size_t slice, Time at, Time words);

  [[nodiscard]] const std::vector<Time>& done() const { return done_; }

 private:
  static void push(std::vector<std::vector<Time>>& ring, const std::uint16_t* fetch, const std::vector<Time>& value,
                   std::size_t first, std::size_t last);

  Time read_latency_, release_latency_;
  std::vector<Time> done_;                    ///< end of the last item
  std::vector<std::vector<Time>> slot_free_;  ///< ends of the last fifo_rows items, oldest first
  std::vector<std::vector<Time>> row_start_;  ///< starts of the last row_latches - 1 weight rows, oldest first
  std::vector<Time> port_free_;               ///< weight port after the last read
  std::vector<Time> rebuilder_free_;
  std::vector<Time> weights_ready_;  ///< of the current row
  std::vector<Time> basis_start_;    ///< of the outstanding basis fetch; when the last one arrived if none is
  std::vector<Time> basis_words_;    ///< left of it
  std::vector<Time> start_;          ///< of the current item (scratch)
};

}  // namespace rebasis::sim::smartdeal
