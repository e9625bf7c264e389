#include "sim/trec/clocked/centroids.h"

namespace rebasis::sim::trec {

void Dividers::begin(const StepWork& work) {
  work_ = work;
  slice_ = -1;
  finished_ = 0;
}

void Dividers::evaluate(const Done& done, const Accumulators& buckets, Cycle now) {
  if (!work_.may_divide(done)) {
    counters_.blocks[dividers][wait_cause(done.mean, done.hash, work_.slices())] += spec_.dividers;
    return;
  }
  const BucketSums& sums = buckets.sums(done.mean);
  if (slice_ != done.mean) {
    slice_ = done.mean;
    column_ = slot_ = element_ = 0;
    Centroids& centroids = halves_[static_cast<std::size_t>(slice_ % 2)];
    centroids.assign(sums.columns.size(), {});
    for (std::size_t c = 0; c < sums.columns.size(); ++c) {
      for (const auto& bucket : sums.columns[c]) centroids[c].emplace_back(bucket.sums.size());
    }
  }
  const Cause cause = work(sums, now);
  if (cause != Cause::busy) counters_.blocks[dividers][cause] += spec_.dividers;
  while (!pipeline_.empty() && pipeline_.front().written == now) {
    const Quotients& done_now = pipeline_.front();
    auto& centroid = halves_[static_cast<std::size_t>(slice_ % 2)][done_now.column][done_now.slot];
    std::copy(done_now.values.begin(), done_now.values.end(),
              centroid.begin() + static_cast<std::ptrdiff_t>(done_now.first));
    pipeline_.pop_front();
    if (pipeline_.empty() && column_ == sums.columns.size()) ++finished_;
  }
}

Cause Dividers::work(const BucketSums& sums, Cycle now) {
  if (column_ == sums.columns.size()) return Cause::fill_drain;
  const BucketSums::Bucket& bucket = sums.columns[column_][slot_];
  divide(bucket, now);
  if (element_ < bucket.sums.size()) return Cause::busy;
  element_ = 0;
  if (++slot_ < sums.columns[column_].size()) return Cause::busy;
  slot_ = 0;
  ++column_;
  return Cause::busy;
}

void Dividers::divide(const BucketSums::Bucket& bucket, Cycle now) {
  if (element_ == 0) counters_.actions[sums_read] += arch::TrecSpec::count_bytes;
  Quotients quotients{column_, slot_, element_, {}, now + spec_.divider_stages};
  const std::size_t end = std::min(element_ + static_cast<std::size_t>(spec_.dividers), bucket.sums.size());
  for (; element_ < end; ++element_) {
    const std::int64_t sum = bucket.sums[element_];
    const std::int64_t quotient = (std::abs(sum) + bucket.members / 2) / bucket.members;
    quotients.values.push_back(static_cast<std::int32_t>(sum < 0 ? -quotient : quotient));
  }
  const auto elements = static_cast<std::int64_t>(quotients.values.size());
  counters_.blocks[dividers][Cause::busy] += elements;
  counters_.blocks[dividers][Cause::imbalance] += spec_.dividers - elements;
  counters_.actions[sums_read] += static_cast<std::uint64_t>(elements * arch::TrecSpec::bucket_sum_bytes);
  counters_.actions[Action::divide] += static_cast<std::uint64_t>(elements);
  counters_.actions[centroids_write] += static_cast<std::uint64_t>(elements);
  pipeline_.push_back(std::move(quotients));
}

CentroidReader::CentroidReader(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters)
    : layer_(layer), spec_(spec), counters_(counters) {}

void CentroidReader::begin(const StepWork& work) {
  work_ = work;
  slice_ = -1;
}

void CentroidReader::charge(Cause cause) {
  counters_.blocks[diannao::nfu1][cause] += spec_.Tn * spec_.Ti;
  counters_.blocks[diannao::nfu2][cause] += spec_.Tn;
  ++counters_.blocks[diannao::sb][Cause::idle];
}

void CentroidReader::charge(const diannao::Operation& op) {
  const std::int64_t products = op.filters * op.channels;
  counters_.blocks[diannao::nfu1][Cause::busy] += products;
  counters_.blocks[diannao::nfu1][Cause::imbalance] += spec_.Tn * spec_.Ti - products;
  counters_.blocks[diannao::nfu2][Cause::busy] += op.filters;
  counters_.blocks[diannao::nfu2][Cause::imbalance] += spec_.Tn - op.filters;
}

void CentroidReader::evaluate(const Done& done, const Dividers& dividers_unit) {
  next_neurons_.operation = next_synapses_.operation = {};
  next_neurons_.values.clear();
  next_synapses_.values.clear();
  if (!work_.may_multiply(done)) return charge(wait_cause(done.product, done.mean, work_.slices()));
  if (slice_ != done.product) {
    slice_ = done.product;
    columns_ = work_.columns_of(slice_);
    column_ = block_ = slot_ = piece_ = 0;
    row_held_ = false;
  }
  if (column_ == columns_.size()) return charge(Cause::fill_drain);
  const Centroids& centroids = dividers_unit.centroids(slice_);
  const diannao::Operation op = operation(centroids);
  charge(op);
  read(op, centroids);
  step(centroids);
}

diannao::Operation CentroidReader::operation(const Centroids& centroids) const {
  const auto& column = centroids[static_cast<std::size_t>(column_)];
  const std::int64_t length = layer_.length_of(columns_.first + column_);
  const std::int64_t first_filter = work_.tile.groups.first * layer_.shape().filters_per_group();
  diannao::Operation op;
  op.valid = true;
  op.step = static_cast<std::size_t>(slice_);
  op.filter = first_filter + work_.tile.filters.first + block_ * spec_.Tn;
  op.filters = std::min(spec_.Tn, first_filter + work_.tile.filters.last - op.filter);
  op.channel = piece_ * spec_.Ti;
  op.channels = std::min(spec_.Ti, length - op.channel);
  op.e = column_;
  op.f = slot_;
  op.begins_sum = piece_ == 0;
  op.ends_sum = op.channel + op.channels == length;
  op.first_chunk = true;
  op.ends_step = op.ends_sum && column_ + 1 == columns_.size() &&
                 slot_ + 1 == static_cast<std::int64_t>(column.size()) &&
                 op.filter + op.filters == first_filter + work_.tile.filters.last;
  return op;
}

void CentroidReader::read(const diannao::Operation& op, const Centroids& centroids) {
  next_neurons_.operation = next_synapses_.operation = op;
  const auto& centroid = centroids[static_cast<std::size_t>(op.e)][static_cast<std::size_t>(op.f)];
  const std::int64_t first = layer_.first_of(columns_.first + op.e) + op.channel;
  for (std::int64_t i = 0; i < op.channels; ++i)
    next_neurons_.values.push_back(centroid[static_cast<std::size_t>(op.channel + i)]);
  for (std::int64_t m = op.filter; m < op.filter + op.filters; ++m) {
    for (std::int64_t i = 0; i < op.channels; ++i) next_synapses_.values.push_back(layer_.weight(m, first + i));
  }
  counters_.actions[centroids_read] += static_cast<std::uint64_t>(op.channels);
  ++counters_.blocks[diannao::sb][row_held_ ? Cause::idle : Cause::busy];
  if (!row_held_) counters_.actions[diannao::sb_read] += static_cast<std::uint64_t>(op.filters * op.channels);
}

/// Pieces, slots, blocks of filters, columns: innermost first.
void CentroidReader::step(const Centroids& centroids) {
  const std::int64_t length = layer_.length_of(columns_.first + column_);
  row_held_ = length <= spec_.Ti;  // one row of weights serves all centroids of the column
  if (++piece_ * spec_.Ti < length) return;
  piece_ = 0;
  if (++slot_ < static_cast<std::int64_t>(centroids[static_cast<std::size_t>(column_)].size())) return;
  slot_ = 0;
  row_held_ = false;
  if (++block_ * spec_.Tn < work_.tile.filters.size()) return;
  block_ = 0;
  ++column_;
}

}  // namespace rebasis::sim::trec
