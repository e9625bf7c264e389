// The parts as tables (docs/dram.md gives the source of each number) and the rules that they stand for.
#include <array>
#include <string>

#include "common/error.h"
#include "sim/core/dram/jedec_dram.h"
#include "sim/core/dram_registry.h"

namespace rebasis::sim {
namespace {

constexpr std::array<JedecPart, 3> parts = {{
    {.name = "ddr4-2400-x64",
     .description = "DDR4-2400, one rank of eight 8 Gb x8 chips: 64 bits, 19.2 GB/s, 16 banks in 4 groups, 8 KB pages",
     .clock = {1'200'000'000, 1},
     .bus_bytes = 8,
     .burst_length = 8,
     .groups = 4,
     .banks = 16,
     .row_bytes = 8192,
     .rows = 65536,
     .cl = 17,
     .cwl = 12,
     .rcd = 17,
     .rp = 17,
     .ras = 39,
     .rrd_s = 4,
     .rrd_l = 6,
     .faw = 26,
     .ccd_s = 4,
     .ccd_l = 6,
     .wtr_s = 3,
     .wtr_l = 9,
     .wr = 18,
     .rtp = 9,
     .rfc = 420,
     .refi = 9360,
     .bus_turnaround = 2,
     .activate_slots = 1,
     .precharge_slots = 1,
     .column_slots = 1,
     .refresh_slots = 1},
    {.name = "lpddr4-3200-x32",
     .description =
         "LPDDR4-3200, one 8 Gb die, its two x16 channels in lock-step: 32 bits, 12.8 GB/s, 8 banks, 4 KB pages",
     .clock = {1'600'000'000, 1},
     .bus_bytes = 4,
     .burst_length = 16,
     .groups = 1,
     .banks = 8,
     .row_bytes = 4096,
     .rows = 32768,
     .cl = 32,
     .cwl = 18,
     .rcd = 29,
     .rp = 27,
     .ras = 68,
     .rrd_s = 16,
     .rrd_l = 16,
     .faw = 64,
     .ccd_s = 8,
     .ccd_l = 8,
     .wtr_s = 16,
     .wtr_l = 16,
     .wr = 28,
     .rtp = 14,
     .rfc = 288,
     .refi = 6247,
     .bus_turnaround = 2,
     .activate_slots = 4,
     .precharge_slots = 2,
     .column_slots = 4,
     .refresh_slots = 2},
    {.name = "ddr3-1066-x16",
     .description = "DDR3-1066, one 4 Gb x16 chip: 16 bits, 2.13 GB/s, 8 banks, 2 KB pages",
     .clock = {1'600'000'000, 3},
     .bus_bytes = 2,
     .burst_length = 8,
     .groups = 1,
     .banks = 8,
     .row_bytes = 2048,
     .rows = 32768,
     .cl = 7,
     .cwl = 6,
     .rcd = 7,
     .rp = 7,
     .ras = 20,
     .rrd_s = 6,
     .rrd_l = 6,
     .faw = 27,
     .ccd_s = 4,
     .ccd_l = 4,
     .wtr_s = 4,
     .wtr_l = 4,
     .wr = 8,
     .rtp = 4,
     .rfc = 139,
     .refi = 4160,
     .bus_turnaround = 2,
     .activate_slots = 1,
     .precharge_slots = 1,
     .column_slots = 1,
     .refresh_slots = 1},
}};

const bool registered = [] {
  for (const JedecPart& part : parts) {
    register_dram(std::string(part.name), std::string(part.description),
                  [&part](const DramSpec& spec) { return std::make_unique<JedecDram>(part, spec); });
  }
  return true;
}();

}  // namespace

std::span<const JedecPart> jedec_parts() { return parts; }

const JedecPart& jedec_part(std::string_view name) {
  for (const JedecPart& part : parts) {
    if (part.name == name) return part;
  }
  fail_input("there is no memory part '" + std::string(name) + "'");
}

std::vector<TimingRule> timing_rules(const JedecPart& p) {
  using enum DramCommand;
  using enum DramScope;
  const std::uint32_t write_end = p.cwl + p.burst_clocks();  // write command to the end of its data
  const std::uint32_t read_to_write = p.cl + p.burst_clocks() + p.bus_turnaround - p.cwl;
  return {
      {bank, activate, read, p.rcd},
      {bank, activate, write, p.rcd},
      {bank, activate, precharge, p.ras},
      {bank, activate, activate, p.ras + p.rp},
      {bank, precharge, activate, p.rp},
      {bank, read, precharge, p.rtp},
      {bank, write, precharge, write_end + p.wr},
      {group, activate, activate, p.rrd_l},
      {group, read, read, p.ccd_l},
      {group, write, write, p.ccd_l},
      {group, write, read, write_end + p.wtr_l},
      {rank, activate, activate, p.rrd_s},
      {rank, read, read, p.ccd_s},
      {rank, write, write, p.ccd_s},
      {rank, write, read, write_end + p.wtr_s},
      {rank, read, write, read_to_write},
      {rank, precharge, refresh, p.rp},
      {rank, refresh, activate, p.rfc},
      {rank, refresh, refresh, p.rfc},
  };
}

}  // namespace rebasis::sim
