// Short sequences with the schedule worked out by hand. The accelerator runs at the clock of the memory, so that
// cycles are clocks.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/error.h"
#include "sim/core/dram/jedec_dram.h"

namespace rebasis::test {
namespace {

using sim::DramSpec;
using sim::IssuedCommand;
using sim::JedecDram;

struct Bench {
  explicit Bench(const std::string& name, double hz, const std::string& mapping = "row-bank-column")
      : dram(sim::jedec_part(name), DramSpec{.model = name, .accelerator_hz = hz, .mapping = mapping}) {
    dram.record(&log);
  }
  std::uint64_t read(std::uint64_t address, std::uint32_t bytes, std::uint64_t now) {
    return dram.access({address, bytes, false}, Cycles(now)).count();
  }
  std::uint64_t write(std::uint64_t address, std::uint32_t bytes, std::uint64_t now) {
    return dram.access({address, bytes, true}, Cycles(now)).count();
  }
  /// "ACT0@0 RD0@17": command, bank, clock in the order of decision.
  std::string schedule() {
    constexpr const char* names[] = {"ACT", "PRE", "RD", "WR", "REF"};
    std::string text;
    for (const IssuedCommand& c : log) {
      text += (text.empty() ? "" : " ") + std::string(names[static_cast<int>(c.command)]) + std::to_string(c.bank) +
              "@" + std::to_string(c.clock);
    }
    log.clear();
    return text;
  }
  JedecDram dram;
  std::vector<IssuedCommand> log;
};

constexpr double ddr4_hz = 1.2e9;
constexpr double lpddr4_hz = 1.6e9;
constexpr double ddr3_triple_hz = 1.6e9;  // the clock of DDR3-1066 is no whole number of hertz: three cycles a clock
constexpr std::uint64_t ddr4_next_row = 16 * 8192;  // same bank and group

TEST_CASE("DDR4: a cold read, then one of the next bank group") {
  Bench b("ddr4-2400-x64", ddr4_hz);
  CHECK(b.read(0, 64, 0) == 38);   // RCD 17 + CL 17 + 4 clocks of data
  CHECK(b.read(64, 64, 0) == 42);  // RRD_S 4 later; CCD_S allows it
  CHECK(b.schedule() == "ACT0@0 RD0@17 ACT1@4 RD1@21");
}

TEST_CASE("DDR4: hits in one group move at CCD_L, over the groups at CCD_S") {
  Bench b("ddr4-2400-x64", ddr4_hz);
  b.read(0, 256, 0);
  CHECK(b.schedule() == "ACT0@0 RD0@17 ACT1@4 RD1@21 ACT2@8 RD2@25 ACT3@12 RD3@29");
  CHECK(b.read(256, 64, 100) == 121);
  CHECK(b.read(512, 64, 100) == 127);
  CHECK(b.schedule() == "RD0@100 RD0@106");
}

TEST_CASE("DDR4: another row of an open bank costs precharge and activate") {
  Bench b("ddr4-2400-x64", ddr4_hz);
  b.read(0, 64, 0);
  CHECK(b.read(ddr4_next_row, 64, 0) == 94);  // PRE at RAS 39 (> RD + RTP 26)
  CHECK(b.schedule() == "ACT0@0 RD0@17 PRE0@39 ACT0@56 RD0@73");
  b.read(0, 64, 200);
  CHECK(b.schedule() == "PRE0@200 ACT0@217 RD0@234");
}

TEST_CASE("DDR4: turn-arounds of the data bus") {
  Bench b("ddr4-2400-x64", ddr4_hz);
  CHECK(b.write(0, 64, 0) == 33);   // 17 + CWL 12 + 4
  CHECK(b.read(256, 64, 0) == 63);  // same group: WR + 12 + 4 + WTR_L 9 = 42
  CHECK(b.schedule() == "ACT0@0 WR0@17 RD0@42");
  CHECK(b.write(512, 64, 0) == 69);  // RD + 17 + 4 + 2 - 12 = 53
  b.read(ddr4_next_row, 64, 0);      // write recovery: 53 + 16 + 18 = 87
  CHECK(b.schedule() == "WR0@53 PRE0@87 ACT0@104 RD0@121");
}

TEST_CASE("DDR4: write to read of another group waits for WTR_S only") {
  Bench b("ddr4-2400-x64", ddr4_hz);
  b.write(0, 64, 0);
  b.read(64, 64, 0);
  CHECK(b.schedule() == "ACT0@0 WR0@17 ACT1@4 RD1@36");  // 17 + 16 + 3
}

TEST_CASE("a refresh at its due time closes the banks; a read one clock earlier still goes through") {
  Bench b("ddr3-1066-x16", ddr3_triple_hz);
  b.read(0, 16, 0);
  b.schedule();
  b.read(16, 16, 3 * 4159);
  CHECK(b.schedule() == "RD0@4159");
  b.read(32, 16, 3 * 4163);
  CHECK(b.schedule() == "PRE0@4163 REF0@4170 ACT0@4309 RD0@4316");
}

TEST_CASE("refreshes of a pause happen in the pause") {
  Bench b("ddr3-1066-x16", ddr3_triple_hz);
  b.read(0, 16, 0);
  b.schedule();
  b.read(0, 16, 3 * 9000);
  CHECK(b.schedule() == "PRE0@4160 REF0@4167 REF0@8320 ACT0@9000 RD0@9007");
}

TEST_CASE("LPDDR4: commands of several clocks share the command bus") {
  Bench b("lpddr4-3200-x32", lpddr4_hz);
  CHECK(b.read(0, 64, 0) == 69);     // 29 + 32 + 8
  CHECK(b.read(4096, 64, 0) == 85);  // second bank: ACT at RRD 16, RD at 45
  CHECK(b.schedule() == "ACT0@0 RD0@29 ACT1@16 RD1@45");
  b.read(0, 64, 100);     // RD takes clocks 100-103
  b.read(8192, 64, 101);  // so the ACT of bank 2 moves from 101 to 104
  CHECK(b.schedule() == "RD0@100 ACT2@104 RD2@133");
}

TEST_CASE("an unaligned request moves every burst that it touches") {
  Bench b("lpddr4-3200-x32", lpddr4_hz);
  b.read(60, 8, 0);
  CHECK(b.schedule() == "ACT0@0 RD0@29 RD0@37");
  CHECK(b.dram.counters().at("bytes") == 128);
  CHECK(b.dram.counters().at("requested_bytes") == 8);
  CHECK(b.dram.counters().at("row_hits") == 1);
  CHECK(b.dram.counters().at("row_misses") == 1);
}

TEST_CASE("a row is opened at most a queue's depth ahead") {
  Bench b("lpddr4-3200-x32", lpddr4_hz);
  b.read(0, 4096 + 64, 0);  // 64 bursts of bank 0 from clock 29, then bank 1
  const std::string schedule = b.schedule();
  CHECK(schedule.find("RD0@285") != std::string::npos);  // burst 32: 29 + 32 * 8
  // Burst 64 is seen when burst 32 leaves the queue; the bus is then free behind its read.
  CHECK(schedule.find("ACT1@289 RD1@541") != std::string::npos);  // 29 + 64 * 8 = 541: no bubble
}

TEST_CASE("conversion between the clocks rounds up") {
  const DramSpec spec{.model = "lpddr4-3200-x32", .accelerator_hz = 1e9};
  const auto dram = sim::make_dram(spec);
  CHECK(dram->access({0, 64, false}, Cycles(0)).count() == 44);      // 69 clocks of 0.625 ns = 43.125 ns
  CHECK(dram->access({64, 64, false}, Cycles(101)).count() == 127);  // clock 162 + 40 = 202: 126.25 ns
  CHECK(dram->peak_bytes_per_cycle() == doctest::Approx(12.8));
  CHECK(dram->min_cycles(1280) == doctest::Approx(100.0));
}

TEST_CASE("the address mappings put the fields where they say") {
  const sim::JedecPart& part = sim::jedec_part("ddr4-2400-x64");
  const auto at = [&part](const std::string& order, std::uint64_t byte) {
    return sim::AddressMap(part, order).place(byte / 64);
  };
  CHECK(at("row-bank-column", 64).bank == 1);        // next group
  CHECK(at("row-bank-column", 4 * 8192).bank == 4);  // next bank of group 0
  CHECK(at("row-bank-column", ddr4_next_row).row == 1);
  CHECK(at("row-column-bank", 256).bank == 4);
  CHECK(at("row-column-bank", ddr4_next_row).row == 1);
  CHECK(at("bank-row-column", 4 * 8192).row == 1);
  CHECK(at("bank-row-column", std::uint64_t{4} * 8192 * 65536).bank == 4);
  CHECK(at("row-bank-column-xor", 4 * 8192).bank == 4);            // as above in row 0
  CHECK(at("row-bank-column-xor", ddr4_next_row + 64).bank == 5);  // row 1 moves bank 0 to 1 of its group
  CHECK(at("row-bank-column-xor", 6 * ddr4_next_row).bank == 12);  // row 0b0110: 10 ^ 01 = 3
  CHECK(at("row-bank-column", part.capacity() + 64).row == 0);     // wraps around
  CHECK_THROWS_AS(at("column-row-bank", 0), Error);
}

}  // namespace
}  // namespace rebasis::test
