#include "sim/core/dram/jedec_timing.h"

#include <algorithm>
#include <string>

#include "common/error.h"

namespace rebasis::sim {

JedecTiming::JedecTiming(const JedecPart& part)
    : group_mask_(part.groups - 1),
      first_group_(part.banks),
      rank_(part.banks + part.groups),
      faw_(part.faw),
      next_(part.banks + part.groups + 1, Times{}) {
  for (const TimingRule& rule : timing_rules(part)) {
    gap_[static_cast<std::size_t>(rule.scope)][static_cast<std::size_t>(rule.previous)]
        [static_cast<std::size_t>(rule.next)] = rule.clocks;
  }
}

void JedecTiming::apply(Times& next, DramScope scope, DramCommand command, std::uint64_t at) {
  const Times& gap = gap_[static_cast<std::size_t>(scope)][static_cast<std::size_t>(command)];
  for (std::size_t c = 0; c < dram_command_count; ++c) {
    const std::uint64_t legal = gap[c] == 0 ? 0 : at + gap[c];
    next[c] = std::max(next[c], legal);
  }
}

void JedecTiming::issue(DramCommand command, std::uint32_t bank, std::uint64_t at) {
  if (at < earliest(command, bank)) {
    fail_internal("DRAM command " + std::to_string(static_cast<int>(command)) + " for bank " + std::to_string(bank) +
                  " at clock " + std::to_string(at) + " is legal only from " + std::to_string(earliest(command, bank)));
  }
  apply(next_[bank], DramScope::bank, command, at);
  apply(next_[first_group_ + (bank & group_mask_)], DramScope::group, command, at);
  apply(next_[rank_], DramScope::rank, command, at);
  if (command == DramCommand::activate) activates_[activate_count_++ % 4] = at + faw_;
}

}  // namespace rebasis::sim
