// Strong types for the quantities that are easy to mix up: adding bytes to cycles does not compile.
#pragma once

#include <compare>
#include <cstdint>

namespace rebasis {

/// An integer or real quantity with a unit. `Tag` makes the types distinct.
template <class Rep, class Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep value) : value_(value) {}
  [[nodiscard]] constexpr Rep count() const { return value_; }

  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, Rep factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator*(Rep factor, Quantity a) { return Quantity(a.value_ * factor); }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;

 private:
  Rep value_{};
};

using Cycles = Quantity<std::uint64_t, struct CyclesTag>;     ///< accelerator clock cycles
using Bytes = Quantity<std::uint64_t, struct BytesTag>;       ///< 8-bit bytes
using Bits = Quantity<std::uint64_t, struct BitsTag>;         ///< bits
using Picojoules = Quantity<double, struct PicojoulesTag>;    ///< 1e-12 J
using Nanoseconds = Quantity<double, struct NanosecondsTag>;  ///< 1e-9 s

/// Bytes that hold `bits`, rounded up.
constexpr Bytes bytes_for(Bits bits) { return Bytes((bits.count() + 7) / 8); }

/// Integer division rounded up; `divisor` > 0.
template <class T>
constexpr T ceil_div(T value, T divisor) {
  return (value + divisor - 1) / divisor;
}

}  // namespace rebasis
