#include "arch/area/area.h"

#include <bit>
#include <cmath>

#include "common/data_dir.h"

namespace rebasis::arch {

namespace {

constexpr double node_nm = 28;

/// mm2 at 28 nm of what takes `um2` at another node: both sides shrink with the node.
constexpr double scaled(double um2, double from_nm) { return um2 * 1e-6 * (node_nm / from_nm) * (node_nm / from_nm); }

// Horowitz, ISSCC 2014, with the areas of Dally, "High-Performance Hardware for Machine Learning", NIPS 2015: synthesis
// at 45 nm.
constexpr double adder_32_um2 = 137, multiplier_8_um2 = 282, multiplier_32_um2 = 3495, horowitz_nm = 45;
// Aladdin (Shao et al., ISCA 2014), power_func.h: synthesis at 40 nm. Shifter of 32 bits and 5 stages; register of a
// bit.
constexpr double shifter_32_um2 = 249.6461, register_um2 = 5.981433, aladdin_nm = 40;
constexpr double shifter_32_stages = 5;

const SramSweep& areas() {
  static const SramSweep sweep =
      SramSweep::load(data_path("arch/energy/tables/sram_cacti7.csv"), 0.028, "itrs-lstp", {}, "area_mm2");
  return sweep;
}

}  // namespace

double area_of(const std::vector<SramBanks>& memories) {
  double sum = 0;
  for (const SramBanks& memory : memories) sum += static_cast<double>(memory.banks) * areas().at(memory.bank);
  return sum;
}

double multiplier_mm2(std::int64_t bits) {
  static const double growth = std::log2(multiplier_32_um2 / multiplier_8_um2) / 2;  // for each doubling of the width
  return scaled(multiplier_8_um2 * std::pow(static_cast<double>(bits) / 8, growth), horowitz_nm);
}

double adder_mm2(std::int64_t bits) { return scaled(adder_32_um2 * static_cast<double>(bits) / 32, horowitz_nm); }

double shifter_mm2(std::int64_t bits, std::int64_t stages) {
  return scaled(shifter_32_um2 * static_cast<double>(bits * stages) / (32 * shifter_32_stages), aladdin_nm);
}

double registers_mm2(std::int64_t bits) { return scaled(register_um2 * static_cast<double>(bits), aladdin_nm); }

double bit_serial_mac_mm2(std::int64_t bits, std::int64_t sum_bits) {
  // The value moves to any of `bits` places of a product of twice as many.
  const auto stages = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(bits - 1)));
  return shifter_mm2(2 * bits, stages) + adder_mm2(sum_bits);
}

}  // namespace rebasis::arch
