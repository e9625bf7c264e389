// Where sub-nets are kept while they do not run, and what moves when another one is to run. docs/dynamic-inference.md,
// "What a switch reloads".
#pragma once

#include <cstdint>
#include <string>

#include "arch/parameter.h"

namespace rebasis::sim {

struct SwitchSpec {
  std::string residence;              ///< memory: all sub-nets are in the DRAM; storage: one is, the others in flash
  std::string reload;                 ///< from storage: whole | changed | patch
  std::int64_t descriptor_bytes = 0;  ///< of a layer in the controller's table, without its scales
  std::int64_t scale_bytes = 0;       ///< of a filter's scale, which comes with the table
  std::int64_t chunk_bytes = 0;       ///< staged at a time
  std::int64_t port_bytes = 0;        ///< a cycle, through the switch unit
  std::int64_t patch_rate = 0;        ///< weights a cycle that a patch is applied to
  std::int64_t table_bytes = 0;       ///< capacity of the table: sets the price of writing it
  double storage_bytes_s = 0;         ///< bandwidth of the storage
  double storage_latency_s = 0;       ///< until its first byte
};

[[nodiscard]] const arch::ParameterSet<SwitchSpec>& switch_parameters();

}  // namespace rebasis::sim
