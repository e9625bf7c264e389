// A PE line, cycle by cycle: FIFO, rebuild engines behind the shared weight port (MUX1), bit-serial MACs.
// Paper section V-B and Fig. 4b, 5; docs/accelerators/smartdeal.md gives each rule's source.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/smartdeal/clocked/packet.h"
#include "sim/smartdeal/counters.h"

namespace rebasis::sim::smartdeal {

/// Cycles of the slice's last tile that a waiting line is told about.
struct SliceEvents {
  Cycle done = 0, handoff = 0, gate = 0;
};

class PeLine {
 public:
  PeLine(const Context& context, std::int64_t slice);

  // From the lane; seen from the next cycle on.
  void announce(PacketPtr packet) { incoming_.push_back(std::move(packet)); }
  void request_region(std::size_t step, std::int64_t region);
  void enter_region(std::int64_t region) { entering_ = region; }

  /// One cycle. `step` is the tile that the slice works on; its lines may start it from events.gate on.
  void evaluate(Cycle now, std::size_t step, const SliceEvents& events, Counters& counters);
  /// Makes this cycle's messages and results visible.
  void commit();

  [[nodiscard]] std::int64_t completed() const { return completed_visible_; }  ///< items, ever
  [[nodiscard]] std::int64_t loaded_region(std::int64_t epoch) const { return epoch == epoch_ ? loaded_visible_ : -1; }
  [[nodiscard]] bool basis_idle() const { return basis_idle_visible_; }
  /// No item of tile `step` is waiting or in work (as of the start of the cycle).
  [[nodiscard]] bool finished(std::size_t step) const;
  [[nodiscard]] bool working() const { return active_; }
  [[nodiscard]] Cycle done() const { return done_; }
  /// Takes the partial sums [filters][width] and clears the accumulators.
  std::vector<std::int64_t> take_sums();

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  struct Row {
    std::int64_t fetch_cycles = 0, rebuild_cycles = 0;
    std::size_t step = 0;
    std::int64_t row = 0;
    std::int64_t region = -1;
    Cycle announced = 0;  ///< items announced before it, for the single-latch rule
    bool fetched = false, rebuilt = false;
    Cycle ready = 0;
    std::vector<std::vector<std::int32_t>> weights;  ///< by filter of the slice; empty for a zero row
  };
  struct Mac {
    std::size_t tap = 0;
    std::int32_t left = 0;  ///< cycles of the tap in progress
    int digit = 0;          ///< next Booth digit to look at
  };

  void consume(Cycle now, std::size_t step, const SliceEvents& events, Counters& counters);
  void start_item(Cycle now, const SliceEvents& events, Counters& counters);
  void mac_cycle(Counters& counters);
  bool mac_step(std::size_t f, const Packet& item, std::size_t slowest, Counters& counters);
  void shift(const TapGroup& group);
  void finish_item(Cycle now);
  void rebuild(Cycle now, Counters& counters);
  void use_weight_port(Cycle now, Counters& counters);
  [[nodiscard]] bool latch_free() const;
  void fetch_row(Cycle now, Counters& counters);
  void take_data(Cycle now);
  [[nodiscard]] std::int64_t fetched_ahead() const;
  void advance_basis(Cycle now, Counters& counters);
  void start_basis(std::int64_t matrices, Counters& counters);
  void add_row(const Packet& packet);
  [[nodiscard]] std::vector<std::int32_t> rebuilt_row(std::int64_t filter, const Row& row) const;
  [[nodiscard]] std::int64_t weight_of(std::size_t filter, const Packet& item, std::size_t tap) const;

  const Context& context_;
  std::int64_t slice_;

  std::vector<PacketPtr> incoming_;
  std::deque<PacketPtr> fifo_;  ///< front is in work when active_
  bool active_ = false;
  std::vector<Mac> macs_;
  std::int64_t shifted_ = 0;        ///< places by which the item's segment has moved
  std::vector<std::int64_t> sums_;  ///< [filters][dim_F]
  Cycle done_ = 0;
  std::int64_t completed_ = 0, completed_visible_ = 0, announced_ = 0;

  std::deque<Row> rows_;  ///< announced and not released; front is in use once started
  std::int64_t rows_released_ = 0, rows_started_ = 0;
  std::int64_t rows_fetched_ = 0;           ///< read; their data may be on the way
  std::int64_t rows_released_visible_ = 0;  ///< as of the start of the cycle
  std::int64_t port_left_ = 0;              ///< cycles of the row fetch in progress
  std::int64_t rebuild_left_ = 0;
  std::int64_t rebuild_row_ = -1;  ///< row number in the RE
  struct Arrival {
    Cycle at = 0;             ///< the cycle in which the last word is at the line
    std::int64_t number = 0;  ///< of the row, or basis region
  };
  std::deque<Arrival> arriving_rows_, arriving_bases_;  ///< all words read

  // Basis fetches. A region is a basis in order of use since the weights were loaded.
  std::int64_t epoch_ = -1, pending_epoch_ = -1;
  std::size_t basis_step_ = 0, pending_step_ = 0;
  std::int64_t requested_ = -1, pending_request_ = -1, entered_ = -1, entering_ = -1;
  std::int64_t issued_ = -1, loaded_ = -1, loaded_visible_ = -1;
  std::int64_t basis_left_ = 0;  ///< port cycles
  bool basis_idle_visible_ = true;
  bool empty_at_start_ = true;         ///< of the cycle: an item that ends in a cycle counts until the next
  std::int64_t region_at_start_ = -1;  ///< of the oldest item
};

}  // namespace rebasis::sim::smartdeal
