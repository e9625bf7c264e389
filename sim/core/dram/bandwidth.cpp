// Bandwidth and latency: a pipe of constant width, and a wait before every request that does not go on where its
// predecessor ended. No banks, no refresh.
#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.h"
#include "sim/core/dram/clock_ratio.h"
#include "sim/core/dram_registry.h"

namespace rebasis::sim {
namespace {

std::uint64_t whole_bandwidth(double gigabytes_per_second) {
  if (!(gigabytes_per_second >= 1e-6 && gigabytes_per_second <= 1e6)) {
    fail_input("dram.bandwidth_gb_s is " + std::to_string(gigabytes_per_second) + "; it must lie in 1e-6 to 1e6 GB/s");
  }
  return static_cast<std::uint64_t>(std::llround(gigabytes_per_second * 1e9));
}

std::uint64_t whole_latency(double nanoseconds, std::uint64_t hertz) {
  if (!(nanoseconds >= 0.0 && nanoseconds <= 1e9)) {
    fail_input("dram.latency_ns is " + std::to_string(nanoseconds) + "; it must lie in 0 to 1e9 ns");
  }
  const auto picoseconds = static_cast<std::uint64_t>(std::llround(nanoseconds * 1e3));
  return ClockRatio(RationalHz{1'000'000'000'000, 1}, hertz).to_accelerator(picoseconds);
}

class BandwidthDram final : public DramModel {
 public:
  // A "device clock" of this model is one byte: the ratio of the clocks is the bytes a cycle, exactly.
  explicit BandwidthDram(const DramSpec& spec)
      : bytes_(RationalHz{whole_bandwidth(spec.bandwidth_gb_s), 1}, whole_hertz(spec.accelerator_hz)),
        latency_(whole_latency(spec.latency_ns, whole_hertz(spec.accelerator_hz))) {}

  Cycles access(const DramRequest& request, Cycles now) override {
    const bool follows = state_.started && request.write == state_.write && request.address == state_.next_address &&
                         now.count() <= state_.done_cycle;
    // Position of the pipe in bytes since cycle 0: idle time counts as bytes that were not used.
    std::uint64_t position = std::max(state_.position, bytes_.to_device(now.count()));
    if (!follows) {
      position += bytes_.to_device(latency_);
      ++state_.latencies;
    }
    state_.started = true;
    state_.write = request.write;
    state_.next_address = request.address + request.bytes;
    state_.position = position + request.bytes;
    state_.done_cycle = bytes_.to_accelerator(state_.position);
    (request.write ? state_.write_bytes : state_.read_bytes) += request.bytes;
    return Cycles(state_.done_cycle);
  }

  [[nodiscard]] double peak_bytes_per_cycle() const override { return bytes_.device_clocks_per_cycle(); }
  [[nodiscard]] std::map<std::string, std::uint64_t> counters() const override {
    return {{"bytes", state_.read_bytes + state_.write_bytes},
            {"read_bytes", state_.read_bytes},
            {"write_bytes", state_.write_bytes},
            {"latencies", state_.latencies}};
  }
  void reset() override { state_ = State(); }

 private:
  struct State {
    bool started = false;
    bool write = false;
    std::uint64_t next_address = 0;
    std::uint64_t position = 0;
    std::uint64_t done_cycle = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;
    std::uint64_t latencies = 0;
  };
  ClockRatio bytes_;
  std::uint64_t latency_;
  State state_;
};

const DramRegistrar registrar("bandwidth",
                              "constant bandwidth (dram.bandwidth_gb_s) and a latency (dram.latency_ns) before each "
                              "request that does not directly follow its predecessor",
                              [](const DramSpec& spec) { return std::make_unique<BandwidthDram>(spec); });

}  // namespace
}  // namespace rebasis::sim
