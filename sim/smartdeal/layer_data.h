// One layer as the SmartDeal models see it: which weight rows are non-zero.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/activations.h"
#include "workloads/encode/smartdeal_form.h"
#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim::smartdeal {

/// How a filter's weights are cut into rows, the unit that is indexed, skipped, fetched and rebuilt.
struct WeightLayout {
  bool compressed = false;       ///< SmartDeal form; otherwise original weights (path 3 of MUX1)
  bool channel_vectors = false;  ///< a row holds n channels of a 1x1 kernel; otherwise one kernel row of a channel
  std::int64_t n = 1;            ///< weights of a row
  std::int64_t rows = 0;         ///< rows of a filter
  std::int64_t row_bits = 0;     ///< a row in the weight buffer
  std::int64_t bases = 0;        ///< basis matrices of a filter
  std::vector<std::int64_t> basis_of_row;  ///< empty for original weights
  std::int64_t basis_bytes = 0;            ///< of one basis matrix

  /// Input channels (rows_per_unit kernel rows each) or channel vectors: what a PE line owns.
  std::int64_t units = 0;
  std::int64_t rows_per_unit = 1;
  std::int64_t channels_per_unit = 1;
};

/// Everything about a layer that does not depend on the configuration of the accelerator.
struct LayerData {
  trace::LayerInfo info;
  WeightLayout layout;
  std::vector<std::uint8_t> nonzeros;  ///< [M][rows] non-zero elements of a row; n for every original row
  std::vector<std::uint64_t> filter_coefficient_bits;  ///< [M] Huffman bits; compressed only
  std::vector<std::uint8_t> code_lengths;
  bool synthetic = false;
  bool has_bias = false;
  const trace::TraceReader* source = nullptr;  ///< outlives the layer

  // Values: for `clocked`, and for the code sizes of part of a filter. Empty until decode_values().
  encode::SmartDealForm form;         ///< compressed
  std::vector<std::int8_t> original;  ///< [M][C/groups][R][S]

  [[nodiscard]] const LayerShape& shape() const { return info.shape; }
  /// Reads the weights (idempotent).
  void decode_values();
  /// Huffman bits of rows [first, last) of filter m; of part of a filter only after decode_values().
  [[nodiscard]] std::uint64_t coefficient_bits(std::int64_t m, std::int64_t first, std::int64_t last) const;
};

/// Row layout of a layer by its encoding.
[[nodiscard]] WeightLayout layout_of(const trace::LayerInfo& info);
/// Non-zero elements of each row from the decoded values (`load_layer` reads them from the index bits instead).
[[nodiscard]] std::vector<std::uint8_t> count_nonzeros(const LayerData& layer);

/// Reads and checks the layer, without its weight values. Throws Error(bad_input) for a damaged layer.
[[nodiscard]] LayerData load_layer(const trace::TraceReader& trace, const trace::LayerInfo& info);

}  // namespace rebasis::sim::smartdeal
