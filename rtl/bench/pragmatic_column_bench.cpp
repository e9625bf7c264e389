// pragmatic_column in lock-step with sim/bit_pragmatic/clocked/column: two columns of the model with synapse buffer and
// dispatcher on random layers; the RTL is the first column. Sources stall at random, results are taken at random.
#include <algorithm>

#include "Vpragmatic_column.h"
#include "Vpragmatic_column___024root.h"
#include "rtl/bench/bench.h"
#include "sim/bit_pragmatic/clocked/column.h"
#include "sim/bit_pragmatic/names.h"
#include "tests/support/dice.h"

namespace rebasis::sim::bit_pragmatic {

class RegisterView {
 public:
  static bool offered(const Column& column, const ColumnView& view) { return !column.wait_cause(view); }
  static bool result_waits(const Column& column) { return column.result_waits_; }
  static const std::vector<std::int64_t>& sums(const Column& column) { return column.sums_; }
  static const std::vector<std::deque<Oneffset>>& pending(const Column& column) { return column.pending_; }
};

}  // namespace rebasis::sim::bit_pragmatic

namespace rebasis::rtl {

namespace {

using namespace sim::bit_pragmatic;
constexpr std::int64_t lanes = 4, filters = 4, columns = 2, powers = 9;

arch::BitPragmaticSpec random_spec(test::Dice& dice) {
  arch::BitPragmaticSpec spec = arch::bit_pragmatic_parameters().resolve({});
  spec.precision_bits = 8;
  spec.tiles = 1;
  spec.rows = filters;
  spec.columns = columns;
  spec.lanes = lanes;
  spec.first_stage_bits = 2;
  spec.encoding = dice.pick<std::string>({"plain", "booth"});
  spec.sync = dice.pick<std::string>({"column", "column", "pallet"});
  spec.registers = dice.pick<std::int64_t>({1, 2, 3});
  spec.fold = dice.pick<std::string>({"row", "off"});
  spec.nbin_row_bricks = dice.pick<std::int64_t>({1, 4});
  spec.sb_weights_per_cycle = dice.pick<std::int64_t>({5, 16});
  return spec;
}

sim::DenseLayer random_layer(test::Dice& dice) {
  sim::DenseLayer layer;
  LayerShape& shape = layer.info.shape;
  layer.info.name = "random";
  shape.M = dice.between(1, 9);
  shape.C = dice.between(1, 9);
  shape.R = dice.pick<std::int64_t>({1, 3, 5});
  shape.S = dice.pick<std::int64_t>({1, 3, 3, 7});
  shape.H = shape.R + dice.between(0, 3);
  shape.W = shape.S + dice.between(0, 4);
  shape.stride_h = shape.stride_w = dice.pick<std::int64_t>({1, 1, 2});
  layer.weights.resize(static_cast<std::size_t>(shape.weights()));
  const bool extreme = dice.chance(0.1);
  for (auto& weight : layer.weights) weight = static_cast<std::int8_t>(extreme ? -128 : dice.between(-128, 127));
  return layer;
}

std::vector<std::uint8_t> random_values(const LayerShape& shape, test::Dice& dice) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  const std::int64_t corner = dice.between(0, 9);
  const double density = dice.pick<double>({0.2, 0.7, 1});
  for (auto& value : values) {
    if (corner == 1) value = 0xFF;
    if (corner == 2) value = 0x80;
    if (corner > 2 && dice.chance(density)) value = static_cast<std::uint8_t>(dice.between(0, 255));
  }
  return values;
}

class PragmaticColumnBench : public Device<Vpragmatic_column> {
 public:
  [[nodiscard]] std::string name() const override { return "pragmatic_column"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void offer(const StepWork& work, const Column& column, const ColumnView& view);
  void compare(const Column& column);
};

/// The model's array without its controller.
struct Array {
  Array(const sim::DenseLayer& layer, const arch::BitPragmaticSpec& spec, const sim::Activations& image,
        sim::Counters& counters)
      : bricks(layer.shape(), spec, 1),
        weights(layer, bricks, spec, counters),
        values(layer.shape(), bricks, spec, image, counters) {
    sim::ConvTile tile;
    const LayerShape& shape = layer.shape();
    tile.groups = {0, 1};
    tile.filters = {0, shape.M};
    tile.channels = {0, shape.C};
    tile.rows = {0, shape.E()};
    tile.columns = {0, shape.F()};
    work = std::make_shared<const StepWork>(shape, bricks, spec, tile);
    weights.prepare(work);
    values.prepare(work);
    const OneffsetFormat format{encoding_of(spec.encoding), 8, image.is_signed()};
    for (std::size_t i = 0; i < static_cast<std::size_t>(columns); ++i) {
      column.emplace_back(i, spec, format, 1, counters);
      column.back().prepare(work);
    }
    all_taken.assign(static_cast<std::size_t>(work->sets()), 0);
    left.resize(all_taken.size());
    for (std::int64_t set = 0; set < work->sets(); ++set) {
      for (std::int64_t i = 0; i < columns; ++i)
        left[static_cast<std::size_t>(set)] += work->window(work->set(set).pallet, i) ? 1 : 0;
    }
  }
  [[nodiscard]] bool room(std::int64_t set, std::int64_t held) const {
    return set < held || (set - held < work->sets() && all_taken[static_cast<std::size_t>(set - held)] != 0);
  }

