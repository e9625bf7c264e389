// Storage of a compressed layer, split as in Table III of the paper.
#pragma once

#include <cstdint>

#include "workloads/trace/trace.h"

namespace rebasis::encode {

/// Bytes of a layer's parameters in the trace; the parts add up to the bytes of its tensors other than activations. Of
/// a ternary layer the trace also keeps the zeros of its zero groups, which do not count here: whoever has the index
/// need not store them.
struct LayerSizes {
  std::uint64_t coefficients = 0;  ///< Ce: Huffman codes of the non-zeros
  std::uint64_t basis = 0;         ///< B
  std::uint64_t codes = 0;         ///< 2-bit ternary weights of the groups that are not all zero
  std::uint64_t index = 0;         ///< row and element index, group index
  std::uint64_t tables = 0;        ///< code lengths, bits of each filter, basis shifts, alpha, channel scales
  std::uint64_t dense = 0;         ///< int8 weights and their scales (layers left alone)
  std::uint64_t bias = 0;          ///< 32-bit
  std::uint64_t fp32 = 0;          ///< weights and bias of the original in 32-bit floating point

  [[nodiscard]] std::uint64_t total() const { return coefficients + basis + codes + index + tables + dense + bias; }
  LayerSizes& operator+=(const LayerSizes& other);
  bool operator==(const LayerSizes&) const = default;
};

/// Sizes of the layer's tensors in a trace.
[[nodiscard]] LayerSizes layer_sizes(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Original over compressed size ("CR"); 0 for a network without parameters.
[[nodiscard]] double compression_rate(const LayerSizes& sizes);

}  // namespace rebasis::encode
