// Activations of every weight layer on real inputs: calibration, quantisation to up to 16 bits, sparsity.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workloads/run/executor.h"
#include "workloads/tensor.h"
#include "workloads/trace/trace.h"

namespace rebasis::run {

struct ActivationOptions {
  int signed_bits = 8;      ///< 2 to 16
  int unsigned_bits = 8;    ///< 1 to 16. 8: 0..255, five radix-4 Booth digits; 7: 0..127, four digits
  double percentile = 100;  ///< calibrate to this percentile of |value|; 100: the maximum
  std::int64_t batch_size = 250;
};

/// Scale, signedness and bits of every weight layer's input: unsigned when the smallest calibrated value is >= 0. One
/// tensor, one scale: scale = calibrated maximum / largest code (1 when all values are 0). Keyed by layer name.
[[nodiscard]] std::map<std::string, trace::ActivationInfo> calibrate(const Executor& executor,
                                                                     const Tensor<float>& inputs,
                                                                     const ActivationOptions& options = {},
                                                                     const RunHooks& hooks = {});

/// The same as hooks for fake-quantised execution.
[[nodiscard]] std::map<std::string, Quantisation> quantisations(
    const std::map<std::string, trace::ActivationInfo>& calibrated);

/// Quantised inputs of a layer [N][C][H][W]: codes of info.bits bits.
struct QuantisedActivations {
  trace::ActivationInfo info;
  Tensor<std::int32_t> codes;
};

[[nodiscard]] Tensor<std::int32_t> quantise(const Tensor<float>& values, const trace::ActivationInfo& info);

/// Runs the network with every layer's input quantised as calibrated and returns the codes each layer reads.
[[nodiscard]] std::map<std::string, QuantisedActivations> quantised_activations(
    const Executor& executor, const Tensor<float>& inputs,
    const std::map<std::string, trace::ActivationInfo>& calibrated, const RunHooks& hooks = {},
    std::int64_t batch_size = 250);

/// Counts zeros of quantised activations, tensor after tensor.
class SparsityCounter {
 public:
  explicit SparsityCounter(const trace::ActivationInfo& info) : info_(info) {}
  /// `codes` [N][C][H][W]; a row is [n][c][h][:].
  void add(const Tensor<std::int32_t>& codes);
  /// Fractions in 0..1. Keys for LayerInfo::statistics: activation_value_sparsity, activation_row_sparsity (rows that
  /// are all zero), activation_bit_sparsity (of 8 bits, or 16 above; two's complement when signed) and, up to 8 bits,
  /// activation_booth_sparsity (of 4 radix-4 digits, of 5 for unsigned 8-bit codes).
  [[nodiscard]] std::map<std::string, double> fractions() const;

 private:
  [[nodiscard]] bool wide() const { return info_.bits > 8; }

  trace::ActivationInfo info_;
  std::uint64_t values_ = 0, zeros_ = 0, rows_ = 0, zero_rows_ = 0, one_bits_ = 0, digits_ = 0;
};

/// The fractions of one tensor.
[[nodiscard]] std::map<std::string, double> sparsity(const Tensor<std::int32_t>& codes,
                                                     const trace::ActivationInfo& info);

/// Runs the network with quantised activations; the fractions of every weight layer's input by layer name.
[[nodiscard]] std::map<std::string, std::map<std::string, double>> activation_sparsity(
    const Executor& executor, const Tensor<float>& inputs,
    const std::map<std::string, trace::ActivationInfo>& calibrated, const RunHooks& hooks = {},
    std::int64_t batch_size = 250);

}  // namespace rebasis::run
