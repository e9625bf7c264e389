// A layer as a sequence of steps on double-buffered tiles: the control that all block-wise accelerators share.
// docs/accelerators/common.md, "Steps". A step begins when its tiles are in the buffers and a bank of the output buffer
// is free; the DMA fills the other banks meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/dma.h"

namespace rebasis::sim {

/// Half-open.
struct Range {
  std::int64_t first = 0, last = 0;
  [[nodiscard]] std::int64_t size() const { return last - first; }
  bool operator==(const Range&) const = default;
};

/// What a step computes of a convolution.
struct ConvTile {
  Range groups;                                ///< convolution groups
  Range filters;                               ///< of each group
  Range channels;                              ///< of each group
  Range rows;                                  ///< output rows E
  Range columns;                               ///< output columns F
  bool first_chunk = true, last_chunk = true;  ///< of the channels
};

struct DecodePlan;  // sim/core/decoder

/// A tile that a step is the first to need.
struct Load {
  std::size_t buffer = 0;
  std::vector<Transfer> transfers;
  std::optional<std::size_t> coded = std::nullopt;           ///< number of the DecodePlan's tile that they hold
  std::optional<std::uint64_t> buffer_bytes = std::nullopt;  ///< written to the buffer; absent: those transferred
};

struct Step {
  ConvTile tile;
  std::vector<Load> loads;    ///< at most one a buffer
  bool begins_output = true;  ///< takes the next bank of the output buffer; otherwise it adds to the step before
  std::vector<Transfer> partial_sums;  ///< read into that bank first
  std::vector<Transfer>
      stores;  ///< leave when the step's results are complete; the step that ends an output tile has some
};

/// An input-side buffer: each bank holds a tile.
struct StepBuffer {
  std::size_t banks = 2;
  std::size_t channel = 1;                  ///< DMA channel of its loads; channel 0 belongs to the output buffer
  std::optional<std::size_t> write_action;  ///< counts the bytes loaded
};

struct StepPlan {
  std::vector<Step> steps;
  std::vector<StepBuffer> buffers;
  std::size_t channels = 2;  ///< of the DMA
  std::size_t output_banks = 2;
  std::size_t result_slots = 1;  ///< steps whose results may be under way: a step waits for the one this many before it
  std::optional<std::size_t> output_read_action,
      output_write_action;                     ///< bytes the DMA takes from, and returns to, the output buffer
  std::shared_ptr<const DecodePlan> decoding;  ///< of coded weights; null when there are none
};

/// The load `load` of step `step`.
struct LoadRef {
  std::size_t step = 0, load = 0;
};

/// When each load may be issued: when its bank is free, that is, when the last step that reads the tile before has been
/// done.
struct ReleaseTable {
  explicit ReleaseTable(const StepPlan& plan);
  std::vector<LoadRef> initial;
  std::vector<std::vector<LoadRef>> after_step;
};

/// Number of the output tile that a step adds to.
[[nodiscard]] std::vector<std::size_t> output_tiles(const StepPlan& plan);

/// SHA-256 of all that a run takes from the plan: with it, LayerPlan::mapping_identity. Banks and slots beyond those
/// that the steps can fill make no difference.
[[nodiscard]] std::string identity(const StepPlan& plan);

/// Time of one step, from its first cycle.
struct StepCost {
  Cycle issue = 1;    ///< until its inputs have been consumed and the next step may begin; at least 1
  Cycle latency = 0;  ///< from then until its results are complete, in a pipeline that takes the next step meanwhile
  Cycle drain = 0;    ///< after that, in a unit that serves one step at a time
};

inline constexpr Cycle signal_latency = 1;  ///< a signal between controller, DMA and array is seen in the next cycle

}  // namespace rebasis::sim
