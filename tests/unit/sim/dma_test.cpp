// The DMA engine on hand-computed schedules: order within a channel, priority between channels, requests in flight.
#include <doctest/doctest.h>

#include <vector>

#include "sim/core/dma.h"

using rebasis::sim::Cycle;
using rebasis::sim::Dma;
using rebasis::sim::DramPort;
using rebasis::sim::TensorClass;
using rebasis::sim::Transfer;

namespace {

struct Request {
  std::uint64_t address = 0;
  std::uint32_t bytes = 0;
  bool write = false;
  Cycle at = 0;
  bool operator==(const Request&) const = default;
};

/// Answers every request after `latency` cycles and keeps a list of them.
struct Memory {
  Cycle latency = 10;
  std::vector<Request> seen = {};
  DramPort port() {
    return [this](const rebasis::sim::DramRequest& request, Cycle now) {
      seen.push_back({request.address, request.bytes, request.write, now});
      return now + latency;
    };
  }
};

Transfer bytes_at(std::uint64_t address, std::uint64_t bytes, TensorClass tensor = TensorClass::inputs) {
  return {tensor, address, bytes};
}

}  // namespace

TEST_CASE("a job is cut into requests, one a cycle") {
  Memory memory;
  Dma dma({64, 8}, 1, memory.port());
  const auto job = dma.issue(0, {bytes_at(1000, 150), bytes_at(5000, 64)}, false, 3);
  CHECK(dma.done(0, job) == Dma::never);
  CHECK(dma.run_until_done(0, job) == 3 + 3 + 10);
  CHECK(memory.seen ==
        std::vector<Request>{{1000, 64, false, 3}, {1064, 64, false, 4}, {1128, 22, false, 5}, {5000, 64, false, 6}});
  CHECK(dma.requests() == 4);
  CHECK(dma.busy_until() == 16);
  CHECK(dma.busy_cycles() == 13);  // cycles 3 to 15
  CHECK(dma.read_bytes()[static_cast<std::size_t>(TensorClass::inputs)] == 214);
}

TEST_CASE("ticking cycle by cycle and skipping ahead give the same requests") {
  for (const bool ticked : {false, true}) {
    Memory memory;
    Dma dma({64, 2}, 2, memory.port());
    dma.issue(1, {bytes_at(0, 300)}, false, 0);
    dma.issue(0, {bytes_at(9000, 100)}, true, 5);
    if (ticked) {
      for (Cycle now = 0; now < 200; ++now) dma.tick(now);
    } else {
      while (dma.step_ahead()) continue;
    }
    // Two in flight: the third waits for the first answer, at 10. Channel 0 has had work since 5: it goes first.
    CHECK(memory.seen == std::vector<Request>{{0, 64, false, 0},
                                              {64, 64, false, 1},
                                              {9000, 64, true, 10},
                                              {9064, 36, true, 11},
                                              {128, 64, false, 20},
                                              {192, 64, false, 21},
                                              {256, 44, false, 30}});
    CHECK(dma.written_bytes()[static_cast<std::size_t>(TensorClass::inputs)] == 100);
  }
}

TEST_CASE(
    "among channels with a job that may start, the lowest goes first; a later release does not hold up the others") {
  Memory memory;
  Dma dma({64, 8}, 3, memory.port());
  dma.issue(2, {bytes_at(200, 8), bytes_at(300, 8)}, false, 0);
  dma.issue(1, {bytes_at(100, 8)}, false, 1);
  dma.issue(0, {bytes_at(0, 8)}, false, 7);
  while (dma.step_ahead()) continue;
  CHECK(memory.seen ==
        std::vector<Request>{{200, 8, false, 0}, {100, 8, false, 1}, {300, 8, false, 2}, {0, 8, false, 7}});
}

TEST_CASE("jobs of a channel keep their order, even when a later one is released first") {
  Memory memory;
  Dma dma({64, 8}, 1, memory.port());
  dma.issue(0, {bytes_at(0, 8)}, false, 20);
  dma.issue(0, {bytes_at(100, 8)}, false, 0);
  while (dma.step_ahead()) continue;
  CHECK(memory.seen == std::vector<Request>{{0, 8, false, 20}, {100, 8, false, 21}});
}

TEST_CASE("a job after the last waits for its completion, not for its last request") {
  Memory memory;
  Dma dma({64, 8}, 1, memory.port());
  dma.issue(0, {bytes_at(0, 8)}, true, 4);
  const auto after = dma.issue_after_last(0, {bytes_at(100, 8)}, false);
  CHECK(dma.run_until_done(0, after) == 24);
  CHECK(memory.seen == std::vector<Request>{{0, 8, true, 4}, {100, 8, false, 14}});
  const auto first = Dma({64, 8}, 1, memory.port()).issue_after_last(0, {bytes_at(0, 8)}, false);
  CHECK(first == 0);
}

TEST_CASE("a job without transfers is done when it is issued and its predecessor done") {
  Memory memory;
  Dma dma({64, 8}, 1, memory.port());
  CHECK(dma.run_until_done(0, dma.issue(0, {}, false, 5)) == 5);
  dma.issue(0, {bytes_at(0, 8)}, false, 6);
  const auto empty = dma.issue(0, {}, false, 7);
  CHECK(dma.run_until_done(0, empty) == 16);
  CHECK(dma.requests() == 1);
}

TEST_CASE("even an immediate memory answers in the next cycle") {
  Memory memory{0};
  Dma dma({64, 1}, 1, memory.port());
  CHECK(dma.run_until_done(0, dma.issue(0, {bytes_at(0, 130)}, false, 0)) == 3);
  CHECK(memory.seen.back().at == 2);
  CHECK(dma.busy_cycles() == 3);
}