  LayerBricks bricks;
  SynapseBuffer weights;
  Dispatcher values;
  std::shared_ptr<const StepWork> work;
  std::vector<Column> column;
  std::vector<std::uint8_t> all_taken;
  std::vector<int> left;  ///< columns that have not taken a set
  bool all_free = true;
};

std::uint64_t PragmaticColumnBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const arch::BitPragmaticSpec spec = random_spec(dice);
  const sim::DenseLayer layer = random_layer(dice);
  const std::vector<std::uint8_t> values = random_values(layer.shape(), dice);
  const bool is_signed = dice.chance(0.5);
  trace::TensorView tensor;
  tensor.dtype = is_signed ? trace::DType::i8 : trace::DType::u8;
  tensor.bytes = std::as_bytes(std::span(values));
  const sim::Activations image(tensor, layer.shape(), 0);
  const sim::CounterNames names = counter_names(spec);
  sim::Counters counters(names);
  Array array(layer, spec, image, counters);
  Column& first = array.column.front();
  dut_.cfg_booth = spec.encoding == "booth";
  dut_.cfg_signed = is_signed;
  dut_.offer = dut_.latch_take = 0;
  reset();
  const double source_stall = dice.pick<double>({0, 0.3, 0.8}), result_stall = dice.pick<double>({0, 0.5, 0.95});
  const auto finished = [](const Column& column) { return column.finished() && !column.latch(); };
  while (!std::all_of(array.column.begin(), array.column.end(), finished)) {
    const ColumnView view{array.weights, array.values, array.all_free, array.all_taken};
    const bool stall = dice.chance(source_stall);
    offer(*array.work, first, view);
    std::vector<char> take(array.column.size());
    for (std::size_t i = 0; i < take.size(); ++i)
      take[i] = array.column[i].latch() && !dice.chance(result_stall) ? 1 : 0;
    dut_.latch_take = take[0] != 0;
    settle();
    same("take", dut_.offer && first.free(), dut_.take);
    const auto busy = first.account()[sim::Cause::busy];
    if (!stall) {
      array.weights.evaluate();
      array.values.evaluate();
    }
    for (Column& column : array.column) column.evaluate(view);
    same("busy", first.account()[sim::Cause::busy] != busy, dut_.busy);
    clock();
    for (std::size_t i = 0; i < take.size(); ++i) {
      if (take[i] != 0) array.column[i].take_latch();
      const auto took = array.column[i].commit();
      if (took && --array.left[static_cast<std::size_t>(*took)] == 0)
        array.all_taken[static_cast<std::size_t>(*took)] = 1;
    }
    if (!stall) {
      array.weights.commit(array.room(array.weights.ready(), spec.sets_held()));
      array.values.commit(array.room(array.values.ready(), spec.sets_held()));
    }
    array.all_free = std::all_of(array.column.begin(), array.column.end(), [](const Column& c) { return c.free(); });
    compare(first);
  }
  return cycle_;
}

void PragmaticColumnBench::offer(const StepWork& work, const Column& column, const ColumnView& view) {
  dut_.offer = RegisterView::offered(column, view);
  if (!dut_.offer) return;
  const std::int64_t set = column.next();
  dut_.offer_last = work.set(set).last_of_window;
  const BrickValues& brick = view.bricks.at(set, 0);
  const WeightSet& weights = view.weights.at(set);
  for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane) {
    const bool used = lane < brick.size();
    put_bits(dut_.offer_brick, 8 * lane, 8, used ? brick[lane] : 0);
    for (std::size_t f = 0; f < static_cast<std::size_t>(filters); ++f) {
      const bool held = used && f < static_cast<std::size_t>(weights.filters);
      put_bits(dut_.offer_weights, 8 * (static_cast<std::size_t>(lanes) * f + lane), 8,
               held ? weights.weights[f * brick.size() + lane] : 0);
    }
  }
}

void PragmaticColumnBench::compare(const Column& column) {
  same("free", column.free(), dut_.free);
  same("result waits", RegisterView::result_waits(column), dut_.rootp->pragmatic_column__DOT__result_waits);
  same("latch_valid", column.latch().has_value(), dut_.latch_valid);
  if (column.latch()) {
    for (std::size_t f = 0; f < column.latch()->sums.size(); ++f)
      same("latch_sums", f, column.latch()->sums[f], bits_of(dut_.latch_sums, 32 * f, 32, true));
  }
  const auto& sums = RegisterView::sums(column);
  for (std::size_t f = 0; f < sums.size(); ++f)
    same("sum", f, sums[f], bits_of(dut_.rootp->pragmatic_column__DOT__sums, 32 * f, 32, true));
  const auto& pending = RegisterView::pending(column);
  for (std::size_t lane = 0; lane < pending.size(); ++lane) {
    std::int64_t mask = 0;
    for (const Oneffset& term : pending[lane]) mask |= std::int64_t{1} << term.power;
    same("oneffsets left of lane", lane, mask,
         bits_of(dut_.rootp->pragmatic_column__DOT__pending, static_cast<std::size_t>(powers) * lane,
                 static_cast<std::size_t>(powers)));
  }
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<PragmaticColumnBench>(); }

}  // namespace rebasis::rtl
