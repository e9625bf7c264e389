// SCNN cycle by cycle: weight broadcast, PPUs and PEs around the shared controller and DMA.
#pragma once

#include <vector>

#include "sim/core/sequence/clocked.h"
#include "sim/scnn/clocked/broadcast.h"
#include "sim/scnn/clocked/pe.h"
#include "sim/scnn/clocked/ppu.h"

namespace rebasis::sim::scnn {

class ClockedCore : public StepCore {
 public:
  /// All outlive it.
  ClockedCore(const DenseLayer& layer, const Mapping& mapping, const Activations& image, const arch::ScnnSpec& spec,
              const CounterNames& names);

  [[nodiscard]] std::size_t shells() const override { return first_pe_shell + pes_.size(); }
  void evaluate(std::size_t shell, Cycle now) override;
  std::vector<std::int64_t> take_outputs() override { return ppu_.take_outputs(); }
  [[nodiscard]] const Counters& counters() const override { return counters_; }
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  Progress advance(Cycle now) override;

 private:
  static constexpr std::size_t broadcast_shell = 0, ppu_shell = 1, first_pe_shell = 2;
  /// Which tile, group and chunk a step is.
  struct Place {
    std::size_t tile = 0, group = 0;
    std::int64_t chunk = 0;
  };
  [[nodiscard]] Place place(std::size_t step) const;
  /// Sets up the step that begins next; whatever the order of the shells, all see it.
  void prepare(std::size_t step);
  void evaluate_broadcast();
  void finish_step(Cycle now);
  void settle_cycle();

  const DenseLayer& layer_;
  const Mapping& mapping_;
  const arch::ScnnSpec& spec_;
  std::vector<Pe> pes_;
  std::vector<PeCounts> counts_;  ///< by PE
  std::vector<BroadcastLane> lanes_;
  std::vector<std::size_t> lane_of_;  ///< by PE
  std::vector<Range> pe_filters_;     ///< of the step
  std::vector<std::size_t> steps_;
  Ppu ppu_;
  StepBits broadcast_bits_;
  std::size_t prepared_ = SIZE_MAX, tile_ = SIZE_MAX;
  std::uint64_t vectors_sent_ = 0;
  Counters counters_;
};

}  // namespace rebasis::sim::scnn
