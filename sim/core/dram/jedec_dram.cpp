#include "sim/core/dram/jedec_dram.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::sim {

JedecDram::State::State(const JedecPart& part) : timing(part), open_row(part.banks, closed), refresh_due(part.refi) {}

JedecDram::JedecDram(const JedecPart& part, const DramSpec& spec)
    : part_(part), clocks_(part.clock, whole_hertz(spec.accelerator_hz)), map_(part, spec.mapping), state_(part) {}

double JedecDram::peak_bytes_per_cycle() const { return 2.0 * part_.bus_bytes * clocks_.device_clocks_per_cycle(); }

Cycles JedecDram::access(const DramRequest& request, Cycles now) {
  if (request.bytes == 0) fail_internal("a DRAM request of no bytes");
  const std::uint64_t arrival = clocks_.to_device(now.count());
  const std::uint64_t first = request.address / part_.burst_bytes();
  const std::uint64_t last = (request.address + request.bytes - 1) / part_.burst_bytes();
  const DramCommand column = request.write ? DramCommand::write : DramCommand::read;
  skip_idle_refreshes(arrival);
  std::uint64_t clock = 0;
  for (std::uint64_t burst = first; burst <= last; ++burst) clock = serve_burst(map_.place(burst), column, arrival);
  state_.count.requested_bytes += request.bytes;
  (request.write ? state_.count.write_bursts : state_.count.read_bursts) += last - first + 1;
  const std::uint64_t data_end = clock + (request.write ? part_.cwl : part_.cl) + part_.burst_clocks();
  return Cycles(clocks_.to_accelerator(data_end));
}

/// Returns the clock of the burst's read or write command.
std::uint64_t JedecDram::serve_burst(const DramPlace& place, DramCommand column, std::uint64_t arrival) {
  std::uint64_t& queue_slot = state_.column_clock[state_.bursts % queue_depth];
  const std::uint64_t visible = std::max(arrival, queue_slot);
  while (first_command_clock(place, column, arrival, visible) >= state_.refresh_due) refresh();
  if (state_.open_row[place.bank] == place.row) {
    ++state_.count.row_hits;
  } else {
    ++state_.count.row_misses;
    open_row(place, visible);
  }
  // No search for a free clock of the command bus: a column command comes after all that was decided before it.
  const std::uint64_t clock = std::max(arrival, state_.timing.earliest(column, place.bank));
  issue(column, place.bank, place.row, clock);
  queue_slot = clock;
  ++state_.bursts;
  return clock;
}

/// When the first command that the burst needs could be issued, were there no refresh.
std::uint64_t JedecDram::first_command_clock(const DramPlace& place, DramCommand column, std::uint64_t arrival,
                                             std::uint64_t visible) const {
  const std::uint32_t row = state_.open_row[place.bank];
  if (row == place.row) return std::max(arrival, state_.timing.earliest(column, place.bank));
  const DramCommand needed = row == closed ? DramCommand::activate : DramCommand::precharge;
  return std::max(visible, state_.timing.earliest(needed, place.bank));
}

void JedecDram::open_row(const DramPlace& place, std::uint64_t visible) {
  std::uint32_t& row = state_.open_row[place.bank];
  if (row != closed) issue_row_command(DramCommand::precharge, place.bank, row, visible);
  row = place.row;
  issue_row_command(DramCommand::activate, place.bank, row, visible);
}

/// Closes all banks and refreshes, as soon after the due time as the commands before it allow.
void JedecDram::refresh() {
  const std::uint64_t due = state_.refresh_due;
  for (std::uint32_t bank = 0; bank < part_.banks; ++bank) {
    std::uint32_t& row = state_.open_row[bank];
    if (row == closed) continue;
    issue_row_command(DramCommand::precharge, bank, row, due);
    row = closed;
  }
  issue_row_command(DramCommand::refresh, 0, 0, due);
  state_.refresh_due += part_.refi;
}

/// Counts the refreshes of a long pause at once: with all banks closed they leave nothing behind but their number.
void JedecDram::skip_idle_refreshes(std::uint64_t arrival) {
  if (log_ != nullptr || arrival < state_.refresh_due + 2 * std::uint64_t{part_.refi}) return;
  refresh();
  const std::uint64_t skipped = (arrival - state_.refresh_due) / part_.refi;
  state_.count.refreshes += skipped;
  state_.refresh_due += skipped * part_.refi;
}

void JedecDram::issue_row_command(DramCommand command, std::uint32_t bank, std::uint32_t row,
                                  std::uint64_t not_before) {
  const std::uint64_t legal = std::max(not_before, state_.timing.earliest(command, bank));
  issue(command, bank, row, state_.bus.first_free(legal, part_.slots(command)));
}

void JedecDram::issue(DramCommand command, std::uint32_t bank, std::uint32_t row, std::uint64_t clock) {
  state_.timing.issue(command, bank, clock);
  state_.bus.take(clock, part_.slots(command));
  if (command == DramCommand::activate) ++state_.count.activates;
  if (command == DramCommand::precharge) ++state_.count.precharges;
  if (command == DramCommand::refresh) ++state_.count.refreshes;
  if (log_ != nullptr) log_->push_back({command, bank, row, clock});
}

std::map<std::string, std::uint64_t> JedecDram::counters() const {
  const Counters& c = state_.count;
  const std::uint64_t bursts = c.read_bursts + c.write_bursts;
  return {{"activates", c.activates},
          {"precharges", c.precharges},
          {"read_bursts", c.read_bursts},
          {"write_bursts", c.write_bursts},
          {"refreshes", c.refreshes},
          {"row_hits", c.row_hits},
          {"row_misses", c.row_misses},
          {"bytes", bursts * part_.burst_bytes()},
          {"requested_bytes", c.requested_bytes}};
}

void JedecDram::reset() { state_ = State(part_); }

}  // namespace rebasis::sim
