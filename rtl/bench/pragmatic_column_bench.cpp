// pragmatic_column in lock-step with sim/bit_pragmatic/clocked/column: two columns of the model with synapse buffer and
// dispatcher on random layers; the RTL is the first column. Sources stall at random, results are taken at random. Or
// whole layers on one column.
#include <algorithm>
#include <bit>

#include "Vpragmatic_column.h"
#include "Vpragmatic_column___024root.h"
#include "rtl/bench/network.h"
#include "sim/bit_pragmatic/clocked/column.h"
#include "sim/bit_pragmatic/names.h"
#include "tests/support/dice.h"

namespace rebasis::sim::bit_pragmatic {

class RegisterView {
 public:
  static bool offered(const Column& column, const ColumnView& view) { return !column.wait_cause(view); }
  static bool result_waits(const Column& column) { return column.result_waits_; }
  struct Stage {
    bool last;
    int common;
    const std::vector<std::int64_t>* trees;
  };
  /// From the control stage to the trees'.
  static std::vector<std::optional<Stage>> stages(const Column& column) {
    std::vector<std::optional<Stage>> view;
    for (const auto& stage : column.pipe_)
      view.push_back(stage ? std::optional(Stage{stage->last, stage->common, &stage->trees}) : std::nullopt);
    return view;
  }
  static const std::vector<std::int64_t>& sums(const Column& column) { return column.sums_; }
  static const std::vector<std::deque<Oneffset>>& pending(const Column& column) { return column.pending_; }
};

}  // namespace rebasis::sim::bit_pragmatic

namespace rebasis::rtl {

namespace {

using namespace sim::bit_pragmatic;
constexpr std::int64_t bits = RTL_BITS, lanes = RTL_LANES, filters = RTL_FILTERS;
constexpr std::int64_t reach = std::min<std::int64_t>(bits, (1 << RTL_FIRST_STAGE_BITS) - 1);
constexpr std::size_t term_w = bits + reach + 1,
                      tree_w = term_w + std::bit_width(static_cast<std::uint64_t>(lanes - 1));

/// A column as the RTL's.
arch::BitPragmaticSpec column_spec() {
  arch::BitPragmaticSpec spec = arch::bit_pragmatic_parameters().resolve({});
  spec.precision_bits = bits;
  spec.tiles = 1;
  spec.rows = filters;
  spec.columns = 1;
  spec.lanes = lanes;
  spec.first_stage_bits = RTL_FIRST_STAGE_BITS;
  spec.pipeline_stages = 3;
  spec.sb_weights_per_cycle = lanes * filters;
  return spec;
}

arch::BitPragmaticSpec random_spec(test::Dice& dice) {
  arch::BitPragmaticSpec spec = column_spec();
  spec.columns = 2;
  spec.encoding = dice.pick<std::string>({"plain", "booth", "naf"});
  spec.sync = dice.pick<std::string>({"column", "column", "pallet"});
  spec.registers = dice.between(1, RTL_BUFFERS);
  spec.fold = dice.pick<std::string>({"row", "off"});
  spec.nbin_row_bricks = dice.pick<std::int64_t>({1, 4});
  spec.sb_weights_per_cycle = dice.pick<std::int64_t>({(lanes * filters + 2) / 3, lanes * filters});
  return spec;
}

sim::DenseLayer random_layer(test::Dice& dice) {
  sim::DenseLayer layer;
  LayerShape& shape = layer.info.shape;
  layer.info.name = "random";
  shape.M = dice.between(1, 2 * filters + 1);
  shape.C = dice.between(1, 2 * lanes + 1);
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

/// Bytes of the activations, which are as wide as the column or half as wide.
std::vector<std::uint8_t> random_values(const LayerShape& shape, std::int64_t bytes, test::Dice& dice) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(bytes * shape.C * shape.H * shape.W));
  const std::int64_t corner = dice.between(0, 9);
  const double density = dice.pick<double>({0.2, 0.7, 1});
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (corner == 1) values[i] = 0xFF;
    if (corner == 2) values[i] = static_cast<std::int64_t>(i) % bytes == bytes - 1 ? 0x80 : 0;
    if (corner > 2 && dice.chance(density)) values[i] = static_cast<std::uint8_t>(dice.between(0, 255));
  }
  return values;
}

