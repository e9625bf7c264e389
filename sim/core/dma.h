// DMA engine: turns the jobs of its channels into DRAM requests, one a cycle. It holds no clock: `clocked` calls it
// every cycle, `fast` runs it ahead to the completion it needs. docs/accelerators/common.md, "DMA".
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "sim/core/dram.h"

namespace rebasis {
class Sha256;
}

namespace rebasis::sim {

using Cycle = std::int64_t;

/// Access to the memory at an absolute cycle: a TLM-2.0 socket in the simulator, a plain model in tests.
using DramPort = std::function<Cycle(const DramRequest&, Cycle now)>;
/// A port straight to a model, which outlives it.
[[nodiscard]] DramPort port_to(DramModel& memory);

enum class TensorClass { weights, basis, index, inputs, outputs };
inline constexpr std::size_t tensor_classes = 5;

/// A contiguous transfer between DRAM and a buffer.
struct Transfer {
  TensorClass tensor = TensorClass::weights;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

/// Adds a list of transfers to the identity of a mapping (LayerPlan::mapping_identity).
void add_transfers(Sha256& hash, const std::vector<Transfer>& transfers);

struct DmaLimits {
  std::int64_t request_bytes = 512;  ///< largest request
  std::int64_t outstanding = 8;      ///< requests in flight
};

/// Jobs of a channel are served in the order of issue; among channels with a job that may start, the lowest number goes
/// first.
class Dma {
 public:
  Dma(DmaLimits limits, std::size_t channels, DramPort port);

  /// Appends a job that may start at `at`; returns its number in the channel. A job without transfers is done when it
  /// is issued and its predecessor done.
  /// `watched`: arrival() will be asked.
  std::size_t issue(std::size_t channel, const std::vector<Transfer>& transfers, bool write, Cycle at,
                    bool watched = false);
  /// As issue, released by the completion of the channel's last job.
  std::size_t issue_after_last(std::size_t channel, const std::vector<Transfer>& transfers, bool write);

  /// One cycle: issues at most one request.
  void tick(Cycle now) { step(now, now); }
  /// Skips ahead to the next request; false when there is none.
  bool step_ahead() { return step(0, never); }
  /// Skips ahead until the job is done; its completion.
  Cycle run_until_done(std::size_t channel, std::size_t job);
  /// Completion of a job whose last request has been issued; `never` otherwise.
  [[nodiscard]] Cycle done(std::size_t channel, std::size_t job) const { return channels_[channel].jobs[job].done; }
  /// When the first `bytes` of a watched job's bytes are there; `never` while that is not known.
  [[nodiscard]] Cycle arrival(std::size_t channel, std::size_t job, std::uint64_t bytes) const;
  [[nodiscard]] std::size_t jobs(std::size_t channel) const { return channels_[channel].jobs.size(); }

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
    Cycle issued = 0;          ///< `never` until the job before it is done
    std::size_t transfer = 0;  ///< in progress
    std::uint64_t offset = 0;  ///< bytes of it that were requested
    Cycle done = never;
    bool watched = false;
    std::vector<std::pair<std::uint64_t, Cycle>>
        arrivals{};  ///< of a watched job: bytes so far, and when all were there
  };
  struct Channel {
    std::vector<Job> jobs;
    std::size_t next = 0;  ///< first unfinished
    [[nodiscard]] Cycle ready() const { return next < jobs.size() ? jobs[next].issued : never; }
    void settle();
  };
  /// Issues the next request at `earliest` or when it becomes possible; false when there is none until `latest`.
  bool step(Cycle earliest, Cycle latest);
  void request(Channel& channel, Cycle now);
  static bool finished(const Job& job) { return job.transfer == job.transfers.size(); }

  DmaLimits limits_;
  DramPort port_;
  std::vector<Channel> channels_;
  std::deque<Cycle> in_flight_;  ///< completions of the last `outstanding` requests
  Cycle next_issue_ = 0;         ///< one request a cycle
  Cycle busy_ = 0, busy_until_ = 0;
  std::uint64_t requests_ = 0;
  std::array<std::uint64_t, tensor_classes> read_bytes_{}, written_bytes_{};
};

}  // namespace rebasis::sim
