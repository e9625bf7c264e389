// The PEs with their window, weight registers and indexer, cycle by cycle.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sim/pynq_ternary/clocked/core.h"
#include "sim/pynq_ternary/clocked/group_indexer.h"
#include "sim/pynq_ternary/clocked/pe.h"

namespace rebasis::sim::pynq_ternary {

/// Weight registers beside those in use.
struct Loader {
  bool loading = false, loaded = false;
  Cycle left = 0;  ///< of loading
  WeightSet set;
};

/// The pipelined loop.
struct Loop {
  bool running = false;
  std::int64_t trip = 0, trips = 0;
  Cycle draining = 0;  ///< until the last trip's result is in the accumulators
  WeightSet set;
  [[nodiscard]] bool last_trip() const { return running && trip + 1 == trips; }
  [[nodiscard]] bool drained() const { return !running && draining == 0; }
};

/// Columns on their way from the input buffer's banks to the window, by the stage of the trips that addressed them.
struct ColumnReads {
  struct Column {
    std::vector<std::int32_t> values;  ///< [row bank]; empty: none
    std::int64_t width = 0;            ///< of the piece
  };
  std::array<Column, ProcessingElement::window_stage> stages;
};

class ArrayCore : public Core {
 public:
  ArrayCore(const Job& job, const Activations& image);
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  void evaluate_block(std::size_t shell) override;
  bool finish_cycle() override;

 private:
  friend class RegisterView;  // rtl/bench compares the registers with those of the RTL
  void evaluate_loader();
  void evaluate_window();
  [[nodiscard]] ColumnReads::Column read_column();
  void shift_window();
  void evaluate_pe(std::size_t pe);
  void evaluate_loop();
  void charge();
  void begin(std::size_t step);
  // Handshakes, from registered state: the same for whoever asks during a cycle.
  [[nodiscard]] bool loader_takes() const;
  [[nodiscard]] bool loop_takes() const;
  [[nodiscard]] bool sweeps(const WeightSet& set) const { return set.new_row || !job_.loops_over_filters(); }
  [[nodiscard]] Cause waits_for() const;
  [[nodiscard]] PeWeights in_use(std::size_t pe) const {
    return {loop_.set.filters.empty() ? -1 : loop_.set.filters[pe], loop_.set.row.unit, loop_.set.row.piece};
  }
  /// What PE `pe` is given in this cycle.
  [[nodiscard]] std::optional<PeTrip> trip_of(std::size_t pe) const;
  [[nodiscard]] Sweep sweep() const { return {job_.shape(), loop_.set.row.piece, tile_.columns}; }
  [[nodiscard]] std::int64_t weight_bits(const FilterRow& row) const {
    return job_.units.channels_of(row.unit) * row.piece.rows.size() * row.piece.columns.size() * spec_.weight_bits();
  }

  GroupIndexer indexer_, next_indexer_;
  Loader loader_, next_loader_;
  Loop loop_, next_loop_;
  ColumnReads reads_, next_reads_;
  WindowRegisters window_, next_window_;
  std::vector<ProcessingElement> pes_;
  std::vector<std::int64_t> partial_sums_;  ///< by PE: the accumulator that was read in the cycle before
  ConvTile tile_;                           ///< of the step in progress or the next one
};

}  // namespace rebasis::sim::pynq_ternary
