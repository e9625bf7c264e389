// pragmatic_column in lock-step with sim/bit_pragmatic/clocked/column: two columns of the model with synapse buffer and
// dispatcher on random layers; the RTL is the first column. Sources stall at random, results are taken at random. Or
// whole layers on one column.
#include <algorithm>

#include "Vpragmatic_column.h"
#include "Vpragmatic_column___024root.h"
#include "rtl/bench/network.h"
#include "rtl/bench/pragmatic_case.h"

namespace rebasis::rtl {

namespace {

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
