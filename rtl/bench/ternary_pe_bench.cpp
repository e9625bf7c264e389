// ternary_pe in lock-step with sim/pynq_ternary/clocked/pe: trips of random filters, units and pieces of kernels, with
// gaps.
#include "Vternary_pe.h"
#include "Vternary_pe___024root.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/pynq_ternary_view.h"

namespace rebasis::rtl {

namespace {

using namespace sim::pynq_ternary;

class TernaryPeBench : public Device<Vternary_pe> {
 public:
  [[nodiscard]] std::string name() const override { return "ternary_pe"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void drive_trip(const TernaryJob& layer, const PeTrip& trip);
  void compare_registers(const ProcessingElement& pe);
};

PeTrip random_trip(const TernaryJob& layer, test::Dice& dice) {
  const auto pieces = cut_kernel(layer.job.shape(), layer.job.spec);
  PeTrip trip;
  trip.filter = dice.between(0, layer.job.shape().M - 1);
  trip.unit = dice.between(0, layer.job.units.per_filter() - 1);
  trip.piece = dice.pick(pieces);
  trip.e = dice.between(0, 200);
  trip.f = dice.between(0, 200);
  return trip;
}

/// Values of the window in the cycle: random, or all at an end of their range.
WindowRegisters random_window(std::int64_t kind, test::Dice& dice) {
  WindowRegisters window;
  for (std::int64_t i = 0; i < TernaryJob::lanes; ++i) {
    const std::int64_t value = kind == 0 ? 0 : kind == 1 ? 65535 : kind == 2 ? -32768 : dice.between(-32768, 65535);
    window.values.push_back(static_cast<std::int32_t>(value));
  }
  return window;
}

std::uint64_t TernaryPeBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  TernaryJob layer(dice, 1, 1);
  ProcessingElement pe(layer.job, TernaryJob::lanes);
  const double gap = dice.pick<double>({0, 0.3, 0.9});
  const std::int64_t kind = dice.between(0, 9);
  dut_.issue = 0;
  reset();
  for (int i = 0; i < 300; ++i) {
    const bool issue = !dice.chance(gap);
    const PeTrip trip = random_trip(layer, dice);
    const WindowRegisters window = random_window(kind, dice);
    dut_.issue = issue;
    drive_trip(layer, trip);
    for (std::size_t lane = 0; lane < window.values.size(); ++lane)
      put_bits(dut_.window, 17 * lane, 17, window.values[lane]);
    const std::int64_t partial = dice.between(-1000000, 1000000);
    dut_.partial_sum = static_cast<IData>(partial);
    pe.step(issue ? &trip : nullptr, window, layer.counters);
    settle();
    const auto& results = pe.accumulated();
    same("out_valid", !results.empty(), dut_.out_valid);
    if (!results.empty()) {
      same("out_sum", results.front().sum, static_cast<std::int32_t>(dut_.out_sum));
      same("out_tag", results.front().e << 8 | results.front().f, dut_.out_tag);
      same("accumulated", partial + results.front().sum, static_cast<std::int32_t>(dut_.accumulated));
    }
    clock();
    compare_registers(pe);
  }
  return cycle_;
}

void TernaryPeBench::drive_trip(const TernaryJob& layer, const PeTrip& trip) {
  dut_.issue_tag = static_cast<SData>(trip.e << 8 | trip.f);
  std::size_t lane = 0;
  const std::int64_t first = trip.unit * layer.job.units.channels();
  for (std::int64_t c = first; c < first + layer.job.units.channels_of(trip.unit); ++c) {
    for (std::int64_t r = trip.piece.rows.first; r < trip.piece.rows.last; ++r) {
      for (std::int64_t s = trip.piece.columns.first; s < trip.piece.columns.last; ++s, ++lane)
        put_bits(dut_.codes, 2 * lane, 2, layer.job.layer.code(trip.filter, c, r, s));
    }
  }
  for (; lane < static_cast<std::size_t>(TernaryJob::lanes); ++lane) put_bits(dut_.codes, 2 * lane, 2, 0);
}

void TernaryPeBench::compare_registers(const ProcessingElement& pe) {
  std::int64_t stages = 0;
  for (const RegisterView::Flight& flight : RegisterView::flights(pe)) {
    stages |= std::int64_t{1} << flight.stage;
    if (flight.stage == 0) continue;
    const std::size_t leaves = 64, base = static_cast<std::size_t>(flight.stage - 1) * leaves;
    for (std::size_t i = 0; i < flight.operands->size(); ++i) {
      same("operand", 100 * static_cast<std::size_t>(flight.stage) + i, (*flight.operands)[i],
           bits_of(dut_.rootp->ternary_pe__DOT__operands, 32 * (base + i), 32, true));
    }
  }
  same("stages in use", stages, dut_.rootp->ternary_pe__DOT__valid);
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<TernaryPeBench>(); }

}  // namespace rebasis::rtl