struct Array;

class PragmaticColumnBench : public Device<Vpragmatic_column> {
 public:
  [[nodiscard]] std::string name() const override { return RTL_NAME; }
  std::uint64_t run_case(std::uint64_t seed) override;
  std::uint64_t run_network(const NetworkRun& network) override;

 private:
  void run(Array& array, const arch::BitPragmaticSpec& spec, bool is_signed, double source_stall, double result_stall,
           test::Dice& dice);
  void collect(Array& array, const WindowResult& result);
  void put(const Dispatcher& dispatcher, std::int64_t before, std::int64_t buffers);
  void offer(const StepWork& work, const Column& column, const ColumnView& view, std::int64_t buffers);
  void compare(const Column& column);
  void compare_stages(const Column& column);
};

/// The model's array without its controller.
struct Array {
  Array(const sim::DenseLayer& layer, const arch::BitPragmaticSpec& spec, const sim::Activations& image,
        sim::Counters& counters)
      : shape(layer.shape()),
        bricks(shape, spec, 1),
        weights(layer, bricks, spec, counters),
        values(shape, bricks, spec, image, counters) {
    sim::ConvTile tile;
    tile.groups = {0, shape.groups};
    tile.filters = {0, shape.filters_per_group()};
    tile.channels = {0, shape.channels_per_group()};
    tile.rows = {0, shape.E()};
    tile.columns = {0, shape.F()};
    work = std::make_shared<const StepWork>(shape, bricks, spec, tile);
    weights.prepare(work, spec.weights_latency());
    values.prepare(work, spec.bricks_latency());
    outputs.assign(static_cast<std::size_t>(shape.M * shape.E() * shape.F()), 0);
    const OneffsetFormat format{encoding_of(spec.encoding), static_cast<int>(bits), image.is_signed()};
    for (std::size_t i = 0; i < static_cast<std::size_t>(spec.columns); ++i) {
      column.emplace_back(i, spec, format, 1, counters);
      column.back().prepare(work);
    }
    all_taken.assign(static_cast<std::size_t>(work->sets()), 0);
    left.resize(all_taken.size());
    for (std::int64_t set = 0; set < work->sets(); ++set) {
      for (std::int64_t i = 0; i < spec.columns; ++i)
        left[static_cast<std::size_t>(set)] += work->window(work->set(set).pallet, i) ? 1 : 0;
    }
  }
  [[nodiscard]] bool room(std::int64_t set, std::int64_t held) const {
    return set < held || (set - held < work->sets() && all_taken[static_cast<std::size_t>(set - held)] != 0);
  }

  const LayerShape& shape;
  LayerBricks bricks;
  SynapseBuffer weights;
  Dispatcher values;
  std::shared_ptr<const StepWork> work;
  std::vector<Column> column;
  std::vector<std::uint8_t> all_taken;
  std::vector<int> left;  ///< columns that have not taken a set
  bool all_free = true;
  std::vector<std::int64_t> outputs;  ///< of the RTL's column: [M][E][F]
};

std::uint64_t PragmaticColumnBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const arch::BitPragmaticSpec spec = random_spec(dice);
  const sim::DenseLayer layer = random_layer(dice);
  const std::int64_t bytes = dice.chance(0.8) ? bits / 8 : 1;
  const std::vector<std::uint8_t> values = random_values(layer.shape(), bytes, dice);
  const bool is_signed = dice.chance(0.5);
  trace::TensorView tensor;
  if (bytes == 1)
    tensor.dtype = is_signed ? trace::DType::i8 : trace::DType::u8;
  else
    tensor.dtype = is_signed ? trace::DType::i16 : trace::DType::u16;
  tensor.bytes = std::as_bytes(std::span(values));
  const sim::Activations image(tensor, layer.shape(), 0);
  const sim::CounterNames names = counter_names(spec);
  sim::Counters counters(names);
  Array array(layer, spec, image, counters);
  run(array, spec, is_signed, dice.pick<double>({0, 0.3, 0.8}), dice.pick<double>({0, 0.5, 0.95}), dice);
  return cycle_;
}

