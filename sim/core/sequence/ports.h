// The DMA jobs of a step plan: what both fidelities ask of it, and what they count of it.
#pragma once

#include <vector>

#include "arch/system_spec.h"
#include "sim/core/counters.h"
#include "sim/core/decoder/decode_times.h"
#include "sim/core/sequence/step_plan.h"

namespace rebasis::sim {

/// CounterNames of a sequenced accelerator: the core's blocks and actions, then the DMA's.
[[nodiscard]] CounterNames sequence_names(std::vector<CounterNames::Block> blocks, std::vector<std::string> actions);
/// The same, and the weight decoder's when the system has one.
[[nodiscard]] CounterNames sequence_names(std::vector<CounterNames::Block> blocks, std::vector<std::string> actions,
                                          const arch::DecoderSpec& decoder);

/// Issues the plan's jobs and knows when they are done.
class StepPorts {
 public:
  StepPorts(const StepPlan& plan, DmaLimits limits, DramPort port);

  /// Issues the first loads, at cycle 0.
  void begin();
  /// Issues the loads that the end of `step` gives room for.
  void release(std::size_t step, Cycle at);
  /// Issues the stores of `step`, and the reads of partial sums that wait for them.
  void store(std::size_t step, Cycle at);

  /// Completion of all loads of `step` but for decoding; Dma::never while it is not known.
  [[nodiscard]] Cycle loads_done(std::size_t step) const;
  /// Since when the step's output bank is free, with its partial sums in it.
  [[nodiscard]] Cycle output_ready(std::size_t step) const;
  /// Completion of all stores.
  [[nodiscard]] Cycle stores_done() const;
  /// When the load was issued, and when the first `bytes` of a coded one are there.
  [[nodiscard]] Cycle load_issued(std::size_t step, std::size_t load) const { return load_issued_[step][load]; }
  [[nodiscard]] Cycle arrival(std::size_t step, std::size_t load, std::uint64_t bytes) const;
  // The same, running the DMA ahead.
  Cycle finish_loads(std::size_t step);
  /// When the weights of `step` have been decoded, after finish_loads(); 0 when none are. Each step once, in order.
  Cycle finish_decoding(std::size_t step);
  Cycle finish_output(std::size_t step);
  Cycle finish_stores();

  /// DMA account, DRAM bytes and the actions that follow from the plan; `counters.cycles` is known.
  void settle(Counters& counters) const;
  /// The decoder's account and actions, when there is one; after settle().
  static void settle_decoder(const CounterNames& names, const DecoderCounts& counts, Counters& counters);
  /// Of finish_decoding().
  [[nodiscard]] DecoderCounts decoder_counts() const {
    return decode_times_ ? decode_times_->counts() : DecoderCounts{};
  }
  [[nodiscard]] Dma& dma() { return dma_; }
  [[nodiscard]] const Dma& dma() const { return dma_; }

 private:
  static constexpr std::size_t output_channel = 0;
  static constexpr std::size_t not_issued = SIZE_MAX;
  void issue(LoadRef ref, Cycle at);
  void read_partial_sums(std::size_t tile);

  const StepPlan& plan_;
  ReleaseTable releases_;
  std::vector<std::size_t> tile_of_step_;
  std::vector<std::size_t> first_step_of_tile_;
  std::vector<std::vector<std::size_t>> load_job_;    ///< [step][load]
  std::vector<std::vector<Cycle>> load_issued_;       ///< [step][load]
  std::vector<std::size_t> store_job_, partial_job_;  ///< by output tile
  Dma dma_;
  std::optional<DecodeTimes> decode_times_;
};

}  // namespace rebasis::sim
