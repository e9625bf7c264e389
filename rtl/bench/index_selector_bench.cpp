// index_selector in lock-step with the selector of a lane of sim/smartdeal/clocked/input_path.
#include "Vindex_selector.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;
constexpr std::size_t pairs = 4, index_slices = 2;

class IndexSelectorBench : public Device<Vindex_selector> {
 public:
  [[nodiscard]] std::string name() const override { return "index_selector"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void drive(const SliceModel& model, const View::Selector& before, bool scanned, test::Dice& dice);
};

std::uint64_t IndexSelectorBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed), noise(~seed);
  const auto layer = smartdeal_case(dice, 1);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  dut_.block_ready = dut_.tiles_left = dut_.grant = 0;
  dut_.length = 0;
  reset();
  while (!model.finished()) {
    const View::Selector before = View::selector(model.input, 0);
    const std::int64_t sent = View::sent(model.input, 0), scans = model.counters.selectors[sim::Cause::busy];
    model.evaluate();
    const bool scanned = model.counters.selectors[sim::Cause::busy] != scans;
    drive(model, before, scanned, noise);
    dut_.grant = View::sent(model.input, 0) != sent;
    settle();
    same("scanning", scanned, dut_.scanning);
    clock();
    model.commit();
    const View::Selector after = View::selector(model.input, 0);
    same("position", static_cast<std::int64_t>(after.position), dut_.position);
    same("selected", after.selected, dut_.selected);
    same("tile", static_cast<std::int64_t>(after.tile), dut_.tile);
    if (after.selected) same("pair", static_cast<std::int64_t>(after.position) - 1, dut_.pair);
  }
  return cycle_;
}

void IndexSelectorBench::drive(const SliceModel& model, const View::Selector& before, bool scanned, test::Dice& dice) {
  const auto& steps = model.context.steps;
  dut_.tiles_left = before.tile < steps.size();
  dut_.block_ready = 0;
  if (dut_.tiles_left && model.stalled[0] == 0) {
    const std::size_t block = steps[before.tile].block;
    dut_.block_ready = block < model.started.size() && model.started[block] <= model.now;
  }
  const std::size_t length = scanned ? View::selector(model.input, 0).length : 0;
  dut_.length = static_cast<SData>(length);
  dut_.coefficient_index = static_cast<CData>(dice.between(0, 255));  // beyond the list: anything
  dut_.activation_index = static_cast<CData>(dice.between(0, 15));
  for (std::size_t p = 0; p < pairs && before.position + p < length; ++p) {
    const bool needed = View::coefficient_bit(model.input, 0, before.tile, before.position + p);
    put_bits(dut_.coefficient_index, index_slices * p, index_slices, needed ? dice.between(1, 3) : 0);
    put_bits(dut_.activation_index, p, 1, View::activation_bit(model.input, 0, before.tile, before.position + p));
  }
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<IndexSelectorBench>(); }

}  // namespace rebasis::rtl
