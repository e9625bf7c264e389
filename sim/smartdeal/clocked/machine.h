// The clocked SmartDeal accelerator: its cores, wired. SystemC shells (systemc/) drive one core each; a test may drive
// the machine as a whole, without a kernel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/smartdeal/clocked/controller.h"
#include "sim/smartdeal/clocked/huffman_decoders.h"
#include "sim/smartdeal/clocked/input_path.h"
#include "sim/smartdeal/clocked/output_path.h"
#include "sim/smartdeal/clocked/pe_slice.h"

namespace rebasis::sim::smartdeal {

/// A clocked run and the values it computed: [M][E][F] sums of products in integer units, without bias.
struct ClockedRun {
  LayerRun run;
  std::vector<std::int64_t> outputs;
};

class Machine {
 public:
  Machine(const LayerJob& job, DramPort port);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // One cycle: every evaluate_* once, in any order, then commit().
  void evaluate_controller(Cycle now) { controller.evaluate(now, input.passed()); }
  void evaluate_input(Cycle now) { input.evaluate(now, controller.blocks(), counters); }
  void evaluate_slice(Cycle now, std::size_t slice) {
    slices[slice].evaluate(now, input.passed(), all_done_, counters);
  }
  void evaluate_output(Cycle now) { output.evaluate(now, counters); }
  void evaluate_dma(Cycle now) { dma.tick(now); }
  void evaluate_decoders(Cycle now) { decoders.evaluate(now, controller.load_issued(), counters); }
  void commit();

  /// Everything is done as of the start of cycle `now`.
  [[nodiscard]] bool finished(Cycle now) const;
  /// What every block is waiting for.
  [[nodiscard]] std::string state() const;
  /// Changes whenever any block makes progress.
  [[nodiscard]] std::uint64_t progress() const;
  [[nodiscard]] Cycle memory_busy_until() const { return dma.busy_until(); }
  ClockedRun take_result(Cycle end);

  Context context;
  Counters counters;
  Dma dma;
  std::vector<PeSlice> slices;
  InputPath input;
  HuffmanDecoders decoders;
  Controller controller;
  OutputPath output;

 private:
  void close_lines(Cycle end);
  void merge_times();

  std::size_t all_done_ = 0;
  std::vector<TileTimes> times_;
};

/// Runs the machine without a SystemC kernel.
[[nodiscard]] ClockedRun run_machine(const LayerJob& job, const DramPort& port);

}  // namespace rebasis::sim::smartdeal
