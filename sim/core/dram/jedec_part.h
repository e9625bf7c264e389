// What a JEDEC memory is: geometry and timing as plain data. One engine (jedec_timing.h, jedec_dram.h) runs all parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/dram/clock_ratio.h"

namespace rebasis::sim {

enum class DramCommand : std::uint8_t { activate, precharge, read, write, refresh };
inline constexpr std::size_t dram_command_count = 5;

/// Banks to which a timing rule applies: those that share this much with the bank of the earlier command.
enum class DramScope : std::uint8_t { bank, group, rank };
inline constexpr std::size_t dram_scope_count = 3;

/// One rank of one channel. Sizes are powers of two; times are clocks of the part (`clock`).
struct JedecPart {
  std::string_view name;
  std::string_view description;
  RationalHz clock;  ///< two transfers a clock
  // Geometry of the rank, all chips together.
  std::uint32_t bus_bytes;     ///< width of the data bus
  std::uint32_t burst_length;  ///< transfers of a read or write
  std::uint32_t groups;        ///< bank groups; 1 where the standard has none
  std::uint32_t banks;         ///< in the rank
  std::uint32_t row_bytes;     ///< page of one bank over all chips
  std::uint32_t rows;          ///< in a bank
  // Timing, named as in the standards; _s across bank groups, _l within one.
  std::uint32_t cl, cwl, rcd, rp, ras, rrd_s, rrd_l, faw, ccd_s, ccd_l, wtr_s, wtr_l, wr, rtp, rfc, refi;
  std::uint32_t bus_turnaround;  ///< idle clocks of the data bus between read data and write data
  // Clocks that a command occupies the command bus.
  std::uint32_t activate_slots, precharge_slots, column_slots, refresh_slots;

  [[nodiscard]] constexpr std::uint32_t burst_bytes() const { return bus_bytes * burst_length; }
  [[nodiscard]] constexpr std::uint32_t burst_clocks() const { return burst_length / 2; }
  [[nodiscard]] constexpr std::uint64_t capacity() const { return std::uint64_t{row_bytes} * rows * banks; }
  [[nodiscard]] constexpr std::uint32_t slots(DramCommand command) const {
    switch (command) {
      case DramCommand::activate:
        return activate_slots;
      case DramCommand::precharge:
        return precharge_slots;
      case DramCommand::refresh:
        return refresh_slots;
      default:
        return column_slots;
    }
  }
};

/// `next` may follow `previous` at the earliest `clocks` later when both concern the same `scope`.
struct TimingRule {
  DramScope scope;
  DramCommand previous;
  DramCommand next;
  std::uint32_t clocks;
};

/// The pairwise rules of a part. The four-activate window (FAW) and the command bus are not pairs: see JedecTiming.
[[nodiscard]] std::vector<TimingRule> timing_rules(const JedecPart& part);

/// All parts that ship with Rebasis, each registered as a memory model under its name.
[[nodiscard]] std::span<const JedecPart> jedec_parts();

/// The part of this name; throws Error(bad_input) when there is none.
[[nodiscard]] const JedecPart& jedec_part(std::string_view name);

}  // namespace rebasis::sim
