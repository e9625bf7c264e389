// The Cambricon-X accelerator as configured: every parameter resolved and checked.
#pragma once

#include <cstdint>
#include <string>

#include "arch/system_spec.h"

namespace rebasis::arch {

/// Parameters of Cambricon-X (Zhang et al., MICRO 2016). docs/parameters/cambricon-x.md is generated from their
/// declaration in spec.cpp; docs/accelerators/cambricon-x.md says what each does to the cycles.
struct CambriconXSpec : SystemSpec {
  std::int64_t pes = 0;             ///< processing elements: filters computed at once
  std::int64_t multipliers = 0;     ///< of a PE (T_m): synapses of a filter in a cycle
  std::int64_t precision_bits = 0;  ///< stored width of neurons and synapses, and of a multiplier
  std::string assignment;           ///< sorted | in_order

  std::int64_t scan = 0;       ///< candidate neurons of a line: what a lane examines in a cycle
  std::int64_t lines = 0;      ///< line registers of the buffer controller: how far lanes may run apart
  std::int64_t step_bits = 0;  ///< width of a step index
  std::string gather;          ///< window | row | tap

  std::int64_t nbin_bytes = 0;
  std::int64_t nbin_banks = 0;
  std::int64_t nbin_latency = 0;  ///< cycles from an address to the line
  std::int64_t nbout_bytes = 0;   ///< one bank a PE
  std::int64_t sb_bytes = 0;      ///< synapse buffer of a PE
  std::int64_t sb_banks = 0;      ///< of each
  std::int64_t index_bytes = 0;   ///< index buffer of the indexing module
  std::int64_t index_banks = 0;   ///< the same number for each lane

  static constexpr std::int64_t partial_sum_bits = 32;  ///< in NBout and DRAM

  [[nodiscard]] std::int64_t element_bytes() const { return precision_bits / 8; }
  /// 8-bit multiply-adds that one of the PE's multipliers is worth in the energy tables: area and energy of an array
  /// multiplier grow with the square of its width.
  [[nodiscard]] std::int64_t macs_per_product() const { return element_bytes() * element_bytes(); }
  /// Cycles of the PE's adder tree.
  [[nodiscard]] std::int64_t tree_stages() const;
};

[[nodiscard]] const ParameterSet<CambriconXSpec>& cambricon_x_parameters();

}  // namespace rebasis::arch
