// Area of the parts of a design at 28 nm, in mm2: SRAM macros, arithmetic, registers. A proxy without wires, clock and
// control, for comparing designs with each other. docs/decisions/70-area-proxy.md has the sources.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/energy/sram_banks.h"

namespace rebasis::arch {

/// All banks of all memories. Throws Error(bad_input) when the shipped sweep is missing or damaged.
[[nodiscard]] double area_of(const std::vector<SramBanks>& memories);

/// A multiplier of two values of `bits` bits.
[[nodiscard]] double multiplier_mm2(std::int64_t bits);
/// An adder of `bits` bits.
[[nodiscard]] double adder_mm2(std::int64_t bits);
/// A shifter of values of `bits` bits by up to 2^stages - 1 places.
[[nodiscard]] double shifter_mm2(std::int64_t bits, std::int64_t stages);
/// `bits` flip-flops.
[[nodiscard]] double registers_mm2(std::int64_t bits);

/// A multiplier whose products an adder of `sum_bits` bits adds up.
[[nodiscard]] inline double mac_mm2(std::int64_t bits, std::int64_t sum_bits) {
  return multiplier_mm2(bits) + adder_mm2(sum_bits);
}
/// A MAC that adds one shifted value of `bits` bits in a cycle.
[[nodiscard]] double bit_serial_mac_mm2(std::int64_t bits, std::int64_t sum_bits);

}  // namespace rebasis::arch
