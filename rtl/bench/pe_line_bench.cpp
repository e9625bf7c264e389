// pe_line in lock-step with sim/smartdeal/clocked/pe_line.
#include "Vpe_line.h"
#include "Vpe_line___024root.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"
#include "rtl/bench/smartdeal_ports.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;

class PeLineBench : public Device<Vpe_line> {
 public:
  [[nodiscard]] std::string name() const override { return "pe_line"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void drive(SliceModel& model);
  void compare_outputs(SliceModel& model);
  void compare_registers(const SliceModel& model);
  void compare_front(const View::Line& line);
  void compare_rows(const View::Line& line);
};

std::uint64_t PeLineBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const auto layer = smartdeal_case(dice, 1);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  configure(dut_, *layer);
  dut_.item_valid = dut_.data_valid = dut_.request_valid = dut_.enter_valid = dut_.take = 0;
  reset();
  while (!model.finished()) {
    model.evaluate();
    drive(model);
    settle();
    compare_outputs(model);
    clock();
    model.commit();
    compare_registers(model);
  }
  return cycle_;
}

void PeLineBench::drive(SliceModel& model) {
  LinePorts ports;
  ports.set(0, model.inputs[0]);
  copy_ports(dut_, ports);
  dut_.tile = static_cast<SData>(model.tile);
  dut_.gate_open = !model.hand_over;
  dut_.take = model.hand_over;
}

void PeLineBench::compare_outputs(SliceModel& model) {
  const LineActs& acts = model.acts[0];
  same("finished", acts.finished, dut_.finished);
  same("row_read", acts.row_read, dut_.row_read);
  same("basis_read", acts.basis_read, dut_.basis_read);
  same("working", acts.working, dut_.working);
  same("completing", acts.completing, dut_.completing);
  dut_.weight_data = 0xFFFF;
  if (acts.row_read) dut_.weight_data = static_cast<SData>(model.row_word(0));
  if (acts.basis_read) dut_.weight_data = static_cast<SData>(model.basis_word(0));
  settle();
}

#define LINE(register) (dut_.rootp->pe_line__DOT__##register)
#define MAC(f, register) (dut_.rootp->pe_line__DOT__g_mac__BRA__##f##__KET____DOT__mac__DOT__##register)

void PeLineBench::compare_registers(const SliceModel& model) {
  const View::Line line = View::line(model.slices.front().line(0), model.now - 1);
  same("items in the FIFO", static_cast<std::int64_t>(line.fifo), LINE(fifo_count));
  same("item in work", line.active, LINE(active));
  if (line.fifo > 0) compare_front(line);
  compare_rows(line);
  for (std::size_t f = 0; f < line.sums.size(); ++f) same("sum", f, line.sums[f], bits_of(dut_.sums, 32 * f, 32, true));
  same("cycles left of the row fetch", line.row_left, LINE(row_left));
  same("cycles left of the basis fetch", line.basis_left, LINE(basis_left));
  same("basis fetched last", line.issued + 1, LINE(issued));
  same("basis complete last", line.loaded + 1, dut_.loaded_region);
  same("region entered", line.entered + 1, LINE(entered));
  same("region requested", line.requested + 1, LINE(requested));
  same("basis_idle", line.basis_idle, dut_.basis_idle);
  const std::int64_t busy[] = {MAC(0, busy), MAC(1, busy), MAC(2, busy), MAC(3, busy)};
  const std::int64_t waiting[] = {MAC(0, waiting), MAC(1, waiting), MAC(2, waiting), MAC(3, waiting)};
  const std::int64_t digit[] = {MAC(0, next_digit), MAC(1, next_digit), MAC(2, next_digit), MAC(3, next_digit)};
  for (std::size_t f = 0; f < static_cast<std::size_t>(dim_F); ++f) {
    const bool works = f < line.macs.size();
    same("busy MAC", f, works && line.macs[f].busy, busy[f]);
    same("waiting MAC", f, works && line.macs[f].waiting, waiting[f]);
    if (works && line.macs[f].busy) same("next digit of MAC", f, line.macs[f].next_digit, digit[f]);
  }
}

void PeLineBench::compare_front(const View::Line& line) {
  same("tile of the front item", line.front_step, LINE(front_tile));
  same("region of the front item", line.front_region + 1, LINE(front_region));
  same("taps left of the front item", line.front_taps, LINE(front_taps));
  same("column of the front item", line.front_column, LINE(front_column));
  const unsigned front = LINE(front);
  same("front segment complete", line.front_complete, bits_of(LINE(complete), front, 1));
  if (!line.front_complete) return;
  const auto& values = *line.front_values;
  for (std::size_t i = 0; i + static_cast<std::size_t>(line.front_shift) < values.size(); ++i) {
    const std::int64_t rtl = front != 0 ? bits_of(LINE(segment1), 8 * i, 8) : bits_of(LINE(segment0), 8 * i, 8);
    same("activation", i, static_cast<std::uint8_t>(values[i + static_cast<std::size_t>(line.front_shift)]), rtl);
  }
}

void PeLineBench::compare_rows(const View::Line& line) {
  same("rows to fetch", line.pending, LINE(pending));
  same("rows held", line.held, LINE(held));
  same("row in use", line.in_use, LINE(in_use));
  if (line.rebuild_left > 0)
    same("coefficients left", line.rebuild_left, __builtin_popcount(static_cast<unsigned>(LINE(left))));
  std::int64_t coded = 0, rebuilt = 0;
  for (std::size_t i = 0; i < line.rows.size(); ++i) {
    const std::size_t latch = i ^ LINE(oldest);
    coded |= std::int64_t{line.rows[i].coded} << latch;
    rebuilt |= std::int64_t{line.rows[i].rebuilt} << latch;
    if (!line.rows[i].rebuilt) continue;
    const auto& weights = *line.rows[i].weights;
    for (std::size_t s = 0; s < weights.size(); ++s) {
      same("weight", s, weights[s],
           latch != 0 ? bits_of(LINE(weights1), 18 * s, 18, true) : bits_of(LINE(weights0), 18 * s, 18, true));
    }
  }
  same("rows to rebuild", coded, LINE(coded));
  same("rows rebuilt", rebuilt, LINE(rebuilt));
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<PeLineBench>(); }

}  // namespace rebasis::rtl
