#include "sim/trec/clocked/gather.h"

#include "sim/diannao/clocked/nfu.h"

namespace rebasis::sim::trec {

void ProductStore::begin(const StepWork& work, std::int64_t first_filter) {
  first_filter_ = first_filter + work.tile.filters.first;
  filters_ = work.tile.filters.size();
  finished_ = 0;
  slice_ = -1;
}

void ProductStore::evaluate(const diannao::Stage<std::int64_t>& sums) {
  const diannao::Operation& op = sums.operation;
  if (!op.valid || !op.ends_sum) return;
  const auto slice = static_cast<std::int64_t>(op.step);
  Half& half = halves_[static_cast<std::size_t>(slice % 2)];
  if (slice_ != slice) half.clear();
  slice_ = slice;
  const auto column = static_cast<std::size_t>(op.e), slot = static_cast<std::size_t>(op.f);
  if (half.size() <= column) half.resize(column + 1);
  if (half[column].size() <= slot) half[column].resize(slot + 1);
  auto& row = half[column][slot];
  row.resize(static_cast<std::size_t>(filters_));
  for (std::int64_t i = 0; i < op.filters; ++i)
    row[static_cast<std::size_t>(op.filter - first_filter_ + i)] = sums.values[static_cast<std::size_t>(i)];
  counters_.actions[products_write] += static_cast<std::uint64_t>(op.filters * spec_.sum_bytes());
  if (op.ends_step) ++finished_;
}

std::int64_t ProductStore::at(std::int64_t slice, std::int64_t column, std::int64_t slot, std::int64_t filter) const {
  const Half& half = halves_[static_cast<std::size_t>(slice % 2)];
  return half[static_cast<std::size_t>(column)][static_cast<std::size_t>(slot)][static_cast<std::size_t>(filter)];
}

Gather::Gather(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters)
    : layer_(layer), spec_(spec), counters_(counters), stages_(static_cast<std::size_t>(spec.gather_stages)) {}

void Gather::begin(const StepWork& work) {
  work_ = work;
  slice_ = row_ = block_ = 0;
  issued_ = {};
}

diannao::Operation Gather::operation(const Done& done) const {
  diannao::Operation op;
  // Between its last row and NBout's last write the slice is not done, and nothing is left to gather.
  if (!work_.may_gather(done) || done.gather != slice_) return op;
  const std::int64_t first_filter = work_.tile.groups.first * layer_.shape().filters_per_group();
  const std::int64_t width = work_.tile.columns.size(), rows = work_.tile.rows.size() * width;
  op.valid = true;
  op.step = static_cast<std::size_t>(slice_);
  op.filter = first_filter + work_.tile.filters.first + block_ * spec_.Tn;
  op.filters = std::min(spec_.Tn, first_filter + work_.tile.filters.last - op.filter);
  op.e = work_.tile.rows.first + row_ / width;
  op.f = work_.tile.columns.first + row_ % width;
  op.begins_sum = op.ends_sum = true;
  op.first_chunk = work_.first(slice_);
  op.last_chunk = work_.final(slice_);
  op.ends_step = row_ + 1 == rows && op.filter + op.filters == first_filter + work_.tile.filters.last;
  return op;
}

void Gather::add_up(const diannao::Operation& op, const Accumulators& buckets, const ProductStore& products) {
  const auto& slots = buckets.slots(slice_);
  const auto columns = static_cast<std::int64_t>(slots.size());
  for (std::int64_t i = 0; i < op.filters; ++i) {
    std::int64_t sum = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
      const std::int64_t slot = slots[static_cast<std::size_t>(c)][static_cast<std::size_t>(row_)];
      sum += products.at(slice_, c, slot, block_ * spec_.Tn + i);
    }
    next_.values.push_back(sum);
  }
  const auto count = [&](std::size_t action, std::int64_t times) {
    counters_.actions[action] += static_cast<std::uint64_t>(times);
  };
  if (block_ == 0) count(ids_read, columns * arch::TrecSpec::id_entry_bytes);
  count(products_read, columns * op.filters * spec_.sum_bytes());
  count(diannao::accumulate, columns * op.filters);
  if (op.first_chunk && layer_.dense.has_bias) count(diannao::sb_read, op.filters * 4);
  const std::int64_t adders = spec_.gather_columns * spec_.Tn, busy = columns * op.filters;
  counters_.blocks[gather][Cause::busy] += busy;
  counters_.blocks[gather][Cause::imbalance] += adders - busy;
}

void Gather::evaluate(const Done& done, const Accumulators& buckets, const ProductStore& products,
                      const diannao::Stage<std::int64_t>& held) {
  diannao::Stage<std::int64_t>& tree = stages_.front();  // of the operation of the cycle before
  if (tree.operation.valid && !tree.operation.first_chunk) {
    for (std::size_t i = 0; i < tree.values.size(); ++i) tree.values[i] += held.values[i];
  }
  for (const std::int64_t sum : tree.values) diannao::check_sum(sum, spec_, layer_.dense.info.name);
  next_.operation = issued_;
  next_.values.clear();
  if (!next_.operation.valid) {
    const bool drains = work_.may_gather(done);
    const Cause cause = drains ? Cause::fill_drain : wait_cause(done.gather, done.product, work_.slices());
    counters_.blocks[gather][cause] += spec_.gather_columns * spec_.Tn;
    return;
  }
  add_up(next_.operation, buckets, products);
  if (++block_ * spec_.Tn < work_.tile.filters.size()) return;
  block_ = 0;
  if (++row_ < work_.tile.rows.size() * work_.tile.columns.size()) return;
  row_ = 0;
  ++slice_;
}

}  // namespace rebasis::sim::trec
