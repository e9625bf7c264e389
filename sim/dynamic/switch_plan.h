// A switch as steps of the sequencer that all accelerators share: storage -> switch unit -> DRAM for what is reloaded,
// DRAM -> switch unit for the table of layers and, with a patch, for the parameters that it is applied to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/dynamic/switch_spec.h"
#include "workloads/dynamic/difference.h"

namespace rebasis::sim {

/// Parameters of each layer in an accelerator's own layout: `weights`, `basis` and `index` of compulsory traffic.
using ParameterBytes = std::map<std::string, DramBytes>;

/// What a step brings beside its DRAM transfers.
struct SwitchTask {
  std::uint64_t storage_bytes = 0;    ///< read from storage meanwhile
  bool begins_storage = false;        ///< waits for its latency first
  std::uint64_t port_bytes = 0;       ///< go through the unit
  std::uint64_t patched_weights = 0;  ///< a patch is applied to; instead of port_bytes
  std::uint64_t table_bytes = 0;      ///< written into the controller's table
};

/// What is moved, in bytes.
struct SwitchBytes {
  std::uint64_t table = 0;    ///< read from the DRAM into the controller's table
  std::uint64_t storage = 0;  ///< read from storage
  std::uint64_t written = 0;  ///< parameters written to the DRAM
  std::uint64_t read = 0;     ///< parameters read from the DRAM to be patched
  std::size_t changed_layers = 0, patched_layers = 0;
};

struct SwitchPlan {
  StepPlan steps;
  std::vector<SwitchTask> tasks;  ///< of each step
  SwitchBytes bytes;
};

/// `before` and `next`: parameters of the two sub-nets on one accelerator. A layer that the accelerator does not run
/// has none and is not reloaded. Steps: the layers' chunks in their order, then the table.
[[nodiscard]] SwitchPlan plan_switch(const std::vector<dynamic::LayerDifference>& differences,
                                     const ParameterBytes& before, const ParameterBytes& next, const SwitchSpec& spec);

/// One block, "switch_unit", and the DMA.
[[nodiscard]] CounterNames switch_names();

/// A clock for storage whose rate is no whole number of bytes a cycle.
struct SwitchTiming {
  SwitchTiming(const SwitchSpec& spec, double frequency_hz);
  std::int64_t latency = 0;           ///< cycles until the first byte
  std::uint64_t bytes_s = 1, hz = 1;  ///< bandwidth of the storage and clock, whole
  std::uint64_t port_bytes = 8, patch_rate = 1;
};

[[nodiscard]] LayerRun run_switch_fast(const SwitchPlan& plan, const SwitchTiming& timing, const CounterNames& names,
                                       DmaLimits limits, const DramPort& port);
[[nodiscard]] LayerRun run_switch_clocked(const SwitchPlan& plan, const SwitchTiming& timing, const CounterNames& names,
                                          DmaLimits limits, const DramPort& port);

}  // namespace rebasis::sim