/// The layer as one step of one column: it computes every window.
std::uint64_t PragmaticColumnBench::run_network(const NetworkRun& network) {
  std::uint64_t cycles = 0;
  test::Dice dice(1);
  const auto dense = [](const trace::LayerInfo& info) { return info.encoding == "dense-int8"; };
  for_layers(network, dense, [&](const trace::TraceReader& trace, const trace::LayerInfo& info) {
    case_ = info.name;
    const sim::DenseLayer layer = sim::load_dense_layer(trace, info);
    const sim::Activations image(trace.tensor(info.name + "/activations"), info.shape, network.image);
    const arch::BitPragmaticSpec spec = column_spec();
    const sim::CounterNames names = counter_names(spec);
    sim::Counters counters(names);
    Array array(layer, spec, image, counters);
    run(array, spec, image.is_signed(), 0, 0, dice);
    compare_with_convolution(info.shape, layer.weights, image, array.outputs, cycle_);
    cycles += cycle_;
  });
  return cycles;
}

void PragmaticColumnBench::run(Array& array, const arch::BitPragmaticSpec& spec, bool is_signed, double source_stall,
                               double result_stall, test::Dice& dice) {
  Column& first = array.column.front();
  dut_.cfg_encoding = spec.encoding == "naf" ? 2 : spec.encoding == "booth" ? 1 : 0;
  dut_.cfg_signed = is_signed;
  dut_.put = dut_.offer = dut_.latch_take = 0;
  reset();
  const auto finished = [](const Column& column) { return column.finished() && column.empty() && !column.latch(); };
  while (!std::all_of(array.column.begin(), array.column.end(), finished)) {
    const ColumnView view{array.weights, array.values, array.all_free, array.all_taken};
    const bool stall = dice.chance(source_stall);
    offer(*array.work, first, view, spec.sets_held());
    std::vector<char> take(array.column.size());
    for (std::size_t i = 0; i < take.size(); ++i)
      take[i] = array.column[i].latch() && !dice.chance(result_stall) ? 1 : 0;
    dut_.latch_take = take[0] != 0;
    settle();
    same("free", first.free(), dut_.free);
    same("take", dut_.offer && first.free(), dut_.take);
    if (take[0] != 0) collect(array, *first.latch());
    const auto busy = first.account()[sim::Cause::busy];
    if (!stall) {
      array.weights.evaluate();
      array.values.evaluate();
    }
    for (Column& column : array.column) column.evaluate(view);
    same("busy", first.account()[sim::Cause::busy] != busy, dut_.busy);
    const std::int64_t bricks = array.values.ready();
    for (std::size_t i = 0; i < take.size(); ++i) {
      if (take[i] != 0) (void)array.column[i].take_latch();
      const auto took = array.column[i].commit();
      if (took && --array.left[static_cast<std::size_t>(*took)] == 0)
        array.all_taken[static_cast<std::size_t>(*took)] = 1;
    }
    if (!stall) {
      array.weights.commit(array.room(array.weights.ready(), spec.sets_held()));
      array.values.commit(array.room(array.values.ready(), spec.sets_held()));
    }
    array.all_free = std::all_of(array.column.begin(), array.column.end(), [](const Column& c) { return c.free(); });
    put(array.values, bricks, spec.sets_held());
    clock();
    compare(first);
  }
}

/// The sums in the RTL's latch go to the outputs.
void PragmaticColumnBench::collect(Array& array, const WindowResult& result) {
  for (std::int64_t m = result.filters.first; m < result.filters.last; ++m) {
    const auto f = static_cast<std::size_t>(m - result.filters.first);
    array.outputs[static_cast<std::size_t>((m * array.shape.E() + result.window.e) * array.shape.F() +
                                           result.window.f)] = bits_of(dut_.latch_sums, 32 * f, 32, true);
  }
}

