// pe_slice, with two lines, in lock-step with sim/smartdeal/clocked/pe_slice.
#include "Vpe_slice.h"
#include "Vpe_slice___024root.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"
#include "rtl/bench/smartdeal_ports.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;
constexpr std::size_t dim_C = 2;

class PeSliceBench : public Device<Vpe_slice> {
 public:
  [[nodiscard]] std::string name() const override { return "pe_slice"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void drive(const SliceModel& model);
  void compare_outputs(SliceModel& model);
  void compare_registers(const SliceModel& model);
};

std::uint64_t PeSliceBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const auto layer = smartdeal_case(dice, dim_C);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  configure(dut_, *layer);
  copy_ports(dut_, {});
  dut_.passed = dut_.out_pop = 0;
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

void PeSliceBench::drive(const SliceModel& model) {
  LinePorts ports;
  for (std::size_t i = 0; i < dim_C; ++i) ports.set(i, model.inputs[i]);
  copy_ports(dut_, ports);
  dut_.passed = static_cast<SData>(model.passed);
  dut_.out_pop = model.out_pop;
}

void PeSliceBench::compare_outputs(SliceModel& model) {
  std::uint64_t data = 0;
  for (std::size_t i = 0; i < dim_C; ++i) {
    const LineActs& acts = model.acts[i];
    same("row_read", i, acts.row_read, bits_of(dut_.row_read, i, 1));
    same("basis_read", i, acts.basis_read, bits_of(dut_.basis_read, i, 1));
    same("working", i, acts.working, bits_of(dut_.working, i, 1));
    same("completing", i, acts.completing, bits_of(dut_.completing, i, 1));
    std::int64_t word = 0xFFFF;
    if (acts.row_read) word = model.row_word(i);
    if (acts.basis_read) word = model.basis_word(i);
    put_bits(data, 16 * i, 16, word);
  }
  dut_.weight_data = static_cast<IData>(data);
  same("out_valid", model.out_sums.has_value(), dut_.out_valid);
  if (model.out_sums) {
    for (std::size_t f = 0; f < model.out_sums->size(); ++f)
      same("out_sums", f, (*model.out_sums)[f], bits_of(dut_.out_sums, 32 * f, 32, true));
  }
  settle();
}

void PeSliceBench::compare_registers(const SliceModel& model) {
  const sim::smartdeal::PeSlice& slice = model.slices.front();
  same("tile", static_cast<std::int64_t>(View::step(slice)), dut_.tile);
  same("tile_done", View::tile_done(slice), dut_.tile_done);
  same("tiles in the output FIFO", View::occupied(slice), dut_.rootp->pe_slice__DOT__occupied);
  for (std::size_t i = 0; i < dim_C; ++i) {
    const View::Line line = View::line(slice.line(static_cast<std::int64_t>(i)), model.now - 1);
    same("loaded_region", i, line.loaded + 1, bits_of(dut_.loaded_region, 16 * i, 16));
    same("basis_idle", i, line.basis_idle, bits_of(dut_.basis_idle, i, 1));
    for (std::size_t f = 0; f < line.sums.size(); ++f) {
      same("sum of line and column", 10 * i + f, line.sums[f],
           bits_of(dut_.rootp->pe_slice__DOT__sums, 32 * (i * line.sums.size() + f), 32, true));
    }
  }
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<PeSliceBench>(); }

}  // namespace rebasis::rtl
