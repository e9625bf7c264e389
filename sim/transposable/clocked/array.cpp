#include "sim/transposable/clocked/array.h"

#include "common/error.h"

namespace rebasis::sim::transposable {

namespace {

std::uint64_t count(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::int64_t length(const std::vector<std::int64_t>& list) { return static_cast<std::int64_t>(list.size()); }

}  // namespace

std::size_t Array::place(std::int64_t row, const MapPosition& p) const {
  const LayerShape& shape = job_.shape();
  const std::int64_t at = job_.transposed() ? ((p.image * shape.C + row) * shape.H + p.h) * shape.W + p.w
                                            : ((p.image * shape.M + row) * shape.E() + p.e) * shape.F() + p.f;
  return static_cast<std::size_t>(at);
}

/// Forward and backward_data: each row adds up its products of the stationary weights.
void Array::multiply(const Issue& issue) {
  const WalkBlock& block = *issue.block;
  if (weights_.block != &block) fail_internal("operands meet the weights of another block");
  const auto &rows = job_.transposed() ? block.channels : block.filters,
             &columns = job_.transposed() ? block.filters : block.channels;
  next_.emplace();
  for (std::size_t o = 0; o < rows.size(); ++o) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool pair = job_.transposed() ? block.pair(job_.shape(), columns[i], rows[o])
                                          : block.pair(job_.shape(), rows[o], columns[i]);
      if (!pair) continue;
      sum += weights_.values[o * columns.size() + i] * issue.columns[i];
      ++counters_.effective_macs;
      counters_.actions[mac] += count(spec_.byte_products());
    }
    counters_.actions[Action::add] += 1;
    next_->sums.emplace_back(place(rows[o], *issue.position), sum);
  }
}

/// backward_weight: every element adds its product to its own sum.
void Array::accumulate(const Issue& issue) {
  const WalkBlock& block = *issue.block;
  const std::size_t columns = block.bias ? 1 : block.channels.size();
  if (issue.first) sums_ = {&block, std::vector<std::int64_t>(block.filters.size() * columns), 0};
  for (std::size_t o = 0; o < block.filters.size(); ++o) {
    for (std::size_t i = 0; i < columns; ++i) {
      if (!block.bias && !block.pair(job_.shape(), block.filters[o], block.channels[i])) continue;
      std::int64_t& sum = sums_.values[o * columns + i];
      if (block.bias) {
        sum += issue.rows[o];
        counters_.actions[Action::add] += 1;
      } else {
        sum += static_cast<std::int64_t>(issue.rows[o]) * issue.columns[i];
        ++counters_.effective_macs;
        counters_.actions[mac] += count(spec_.byte_products());
      }
      if (!issue.first) counters_.actions[register_read] += count(spec_.sum_bytes());
      counters_.actions[register_write] += count(spec_.sum_bytes());
    }
  }
  if (issue.last) finished_ = sums_;
}

/// A column of finished sums, a cycle each.
void Array::take_out() {
  const WalkBlock& block = *drain_->block;
  const LayerShape& shape = job_.shape();
  const std::size_t columns = block.bias ? 1 : block.channels.size();
  const auto i = static_cast<std::size_t>(drain_->done);
  const std::int64_t per_filter = shape.channels_per_group() * shape.R * shape.S;
  next_.emplace();
  for (std::size_t o = 0; o < block.filters.size(); ++o) {
    if (!block.bias && !block.pair(shape, block.filters[o], block.channels[i])) continue;
    const std::int64_t filter = block.filters[o];
    const std::int64_t at =
        block.bias ? (job_.weight_gradient ? shape.weights() : 0) + filter
                   : filter * per_filter +
                         (block.channels[i] % shape.channels_per_group() * shape.R + block.r) * shape.S + block.s;
    next_->sums.emplace_back(static_cast<std::size_t>(at), drain_->values[o * columns + i]);
    counters_.actions[Action::add] += 1;
  }
  ++drain_->done;
}

void Array::evaluate(const std::optional<Issue>& operands) {
  next_.reset();
  finished_.reset();
  if (drain_) take_out();
  if (!operands) return;
  if (job_.pass == Pass::backward_weight)
    accumulate(*operands);
  else
    multiply(*operands);
}

void Array::commit(std::optional<Plane> weights) {
  result_ = std::move(next_);
  if (weights) weights_ = std::move(*weights);
  if (drain_ && drain_->done == (drain_->block->bias ? 1 : length(drain_->block->channels))) drain_.reset();
  if (!finished_) return;
  if (drain_) fail_internal("sums of two blocks leave the array at once");
  drain_ = std::move(finished_);
}

}  // namespace rebasis::sim::transposable
