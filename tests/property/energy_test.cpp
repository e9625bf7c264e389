// Properties of SRAM prices over capacity and port width.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <string>

#include "arch/energy/energy_table.h"

namespace rebasis::test {
namespace {

using arch::EnergyTable;
using arch::SramGeometry;

SramGeometry random_geometry() {
  // Also outside the sweep on both sides.
  return {*rc::gen::inRange<std::uint64_t>(64, 1 << 23), *rc::gen::inRange<std::uint32_t>(2, 600)};
}

TEST_CASE("a larger bank costs more, a wider access costs more") {
  for (const std::string name : {"smartdeal-28nm", "horowitz-45nm"}) {
    const EnergyTable table = EnergyTable::load(name);
    const auto per_byte = [&table](const SramGeometry& geometry) {
      return table.price("input_gb", "read_byte", {{"input_gb", geometry}}).count();
    };
    CHECK(rc::check("monotone in capacity: " + name, [&per_byte] {
      const SramGeometry geometry = random_geometry();
      SramGeometry larger = geometry;
      larger.bank_bytes += *rc::gen::inRange<std::uint64_t>(1, 1 << 22);
      RC_ASSERT(per_byte(geometry) < per_byte(larger));
    }));
    CHECK(rc::check("monotone in width: " + name, [&per_byte] {
      const SramGeometry geometry = random_geometry();
      SramGeometry wider = geometry;
      wider.port_bits += *rc::gen::inRange<std::uint32_t>(1, 300);
      RC_ASSERT(per_byte(geometry) * geometry.port_bits < per_byte(wider) * wider.port_bits);
    }));
  }
}

TEST_CASE("energy is linear in the counts") {
  const EnergyTable table = EnergyTable::load("smartdeal-28nm");
  CHECK(rc::check("linear", [&table] {
    EnergyTable::Srams srams;
    for (const arch::EnergyPrice& price : table.prices()) {
      if (price.scales_with_sram && !srams.contains(price.component)) srams[price.component] = random_geometry();
    }
    std::map<std::string, std::uint64_t> counts;
    double expected = 0;
    for (const arch::EnergyPrice& price : table.prices()) {
      const auto count = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
      counts[price.component + "." + price.action] = count;
      expected += static_cast<double>(count) * table.price(price.component, price.action, srams).count();
    }
    double total = 0;
    for (const auto& [component, pj] : table.price_all(counts, srams)) total += pj;
    RC_ASSERT(std::abs(total - expected) <= 1e-9 * expected);
  }));
}

}  // namespace
}  // namespace rebasis::test
