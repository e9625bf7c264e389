// A dense row-major tensor that owns its values. The only tensor type that crosses module borders.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"

namespace rebasis {

using Shape = std::vector<std::int64_t>;

/// Number of elements of `shape` (1 for a scalar). Fails on a negative extent or more than `limit` elements, so
/// that a hostile file cannot make us allocate.
inline std::int64_t element_count(const Shape& shape, std::int64_t limit = std::int64_t{1} << 33) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0) fail_input("negative tensor extent " + std::to_string(extent));
    if (extent != 0 && count > limit / extent)
      fail_input("tensor has more than " + std::to_string(limit) + " elements");
    count *= extent;
  }
  return count;
}

template <class T>
struct Tensor {
  Shape shape;
  std::vector<T> values;

  Tensor() = default;
  explicit Tensor(Shape extents) : shape(std::move(extents)), values(static_cast<std::size_t>(element_count(shape))) {}
  Tensor(Shape extents, std::vector<T> data) : shape(std::move(extents)), values(std::move(data)) {
    if (static_cast<std::size_t>(element_count(shape)) != values.size())
      fail_input("tensor data does not match its shape");
  }
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(values.size()); }
};

}  // namespace rebasis
