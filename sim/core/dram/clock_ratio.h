// Exact conversion between two clocks whose frequencies are rational numbers of hertz.
#pragma once

#include <cstdint>
#include <numeric>

namespace rebasis::sim {

// NOLINTNEXTLINE(modernize-use-using): __extension__ silences -Wpedantic for a typedef alone
__extension__ typedef unsigned __int128 Uint128;

/// A frequency of `numerator / denominator` Hz, both > 0.
struct RationalHz {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;
};

/// Counts of a fast or slow clock against those of another, rounded up to the next edge; no floating point.
class ClockRatio {
 public:
  /// Both clocks have an edge at time 0.
  ClockRatio(RationalHz device, std::uint64_t accelerator_hz) {
    const std::uint64_t common = std::gcd(device.numerator, accelerator_hz);
    device_ = device.numerator / common;
    accelerator_ = accelerator_hz / common * device.denominator;
    const std::uint64_t rest = std::gcd(device_, accelerator_);
    device_ /= rest;
    accelerator_ /= rest;
  }

  /// First device clock at or after the accelerator's cycle.
  [[nodiscard]] std::uint64_t to_device(std::uint64_t cycle) const { return scale_up(cycle, device_, accelerator_); }
  /// First accelerator cycle at or after the device's clock.
  [[nodiscard]] std::uint64_t to_accelerator(std::uint64_t clock) const {
    return scale_up(clock, accelerator_, device_);
  }
  /// Device clocks in one accelerator cycle.
  [[nodiscard]] double device_clocks_per_cycle() const {
    return static_cast<double>(device_) / static_cast<double>(accelerator_);
  }

 private:
  static std::uint64_t scale_up(std::uint64_t value, std::uint64_t multiply, std::uint64_t divide) {
    const Uint128 product = Uint128{value} * multiply + (divide - 1);
    return static_cast<std::uint64_t>(product / divide);
  }
  std::uint64_t device_ = 1;       ///< device clocks in ...
  std::uint64_t accelerator_ = 1;  ///< ... that many accelerator cycles
};

/// The accelerator's frequency as a whole number of hertz; outside 1 Hz to 1 THz (or NaN) is bad input.
[[nodiscard]] std::uint64_t whole_hertz(double hertz);

}  // namespace rebasis::sim
