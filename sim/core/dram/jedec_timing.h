// The next legal time of every command: the whole state of a rank's timing.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/core/dram/jedec_part.h"

namespace rebasis::sim {

/// Time is an argument (clocks of the part). Commands may be issued out of the order of time, as long as those that a
/// rule relates to each other come in order: a controller that opens rows ahead does so.
class JedecTiming {
 public:
  explicit JedecTiming(const JedecPart& part);

  /// Earliest clock at which `command` is legal for `bank`; `bank` does not matter for refresh.
  [[nodiscard]] std::uint64_t earliest(DramCommand command, std::uint32_t bank) const {
    const auto c = static_cast<std::size_t>(command);
    const std::uint64_t by_bank = next_[bank][c];
    const std::uint64_t by_group = next_[first_group_ + (bank & group_mask_)][c];
    const std::uint64_t by_rank = next_[rank_][c];
    const std::uint64_t legal = std::max(by_bank, std::max(by_group, by_rank));
    return command == DramCommand::activate ? std::max(legal, window_end()) : legal;
  }

  /// Records `command` at clock `at`; before its earliest time is an internal error.
  void issue(DramCommand command, std::uint32_t bank, std::uint64_t at);

 private:
  using Times = std::array<std::uint64_t, dram_command_count>;

  void apply(Times& next, DramScope scope, DramCommand command, std::uint64_t at);
  /// End of the window that the last four activates fill.
  [[nodiscard]] std::uint64_t window_end() const { return activates_[activate_count_ % 4]; }

  std::uint32_t group_mask_;   ///< the low bits of a bank's number are its group
  std::uint32_t first_group_;  ///< scopes in next_: banks, then groups, then the rank
  std::uint32_t rank_;
  std::uint32_t faw_;
  std::vector<Times> next_;
  /// [scope][previous][next] -> clocks; 0: no rule.
  std::array<std::array<Times, dram_command_count>, dram_scope_count> gap_{};
  std::array<std::uint64_t, 4> activates_{};  ///< of the last four: clock + FAW
  std::uint64_t activate_count_ = 0;
};

}  // namespace rebasis::sim
