#include "sim/bit_pragmatic/fast_cost.h"

#include <algorithm>

#include "sim/bit_pragmatic/column_timeline.h"
#include "sim/bit_pragmatic/names.h"
#include "sim/bit_pragmatic/nbin_rows.h"

namespace rebasis::sim::bit_pragmatic {

namespace {

std::uint64_t count(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// Times are from the step's first cycle.
class StepTimer {
 public:
  StepTimer(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
            const BrickTable& table, const ConvTile& tile, std::int64_t output_bytes, Counters& counters)
      : shape_(shape),
        bricks_(bricks),
        spec_(spec),
        table_(table),
        work_(shape, bricks, spec, tile),
        output_bytes_(output_bytes),
        counters_(counters),
        account_(counters.blocks[columns_block]),
        columns_(static_cast<std::size_t>(spec.columns), ColumnTimeline(spec.pipeline_stages)),
        taken_(static_cast<std::size_t>(spec.sets_held()), -1),
        weights_ready_(spec.weights_latency()),
        bricks_ready_(spec.bricks_latency()),
        result_cycles_(spec.result_cycles(tile.first_chunk)) {}

  StepCost run();

 private:
  /// A set in all its columns.
  struct Totals {
    std::int64_t read = 0, terms = 0, non_zero = 0, accumulations = 0, active = 0;
  };
  void find_pallets();
  [[nodiscard]] Cycle all_ready() const;
  [[nodiscard]] std::int64_t rows_of(std::int64_t pallet, const Brick& brick);
  void set(std::int64_t group, Range filters, std::int64_t pallet, std::int64_t brick);
  void source(Block block, Cycle& ready, Cycle cycles, Cycle room);
  void column(std::size_t c, const BrickCost& cost, Cycle held, bool ends_window);
  void count_set(const Brick& brick, Range filters, const Totals& totals, bool ends_window);
  StepCost finish();
  std::uint64_t& action(Action action) { return counters_.actions[action]; }

  const LayerShape& shape_;
  const LayerBricks& bricks_;
  const arch::BitPragmaticSpec& spec_;
  const BrickTable& table_;
  const StepWork work_;
  std::int64_t output_bytes_;
  Counters& counters_;
  Account& account_;

  std::vector<std::vector<Window>> windows_;  ///< [pallet][column]
  std::vector<std::int64_t> rows_;            ///< of NBin, that a pallet needs
  std::vector<Cycle> fetch_cycles_;           ///< [pallet][brick of the tile]
  std::vector<ColumnTimeline> columns_;
  std::vector<Cycle> taken_;    ///< when the last column took set k, at k mod sets_held
  std::vector<Cycle> results_;  ///< when the output port was done with each result
  Cycle weights_ready_, bricks_ready_, result_cycles_, port_free_ = 0, last_taken_ = 0;
  std::size_t set_ = 0;
};

std::int64_t StepTimer::rows_of(std::int64_t pallet, const Brick& brick) {
  rows_.clear();
  for (const Window& window : windows_[static_cast<std::size_t>(pallet)]) {
    const std::int64_t h = window.e * shape_.stride_h + brick.row * shape_.dilation_h - shape_.pad_top;
    if (h < 0 || h >= shape_.H) continue;
    for (std::int64_t s = brick.taps.first; s < brick.taps.last; ++s) {
      const std::int64_t w = window.f * shape_.stride_w + s * shape_.dilation_w - shape_.pad_left;
      if (w < 0 || w >= shape_.W) continue;
      const NbinRows needed = nbin_rows(shape_, spec_, brick, h, w);
      for (std::int64_t row = needed.first; row <= needed.last; ++row) rows_.push_back(row);
    }
  }
  std::sort(rows_.begin(), rows_.end());
  return std::unique(rows_.begin(), rows_.end()) - rows_.begin();
}

void StepTimer::find_pallets() {
  for (std::int64_t pallet = 0; pallet < work_.pallets(); ++pallet) {
    windows_.emplace_back();
    for (std::int64_t c = 0; c < spec_.columns; ++c) {
      const auto window = work_.window(pallet, c);
      if (window) windows_.back().push_back(*window);
    }
    for (std::int64_t b = work_.bricks().first; b < work_.bricks().last; ++b) {
      fetch_cycles_.push_back(std::max<Cycle>(1, rows_of(pallet, bricks_[static_cast<std::size_t>(b)])));
    }
  }
}

/// The synapse buffer or the dispatcher gets the next set: `cycles` after the one before, and when there is room for
/// it.
void StepTimer::source(Block block, Cycle& ready, Cycle cycles, Cycle room) {
  const Cycle got = ready + cycles;
  ready = std::max(got, room);
  counters_.blocks[block][Cause::busy] += cycles;
  counters_.blocks[block][Cause::imbalance] += ready - got;
}

/// A column takes the set, not before `held`.
void StepTimer::column(std::size_t c, const BrickCost& cost, Cycle held, bool ends_window) {
  ColumnTimeline& column = columns_[c];
  const Cycle ready = column.ready();
  const Cycle others = std::max(ready, held);
  const Cycle weights = std::max(others, weights_ready_);
  const Cycle begin = std::max(weights, bricks_ready_);
  account_[Cause::output] += ready - column.free();
  account_[Cause::imbalance] += others - ready;
  account_[Cause::weights] += weights - others;
  account_[Cause::inputs] += begin - weights;
  account_[Cause::busy] += cost.cycles;
  account_[Cause::output] += column.work(begin, cost.cycles);
  last_taken_ = std::max(last_taken_, begin);
  if (!ends_window) return;
  port_free_ = std::max(port_free_, column.result()) + result_cycles_;
  column.served(port_free_);
  results_.push_back(port_free_);
}

/// Since when all columns can take a brick.
Cycle StepTimer::all_ready() const {
  Cycle ready = 0;
  for (const ColumnTimeline& column : columns_) ready = std::max(ready, column.ready());
  return ready;
}

void StepTimer::set(std::int64_t group, Range filters, std::int64_t pallet, std::int64_t brick) {
  const auto number = static_cast<std::size_t>(work_.bricks().first + brick);
  const bool ends_window = brick + 1 == work_.bricks().size();
  Cycle& slot = taken_[set_ % taken_.size()];
  const Cycle room = slot + 1;  // the register or brick buffer that this set goes into is free
  source(synapse_buffer_block, weights_ready_, spec_.set_cycles(), room);
  source(dispatcher_block, bricks_ready_,
         fetch_cycles_[static_cast<std::size_t>(pallet * work_.bricks().size() + brick)], room);
  const Cycle held = spec_.pallet_sync() ? std::max(room, all_ready()) : room;
  last_taken_ = 0;
  Totals totals;
  const std::vector<Window>& windows = windows_[static_cast<std::size_t>(pallet)];
  for (std::size_t c = 0; c < windows.size(); ++c) {
    const BrickCost& cost = table_.at(group, number, windows[c]);
    column(c, cost, held, ends_window);
    totals.read += cost.read;
    totals.terms += cost.terms;
    totals.non_zero += cost.non_zero;
    totals.accumulations += cost.terms == 0 ? 0 : cost.cycles;
    ++totals.active;
  }
  slot = last_taken_;
  ++set_;
  count_set(bricks_[number], filters, totals, ends_window);
}

void StepTimer::count_set(const Brick& brick, Range filters, const Totals& totals, bool ends_window) {
  const std::int64_t weight_bytes = filters.size() * brick.values() * spec_.element_bytes();
  const std::int64_t input_bytes = totals.read * spec_.element_bytes();
  action(sb_read) += count(weight_bytes);
  action(nbin_read) += count(input_bytes);
  action(register_write) += count(weight_bytes * (totals.active + (spec_.pallet_sync() ? 0 : 1)) + input_bytes);
  action(encode) += count(totals.read);
  const std::int64_t own_filters = filters.size() / bricks_.packed();  // packed groups fill one pass
  action(digit_step) += count(totals.terms * own_filters);
  action(accumulate) += count(totals.accumulations * filters.size());
  counters_.effective_macs += count(totals.non_zero * own_filters);
  if (!ends_window) return;
  const std::int64_t outputs = totals.active * filters.size();
  if (!work_.tile().first_chunk) {
    action(nbout_read) += count(outputs * spec_.accumulator_bytes());
    action(accumulate) += count(outputs);
  }
  action(nbout_write) += count(outputs * (work_.tile().last_chunk ? output_bytes_ : spec_.accumulator_bytes()));
  if (work_.tile().last_chunk) action(requantise) += count(outputs);
}

StepCost StepTimer::finish() {
  Cycle issue = 0;
  for (const ColumnTimeline& column : columns_) issue = std::max(issue, column.free());
  for (const ColumnTimeline& column : columns_) {
    const Cycle ready = std::min(column.ready(), issue);
    account_[Cause::output] += ready - column.free();
    account_[Cause::imbalance] += issue - ready;
  }
  Account& port = counters_.blocks[output_port_block];
  Cycle served = 0;
  for (const Cycle done : results_) served += std::clamp<Cycle>(issue - (done - result_cycles_), 0, result_cycles_);
  port[Cause::busy] += served;
  port[Cause::idle] += issue - served;
  const auto rest = [&](Block block, Cycle latency, Cycle ready) {
    counters_.blocks[block][Cause::fill_drain] += latency;
    counters_.blocks[block][Cause::idle] += issue - ready;
  };
  rest(synapse_buffer_block, spec_.weights_latency(), weights_ready_);
  rest(dispatcher_block, spec_.bricks_latency(), bricks_ready_);
  return {issue, port_free_ - issue, 0};
}

StepCost StepTimer::run() {
  find_pallets();
  const ConvTile& tile = work_.tile();
  for (std::int64_t group = tile.groups.first; group < tile.groups.last; ++group) {
    for (std::int64_t pass = 0; pass < work_.passes(); ++pass) {
      const Range filters = work_.filters(group, pass);
      for (std::int64_t pallet = 0; pallet < work_.pallets(); ++pallet) {
        for (std::int64_t brick = 0; brick < work_.bricks().size(); ++brick) set(group, filters, pallet, brick);
      }
    }
  }
  return finish();
}

}  // namespace

StepCost step_cost(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                   const BrickTable& table, const ConvTile& tile, std::int64_t output_bytes, Counters& counters) {
  return StepTimer(shape, bricks, spec, table, tile, output_bytes, counters).run();
}

}  // namespace rebasis::sim::bit_pragmatic
