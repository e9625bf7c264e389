// The SmartDeal form of a layer (paper section III-C1) and its encoding (appendix B).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::encode {

/// Coefficient element: 0, or +(e + 1) for +2^P[e], -(e + 1) for -2^P[e].
using Coefficient = std::int8_t;

/// Ce and B of every filter, as small integers.
struct SmartDealForm {
  trace::SmartDealInfo info;
  std::int64_t filters = 0;               ///< M
  std::vector<Coefficient> coefficients;  ///< [M][rows][n]
  std::vector<std::int8_t> basis;         ///< [M][slices][n][n]
  std::vector<std::int8_t> basis_shift;   ///< [M] fraction bits
};

/// The bit strings of the trace (workloads/trace/trace.h says which is which).
struct EncodedCoefficients {
  std::vector<std::uint8_t> row_index;
  std::vector<std::uint8_t> element_index;
  std::vector<std::uint8_t> coefficients;
  std::vector<std::uint8_t> code_lengths;  ///< [2 |P|]
  std::vector<std::uint32_t> filter_bits;  ///< [M]
};

/// The encoded layer in memory or in a mapped trace; the spans are borrowed.
struct EncodedView {
  std::span<const std::uint8_t> row_index, element_index, coefficients, code_lengths;
  std::span<const std::uint32_t> filter_bits;
  std::span<const std::int8_t> basis, basis_shift;
};

/// Huffman symbol of a non-zero coefficient: exponent index, plus |P| when negative.
constexpr std::size_t symbol_of(Coefficient value, std::size_t exponents) {
  return value > 0 ? static_cast<std::size_t>(value - 1) : static_cast<std::size_t>(-value - 1) + exponents;
}

/// Largest shift P.back() - P[0] for which a rebuilt weight, a sum of n terms of 8-bit basis elements, fits in int32.
[[nodiscard]] int max_shift(std::int64_t n);

/// Checks what a layout must satisfy: 1 <= n <= 16, slice rows that sum to `rows`, enough elements for the shape's
/// weights, an ascending P within max_shift. Throws Error(bad_input); `layer` names it.
void check_layout(const trace::SmartDealInfo& info, const LayerShape& shape, const std::string& layer);

/// Encodes the coefficients with an optimal code of the layer's own.
[[nodiscard]] EncodedCoefficients encode(const SmartDealForm& form);

/// Decodes a layer and checks every length; the first thing that is wrong throws Error(bad_input) that names `layer`.
[[nodiscard]] SmartDealForm decode(const EncodedView& view, const trace::SmartDealInfo& info, const LayerShape& shape,
                                   const std::string& layer);

/// Integer weights [M][C/groups][R][S] in units of 2^(P[0] - basis_shift[m]): sum over k of sign * basis[k][col] <<
/// (P[e_k] - P[0]).
[[nodiscard]] std::vector<std::int32_t> rebuild(const SmartDealForm& form, const LayerShape& shape);

/// The unit of each filter's integer weights, 2^(P[0] - basis_shift[m]).
[[nodiscard]] std::vector<double> weight_units(const SmartDealForm& form);

}  // namespace rebasis::encode
