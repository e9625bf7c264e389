// Integer convolution and fully-connected layers, filter after filter, from lists of operands: the loop that every form
// of the weights is measured with. Weight-stationary: each operand is fetched once an image and multiplies a whole
// plane of inputs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/layer_shape.h"
#include "workloads/succinct/network.h"

namespace rebasis::succinct {

/// Where the inputs of each operand lie. Inputs are copied once a layer, padded and split by stride, so that the
/// inputs that a kernel position meets are one contiguous stretch, whatever the stride; columns between two rows of
/// outputs are computed and dropped.
class ConvolutionPlan {
 public:
  explicit ConvolutionPlan(const LayerShape& shape);

  [[nodiscard]] const LayerShape& shape() const { return shape_; }
  /// First input of operand (c, r, s) of a filter in the first group, [C/groups][R][S].
  [[nodiscard]] std::span<const std::uint32_t> offsets() const { return offsets_; }
  /// Added for the filters of another group.
  [[nodiscard]] std::size_t group_offset(std::int64_t filter) const;
  /// Inputs of an operand, and sums of a filter, in elements: rows of `pitch`.
  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::size_t pitch() const { return pitch_; }
  [[nodiscard]] std::size_t input_size() const { return input_size_; }
  /// Operand k meets input k, as in a fully-connected layer: a filter is a dot product of two contiguous vectors.
  [[nodiscard]] bool contiguous() const { return contiguous_; }
  /// Position of input (c, h, w) in the copy; none (-1) when no operand meets it.
  [[nodiscard]] std::int64_t place(std::int64_t c, std::int64_t h, std::int64_t w) const;

 private:
  LayerShape shape_;
  std::size_t rows_ = 0, pitch_ = 0, channel_size_ = 0, length_ = 0, input_size_ = 0;
  bool contiguous_ = false;
  std::vector<std::uint32_t> offsets_;
};

/// Inputs [C][H][W] of a layer, as the plan places them. 16-bit values and 32-bit sums are used where no sum of the
/// layer can overflow, else 32 and 64 bits.
struct PlacedInputs {
  bool wide = false;
  std::vector<std::int16_t> narrow_values;
  std::vector<std::int32_t> wide_values;
};
/// `largest_weight`: the largest magnitude among the layer's weights.
[[nodiscard]] PlacedInputs place_inputs(const ConvolutionPlan& plan, std::span<const std::int32_t> inputs,
                                        std::int64_t largest_weight);

/// Outputs [M][E][F].
using Outputs = std::vector<std::int64_t>;

/// Runs the filters one by one.
class Convolution {
 public:
  Convolution(const ConvolutionPlan& plan, const PlacedInputs& inputs);
  /// Outputs of filter m from its non-zero weights.
  void run(std::int64_t m, const FilterOperands& operands, Outputs& outputs);
  /// The same from all its weights, [C/groups][R][S], zeros included.
  void run_dense(std::int64_t m, std::span<const std::int8_t> weights, Outputs& outputs);
  void run_dense(std::int64_t m, std::span<const std::int16_t> weights, Outputs& outputs);

 private:
  template <class Input, class Sum>
  void filter(const Input* inputs, std::vector<Sum>& sums, std::int64_t m, const FilterOperands& operands,
              Outputs& outputs);
  template <class Input, class Sum, class Weight>
  void dense_filter(const Input* inputs, std::vector<Sum>& sums, std::int64_t m, std::span<const Weight> weights,
                    Outputs& outputs);
  template <class Weight>
  void dense(std::int64_t m, std::span<const Weight> weights, Outputs& outputs);
  template <class Sum>
  void store(std::int64_t m, const std::vector<Sum>& sums, Outputs& outputs) const;

  const ConvolutionPlan& plan_;
  const PlacedInputs& inputs_;
  std::vector<std::int32_t> narrow_sums_;
  std::vector<std::int64_t> wide_sums_;
};

}  // namespace rebasis::succinct
