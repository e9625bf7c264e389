// input_lane in lock-step with the port of a lane of sim/smartdeal/clocked/input_path; the bench is the banks.
#include <deque>

#include "Vinput_lane.h"
#include "common/units.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"

namespace rebasis::rtl {

namespace {

using namespace sim::smartdeal;
using View = RegisterView;
constexpr std::int64_t lane_bytes = 6, banks = 2, word_bytes = 4, addresses = 512;

class InputLaneBench : public Device<Vinput_lane> {
 public:
  [[nodiscard]] std::string name() const override { return "input_lane"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  /// A lane's port in a cycle of the model.
  struct Act {
    View::Port before, after;
    bool stalled, granted;
  };
  void request(const SliceModel& model, const Act& act, test::Dice& dice);
  void conditions(const Act& act, test::Dice& dice);
  void check_data(const SliceModel& model);
  void answer(const SliceModel& model, std::uint64_t read, const std::vector<std::int64_t>& address, test::Dice& dice);

  std::int64_t base_ = 0;              ///< address of the first row
  std::int64_t reads_ = 0;             ///< words
  std::vector<std::uint8_t> segment_;  ///< what has come of it
  std::deque<PacketPtr> on_their_way_;
};

/// Words that a row takes in a bank.
std::int64_t row_words(const LayerShape& shape) {
  return ceil_div(ceil_div(shape.W + shape.pad_left, word_bytes), banks);
}

std::uint64_t InputLaneBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed), noise(~seed);
  auto layer = smartdeal_case(dice, 1);
  const auto wide = [](const LayerShape& shape) { return shape.W + shape.pad_left >= 16; };
  while (seed % 4 == 3 && !wide(layer->layer.shape())) layer = smartdeal_case(dice, 1);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  base_ = noise.between(0, addresses - 1);
  reads_ = 0;
  segment_.clear();
  on_their_way_.clear();
  dut_.selected = 0;
  reset();
  while (!model.finished()) {
    Act act;
    act.before = View::port(model.input, 0, model.now);
    const std::int64_t sent = View::sent(model.input, 0);
    model.evaluate();
    act.after = View::port(model.input, 0, model.now);
    act.granted = View::sent(model.input, 0) != sent;
    act.stalled = model.stalled[0] != 0;
    if (act.granted) on_their_way_.push_back(View::incoming(model.slices.front().line(0)).back());
    request(model, act, noise);
    conditions(act, noise);
    settle();
    same("grant", act.granted, dut_.grant);
    same("busy", act.before.busy, dut_.busy);
    check_data(model);
    const std::uint64_t read = dut_.bank_read;
    std::vector<std::int64_t> address;
    for (std::size_t b = 0; b < banks; ++b) address.push_back(bits_of(dut_.bank_address, 9 * b, 9));
    clock();
    answer(model, read, address, noise);
    model.commit();
  }
  same("bytes read", static_cast<std::int64_t>(model.counters[Action::input_gb_read]), reads_ * word_bytes);
  same("segments that did not come", 0, static_cast<std::int64_t>(on_their_way_.size()));
  return cycle_;
}

void InputLaneBench::request(const SliceModel& model, const Act& act, test::Dice& dice) {
  const LayerShape& shape = model.context.shape;
  dut_.selected = act.before.selected && !act.stalled;
  dut_.row_begin = static_cast<CData>(shape.pad_left);
  dut_.row_end = static_cast<CData>(shape.pad_left + shape.W);
  dut_.stride = static_cast<CData>(shape.stride_w);
  if (!act.before.selected) {
    dut_.row_address = static_cast<SData>(dice.between(0, addresses - 1));
    dut_.first_place = static_cast<CData>(dice.between(0, 31));
    dut_.entries = static_cast<CData>(dice.between(0, 15));
    return;
  }
  const Candidate& pair = *act.before.selected;
  const TapGroup& group = model.context.groups[static_cast<std::size_t>(pair.group)];
  const Tile& tile = model.context.steps[act.before.tile].tile;
  dut_.row_address = static_cast<SData>((base_ + (pair.channel * shape.H + pair.h) * row_words(shape)) % addresses);
  dut_.first_place = static_cast<CData>(shape.stride_w * (tile.index * dim_F + group.first_shift) + group.phase);
  dut_.entries = static_cast<CData>(tile.width + group.span);
}

/// Basis and room as the model found them; of two slices the second is made up.
void InputLaneBench::conditions(const Act& act, test::Dice& dice) {
  const bool asked = dut_.selected != 0 && !act.before.busy;
  dut_.basis_ready = asked ? act.granted || act.after.basis_ready : dice.chance(0.5);
  const bool has_room = !asked || !dut_.basis_ready ? dice.chance(0.5) : act.granted;
  do {
    dut_.needed = static_cast<CData>(dice.between(1, 3));
    dut_.room = static_cast<CData>(dice.between(0, 3));
  } while (((dut_.needed & ~dut_.room) == 0) != has_room);
}

void InputLaneBench::check_data(const SliceModel& model) {
  const bool ends = !on_their_way_.empty() && on_their_way_.front()->arrived == model.now + 1;
  same("last beat", ends, dut_.data_valid && dut_.data_last);
  if (!dut_.data_valid) return;
  for (std::size_t b = 0; b < lane_bytes; ++b)
    segment_.push_back(static_cast<std::uint8_t>(bits_of(dut_.data, 8 * b, 8)));
  if (!ends) return;
  const std::vector<std::int16_t>& values = on_their_way_.front()->values;
  for (std::size_t i = 0; i < values.size(); ++i)
    same("activation", i, static_cast<std::uint8_t>(values[i]), i < segment_.size() ? segment_[i] : -1);
  segment_.clear();
  on_their_way_.pop_front();
}

/// The banks' outputs in the next cycle; what was not asked for, or lies beyond the row, is anything.
void InputLaneBench::answer(const SliceModel& model, std::uint64_t read, const std::vector<std::int64_t>& address,
                            test::Dice& dice) {
  const LayerShape& shape = model.context.shape;
  for (std::size_t b = 0; b < banks; ++b) {
    const std::int64_t place = (address[b] - base_ + addresses) % addresses, row = place / row_words(shape);
    const bool reads = (read >> b & 1U) != 0;
    reads_ += reads ? 1 : 0;
    for (std::size_t i = 0; i < word_bytes; ++i) {
      const std::int64_t column = (place % row_words(shape) * banks + static_cast<std::int64_t>(b)) * word_bytes +
                                  static_cast<std::int64_t>(i) - shape.pad_left;
      const bool stored = reads && row < shape.C * shape.H && column >= 0 && column < shape.W;
      const std::int64_t value =
          stored ? model.layer.values[static_cast<std::size_t>(row * shape.W + column)] : dice.between(0, 255);
      put_bits(dut_.bank_data, 8 * (b * word_bytes + i), 8, value);
    }
  }
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<InputLaneBench>(); }

}  // namespace rebasis::rtl
