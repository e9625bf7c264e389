// Which clocks of the command bus are taken: one command at a time, whatever its bank.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/error.h"

namespace rebasis::sim {

/// Remembers the last `window` clocks; commands are placed at any free clock within that distance of the latest one.
class CommandBus {
 public:
  CommandBus() : taken_(window, never) {}

  /// First clock from `from` on with `slots` free clocks.
  [[nodiscard]] std::uint64_t first_free(std::uint64_t from, std::uint32_t slots) const {
    if (from + window / 2 < latest_)
      fail_internal("a DRAM command lies too far back for the record of the command bus");
    std::uint64_t at = from;
    for (std::uint32_t n = 0; n < slots;) {
      if (taken_[(at + n) % window] == at + n) {
        at += n + 1;
        n = 0;
      } else {
        ++n;
      }
    }
    return at;
  }

  void take(std::uint64_t at, std::uint32_t slots) {
    for (std::uint32_t n = 0; n < slots; ++n) taken_[(at + n) % window] = at + n;
    latest_ = std::max(latest_, at);
  }

 private:
  static constexpr std::uint64_t window = 8192;  // > the time of the controller's whole queue, see JedecDram
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  std::vector<std::uint64_t> taken_;  ///< the clock that last took this entry
  std::uint64_t latest_ = 0;
};

}  // namespace rebasis::sim
