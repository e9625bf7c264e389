// Random layers on random configurations of SmartDeal, mapped.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/units.h"
#include "sim/smartdeal/dram_layout.h"
#include "tests/support/random_layer.h"
#include "tests/unit/sim/smartdeal_case.h"

namespace rebasis::test {

struct MappedCase {
  RandomLayer layer;
  arch::SmartDealSpec spec;
  sim::smartdeal::Mapping mapping;
};

/// Runs `check` on every feasible case of `seeds` random ones; returns how many there were.
template <class Check>
int for_feasible_cases(std::uint64_t seeds, Check&& check) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Dice dice(seed + 50'000);
    MappedCase c;
    c.layer = random_layer(dice);
    c.spec = random_spec(dice);
    INFO("seed " << seed << ": " << describe(c.layer, c.spec));
    try {
      const auto memory = memory_of(c.spec);
      c.mapping = sim::smartdeal::map_layer(c.layer.data, c.spec, speed_of(*memory));
    } catch (const Error& error) {
      REQUIRE(error.status() == Status::infeasible);
      const std::string message = error.what();
      CHECK(message.find("layer 'random'") == 0);
      const auto names = [&](const char* buffer) { return message.find(buffer) != std::string::npos; };
      CHECK(
          (names("weight_buffer.size") || names("index_gb.size") || names("input_gb.size") || names("output_gb.size")));
      continue;
    }
    ++feasible;
    INFO("order " << c.mapping.order << ", chunks " << c.mapping.chunks << ", blocks " << c.mapping.blocks.size());
    check(c);
  }
  return feasible;
}

inline std::uint64_t bytes_of(const std::vector<sim::Transfer>& transfers) {
  std::uint64_t bytes = 0;
  for (const sim::Transfer& transfer : transfers) bytes += transfer.bytes;
  return bytes;
}

}  // namespace rebasis::test
