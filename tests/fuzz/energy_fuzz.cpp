// Any text as an energy table: its prices are finite and growing, or it is bad input.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "arch/energy/energy_table.h"
#include "common/data_dir.h"
#include "common/error.h"

using rebasis::Error;
using rebasis::Status;
using rebasis::arch::EnergyTable;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = rebasis::data_path("arch/energy/tables/fuzz.yaml");
  try {
    const EnergyTable table = EnergyTable::parse(std::string(data, data + size), path);
    for (const auto& price : table.prices()) {
      const auto at = [&](std::uint64_t bytes) {
        return table.price(price.component, price.action, {{price.component, {bytes, 64}}}).count();
      };
      if (!(std::isfinite(at(1024)) && at(1024) <= at(65536))) std::abort();
    }
    if (table.describe().empty()) std::abort();
  } catch (const Error& error) {
    if (error.status() != Status::bad_input) std::abort();
  }
  return 0;
}
