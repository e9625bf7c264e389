// DMA engine: turns block loads, partial-sum reads and output writes into DRAM requests. It holds no clock; `clocked`
// calls it every cycle, `fast` runs it ahead to the completion it needs. docs/accelerators/smartdeal.md, "DMA".
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/core/dram.h"
#include "sim/smartdeal/mapping.h"

namespace rebasis::sim::smartdeal {

using Cycle = std::int64_t;

/// Access to the memory at an absolute cycle: a TLM-2.0 socket in the simulator, a plain model in tests.
using DramPort = std::function<Cycle(const DramRequest&, Cycle now)>;

class Dma {
 public:
  Dma(const arch::SmartDealSpec& spec, DramPort port);

  /// A block load; the next one in order. Served when nothing of the output path waits. Returns its number.
  std::size_t issue_load(const std::vector<Transfer>& transfers, Cycle at);
  /// A batch of outputs to write, or of partial sums to read. Goes before loads. Returns its number.
  std::size_t issue_group(const std::vector<Transfer>& transfers, bool write, Cycle at);
  /// As issue_group, released by the completion of the group issued just before it. Groups are served in order of the calls.
  std::size_t issue_group_after_last(const std::vector<Transfer>& transfers, bool write);

  /// One cycle: issues at most one request.
  void tick(Cycle now);
  /// Skips ahead to the next request; false when there is none.
  bool step_ahead() { return step(0, never); }
  /// Completion of a job whose last request has been issued; `never` otherwise.
  [[nodiscard]] Cycle load_done(std::size_t job) const { return loads_[job].done; }
  [[nodiscard]] Cycle group_done(std::size_t job) const { return groups_[job].done; }

  [[nodiscard]] const std::array<std::uint64_t, tensor_classes>& read_bytes() const { return read_bytes_; }
  [[nodiscard]] const std::array<std::uint64_t, tensor_classes>& written_bytes() const { return written_bytes_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  /// Completion of the last request that was issued.
  [[nodiscard]] Cycle busy_until() const { return busy_until_; }
  /// Cycles with at least one request in flight, up to the last completion.
  [[nodiscard]] Cycle busy_cycles() const { return busy_; }

  static constexpr Cycle never = INT64_MAX / 4;

 private:
  struct Job {
    std::vector<Transfer> transfers;
    bool write = false;
    Cycle issued = 0;           ///< `never` until the group before it is done
    std::size_t transfer = 0;   ///< in progress
    std::uint64_t offset = 0;   ///< bytes of it that were requested
    Cycle done = never;
  };
  /// Issues the next request at `earliest` or when it becomes possible; false when there is no job.
  bool step(Cycle earliest, Cycle latest);
  void request(Job& job, Cycle now);
  void settle_loads();
  static bool finished(const Job& job) { return job.transfer == job.transfers.size(); }

  std::uint64_t request_bytes_;
  std::size_t outstanding_;
  DramPort port_;
  std::vector<Job> loads_, groups_;
  std::size_t next_load_ = 0, next_group_ = 0;  ///< first unfinished
  std::deque<Cycle> in_flight_;                 ///< completions of the last `outstanding_` requests
  Cycle next_issue_ = 0;                        ///< one request a cycle
  Cycle busy_ = 0, busy_until_ = 0;
  std::uint64_t requests_ = 0;
  std::array<std::uint64_t, tensor_classes> read_bytes_{}, written_bytes_{};
};

}  // namespace rebasis::sim::smartdeal
