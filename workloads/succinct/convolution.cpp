#include "workloads/succinct/convolution.h"

#include <algorithm>
#include <limits>

#include "common/error.h"
#include "common/units.h"

namespace rebasis::succinct {
namespace {

/// sums += w0 * a + w1 * b + w2 * c + w3 * d, element by element. Four operands at a time: the sums are loaded and
/// stored once for four products.
template <class Input, class Sum>
void add_four(Sum* sums, const Input* a, const Input* b, const Input* c, const Input* d, const Input (&w)[4],
              std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) {
    sums[i] += Sum{w[0]} * Sum{a[i]} + Sum{w[1]} * Sum{b[i]} + Sum{w[2]} * Sum{c[i]} + Sum{w[3]} * Sum{d[i]};
  }
}

template <class Input, class Sum>
void add_one(Sum* sums, const Input* a, Input w, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) sums[i] += Sum{w} * Sum{a[i]};
}

/// Sums of a filter whose operand k is weight(k), at inputs + offset(k).
template <class Input, class Sum, class Offset, class Weight>
void accumulate(const Input* inputs, std::vector<Sum>& sums, std::size_t count, const Offset& offset,
                const Weight& weight) {
  std::ranges::fill(sums, 0);
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const Input w[4] = {weight(k), weight(k + 1), weight(k + 2), weight(k + 3)};
    add_four(sums.data(), inputs + offset(k), inputs + offset(k + 1), inputs + offset(k + 2), inputs + offset(k + 3), w,
             sums.size());
  }
  for (; k < count; ++k) add_one(sums.data(), inputs + offset(k), weight(k), sums.size());
}

}  // namespace

ConvolutionPlan::ConvolutionPlan(const LayerShape& shape) : shape_(shape) {
  const std::int64_t rows = (shape.E() - 1) * shape.stride_h + (shape.R - 1) * shape.dilation_h + 1;
  const std::int64_t columns = (shape.F() - 1) * shape.stride_w + (shape.S - 1) * shape.dilation_w + 1;
  rows_ = static_cast<std::size_t>(ceil_div(rows, shape.stride_h));
  pitch_ = static_cast<std::size_t>(ceil_div(columns, shape.stride_w));
  const std::size_t plane = rows_ * pitch_;
  channel_size_ = plane * static_cast<std::size_t>(shape.stride_h * shape.stride_w);
  input_size_ = channel_size_ * static_cast<std::size_t>(shape.C);
  length_ = static_cast<std::size_t>(shape.E() - 1) * pitch_ + static_cast<std::size_t>(shape.F());
  if (input_size_ > std::numeric_limits<std::uint32_t>::max()) fail_input("a layer with more than 2^32 inputs");
  for (std::int64_t c = 0; c < shape.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < shape.R; ++r) {
      for (std::int64_t s = 0; s < shape.S; ++s) {
        const std::int64_t h = r * shape.dilation_h, w = s * shape.dilation_w;
        const auto phase = static_cast<std::size_t>(h % shape.stride_h * shape.stride_w + w % shape.stride_w);
        const std::size_t at = static_cast<std::size_t>(c) * channel_size_ + phase * plane +
                               static_cast<std::size_t>(h / shape.stride_h) * pitch_ +
                               static_cast<std::size_t>(w / shape.stride_w);
        offsets_.push_back(static_cast<std::uint32_t>(at));
      }
    }
  }
  contiguous_ = length_ == 1;
  for (std::size_t k = 0; k < offsets_.size(); ++k) contiguous_ = contiguous_ && offsets_[k] == k;
}

std::size_t ConvolutionPlan::group_offset(std::int64_t filter) const {
  const std::int64_t channel = filter / shape_.filters_per_group() * shape_.channels_per_group();
  return static_cast<std::size_t>(channel) * channel_size_;
}

std::int64_t ConvolutionPlan::place(std::int64_t c, std::int64_t h, std::int64_t w) const {
  h += shape_.pad_top;
  w += shape_.pad_left;
  const auto row = static_cast<std::size_t>(h / shape_.stride_h),
             column = static_cast<std::size_t>(w / shape_.stride_w);
  if (row >= rows_ || column >= pitch_) return -1;
  const auto phase = static_cast<std::size_t>(h % shape_.stride_h * shape_.stride_w + w % shape_.stride_w);
  return static_cast<std::int64_t>(static_cast<std::size_t>(c) * channel_size_ + phase * rows_ * pitch_ + row * pitch_ +
                                   column);
}

