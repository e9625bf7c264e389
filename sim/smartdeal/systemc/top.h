// The SmartDeal accelerator in SystemC: a shell a block of the paper's Fig. 4, each around a core that holds no clock.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/core/dram.h"
#include "sim/smartdeal/clocked/machine.h"
#include "sim/systemc/memory.h"

namespace rebasis::sim::smartdeal {

/// What the waveform shows of a clocked run.
struct Probes {
  int layer = 0;
  int tiles_passed = 0, blocks_started = 0, lanes_busy = 0, tiles_done = 0;
  std::vector<int> lines_working;  ///< by slice
  bool output_port_busy = false;
  unsigned dram_requests = 0;
  void resize(std::size_t slices) { lines_working.resize(slices); }
};

/// Runs layers one after the other. Construct once in a process.
class Top : public sc_core::sc_module {
 public:
  Top(const sc_core::sc_module_name& name, const arch::SmartDealSpec& spec, bool clocked);
  ~Top() override;

  /// Runs one layer in the kernel; simulated time goes on from layer to layer.
  LayerRun run_fast(const LayerJob& job);
  ClockedRun run_clocked(const LayerJob& job);

  [[nodiscard]] DramModel& memory() { return *memory_; }
  /// Writes a waveform of the clocked runs; before the first run.
  void trace_waveform(const std::string& path);
  void close_waveform();

 private:
  class Block;
  void conductor();
  void execute();
  void run_cycles();
  void sample(Cycle now);
  void start_kernel();

  arch::SmartDealSpec spec_;
  sc_core::sc_time period_;
  std::unique_ptr<DramModel> memory_;
  systemc::Dram dram_;
  systemc::DmaPort dma_port_;
  sc_core::sc_event clock_;                      ///< one notification a cycle; every block evaluates
  std::vector<std::unique_ptr<Block>> blocks_;
  std::unique_ptr<Machine> machine_;             ///< cores of the clocked layer in progress
  Cycle now_ = 0;

  const LayerJob* job_ = nullptr;
  bool clocked_job_ = false;
  std::optional<LayerRun> fast_result_;
  std::optional<ClockedRun> clocked_result_;
  std::exception_ptr error_;
  sc_core::sc_event start_;
  Probes probes_;
  sc_core::sc_trace_file* waveform_ = nullptr;
};

}  // namespace rebasis::sim::smartdeal
