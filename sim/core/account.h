// Why time passed: every cycle of every block has exactly one cause.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rebasis::sim {

/// Why a cycle of a block passed. `idle`: there was no demand; of processing elements, those that a layer gives no work
/// at all.
enum class Cause : std::size_t { busy, weights, inputs, index, output, dram, imbalance, fill_drain, idle, count };
[[nodiscard]] const char* name(Cause cause);

/// Cycles of all copies of a block by cause.
struct Account {
  std::array<std::int64_t, static_cast<std::size_t>(Cause::count)> cycles{};
  [[nodiscard]] std::int64_t& operator[](Cause cause) { return cycles[static_cast<std::size_t>(cause)]; }
  [[nodiscard]] std::int64_t operator[](Cause cause) const { return cycles[static_cast<std::size_t>(cause)]; }
  [[nodiscard]] std::int64_t total() const;
  Account& operator+=(const Account& other);
  bool operator==(const Account&) const = default;
};

}  // namespace rebasis::sim
