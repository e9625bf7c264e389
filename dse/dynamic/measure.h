// A family on an accelerator: each sub-net simulated once, each switch run once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dse/dynamic/governor.h"
#include "sim/dynamic/switch_cost.h"

namespace rebasis::dynamic {

struct MeasureRequest {
  std::string family;                  ///< file
  std::string accelerator;             ///< preset or file
  std::vector<std::string> overrides;  ///< of the accelerator, key=value
  std::vector<std::string> subnets;    ///< only these, in this order; empty: all
  sim::SwitchSpec hardware;
  bool clocked = false;
  std::size_t jobs = 1;
};

struct Measured {
  Family family;
  std::vector<std::vector<sim::SwitchCost>> switches;  ///< [from][to]
  std::vector<std::uint64_t> cycles;                   ///< of each sub-net, a frame
  std::string network, accelerator, dram_model, energy_table;
  double frequency_hz = 0;
  bool synthetic = false;
  std::vector<std::string> notes;
};

/// Sub-nets are simulated in processes of their own (SystemC elaborates once), `jobs` at a time. Throws
/// Error(bad_input) for a file that is no family and for a sub-net without accuracy, Error(infeasible) as a simulation
/// does.
[[nodiscard]] Measured measure(const MeasureRequest& request, const std::function<void(const std::string&)>& progress);

}  // namespace rebasis::dynamic
