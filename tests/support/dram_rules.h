// The timing of the JEDEC parts once more, as literal numbers worked out by hand, and a checker of command traces
// that knows nothing of the simulator's engine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/dram/jedec_dram.h"

namespace rebasis::test {

struct PartRules {
  std::string name;
  std::uint32_t groups, banks;
  std::uint32_t faw, refi, activate_slots, precharge_slots, column_slots, refresh_slots;
  std::vector<sim::TimingRule> pairs;
};

/// Of the three shipped parts.
const std::vector<PartRules>& dram_rules();
const PartRules& dram_rules(const std::string& name);

/// One line a violation: timing of every pair, four-activate window, command bus, open rows, refresh intervals.
std::vector<std::string> violations(const PartRules& rules, std::vector<sim::IssuedCommand> trace);

}  // namespace rebasis::test
