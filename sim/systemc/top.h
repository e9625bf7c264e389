// An accelerator in SystemC: a shell a block of its block diagram, each around a core that holds no clock, and the
// memory behind a TLM-2.0 socket.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

#include "sim/core/dram.h"
#include "sim/core/machine.h"
#include "sim/systemc/memory.h"

namespace rebasis::sim::systemc {

/// Runs layers one after the other; simulated time goes on from layer to layer. Construct once in a process.
class Top : public sc_core::sc_module {
 public:
  using FastLayer = std::function<LayerRun(const DramPort&)>;
  using ClockedLayer = std::function<std::unique_ptr<Machine>(const DramPort&)>;

  /// `shells`: names, in the order of Machine::evaluate; `probes`: names, in the order of Machine::probes.
  Top(const sc_core::sc_module_name& name, const DramSpec& memory, const std::vector<std::string>& shells,
      std::vector<std::string> probes);
  ~Top() override;

  LayerRun run_fast(const FastLayer& layer);
  ClockedRun run_clocked(const ClockedLayer& layer);

  [[nodiscard]] DramModel& memory() { return *memory_; }
  /// Writes a waveform of the clocked runs; before the first run.
  void trace_waveform(const std::string& path);
  void close_waveform();

 private:
  class Shell;
  void conductor();
  void execute();
  void run_cycles();
  void sample();
  void start_kernel();

  sc_core::sc_time period_;
  std::unique_ptr<DramModel> memory_;
  Dram dram_;
  DmaPort dma_port_;
  sc_core::sc_event clock_;  ///< one notification a cycle; every shell evaluates
  std::vector<std::unique_ptr<Shell>> shells_;
  std::unique_ptr<Machine> machine_;  ///< cores of the clocked layer in progress
  Cycle now_ = 0;

  const FastLayer* fast_layer_ = nullptr;
  const ClockedLayer* clocked_layer_ = nullptr;
  std::optional<LayerRun> fast_result_;
  std::optional<ClockedRun> clocked_result_;
  std::exception_ptr error_;
  sc_core::sc_event start_;
  std::vector<std::string> probe_names_;
  std::vector<int> probes_;
  int layer_ = 0;
  sc_core::sc_trace_file* waveform_ = nullptr;
};

}  // namespace rebasis::sim::systemc
