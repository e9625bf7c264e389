#include "sim/core/dma.h"

#include <algorithm>

#include "common/error.h"
#include "common/sha256.h"

namespace rebasis::sim {

DramPort port_to(DramModel& memory) {
  return [&memory](const DramRequest& request, Cycle now) {
    return static_cast<Cycle>(memory.access(request, Cycles(static_cast<std::uint64_t>(now))).count());
  };
}

void add_transfers(Sha256& hash, const std::vector<Transfer>& transfers) {
  hash.add(transfers.size());
  for (const Transfer& transfer : transfers) {
    hash.add(static_cast<std::size_t>(transfer.tensor));
    hash.add(transfer.address);
    hash.add(transfer.bytes);
  }
}

Dma::Dma(DmaLimits limits, std::size_t channels, DramPort port)
    : limits_(limits), port_(std::move(port)), channels_(channels) {}

std::size_t Dma::issue(std::size_t channel, const std::vector<Transfer>& transfers, bool write, Cycle at,
                       bool watched) {
  Channel& queue = channels_[channel];
  queue.jobs.push_back({transfers, write, at});
  queue.jobs.back().watched = watched;
  queue.settle();
  return queue.jobs.size() - 1;
}

std::size_t Dma::issue_after_last(std::size_t channel, const std::vector<Transfer>& transfers, bool write) {
  const auto& jobs = channels_[channel].jobs;
  return issue(channel, transfers, write, jobs.empty() ? 0 : jobs.back().done);
}

void Dma::Channel::settle() {
  for (; next < jobs.size(); ++next) {
    Job& job = jobs[next];
    const Cycle before = next == 0 ? 0 : jobs[next - 1].done;
    if (job.issued == never) job.issued = before;
    if (!finished(job)) return;
    if (job.transfers.empty()) job.done = std::max(job.issued, before);
  }
}

Cycle Dma::run_until_done(std::size_t channel, std::size_t job) {
  while (done(channel, job) == never) {
    if (!step_ahead())
      fail_internal("the DMA has nothing to do, but job " + std::to_string(job) + " of channel " +
                    std::to_string(channel) + " is not done");
  }
  return done(channel, job);
}

Cycle Dma::arrival(std::size_t channel, std::size_t job, std::uint64_t bytes) const {
  const auto& arrivals = channels_[channel].jobs[job].arrivals;
  const auto last = std::lower_bound(arrivals.begin(), arrivals.end(), bytes,
                                     [](const auto& entry, std::uint64_t wanted) { return entry.first < wanted; });
  return last == arrivals.end() ? never : last->second;
}

bool Dma::step(Cycle earliest, Cycle latest) {
  Cycle first = never;
  for (const Channel& channel : channels_) first = std::min(first, channel.ready());
  if (first == never) return false;
  Cycle now = std::max({earliest, next_issue_, first});
  if (in_flight_.size() == static_cast<std::size_t>(limits_.outstanding)) now = std::max(now, in_flight_.front());
  if (now > latest) return false;
  request(
      *std::find_if(channels_.begin(), channels_.end(), [&](const Channel& channel) { return channel.ready() <= now; }),
      now);
  return true;
}

void Dma::request(Channel& channel, Cycle now) {
  Job& job = channel.jobs[channel.next];
  Transfer& transfer = job.transfers[job.transfer];
  const std::uint64_t bytes = std::min(static_cast<std::uint64_t>(limits_.request_bytes), transfer.bytes - job.offset);
  const Cycle served = port_({transfer.address + job.offset, static_cast<std::uint32_t>(bytes), job.write}, now);
  const Cycle done = std::max(served, now + 1);  // even an unlimited memory answers in the next cycle
  auto& counter = job.write ? written_bytes_ : read_bytes_;
  counter[static_cast<std::size_t>(transfer.tensor)] += bytes;
  ++requests_;
  job.offset += bytes;
  if (job.watched) {
    const auto before = job.arrivals.empty() ? std::pair<std::uint64_t, Cycle>{0, 0} : job.arrivals.back();
    job.arrivals.emplace_back(before.first + bytes, std::max(before.second, done));
  }
  if (job.offset == transfer.bytes) {
    ++job.transfer;
    job.offset = 0;
  }
  if (in_flight_.size() == static_cast<std::size_t>(limits_.outstanding)) in_flight_.pop_front();
  in_flight_.push_back(done);
  busy_ += std::max<Cycle>(0, done - std::max(busy_until_, now));
  busy_until_ = std::max(busy_until_, done);
  next_issue_ = now + 1;
  if (!finished(job)) return;
  job.done = done;
  channel.settle();
}

}  // namespace rebasis::sim
