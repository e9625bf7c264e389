#include "sim/smartdeal/dma.h"

#include <algorithm>

namespace rebasis::sim::smartdeal {

Dma::Dma(const arch::SmartDealSpec& spec, DramPort port)
    : request_bytes_(static_cast<std::uint64_t>(spec.dma_request_bytes)),
      outstanding_(static_cast<std::size_t>(spec.dma_outstanding)),
      port_(std::move(port)) {}

std::size_t Dma::issue_load(const std::vector<Transfer>& transfers, Cycle at) {
  loads_.push_back({transfers, false, at});
  settle_loads();
  return loads_.size() - 1;
}

std::size_t Dma::issue_group(const std::vector<Transfer>& transfers, bool write, Cycle at) {
  groups_.push_back({transfers, write, at});
  return groups_.size() - 1;
}

std::size_t Dma::issue_group_after_last(const std::vector<Transfer>& transfers, bool write) {
  return issue_group(transfers, write, groups_.back().done);
}

void Dma::settle_loads() {
  for (; next_load_ < loads_.size() && finished(loads_[next_load_]); ++next_load_) {
    Job& job = loads_[next_load_];
    // A load without transfers (all resident) is done with the one before it.
    if (job.transfers.empty()) job.done = std::max(job.issued, next_load_ == 0 ? 0 : loads_[next_load_ - 1].done);
  }
}

bool Dma::step(Cycle earliest, Cycle latest) {
  const Cycle load = next_load_ < loads_.size() ? loads_[next_load_].issued : never;
  const Cycle group = next_group_ < groups_.size() ? groups_[next_group_].issued : never;
  const Cycle first = std::min(load, group);
  if (first == never) return false;
  Cycle now = std::max({earliest, next_issue_, first});
  if (in_flight_.size() == outstanding_) now = std::max(now, in_flight_.front());
  if (now > latest) return false;
  request(group <= now ? groups_[next_group_] : loads_[next_load_], now);
  return true;
}

void Dma::request(Job& job, Cycle now) {
  Transfer& transfer = job.transfers[job.transfer];
  const std::uint64_t bytes = std::min(request_bytes_, transfer.bytes - job.offset);
  const Cycle served = port_({transfer.address + job.offset, static_cast<std::uint32_t>(bytes), job.write}, now);
  const Cycle done = std::max(served, now + 1);  // even an unlimited memory answers in the next cycle
  auto& counter = job.write ? written_bytes_ : read_bytes_;
  counter[static_cast<std::size_t>(transfer.tensor)] += bytes;
  ++requests_;
  job.offset += bytes;
  if (job.offset == transfer.bytes) {
    ++job.transfer;
    job.offset = 0;
  }
  if (in_flight_.size() == outstanding_) in_flight_.pop_front();
  in_flight_.push_back(done);
  busy_ += std::max<Cycle>(0, done - std::max(busy_until_, now));
  busy_until_ = std::max(busy_until_, done);
  next_issue_ = now + 1;
  if (!finished(job)) return;
  job.done = done;
  if (next_load_ < loads_.size() && &job == &loads_[next_load_]) {
    settle_loads();
    return;
  }
  ++next_group_;
  if (next_group_ < groups_.size() && groups_[next_group_].issued == never) groups_[next_group_].issued = done;
}

void Dma::tick(Cycle now) { step(now, now); }

}  // namespace rebasis::sim::smartdeal
