// The shape of one convolution or fully-connected layer, in the field's letters.
#pragma once

#include <cstdint>

namespace rebasis {

/// O[m][e][f] = sum over c, r, s of W[m][c][r][s] * I[c][e*U + r*D - P][f*U + s*D - P]  (paper eq. 1, with padding and
/// dilation). A fully-connected layer is a 1x1 convolution on a 1x1 map. Channels c run over C / groups per filter.
struct LayerShape {
  std::int64_t M = 1;                           ///< output channels (filters)
  std::int64_t C = 1;                           ///< input channels, all groups
  std::int64_t H = 1;                           ///< input rows
  std::int64_t W = 1;                           ///< input columns
  std::int64_t R = 1;                           ///< kernel rows
  std::int64_t S = 1;                           ///< kernel columns
  std::int64_t stride_h = 1, stride_w = 1;      ///< U
  std::int64_t dilation_h = 1, dilation_w = 1;  ///< D
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t groups = 1;

  /// Output rows.
  [[nodiscard]] std::int64_t E() const { return out(H, pad_top + pad_bottom, R, stride_h, dilation_h); }
  /// Output columns.
  [[nodiscard]] std::int64_t F() const { return out(W, pad_left + pad_right, S, stride_w, dilation_w); }
  [[nodiscard]] std::int64_t channels_per_group() const { return C / groups; }
  [[nodiscard]] std::int64_t filters_per_group() const { return M / groups; }
  /// One input channel per filter: the mapping of paper section V-B, "handling of compact models".
  [[nodiscard]] bool depthwise() const { return groups > 1 && channels_per_group() == 1; }
  [[nodiscard]] std::int64_t weights() const { return M * channels_per_group() * R * S; }
  /// Multiply-accumulates of the dense layer, for one input image.
  [[nodiscard]] std::int64_t macs() const { return weights() * E() * F(); }

  bool operator==(const LayerShape&) const = default;

 private:
  static std::int64_t out(std::int64_t in, std::int64_t pads, std::int64_t kernel, std::int64_t stride,
                          std::int64_t dilation) {
    const std::int64_t span = in + pads - dilation * (kernel - 1) - 1;
    return span < 0 ? 0 : span / stride + 1;
  }
};

}  // namespace rebasis
