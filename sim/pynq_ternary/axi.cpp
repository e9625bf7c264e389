#include "sim/pynq_ternary/axi.h"

#include <algorithm>

#include "common/error.h"
#include "common/units.h"

namespace rebasis::sim::pynq_ternary {

AxiPorts::AxiPorts(const arch::PynqTernarySpec& spec, DramPort memory)
    : ports_(spec.axi_ports),
      latency_(spec.axi_latency),
      memory_(std::move(memory)),
      free_(static_cast<std::size_t>(2 * spec.axi_ports)) {}

Cycle AxiPorts::access(const DramRequest& request, Cycle now) {
  const Cycle served = memory_(request, now);
  const std::int64_t port = issued_[request.write ? 1 : 0]++ % ports_;
  last_.channel = static_cast<std::size_t>(2 * port + (request.write ? 1 : 0));
  last_.beats = ceil_div<std::int64_t>(request.bytes, arch::PynqTernarySpec::axi_beat_bytes);
  // A read burst is stored in the port's FIFO before its first beat; a write burst's beats follow its address.
  last_.earliest = request.write ? now + 1 : std::max(served + latency_, now + 1);
  Cycle& free = free_[last_.channel];
  free = std::max(free, last_.earliest) + last_.beats;
  last_.last_beat_done = free;
  beats_ += last_.beats;
  Cycle& completed = completed_[request.write ? 1 : 0];
  completed = std::max(completed, request.write ? std::max(served, free) + latency_ : free);
  return completed;
}

void AxiBeats::step(Cycle now) {
  for (Channel& channel : channels_) {
    if (channel.queue.empty()) continue;
    const AxiBurst& burst = channel.queue.front();
    if (now < burst.earliest) continue;
    ++beats_;
    if (++channel.moved < burst.beats) continue;
    if (now + 1 != burst.last_beat_done) {
      fail_internal("an AXI burst ended at cycle " + std::to_string(now + 1) + " instead of " +
                    std::to_string(burst.last_beat_done));
    }
    channel.moved = 0;
    channel.queue.pop_front();
  }
}

void AxiBeats::commit() {
  for (const AxiBurst& burst : arrived_) channels_[burst.channel].queue.push_back(burst);
  arrived_.clear();
}

}  // namespace rebasis::sim::pynq_ternary
