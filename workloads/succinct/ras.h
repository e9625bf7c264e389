// Runtime-accessible sequences (Succinct Compression, section 3): a layer's weights as a string of symbols with
// delimiters, so that a succinct structure over the string answers queries about the layer.
//
// The union of a layer, in two strings:
//   element-wise, dense   flag | v v v v ... v #
//   element-wise, sparse  flag | d d d ... d #           values: w w w ... w #
//   block-wise, dense     flag [ v v ... v [ v v ... v #
//   block-wise, sparse    flag [ d d [ [ d ... d #       values: w w w ... w #
// v: a weight; (d, w): a tuple of a non-zero weight w and its distance d >= 1 to its left neighbour or to the delimiter
// before it (section 3.3). A block is a filter, the operands of one computation kernel. The values of tuples are a
// string of their own: in one string with the distances, each symbol would spend about a bit on telling which it is.
// The string of values has the border # of every layer, also of dense ones, so that the same count of # locates a layer
// in both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "workloads/encode/coders/coder.h"
#include "workloads/succinct/wavelet_tree.h"

namespace rebasis::succinct {

enum class RasType : std::uint8_t { element_dense, element_sparse, block_dense, block_sparse };
inline constexpr RasType ras_types[] = {RasType::element_dense, RasType::element_sparse, RasType::block_dense,
                                        RasType::block_sparse};
[[nodiscard]] constexpr bool is_sparse(RasType type) {
  return type == RasType::element_sparse || type == RasType::block_sparse;
}
[[nodiscard]] constexpr bool is_block(RasType type) {
  return type == RasType::block_dense || type == RasType::block_sparse;
}
/// "element-wise, dense", ...
[[nodiscard]] std::string name_of(RasType type);

/// Symbols of the first string; those of the second are `border` and `first_value` + zigzag(weight).
inline constexpr Symbol border = 0, bar = 1, bracket = 2, first_flag = 3, first_operand = 7, first_value = 1;
[[nodiscard]] constexpr Symbol flag_of(RasType type) { return first_flag + static_cast<Symbol>(type); }

/// 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ...
[[nodiscard]] constexpr Symbol zigzag(std::int32_t value) {
  return (static_cast<Symbol>(value) << 1U) ^ static_cast<Symbol>(value >> 31);
}
[[nodiscard]] constexpr std::int32_t unzigzag(Symbol symbol) {
  return static_cast<std::int32_t>(symbol >> 1U) ^ -static_cast<std::int32_t>(symbol & 1U);
}

struct Strings {
  std::vector<Symbol> main, values;
};

/// Appends the union of a layer to both strings. The matrix is checked (Error(bad_input)).
void append_union(const encode::WeightMatrix& matrix, RasType type, Strings& strings);

/// The matrix of a union that stands alone. Throws Error(bad_input) when the strings are no union of that shape.
[[nodiscard]] encode::WeightMatrix parse_union(const Strings& strings, const encode::MatrixShape& shape);

}  // namespace rebasis::succinct
