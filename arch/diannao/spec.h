// The DianNao accelerator as configured: every parameter resolved and checked.
#pragma once

#include <cstdint>

#include "arch/system_spec.h"

namespace rebasis::arch {

/// Parameters of DianNao (Chen et al., ASPLOS 2014). docs/parameters/diannao.md is generated from their declaration in
/// spec.cpp; docs/accelerators/diannao.md says what each does to the cycles.
struct DianNaoSpec : SystemSpec {
  std::int64_t precision_bits = 0;  ///< stored width of activations and weights

  std::int64_t Tn = 0;  ///< output neurons (filters) at once
  std::int64_t Ti = 0;  ///< inputs of each at once
  std::int64_t nfu1_stages = 0;
  std::int64_t nfu2_stages = 0;
  std::int64_t nfu3_stages = 0;
  std::int64_t sum_bits = 0;  ///< of a partial sum
  bool pack_groups = true;    ///< several small convolution groups share the array
  bool skip_padding = false;

  std::int64_t nbin_bytes = 0;
  std::int64_t nbin_banks = 0;
  std::int64_t nbin_port_bits = 0;
  std::int64_t nbout_bytes = 0;
  std::int64_t nbout_banks = 0;
  std::int64_t nbout_port_bits = 0;
  std::int64_t sb_bytes = 0;
  std::int64_t sb_banks = 0;
  std::int64_t sb_port_bits = 0;

  /// Bits that NBin, NBout and SB read in a cycle: Ti neurons, Tn sums, Tn x Ti synapses.
  [[nodiscard]] std::int64_t nbin_row_bits() const { return Ti * precision_bits; }
  [[nodiscard]] std::int64_t nbout_row_bits() const { return Tn * sum_bits; }
  [[nodiscard]] std::int64_t sb_row_bits() const { return Tn * Ti * precision_bits; }
  [[nodiscard]] std::int64_t element_bytes() const { return precision_bits / 8; }
  [[nodiscard]] std::int64_t sum_bytes() const { return sum_bits / 8; }
  /// 8 x 8 bit multiplications that one multiplication of stored values is made of.
  [[nodiscard]] std::int64_t byte_products() const { return element_bytes() * element_bytes(); }
  /// Cycles from the one that reads a step's last operands until its results are in NBout: partial sums leave NFU-2,
  /// finished outputs NFU-3; the write takes a cycle.
  [[nodiscard]] std::int64_t partial_latency() const { return nfu1_stages + nfu2_stages + 1; }
  [[nodiscard]] std::int64_t final_latency() const { return nfu1_stages + nfu2_stages + nfu3_stages + 1; }
};

[[nodiscard]] const ParameterSet<DianNaoSpec>& diannao_parameters();

}  // namespace rebasis::arch
