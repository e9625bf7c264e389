// booth_mac against workloads/booth.h: digits and products of random and extreme values, with stalls of the line and
// MACs that finish later. In its line it is compared with the clocked model by pe_line_bench.
#include "Vbooth_mac.h"
#include "Vbooth_mac___024root.h"
#include "rtl/bench/bench.h"
#include "tests/support/dice.h"
#include "workloads/booth.h"

namespace rebasis::rtl {

namespace {

/// Mask of the non-zero digits from `first` on.
std::int64_t digits_from(int value, int first) {
  std::int64_t mask = 0;
  for (int k = first; k < booth_digits_unsigned; ++k) mask |= std::int64_t{booth_digit(value, k) != 0} << k;
  return mask;
}

class BoothMacBench : public Device<Vbooth_mac> {
 public:
  [[nodiscard]] std::string name() const override { return "booth_mac"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void tap(test::Dice& dice, int value, std::int64_t weight);
  std::int64_t sum_ = 0;
};

std::uint64_t BoothMacBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  dut_.run = dut_.clear = dut_.advance = 0;
  dut_.enable = 1;
  reset();
  sum_ = 0;
  const bool extreme = dice.chance(0.2);
  constexpr std::int64_t largest = (1 << 17) - 1;
  for (int i = 0; i < 100; ++i) {
    const int value =
        static_cast<int>(extreme ? dice.pick<std::int64_t>({0, 255, -1, -128, 128, 1, 85}) : dice.between(-128, 255));
    tap(dice, value, extreme ? dice.pick<std::int64_t>({largest, -largest - 1, -1, 0}) : dice.between(-99999, 99999));
    if (!dice.chance(0.1)) continue;
    dut_.clear = 1;
    settle();
    clock();
    dut_.clear = 0;
    sum_ = 0;
    same("sum", sum_, static_cast<std::int32_t>(dut_.sum));
  }
  return cycle_;
}

void BoothMacBench::tap(test::Dice& dice, int value, std::int64_t weight) {
  dut_.value = static_cast<CData>(value & 0xFF);
  dut_.digits = static_cast<CData>(digits_from(value, 0));
  dut_.weight = static_cast<IData>(weight & 0x3FFFF);
  dut_.enable = !dice.chance(0.1);
  const int later = dice.chance(0.5) ? static_cast<int>(dice.between(0, 3)) : 0;  // cycles that the others take longer
  const int needed = dut_.enable != 0 ? std::max(1, booth_digits(value)) : 1;
  for (int worked = 0, digit = 0; worked < needed + later;) {
    dut_.run = !dice.chance(0.2);
    if (dut_.rootp->booth_mac__DOT__busy) {  // the operand was taken
      dut_.value = static_cast<CData>(dice.between(0, 255));
      dut_.digits = static_cast<CData>(dice.between(0, 31));
    }
    dut_.advance = dut_.run && worked + 1 == needed + later;
    settle();
    if (dut_.run) {
      same("tap_done", worked + 1 >= needed, dut_.tap_done);
      while (dut_.enable && digit < booth_digits_unsigned && booth_digit(value, digit) == 0) ++digit;
      if (dut_.enable && digit < booth_digits_unsigned) {
        sum_ += weight * booth_digit(value, digit) * (std::int64_t{1} << (2 * digit));
        ++digit;
      }
      ++worked;
    }
    clock();
    same("sum", static_cast<std::int32_t>(sum_), static_cast<std::int32_t>(dut_.sum));
    const bool between = worked == 0 || worked == needed + later;
    same("busy", dut_.enable != 0 && !between && worked < needed, dut_.rootp->booth_mac__DOT__busy);
    same("waiting", dut_.enable != 0 && !between && worked >= needed, dut_.rootp->booth_mac__DOT__waiting);
    if (dut_.rootp->booth_mac__DOT__busy)
      same("digits left", digits_from(value, digit), dut_.rootp->booth_mac__DOT__left << 1);
  }
  dut_.run = dut_.advance = 0;
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<BoothMacBench>(); }

}  // namespace rebasis::rtl