/// The brick that the dispatcher has put into a buffer in this cycle, if it has.
void PragmaticColumnBench::put(const Dispatcher& dispatcher, std::int64_t before, std::int64_t buffers) {
  dut_.put = dispatcher.ready() > before;
  if (!dut_.put) return;
  dut_.put_slot = static_cast<CData>(before % buffers);
  const BrickValues& brick = dispatcher.at(before, 0);
  for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane)
    put_bits(dut_.put_brick, bits * lane, bits, lane < brick.size() ? brick[lane] : 0);
}

void PragmaticColumnBench::offer(const StepWork& work, const Column& column, const ColumnView& view,
                                 std::int64_t buffers) {
  dut_.offer = RegisterView::offered(column, view);
  if (!dut_.offer) return;
  const std::int64_t set = column.next();
  dut_.offer_last = work.set(set).last_of_window;
  dut_.offer_slot = static_cast<CData>(set % buffers);
  const WeightSet& weights = view.weights.at(set);
  const std::size_t held_lanes = view.bricks.at(set, 0).size();
  for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane) {
    for (std::size_t f = 0; f < static_cast<std::size_t>(filters); ++f) {
      const bool held = lane < held_lanes && f < static_cast<std::size_t>(weights.filters);
      put_bits(dut_.offer_weights, bits * (static_cast<std::size_t>(lanes) * f + lane), bits,
               held ? weights.weights[f * held_lanes + lane] : 0);
    }
  }
}

void PragmaticColumnBench::compare(const Column& column) {
  same("result waits", RegisterView::result_waits(column), dut_.rootp->pragmatic_column__DOT__result_waits);
  same("latch_valid", column.latch().has_value(), dut_.latch_valid);
  if (column.latch()) {
    for (std::size_t f = 0; f < column.latch()->sums.size(); ++f)
      same("latch_sums", f, column.latch()->sums[f], bits_of(dut_.latch_sums, 32 * f, 32, true));
  }
  const auto& sums = RegisterView::sums(column);
  for (std::size_t f = 0; f < sums.size(); ++f)
    same("sum", f, sums[f], bits_of(dut_.rootp->pragmatic_column__DOT__sums, 32 * f, 32, true));
  compare_stages(column);
  const auto& pending = RegisterView::pending(column);
  for (std::size_t lane = 0; lane < pending.size(); ++lane) {
    std::int64_t mask = 0;
    for (const Oneffset& term : pending[lane]) mask |= (std::int64_t{1} << term.power) / 2;
    same("oneffsets left of lane", lane, mask,
         bits_of(dut_.rootp->pragmatic_column__DOT__pending, static_cast<std::size_t>(bits) * lane,
                 static_cast<std::size_t>(bits)));
  }
}

void PragmaticColumnBench::compare_stages(const Column& column) {
  const auto stages = RegisterView::stages(column);
  const auto& rtl = *dut_.rootp;
  same("control stage", stages[0].has_value(), rtl.pragmatic_column__DOT__control_valid);
  same("terms' stage", stages[1].has_value(), rtl.pragmatic_column__DOT__terms_valid);
  same("trees' stage", stages[2].has_value(), rtl.pragmatic_column__DOT__trees_valid);
  if (stages[1]) {
    for (std::size_t f = 0; f < stages[1]->trees->size(); ++f) {
      std::int64_t sum = 0;
      for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane)
        sum += bits_of(rtl.pragmatic_column__DOT__terms, term_w * (static_cast<std::size_t>(lanes) * f + lane), term_w,
                       true);
      same("terms of filter", f, (*stages[1]->trees)[f], sum);
    }
  }
  if (!stages[2]) return;
  same("last in the trees' stage", stages[2]->last, rtl.pragmatic_column__DOT__trees_last);
  same("common shift in the trees' stage", stages[2]->common, rtl.pragmatic_column__DOT__trees_common);
  for (std::size_t f = 0; f < stages[2]->trees->size(); ++f)
    same("tree", f, (*stages[2]->trees)[f], bits_of(rtl.pragmatic_column__DOT__trees, tree_w * f, tree_w, true));
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<PragmaticColumnBench>(); }

}  // namespace rebasis::rtl
