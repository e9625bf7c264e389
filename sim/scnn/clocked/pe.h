// A processing element: IARAM, weight FIFO, F x I multipliers, scatter crossbar, accumulator banks with their queues.
#pragma once

#include <deque>
#include <vector>

#include "sim/core/account.h"
#include "sim/core/activations.h"
#include "sim/scnn/clocked/broadcast.h"
#include "sim/scnn/counters.h"
#include "sim/scnn/mapping.h"

namespace rebasis::sim::scnn {

/// What a PE counts; the core adds it up.
struct PeCounts {
  Account account;
  StepBits bits;
  std::uint64_t products = 0, landed = 0, served = 0;
};

class Pe {
 public:
  Pe(const LayerShape& shape, const Mapping& mapping, const Activations& image, const arch::ScnnSpec& spec);

  /// Its part of the plane, for the steps that follow; null: none.
  void enter_tile(const PlanarTile& tile, const Slice* row, const Slice* column);
  /// A step begins: `first_filter` has accumulator address 0, `segments` are those that the lane will send.
  void begin(std::int64_t first_filter, std::size_t buffer, bool clear, const std::vector<BusSegment>& segments);
  /// One cycle of a step; counts it.
  void evaluate(const BroadcastLane::Shown& bus, PeCounts& counts);
  void advance() { freed_shown_ = freed_; }

  /// It has activations of the channel and residue class.
  [[nodiscard]] bool wants(std::int64_t channel, std::size_t residue) const;
  /// Weight vectors of this step that it has let go, as of the end of the cycle before.
  [[nodiscard]] std::int64_t vectors_freed() const { return freed_shown_; }
  /// All segments are multiplied and all products accumulated, as of the end of this cycle.
  [[nodiscard]] bool done() const { return segments_left_ == 0 && waiting_ == 0; }
  [[nodiscard]] bool multiplying() const { return !fifo_.empty(); }
  [[nodiscard]] bool in_conflict() const { return pending_products_ > 0; }

  /// Accumulator `address` of `buffer`.
  [[nodiscard]] std::int64_t& sum(std::size_t buffer, std::int64_t address);
  /// Its part of the tile; null: none.
  [[nodiscard]] const Slice* row() const { return row_; }
  [[nodiscard]] const Slice* column() const { return column_; }

 private:
  struct Activation {
    std::int64_t h = 0, w = 0;
    std::int32_t value = 0;
  };
  struct Product {
    std::size_t entry = 0;
    std::int64_t value = 0;
  };
  struct Held {
    const BusSegment* segment = nullptr;
    std::size_t received = 0;  ///< vectors
  };
  [[nodiscard]] std::vector<std::uint8_t> compress(std::int64_t channel, std::int64_t residue, std::size_t& size) const;
  [[nodiscard]] std::vector<std::vector<Activation>> fetch(const BusSegment& segment) const;
  void receive(const BroadcastLane::Shown& bus, PeCounts& counts);
  /// The next step, if its operands are there: multiplies and routes.
  [[nodiscard]] bool multiply(PeCounts& counts);
  void route(const Activation& activation, const BusWeight& weight, PeCounts& counts);
  void serve_banks(PeCounts& counts);
  void finish_step();

  const LayerShape& shape_;
  const Mapping& mapping_;
  const Activations& image_;
  const arch::ScnnSpec& spec_;
  Axis rows_, columns_;
  std::vector<std::int64_t> residues_;
  const PlanarTile* tile_ = nullptr;
  const Slice *row_ = nullptr, *column_ = nullptr;
  std::vector<std::vector<std::uint8_t>> iaram_;  ///< [channel * residues + residue] compressed
  std::vector<std::size_t> iaram_sizes_;          ///< values of each before compression
  std::vector<bool> wanted_;

  std::vector<std::vector<std::vector<std::int64_t>>> accumulators_;  ///< [buffer][bank][entry]
  std::int64_t first_filter_ = 0;
  std::size_t buffer_ = 0;
  bool clear_ = false;
  std::size_t segments_left_ = 0;
  std::deque<Held> fifo_;
  std::vector<std::vector<Activation>> vectors_;  ///< of the front segment
  std::size_t activation_vector_ = 0, weight_vector_ = 0;
  bool in_step_ = false;
  std::vector<std::deque<Product>> pending_;  ///< at the crossbar, by bank
  std::vector<std::deque<Product>> queues_;   ///< at the banks
  std::size_t pending_products_ = 0, waiting_ = 0;
  std::int64_t freed_ = 0, freed_shown_ = 0;
};

}  // namespace rebasis::sim::scnn
