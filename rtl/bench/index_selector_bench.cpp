// index_selector in lock-step with the selector of a lane of sim/smartdeal/clocked/input_path.
#include <algorithm>

#include "Vindex_selector.h"
#include "common/units.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;
using sim::smartdeal::Candidate;
constexpr std::size_t lanes = 2, pairs = 4, index_slices = 2, longest = 63;

class IndexSelectorBench : public Device<Vindex_selector> {
 public:
  [[nodiscard]] std::string name() const override { return "index_selector"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void list_pairs(const SliceModel& model);
  void drive(const SliceModel& model, std::size_t tile, test::Dice& dice);

  std::vector<std::vector<Candidate>> lists_;  ///< by tile
  std::size_t lane_ = 0;
  std::int64_t reads_ = 0;  ///< words of the index
};

bool has_long_lists(const LayerShape& shape) {
  const std::int64_t channels = ceil_div<std::int64_t>(shape.C, lanes);
  const auto list = static_cast<std::size_t>(channels * shape.R * std::min(shape.stride_w, shape.S));
  return shape.groups == 1 && list > longest / 2 + 4 && list <= longest;
}

void IndexSelectorBench::list_pairs(const SliceModel& model) {
  lists_.clear();
  for (std::size_t tile = 0; tile < model.context.steps.size(); ++tile)
    lists_.push_back(View::pairs(model.input, lane_, tile));
}

std::uint64_t IndexSelectorBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed), noise(~seed);
  auto layer = smartdeal_case(dice, lanes);
  while (seed % 4 == 1 && !has_long_lists(layer->layer.shape())) layer = smartdeal_case(dice, lanes);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  lane_ = static_cast<std::size_t>(noise.between(0, 1));
  list_pairs(model);
  for (const auto& list : lists_) {
    if (list.size() > longest) return 0;
  }
  dut_.enable = dut_.tiles_left = dut_.grant = 0;
  reset();
  reads_ = 0;
  std::int64_t words = 0;
  for (std::size_t passed = 0; !model.finished();) {
    const View::Selector before = View::selector(model.input, lane_);
    const std::int64_t sent = View::sent(model.input, lane_);
    dut_.handed_over = static_cast<CData>(model.slices.front().tiles_handed_off() % 4);
    model.evaluate();
    const View::Selector after = View::selector(model.input, lane_);
    const bool scanned = before.tile != after.tile || before.position != after.position;
    drive(model, before.tile, noise);
    dut_.grant = View::sent(model.input, lane_) != sent;
    settle();
    same("scanning", scanned, dut_.scanning);
    const bool read = dut_.index_read != 0;
    const std::size_t tile = before.tile + dut_.index_next_tile, word = dut_.index_address;
    clock();
    if (read) {
      ++reads_;
      for (std::size_t p = 0; p < pairs; ++p) {
        const std::size_t at = word * pairs + p;
        const bool in_list = at < lists_[tile].size();  // beyond the list: anything
        const bool needed = in_list ? View::coefficient_bit(model.input, tile, lists_[tile][at]) : noise.chance(0.5);
        const bool active = in_list ? View::activation_bit(model.input, tile, lists_[tile][at]) : noise.chance(0.5);
        put_bits(dut_.coefficient_index, index_slices * p, index_slices, needed ? noise.between(1, 3) : 0);
        put_bits(dut_.activation_index, p, 1, active);
      }
    }
    model.commit();
    same("position", static_cast<std::int64_t>(after.position), dut_.position);
    same("selected", after.selected, dut_.selected);
    same("tile", static_cast<std::int64_t>(after.tile % 4), dut_.tile);
    if (after.selected) same("pair", static_cast<std::int64_t>(after.position) - 1, dut_.pair);
    for (; passed < after.tile; ++passed) words += static_cast<std::int64_t>(ceil_div(lists_[passed].size(), pairs));
  }
  same("words of the index read", words, reads_);
  return cycle_;
}

void IndexSelectorBench::drive(const SliceModel& model, std::size_t tile, test::Dice& dice) {
  const auto ready = [&](std::size_t i) {
    if (i >= lists_.size()) return false;
    const std::size_t block = model.context.steps[i].block;
    return block < model.started.size() && model.started[block] <= model.now;
  };
  dut_.enable = model.stalled[lane_] == 0;
  dut_.tiles_left = tile < lists_.size();
  dut_.block_ready = ready(tile);
  dut_.next_ready = ready(tile + 1);
  dut_.length =
      static_cast<CData>(dut_.tiles_left ? lists_[tile].size() : static_cast<std::size_t>(dice.between(0, longest)));
  dut_.next_empty = tile + 1 < lists_.size() && lists_[tile + 1].empty();
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<IndexSelectorBench>(); }

}  // namespace rebasis::rtl
