// A memory controller in front of one rank: in-order data, rows opened ahead, open pages, refresh.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/core/dram.h"
#include "sim/core/dram/address_map.h"
#include "sim/core/dram/command_bus.h"
#include "sim/core/dram/jedec_part.h"
#include "sim/core/dram/jedec_timing.h"

namespace rebasis::sim {

/// A command as it was issued, for tests and for a look at the schedule.
struct IssuedCommand {
  DramCommand command;
  std::uint32_t bank;
  std::uint32_t row;
  std::uint64_t clock;  ///< of the part
};

/// Serves bursts in order. A row may be opened up to `queue_depth` bursts before its first read or write, but not
/// before the request that needs it. Rules in docs/dram.md.
class JedecDram final : public DramModel {
 public:
  /// Bursts that the controller sees ahead of the one whose data moves.
  static constexpr std::uint64_t queue_depth = 32;

  /// `part` must outlive the model.
  JedecDram(const JedecPart& part, const DramSpec& spec);

  Cycles access(const DramRequest& request, Cycles now) override;
  [[nodiscard]] double peak_bytes_per_cycle() const override;
  [[nodiscard]] std::map<std::string, std::uint64_t> counters() const override;
  void reset() override;

  /// Appends every command from now on to `log`, in the order of decision; nullptr stops it.
  void record(std::vector<IssuedCommand>* log) { log_ = log; }

 private:
  static constexpr std::uint32_t closed = ~std::uint32_t{0};

  struct Counters {
    std::uint64_t activates = 0, precharges = 0, read_bursts = 0, write_bursts = 0, refreshes = 0;
    std::uint64_t row_hits = 0, row_misses = 0, requested_bytes = 0;
  };
  struct State {
    explicit State(const JedecPart& part);
    JedecTiming timing;
    CommandBus bus;
    std::vector<std::uint32_t> open_row;                    ///< by bank; `closed`
    std::array<std::uint64_t, queue_depth> column_clock{};  ///< of the last bursts
    std::uint64_t bursts = 0;
    std::uint64_t refresh_due;
    Counters count;
  };

  std::uint64_t serve_burst(const DramPlace& place, DramCommand column, std::uint64_t arrival);
  [[nodiscard]] std::uint64_t first_command_clock(const DramPlace& place, DramCommand column, std::uint64_t arrival,
                                                  std::uint64_t visible) const;
  void open_row(const DramPlace& place, std::uint64_t visible);
  void refresh();
  void skip_idle_refreshes(std::uint64_t arrival);
  void issue_row_command(DramCommand command, std::uint32_t bank, std::uint32_t row, std::uint64_t not_before);
  void issue(DramCommand command, std::uint32_t bank, std::uint32_t row, std::uint64_t clock);

  const JedecPart& part_;
  ClockRatio clocks_;
  AddressMap map_;
  std::vector<IssuedCommand>* log_ = nullptr;
  State state_;
};

}  // namespace rebasis::sim