PlacedInputs place_inputs(const ConvolutionPlan& plan, std::span<const std::int32_t> inputs,
                          std::int64_t largest_weight) {
  const LayerShape& shape = plan.shape();
  if (inputs.size() != static_cast<std::size_t>(shape.C * shape.H * shape.W)) fail_internal("inputs of another shape");
  std::int64_t largest = 0;
  for (const std::int32_t value : inputs) largest = std::max(largest, std::abs(std::int64_t{value}));
  const auto terms = static_cast<std::int64_t>(plan.offsets().size());
  const std::int64_t sum_limit = std::numeric_limits<std::int32_t>::max();
  PlacedInputs placed;
  placed.wide = largest > std::numeric_limits<std::int16_t>::max() ||
                largest_weight > std::numeric_limits<std::int16_t>::max() ||
                (largest > 0 && largest_weight > 0 && terms > sum_limit / largest / largest_weight);
  placed.narrow_values.resize(placed.wide ? 0 : plan.input_size());
  placed.wide_values.resize(placed.wide ? plan.input_size() : 0);
  std::size_t i = 0;
  for (std::int64_t c = 0; c < shape.C; ++c) {
    for (std::int64_t h = 0; h < shape.H; ++h) {
      for (std::int64_t w = 0; w < shape.W; ++w, ++i) {
        const std::int64_t at = plan.place(c, h, w);
        if (at < 0) continue;
        if (placed.wide) {
          placed.wide_values[static_cast<std::size_t>(at)] = inputs[i];
        } else {
          placed.narrow_values[static_cast<std::size_t>(at)] = static_cast<std::int16_t>(inputs[i]);
        }
      }
    }
  }
  return placed;
}

Convolution::Convolution(const ConvolutionPlan& plan, const PlacedInputs& inputs) : plan_(plan), inputs_(inputs) {
  narrow_sums_.resize(inputs.wide ? 0 : plan.length());
  wide_sums_.resize(inputs.wide ? plan.length() : 0);
}

template <class Sum>
void Convolution::store(std::int64_t m, const std::vector<Sum>& sums, Outputs& outputs) const {
  const auto rows = static_cast<std::size_t>(plan_.shape().E()), columns = static_cast<std::size_t>(plan_.shape().F());
  auto out = outputs.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(m) * rows * columns);
  for (std::size_t e = 0; e < rows; ++e) {
    out = std::copy_n(sums.begin() + static_cast<std::ptrdiff_t>(e * plan_.pitch()), columns, out);
  }
}

template <class Input, class Sum>
void Convolution::filter(const Input* inputs, std::vector<Sum>& sums, std::int64_t m, const FilterOperands& operands,
                         Outputs& outputs) {
  const std::uint32_t* offsets = plan_.offsets().data();
  const std::uint32_t* positions = operands.positions().data();
  const std::int32_t* weights = operands.weights().data();
  accumulate(
      inputs + plan_.group_offset(m), sums, operands.positions().size(),
      [=](std::size_t k) { return offsets[positions[k]]; },
      [=](std::size_t k) { return static_cast<Input>(weights[k]); });
  store(m, sums, outputs);
}

template <class Input, class Sum, class Weight>
void Convolution::dense_filter(const Input* inputs, std::vector<Sum>& sums, std::int64_t m,
                               std::span<const Weight> weights, Outputs& outputs) {
  const Input* first = inputs + plan_.group_offset(m);
  if (plan_.contiguous()) {
    Sum sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += Sum{weights[k]} * Sum{first[k]};
    sums[0] = sum;
  } else {
    const std::uint32_t* offsets = plan_.offsets().data();
    accumulate(
        first, sums, weights.size(), [=](std::size_t k) { return offsets[k]; },
        [=](std::size_t k) { return static_cast<Input>(weights[k]); });
  }
  store(m, sums, outputs);
}

void Convolution::run(std::int64_t m, const FilterOperands& operands, Outputs& outputs) {
  if (inputs_.wide) {
    filter(inputs_.wide_values.data(), wide_sums_, m, operands, outputs);
  } else {
    filter(inputs_.narrow_values.data(), narrow_sums_, m, operands, outputs);
  }
}

template <class Weight>
void Convolution::dense(std::int64_t m, std::span<const Weight> weights, Outputs& outputs) {
  if (inputs_.wide) {
    dense_filter(inputs_.wide_values.data(), wide_sums_, m, weights, outputs);
  } else {
    dense_filter(inputs_.narrow_values.data(), narrow_sums_, m, weights, outputs);
  }
}

void Convolution::run_dense(std::int64_t m, std::span<const std::int8_t> weights, Outputs& outputs) {
  dense(m, weights, outputs);
}
void Convolution::run_dense(std::int64_t m, std::span<const std::int16_t> weights, Outputs& outputs) {
  dense(m, weights, outputs);
}

}  // namespace rebasis::succinct
