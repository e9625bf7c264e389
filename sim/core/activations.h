// The input feature map of a layer, one image.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/layer_shape.h"
#include "workloads/trace/trace.h"

namespace rebasis::sim {

/// Activations of one image, [C][H][W], as quantised integers. Refers to the trace's memory.
class Activations {
 public:
  /// `view`: u8, i8, u16 or i16 [N][C][H][W].
  Activations(const trace::TensorView& view, const LayerShape& shape, std::int64_t image);
  /// Value at channel c, row h, column w; 0 outside the map (padding).
  [[nodiscard]] int at(std::int64_t c, std::int64_t h, std::int64_t w) const {
    if (h < 0 || h >= height_ || w < 0 || w >= width_) return 0;
    const auto i = static_cast<std::size_t>((c * height_ + h) * width_ + w);
    if (element_bytes_ == 2) return wide(i);
    return signed_ ? static_cast<int>(static_cast<std::int8_t>(bytes_[i])) : static_cast<int>(bytes_[i]);
  }
  /// The W bytes of a row of 8-bit values as they are stored.
  [[nodiscard]] std::span<const std::uint8_t> row(std::int64_t c, std::int64_t h) const {
    return bytes_.subspan(static_cast<std::size_t>((c * height_ + h) * width_), static_cast<std::size_t>(width_));
  }
  /// All values, [C][H][W].
  [[nodiscard]] std::vector<std::int32_t> values() const;
  [[nodiscard]] bool is_signed() const { return signed_; }
  /// 1 or 2.
  [[nodiscard]] std::int64_t element_bytes() const { return element_bytes_; }

 private:
  [[nodiscard]] int wide(std::size_t i) const;

  std::span<const std::uint8_t> bytes_;
  std::int64_t height_, width_, element_bytes_;
  bool signed_;
};

}  // namespace rebasis::sim
