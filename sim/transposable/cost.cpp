#include "sim/transposable/cost.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::transposable {

std::int64_t exchange_cycles(const Job& job, const arch::TransposableSpec& spec, const Block& block) {
  if (job.pass == Pass::backward_weight) return block.bias ? 1 : block.operand_count();
  const std::int64_t rows = block.result_count();
  return job.layer->factored ? rows * ceil_div(job.layer->n(), spec.rebuild_terms) : rows;
}

namespace {

class StepCounter {
 public:
  StepCounter(const Job& job, const arch::TransposableSpec& spec, const Tile& tile, Counters& counters)
      : job_(job), spec_(spec), tile_(tile), counters_(counters) {}
  StepCost count(bool new_weights);

 private:
  void add(Action action, std::int64_t count) { counters_.actions[action] += static_cast<std::uint64_t>(count); }
  void stream(const Block& block);
  void load(const Block& block);
  void rebuild_block(const Block& block);
  void count_gradient(const Block& block);
  void results();
  void charge(Cycle cycles);

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const Tile& tile_;
  Counters& counters_;
  Cycle streaming_ = 0, exchanging_ = 0, reading_inputs_ = 0, first_load_ = 0, last_drain_ = 0, stalled_ = 0;
  std::int64_t products_ = 0, additions_ = 0;
};

/// Positions of a block: operands in, sums changed.
void StepCounter::stream(const Block& block) {
  const std::int64_t p = block.positions, sums = block.result_count() * spec_.sum_bytes();
  streaming_ += p;
  products_ += block.pairs() * p;
  add(mac, block.pairs() * p * spec_.byte_products());
  add(input_read, block.operand_count() * p * spec_.element_bytes());
  if (!block.bias) reading_inputs_ += p;
  if (job_.pass == Pass::backward_weight) return count_gradient(block);
  add(Action::add, block.result_count() * p);
  add(output_read, sums * p);
  add(output_write, sums * p);
}

/// Sums stay in the array, one an element (one a row for biases), and are added to the output buffer's at the end.
void StepCounter::count_gradient(const Block& block) {
  const std::int64_t p = block.positions;
  const std::int64_t sums = block.bias ? block.result_count() : block.pairs();
  add(weight_read, block.result_count() * p * spec_.element_bytes());
  add(register_read, sums * (p - 1) * spec_.sum_bytes());
  add(register_write, sums * p * spec_.sum_bytes());
  if (block.bias) {
    add(Action::add, sums * p);
    additions_ += sums * p;
  }
  add(Action::add, sums);
  add(output_read, sums * spec_.sum_bytes());
  add(output_write, sums * spec_.sum_bytes());
}

/// Weights of a block into the array's second set of registers.
void StepCounter::load(const Block& block) {
  add(register_write, block.pairs() * spec_.element_bytes());
  if (job_.layer->factored)
    rebuild_block(block);
  else
    add(weight_read, block.pairs() * spec_.element_bytes());
}

/// Each weight needs the row of Ce that it lies in and a column of its basis; a filter's basis is read once a block.
void StepCounter::rebuild_block(const Block& block) {
  const TrainedLayer& layer = *job_.layer;
  const LayerShape& shape = job_.shape();
  const std::int64_t n = layer.n();
  const Range &filters = job_.transposed() ? block.operands : block.results,
              &channels = job_.transposed() ? block.results : block.operands;
  const std::int64_t per_group = shape.filters_per_group();
  const Range all{block.groups.first * per_group + filters.first, (block.groups.last - 1) * per_group + filters.last};
  std::int64_t nonzeros = 0, bases = 0, slice = -1;
  for (std::int64_t c = channels.first; c < channels.last; ++c) {
    const std::int64_t row = ((c * shape.R + block.r) * shape.S + block.s) / n;
    nonzeros += layer.nonzeros.sum(all, {row, row + 1});
    bases += layer.slice_of_row[static_cast<std::size_t>(row)] != slice ? 1 : 0;
    slice = layer.slice_of_row[static_cast<std::size_t>(row)];
  }
  const std::int64_t weights = all.size() * channels.size();
  const std::int64_t basis_bytes = all.size() * bases * n * n * spec_.element_bytes();
  add(weight_read, ceil_div(weights * n * spec_.code_bits, std::int64_t{8}) + basis_bytes);
  add(basis_write, basis_bytes);
  add(basis_read, nonzeros * spec_.element_bytes());
  add(shift_add, nonzeros);
}

/// Finished results leave the output buffer through the requantiser.
void StepCounter::results() {
  const LayerShape& shape = job_.shape();
  const ConvTile& conv = tile_.conv;
  if (!conv.last_chunk) return;
  std::int64_t count = conv.groups.size();
  if (job_.pass == Pass::forward) count *= conv.filters.size() * tile_.images.size() * conv.rows.size() * shape.F();
  if (job_.pass == Pass::backward_data)
    count *= conv.channels.size() * tile_.images.size() * conv.rows.size() * shape.W;
  if (job_.pass == Pass::backward_weight) {
    const std::int64_t weights = conv.channels.size() * shape.R * shape.S;
    count *= conv.filters.size() *
             ((job_.weight_gradient ? weights : 0) + (job_.bias_gradient && conv.channels.first == 0 ? 1 : 0));
  }
  add(requantise, count);
  add(output_read, count * spec_.sum_bytes());
}

void StepCounter::charge(Cycle cycles) {
  const std::int64_t elements = spec_.rows * spec_.columns;
  Account& account = counters_.blocks[array];
  const std::int64_t busy = products_ + additions_;
  account[Cause::busy] += busy;
  account[Cause::imbalance] += elements * streaming_ - busy;
  const bool gradient = job_.pass == Pass::backward_weight;
  account[gradient ? Cause::output : Cause::weights] += elements * (first_load_ + stalled_);
  account[Cause::fill_drain] += elements * (cycles - streaming_ - first_load_ - stalled_);
  const auto charge_block = [&](Unit block, std::int64_t copies, std::int64_t work) {
    counters_.blocks[block][Cause::busy] += work;
    counters_.blocks[block][Cause::idle] += copies * cycles - work;
  };
  charge_block(inputs, 1, reading_inputs_);
  charge_block(weights, 1, gradient ? streaming_ : exchanging_);
  charge_block(rebuild, spec_.columns, job_.layer->factored && !gradient ? spec_.columns * exchanging_ : 0);
  charge_block(outputs, 1, gradient ? exchanging_ : streaming_);
}

StepCost StepCounter::count(bool new_weights) {
  const bool gradient = job_.pass == Pass::backward_weight;
  if (new_weights && !gradient) add(weight_write, buffered_weights(job_, spec_, tile_.conv));
  Cycle time = 0, pending = 0;  // `pending`: what must be over before the block before ends, or this one does
  bool first = true;
  for_each_block(job_, spec_, tile_, [&](const Block& block) {
    const Cycle exchange = exchange_cycles(job_, spec_, block);
    exchanging_ += exchange;
    stream(block);
    if (gradient) {
      // The sums of the block before leave while this one is computed; this one's wait for them.
      const Cycle wait = first ? 0 : std::max<Cycle>(0, pending - block.positions);
      stalled_ += wait;
      time += block.positions + wait;
      pending = last_drain_ = exchange;
    } else {
      // This block's weights come in while the one before is computed.
      load(block);
      const Cycle wait = first ? exchange : std::max<Cycle>(0, exchange - pending);
      (first ? first_load_ : stalled_) += wait;
      time += wait + block.positions;
      pending = block.positions;
    }
    first = false;
  });
  results();
  time = std::max<Cycle>(1, time + last_drain_);
  charge(time);
  counters_.effective_macs += static_cast<std::uint64_t>(products_);
  return {time, spec_.stages, 0};
}

}  // namespace

StepCost array_cost(const Job& job, const arch::TransposableSpec& spec, const Tile& tile, bool new_weights,
                    Counters& counters) {
  return StepCounter(job, spec, tile, counters).count(new_weights);
}

}  // namespace rebasis::sim::transposable
