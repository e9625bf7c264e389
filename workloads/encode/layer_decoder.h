// Decoding of whole layers of a trace: the oracle for functional models and for accuracy. No libtorch.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/encode/smartdeal_form.h"
#include "workloads/encode/ternary.h"
#include "workloads/trace/trace.h"

namespace rebasis::encode {

/// What a SmartDeal layer holds once decoded.
struct SmartDealWeights {
  SmartDealForm form;                      ///< coefficients (symbols), basis, shifts
  std::vector<std::int32_t> weights;       ///< rebuilt, [M][C/groups][R][S], in units of 2^(P[0] - shift[m])
  std::vector<std::uint8_t> row_nonzeros;  ///< [M][rows] non-zero coefficients of each row; 0: the row is skipped
};

/// Borrowed tensors of a "smartdeal" layer.
[[nodiscard]] EncodedView encoded_view(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Decodes and rebuilds a "smartdeal" layer. Damaged or inconsistent data throws Error(bad_input).
[[nodiscard]] SmartDealWeights decode_layer(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Decodes a "ternary" layer. Damaged or inconsistent data, and another encoding, throw Error(bad_input).
[[nodiscard]] TernaryForm decode_ternary_layer(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Integer weights of a layer in any encoding, [M][C/groups][R][S].
[[nodiscard]] std::vector<std::int32_t> integer_weights(const trace::TraceReader& reader,
                                                        const trace::LayerInfo& layer);
/// The unit of each filter's integer weights [M], so that real = unit * integer.
[[nodiscard]] std::vector<double> weight_units(const trace::TraceReader& reader, const trace::LayerInfo& layer);

/// Non-zero coefficients of each row, [M][rows].
[[nodiscard]] std::vector<std::uint8_t> count_row_nonzeros(const SmartDealForm& form);

}  // namespace rebasis::encode
