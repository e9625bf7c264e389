// Step sequences, cycle by cycle: the controller and DMA that every such accelerator has, around a core of its own.
#pragma once

#include <memory>
#include <vector>

#include "sim/core/decoder/weight_decoder.h"
#include "sim/core/machine.h"
#include "sim/core/sequence/ports.h"

namespace rebasis::sim {

/// The datapath of an accelerator. Its shells see the state of the end of the cycle before; begins(), active() and
/// step() are the same for all of them during a cycle.
class StepCore {
 public:
  virtual ~StepCore() = default;
  [[nodiscard]] virtual std::size_t shells() const = 0;
  virtual void evaluate(std::size_t shell, Cycle now) = 0;
  /// Partial sums of the whole layer when all is done: [M][E][F].
  virtual std::vector<std::int64_t> take_outputs() = 0;
  /// Counters of the core; charges each of its blocks for every cycle in which active() holds.
  [[nodiscard]] virtual const Counters& counters() const = 0;
  /// What each block is doing.
  [[nodiscard]] virtual std::string state() const { return {}; }
  [[nodiscard]] virtual std::vector<int> probes() const { return {}; }

  /// A step begins in this cycle.
  [[nodiscard]] bool begins() const { return started_ == consumed_ && armed_ > started_; }
  /// A step is consuming inputs in this cycle.
  [[nodiscard]] bool active() const { return begins() || started_ > consumed_; }
  /// That step.
  [[nodiscard]] std::size_t step() const { return begins() ? started_ : started_ - 1; }

  // For the controller; all as of the start of the cycle.
  void arm(std::size_t steps) { armed_ = steps; }
  void commit(Cycle now);
  [[nodiscard]] std::size_t started() const { return started_; }
  [[nodiscard]] std::size_t consumed() const { return consumed_; }
  [[nodiscard]] std::size_t completed() const { return completed_; }

 protected:
  struct Progress {
    bool consumed = false;      ///< the step took its last input in this cycle
    std::size_t completed = 0;  ///< steps whose last result got into the output buffer in this cycle
  };
  /// After all shells were evaluated: takes over the next state.
  virtual Progress advance(Cycle now) = 0;

 private:
  std::size_t armed_ = 0, started_ = 0, consumed_ = 0, completed_ = 0;
};

class SequencedMachine : public Machine {
 public:
  /// Shells 0 and 1, before the core's. The weight decoder's comes after them, when the system has one.
  static constexpr std::size_t controller_shell = 0, dma_shell = 1, first_core_shell = 2;

  /// `plan` and `names` outlive the machine.
  SequencedMachine(const StepPlan& plan, const CounterNames& names, DmaLimits limits, const DramPort& port,
                   std::unique_ptr<StepCore> core);
  void evaluate(std::size_t shell, Cycle now) override;
  void commit(Cycle now) override;
  [[nodiscard]] bool finished(Cycle now) const override;
  [[nodiscard]] std::uint64_t progress() const override;
  [[nodiscard]] Cycle memory_busy_until() const override { return ports_.dma().busy_until(); }
  [[nodiscard]] std::string state() const override;
  /// Step, waits for the DRAM, waits for the output buffer, DMA requests, then the core's.
  [[nodiscard]] std::vector<int> probes(Cycle now) const override;
  ClockedRun take_result(Cycle end) override;

  static std::vector<std::string> probe_names(std::vector<std::string> core_probes);
  static std::vector<std::string> shell_names(std::vector<std::string> core_shells);

 private:
  void control(Cycle now);
  [[nodiscard]] Cause wait_cause(Cycle now) const;
  [[nodiscard]] bool slot_free(std::size_t step) const;
  [[nodiscard]] Cycle decoded(std::size_t step) const { return decoder_ ? decoder_->done(step) : 0; }

  const StepPlan& plan_;
  const CounterNames& names_;
  StepPorts ports_;
  std::unique_ptr<StepCore> core_;
  std::unique_ptr<WeightDecoder> decoder_;  ///< when the layer has coded weights
  std::size_t armed_ = 0, released_ = 0, stored_ = 0;
  Account waits_;
  std::vector<StepTimes> times_;
};

}  // namespace rebasis::sim
