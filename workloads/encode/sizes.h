// Storage of a compressed layer, split as in Table III of the paper.
#pragma once

#include <cstdint>

#include "workloads/trace/trace.h"

namespace rebasis::encode {

/// Bytes of a layer's parameters in the trace; the parts add up to the bytes of its tensors other than activations. Of
/// a ternary layer the trace also keeps the zeros of its zero groups, which do not count here: whoever has the index
/// need not store them. Of a dense layer with codes of fewer than 8 bits the trace keeps 8 bits a weight and a scale a
/// filter, for the machines; here count what its DenseCode needs.
struct LayerSizes {
  std::uint64_t coefficients = 0;  ///< Ce: Huffman codes of the non-zeros
  std::uint64_t basis = 0;         ///< B
  std::uint64_t codes = 0;         ///< 2-bit ternary weights of the groups that are not all zero
  std::uint64_t index = 0;         ///< row and element index, group index
  std::uint64_t tables = 0;        ///< code lengths, bits of each filter, basis shifts, alpha, channel scales
  std::uint64_t dense = 0;         ///< dense weights with their scales and zero points
  std::uint64_t bias = 0;          ///< 32-bit
  std::uint64_t fp32 = 0;          ///< weights and bias of the original in 32-bit floating point

  [[nodiscard]] std::uint64_t total() const { return coefficients + basis + codes + index + tables + dense + bias; }
  LayerSizes& operator+=(const LayerSizes& other);
  bool operator==(const LayerSizes&) const = default;
};

/// How a memory holds the weights of a "dense-int8" layer, from the layer's statistics.
struct DenseCode {
  std::uint64_t bits = 8;         ///< "weight_bits", 1 to 8: of a weight's code
  std::uint64_t scales = 1;       ///< "weight_scales": 1, or one a filter
  std::uint64_t zero_points = 0;  ///< "weight_zero_points", a byte each: 0, 1, or one a filter
};

/// Statistics that are missing or are no such number read as 8 bits, a scale a filter, no zero point: statistics are
/// free-form, and a reader must not fail on them.
[[nodiscard]] DenseCode dense_code(const trace::LayerInfo& layer);

/// Sizes of the layer's tensors in a trace.
[[nodiscard]] LayerSizes layer_sizes(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Original over compressed size ("CR"); 0 for a network without parameters.
[[nodiscard]] double compression_rate(const LayerSizes& sizes);

}  // namespace rebasis::encode
