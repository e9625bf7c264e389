// The registry, the simple models, and the JEDEC parts against theory in closed form.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "common/error.h"
#include "sim/core/dram/jedec_dram.h"

namespace rebasis::test {
namespace {

using sim::DramSpec;
using sim::make_dram;

TEST_CASE("smoke: every model serves reads and writes") {
  CHECK(sim::dram_models().size() >= 5);
  for (const auto& model : sim::dram_models()) {
    const std::string& name = model.first;
    CAPTURE(name);
    CHECK(!model.second.empty());
    const auto dram = make_dram({.model = name});
    std::uint64_t now = 0;
    for (std::uint64_t i = 0; i < 100; ++i) {
      const std::uint64_t done = dram->access({i * 1000, 500, i % 3 == 0}, Cycles(now)).count();
      CHECK(done >= now);
      now = done;
    }
    CHECK(dram->counters().at("bytes") >= 50'000);
    dram->reset();
    CHECK(dram->counters().at("bytes") == 0);
  }
}

TEST_CASE("an unknown model, and values out of range, are bad input") {
  const auto status = [](const DramSpec& spec) {
    try {
      (void)make_dram(spec);
    } catch (const Error& error) {
      return error.status();
    }
    return Status::done;
  };
  CHECK(status({.model = "hbm9"}) == Status::bad_input);
  CHECK(status({.model = "bandwidth", .bandwidth_gb_s = 0}) == Status::bad_input);
  CHECK(status({.model = "bandwidth", .bandwidth_gb_s = std::nan("")}) == Status::bad_input);
  CHECK(status({.model = "bandwidth", .latency_ns = -1}) == Status::bad_input);
  CHECK(status({.model = "ddr3-1066-x16", .accelerator_hz = std::numeric_limits<double>::infinity()}) ==
        Status::bad_input);
  CHECK(status({.model = "ddr3-1066-x16", .mapping = "bank"}) == Status::bad_input);
  CHECK(status({}) == Status::done);
}

TEST_CASE("unlimited takes no time") {
  const auto dram = make_dram({.model = "unlimited"});
  CHECK(dram->access({0, 1u << 30, false}, Cycles(7)).count() == 7);
  CHECK(std::isinf(dram->peak_bytes_per_cycle()));
  CHECK(dram->min_cycles(1 << 30) == 0.0);
}

TEST_CASE("bandwidth and latency, by hand") {
  // 12.8 bytes a cycle, 100 cycles of latency.
  const auto dram = make_dram({.model = "bandwidth", .bandwidth_gb_s = 12.8, .latency_ns = 100});
  CHECK(dram->access({0, 64, false}, Cycles(0)).count() == 105);      // 100 + 5
  CHECK(dram->access({64, 64, false}, Cycles(0)).count() == 110);     // follows directly
  CHECK(dram->access({128, 65, false}, Cycles(110)).count() == 116);  // 5.08 cycles, rounded up
  CHECK(dram->access({193, 64, true}, Cycles(110)).count() == 221);   // the direction turns: 115.08 + 100 + 5
  CHECK(dram->access({257, 64, true}, Cycles(300)).count() == 405);   // the stream was interrupted
  CHECK(dram->access({0, 64, true}, Cycles(300)).count() == 510);     // elsewhere
  CHECK(dram->peak_bytes_per_cycle() == doctest::Approx(12.8));
  CHECK(dram->counters().at("latencies") == 4);
}

/// Fraction of peak that a stream of `bytes` in requests of `request` bytes reaches.
double streaming(const std::string& name, std::uint32_t request, std::uint64_t bytes, bool write,
                 const std::string& mapping = "row-bank-column") {
  const auto dram = make_dram({.model = name, .mapping = mapping});
  std::uint64_t done = 0;
  for (std::uint64_t at = 0; at < bytes; at += request) done = dram->access({at, request, write}, Cycles(0)).count();
  return dram->min_cycles(bytes) / static_cast<double>(done);
}

TEST_CASE("closed form: a stream loses to refresh alone") {
  for (const sim::JedecPart& part : sim::jedec_parts()) {
    const std::string name(part.name);
    // A refresh costs the time from the last read's precharge to the first read after it.
    const double lost_read = part.rtp + part.rp + part.rfc + part.rcd;
    const double lost_write = part.cwl + part.burst_clocks() + part.wr + part.rp + part.rfc + part.rcd;
    const double read = streaming(name, 64, 16 << 20, false);
    const double write = streaming(name, 64, 16 << 20, true);
    const double read_deviation = read / (1 - lost_read / part.refi) - 1;
    const double write_deviation = write / (1 - lost_write / part.refi) - 1;
    MESSAGE(name << ": sequential read " << 100 * read << " % of peak, deviation from theory " << 100 * read_deviation
                 << " %; write " << 100 * write << " %, " << 100 * write_deviation << " %");
    CHECK(std::abs(read_deviation) < 0.002);
    CHECK(std::abs(write_deviation) < 0.002);
    CHECK(read > 0.90);
    CHECK(streaming(name, 4096, 16 << 20, false) == read);
    // The folded mapping now and then meets an open bank at the end of a row.
    CHECK(streaming(name, 64, 16 << 20, false, "row-bank-column-xor") > 0.995 * read);
  }
}

TEST_CASE("closed form: ping-pong between two rows of a bank takes the row cycle") {
  for (const sim::JedecPart& part : sim::jedec_parts()) {
    const auto dram = make_dram({.model = std::string(part.name), .mapping = "row-bank-column"});
    const std::uint64_t row_stride = part.capacity() / part.rows;
    constexpr int count = 2000;
    std::uint64_t done = 0;
    for (int i = 0; i < count; ++i) {
      done = dram->access({(i % 2) * row_stride, part.burst_bytes(), false}, Cycles(0)).count();
    }
    const double clocks = static_cast<double>(done) * 1e-9 * static_cast<double>(part.clock.numerator) /
                          static_cast<double>(part.clock.denominator);
    const double refresh_factor = 1 - static_cast<double>(part.rp + part.rfc) / part.refi;
    const double row_cycle = clocks / count * refresh_factor;
    CHECK(row_cycle == doctest::Approx(part.ras + part.rp).epsilon(0.01));
  }
}

}  // namespace
}  // namespace rebasis::test
