#include "sim/core/activations.h"

#include <cstring>

namespace rebasis::sim {

Activations::Activations(const trace::TensorView& view, const LayerShape& shape, std::int64_t image)
    : height_(shape.H),
      width_(shape.W),
      element_bytes_(static_cast<std::int64_t>(trace::size_of(view.dtype))),
      signed_(view.dtype == trace::DType::i8 || view.dtype == trace::DType::i16) {
  const auto size = static_cast<std::size_t>(shape.C * shape.H * shape.W * element_bytes_);
  const auto* const data = reinterpret_cast<const std::uint8_t*>(view.bytes.data());
  bytes_ = {data + static_cast<std::size_t>(image) * size, size};
}

int Activations::wide(std::size_t i) const {
  std::uint16_t value = 0;
  std::memcpy(&value, &bytes_[2 * i], sizeof(value));
  return signed_ ? static_cast<int>(static_cast<std::int16_t>(value)) : static_cast<int>(value);
}

std::vector<std::int32_t> Activations::values() const {
  const std::size_t count = bytes_.size() / static_cast<std::size_t>(element_bytes_);
  std::vector<std::int32_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (element_bytes_ == 2)
      values[i] = wide(i);
    else
      values[i] = signed_ ? std::int32_t{static_cast<std::int8_t>(bytes_[i])} : std::int32_t{bytes_[i]};
  }
  return values;
}

}  // namespace rebasis::sim
