// The training accelerator with a transposable weight memory, as configured: every parameter resolved and checked.
#pragma once

#include <cstdint>
#include <string>

#include "arch/system_spec.h"

namespace rebasis::arch {

/// After Kim et al., ISSCC 2019 ([9] of the SmartDeal paper) as far as published, with the two changes of the SmartDeal
/// paper's appendix F. docs/parameters/transposable.md is generated from the declaration in spec.cpp;
/// docs/accelerators/transposable.md says what each does to the cycles.
struct TransposableSpec : SystemSpec {
  std::int64_t rows = 0;     ///< of the array: results at once
  std::int64_t columns = 0;  ///< operands of each at once
  std::int64_t precision_bits = 0;
  std::int64_t sum_bits = 0;
  std::int64_t stages = 0;  ///< from reading operands to the sums in the output buffer

  std::int64_t input_bytes = 0, input_banks = 0, input_port_bits = 0;
  std::int64_t weight_bytes = 0, weight_banks = 0;
  std::int64_t output_bytes = 0, output_banks = 0, output_port_bits = 0;

  std::int64_t rebuild_terms = 0;  ///< coefficients that a rebuild engine applies in a cycle
  std::int64_t code_bits = 0;      ///< of a non-zero coefficient
  std::int64_t counter_bits = 0;   ///< of a switch counter
  std::int64_t counter_bytes = 0;  ///< of the counters' SRAM
  double moving_percent = 0;       ///< share of non-zero coefficients that a step switches

  std::string optimiser;  ///< sgd | momentum | adam
  std::int64_t state_bits = 0;
  std::int64_t lanes = 0;  ///< multiply-accumulates of the update unit in a cycle
  std::int64_t chunk = 0;  ///< weights that the update unit takes at a time

  std::int64_t batch = 0;
  std::string method, frozen, trainable, detached;
  std::int64_t recompute = 1;

  [[nodiscard]] std::int64_t element_bytes() const { return precision_bits / 8; }
  [[nodiscard]] std::int64_t sum_bytes() const { return sum_bits / 8; }
  /// 8 x 8 bit multiplications that one multiplication of stored values is made of.
  [[nodiscard]] std::int64_t byte_products() const { return element_bytes() * element_bytes(); }
  /// Values that the optimiser keeps for each parameter.
  [[nodiscard]] std::int64_t states() const { return optimiser == "adam" ? 2 : optimiser == "momentum" ? 1 : 0; }
  /// Multiply-accumulates of an update of one parameter: w -= a g; v = b v + g, w -= a v; Adam: two averages of two
  /// each, two corrections, a root and a division as one each.
  [[nodiscard]] std::int64_t update_macs() const { return optimiser == "adam" ? 8 : 1 + states(); }
};

[[nodiscard]] const ParameterSet<TransposableSpec>& transposable_parameters();

}  // namespace rebasis::arch
