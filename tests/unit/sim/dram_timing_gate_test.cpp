// Timing gate: every rule of every part is illegal one clock early and legal on time.
#include <doctest/doctest.h>

#include "common/error.h"
#include "sim/core/dram/command_bus.h"
#include "sim/core/dram/jedec_timing.h"
#include "tests/support/dram_rules.h"

namespace rebasis::test {
namespace {

using sim::DramCommand;
using sim::DramScope;
using sim::JedecTiming;

/// A bank that shares exactly `scope` with bank 0.
std::uint32_t partner(const PartRules& part, DramScope scope) {
  if (scope == DramScope::bank) return 0;
  return scope == DramScope::group ? part.groups : 1;
}

TEST_CASE("each pair of commands is illegal at t-1 and legal at t") {
  for (const PartRules& part : dram_rules()) {
    for (const sim::TimingRule& rule : part.pairs) {
      CAPTURE(part.name);
      CAPTURE(static_cast<int>(rule.previous));
      CAPTURE(static_cast<int>(rule.next));
      CAPTURE(static_cast<int>(rule.scope));
      JedecTiming timing(sim::jedec_part(part.name));
      timing.issue(rule.previous, 0, 1000);
      const std::uint32_t bank = partner(part, rule.scope);
      CHECK(timing.earliest(rule.next, bank) == 1000 + rule.clocks);
      CHECK_THROWS_AS(timing.issue(rule.next, bank, 999 + rule.clocks), Error);
      CHECK_NOTHROW(timing.issue(rule.next, bank, 1000 + rule.clocks));
    }
  }
}

TEST_CASE("the simulator has exactly the rules that the test knows") {
  for (const PartRules& part : dram_rules()) {
    // Without bank groups the simulator's group rules coincide with those of the rank.
    std::size_t expected = part.pairs.size() + (part.groups == 1 ? 4 : 0);
    CHECK(sim::timing_rules(sim::jedec_part(part.name)).size() == expected);
  }
}

TEST_CASE("the fifth activate waits for the four-activate window") {
  for (const PartRules& part : dram_rules()) {
    CAPTURE(part.name);
    JedecTiming timing(sim::jedec_part(part.name));
    std::uint64_t at = 100;
    for (std::uint32_t bank = 0; bank < 4; ++bank) {
      at = std::max(at, timing.earliest(DramCommand::activate, bank));
      timing.issue(DramCommand::activate, bank, at);
    }
    CHECK(timing.earliest(DramCommand::activate, 4) == 100 + part.faw);
    CHECK_THROWS_AS(timing.issue(DramCommand::activate, 4, 99 + part.faw), Error);
    CHECK_NOTHROW(timing.issue(DramCommand::activate, 4, 100 + part.faw));
  }
}

TEST_CASE("the command bus gives the first gap that is wide enough") {
  sim::CommandBus bus;
  bus.take(10, 4);
  bus.take(17, 1);
  CHECK(bus.first_free(6, 4) == 6);
  CHECK(bus.first_free(7, 4) == 18);
  CHECK(bus.first_free(7, 3) == 7);
  CHECK(bus.first_free(9, 3) == 14);
  CHECK(bus.first_free(10, 1) == 14);
  bus.take(100'000, 1);
  CHECK_THROWS_AS((void)bus.first_free(10, 1), Error);
}

}  // namespace
}  // namespace rebasis::test
