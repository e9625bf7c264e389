// A dense array with N:M sparsity in the style of sparse tensor cores, as configured.
#pragma once

#include <bit>
#include <cstdint>

#include "arch/diannao/spec.h"

namespace rebasis::arch {

/// DianNao's organisation with operand selectors in front of the multipliers. docs/parameters/sparse-tensor-core.md is
/// generated from the declaration in spec.cpp; docs/accelerators/sparse-tensor-core.md says what each does to the
/// cycles.
struct SparseTensorCoreSpec : DianNaoSpec {
  std::int64_t nbin_neurons = 0;  ///< that NBin delivers in a cycle
  bool fold_kernel = true;        ///< kernel positions share a row of the array

  // Patterns: `kept` weights of each group of consecutive channels, powers of two within these limits.
  std::int64_t smallest_group = 0;
  std::int64_t largest_group = 0;  ///< inputs of a selector
  std::int64_t least_kept = 0;
  std::int64_t most_kept = 0;
  std::int64_t select_stages = 0;  ///< pipeline registers of the selectors

  std::int64_t index_bytes = 0;
  std::int64_t index_banks = 0;
  std::int64_t index_port_bits = 0;

  /// Levels of 2:1 multiplexers of a selector: the bits of a position in the largest group.
  [[nodiscard]] std::int64_t select_levels() const {
    return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(largest_group - 1)));
  }
  /// Bits of positions that the index buffer reads in a cycle.
  [[nodiscard]] std::int64_t index_row_bits() const { return Tn * Ti * select_levels(); }
  /// Cycles from the one that reads a step's last operands until its results are in NBout: DianNao's and the
  /// selectors'.
  [[nodiscard]] std::int64_t cycles_to_partial() const { return select_stages + partial_latency(); }
  [[nodiscard]] std::int64_t cycles_to_final() const { return select_stages + final_latency(); }
};

[[nodiscard]] const ParameterSet<SparseTensorCoreSpec>& sparse_tensor_core_parameters();

}  // namespace rebasis::arch
