// Properties of the memory models on random requests.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/core/dram/jedec_dram.h"
#include "tests/support/dram_rules.h"

namespace rebasis::test {
namespace {

using sim::DramRequest;
using sim::DramSpec;
using sim::IssuedCommand;
using sim::JedecDram;

struct Case {
  DramSpec spec;
  std::vector<DramRequest> requests;
  std::vector<std::uint64_t> pauses;
};

DramRequest random_request() {
  // A few rows of a few banks, so that hits, conflicts and turn-arounds all occur.
  const auto row = *rc::gen::inRange<std::uint64_t>(0, 40);
  const auto offset = *rc::gen::inRange<std::uint64_t>(0, 4096);
  const auto bytes = *rc::gen::weightedOneOf<std::uint32_t>(
      {{6, rc::gen::inRange<std::uint32_t>(1, 200)}, {1, rc::gen::inRange<std::uint32_t>(200, 20'000)}});
  return {row * 16384 + offset, bytes, *rc::gen::inRange(0, 3) == 0};
}

Case random_case(const std::string& name) {
  Case c;
  c.spec.model = name;
  c.spec.accelerator_hz = *rc::gen::element(1e9, 100e6, 533.333e6, 2.5e9, 1.2e9);
  c.spec.mapping =
      *rc::gen::element<std::string>("row-bank-column-xor", "row-bank-column", "row-column-bank", "bank-row-column");
  const int count = *rc::gen::inRange(1, 120);
  for (int i = 0; i < count; ++i) {
    c.requests.push_back(random_request());
    c.pauses.push_back(*rc::gen::weightedOneOf<std::uint64_t>({{8, rc::gen::just(std::uint64_t{0})},
                                                               {4, rc::gen::inRange<std::uint64_t>(0, 300)},
                                                               {1, rc::gen::inRange<std::uint64_t>(0, 60'000)}}));
  }
  return c;
}

/// Issues the requests, each `pause` cycles after the one before was issued; returns the completion cycles.
std::vector<std::uint64_t> run(sim::DramModel& dram, const Case& c) {
  std::vector<std::uint64_t> done;
  std::uint64_t now = 0;
  for (std::size_t i = 0; i < c.requests.size(); ++i) {
    now += c.pauses[i];
    done.push_back(dram.access(c.requests[i], Cycles(now)).count());
  }
  return done;
}

TEST_CASE("command traces of random requests break no rule") {
  for (const PartRules& part : dram_rules()) {
    CHECK(rc::check("legal trace of " + part.name, [&part] {
      const Case c = random_case(part.name);
      JedecDram dram(sim::jedec_part(part.name), c.spec);
      std::vector<IssuedCommand> trace;
      dram.record(&trace);
      run(dram, c);
      const std::vector<std::string> found = violations(part, trace);
      if (!found.empty()) RC_FAIL(std::to_string(found.size()) + " violations, first: " + found.front());
    }));
  }
}

TEST_CASE("a request equals the chain of its bursts, recorded or not, new or reset") {
  for (const PartRules& part : dram_rules()) {
    CHECK(rc::check("chain of bursts of " + part.name, [&part] {
      const Case c = random_case(part.name);
      const sim::JedecPart& jedec = sim::jedec_part(part.name);
      JedecDram whole(jedec, c.spec);
      JedecDram chain(jedec, c.spec);
      std::vector<IssuedCommand> trace;
      chain.record(&trace);
      const std::vector<std::uint64_t> expected = run(whole, c);
      std::uint64_t now = 0;
      for (std::size_t i = 0; i < c.requests.size(); ++i) {
        now += c.pauses[i];
        const DramRequest& r = c.requests[i];
        const std::uint64_t burst = jedec.burst_bytes();
        const std::uint64_t end = (r.address + r.bytes + burst - 1) / burst * burst;
        std::uint64_t done = 0;
        for (std::uint64_t at = r.address / burst * burst; at < end; at += burst) {
          done = chain.access({at, jedec.burst_bytes(), r.write}, Cycles(now)).count();
        }
        RC_ASSERT(done == expected[i]);
      }
      auto a = whole.counters();
      auto b = chain.counters();
      a.erase("requested_bytes");
      b.erase("requested_bytes");
      RC_ASSERT(a == b);
      whole.reset();
      RC_ASSERT(run(whole, c) == expected);
    }));
  }
}

TEST_CASE("no model beats its peak bandwidth, and data moves in order") {
  for (const auto& [name, description] : sim::dram_models()) {
    CHECK(rc::check("bound of " + name, [&name = name] {
      const Case c = random_case(name);
      const auto dram = sim::make_dram(c.spec);
      const std::vector<std::uint64_t> done = run(*dram, c);
      std::uint64_t bytes = 0;
      std::uint64_t now = 0;
      for (std::size_t i = 0; i < done.size(); ++i) {
        bytes += c.requests[i].bytes;
        now += c.pauses[i];
        RC_ASSERT(done[i] >= now);
        if (name != "unlimited") RC_ASSERT(done[i] > now);
        if (i > 0) RC_ASSERT(done[i] >= done[i - 1]);
      }
      // The bursts of all requests fit between the first issue and the last completion.
      RC_ASSERT(static_cast<double>(done.back()) >= dram->min_cycles(bytes));
    }));
  }
}

TEST_CASE("every mapping gives each burst a place of its own") {
  for (const sim::JedecPart& part : sim::jedec_parts()) {
    for (const std::string order : {"row-bank-column-xor", "row-bank-column", "row-column-bank", "bank-row-column"}) {
      const sim::AddressMap map(part, order);
      // Each row of each bank gets exactly as many bursts as it has columns.
      sim::JedecPart small = part;
      small.rows = 16;
      const sim::AddressMap folded(small, order);
      std::vector<std::uint32_t> columns(small.banks * small.rows, 0);
      for (std::uint64_t burst = 0; burst < small.capacity() / small.burst_bytes(); ++burst) {
        const sim::DramPlace place = folded.place(burst);
        ++columns.at(place.bank * small.rows + place.row);
      }
      const std::uint32_t expected = small.row_bytes / small.burst_bytes();
      CHECK(std::all_of(columns.begin(), columns.end(), [expected](std::uint32_t n) { return n == expected; }));
      CHECK(map.place(part.capacity() / part.burst_bytes() + 5).bank == map.place(5).bank);
    }
  }
}

}  // namespace
}  // namespace rebasis::test
