#include "sim/trec/cost.h"

namespace rebasis::sim::trec {

namespace {

using diannao::nbout;
using diannao::nfu1;
using diannao::nfu2;
using diannao::nfu3;
using diannao::sb;

/// Ends of the stages of every slice, from the step's first cycle: a stage begins a slice when it is done with the one
/// before, its data are there, and the half of the memory behind it is free.
struct Stages {
  std::vector<Cycle> hash, mean, product, gather;
  /// End of the slice `back` before the one that is next at a stage; 0 when there is none.
  [[nodiscard]] static Cycle ago(const std::vector<Cycle>& stage, std::size_t slice, std::size_t back) {
    return slice >= back ? stage[slice - back] : 0;
  }
};

class StepCounter {
 public:
  StepCounter(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names, const ConvTile& tile,
              Counters& counters)
      : layer_(layer),
        spec_(spec),
        names_(names),
        counters_(counters),
        filters_(tile.filters.size()),
        blocks_(ceil_div(filters_, spec.Tn)),
        sub_vectors_(tile.rows.size() * tile.columns.size()) {}

  void add_slice(const HashRun& run, const Range& columns, bool first, bool final);
  Cycle finish();

 private:
  void add(std::size_t action, std::int64_t count) { counters_.actions[action] += static_cast<std::uint64_t>(count); }
  Account& account(std::size_t block) { return counters_.blocks[block]; }
  [[nodiscard]] std::int64_t copies(std::size_t block) const {
    return static_cast<std::int64_t>(names_.blocks[block].instances);
  }
  void charge(std::size_t block, Cause cause, Cycle cycles) { account(block)[cause] += cycles * copies(block); }
  /// Between two slices: until the data are there, then until there is room.
  void charge_gap(std::size_t block, Cycle from, Cycle data, Cycle begin) {
    const Cycle there = std::clamp(data, from, begin);
    charge(block, Cause::inputs, there - from);
    charge(block, Cause::output, begin - there);
  }
  void add_hash(const HashRun& run);
  void add_mean(const HashRun& run, const Range& columns);
  void add_product(const HashRun& run, const Range& columns);
  void add_gather(const Range& columns, bool first, bool final);

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  const CounterNames& names_;
  Counters& counters_;
  std::int64_t filters_, blocks_, sub_vectors_;
  std::size_t slice_ = 0;
  Stages ends_;
  std::int64_t sb_cycles_ = 0, gathers_ = 0, finals_ = 0, nbin_cycles_ = 0;
};

void StepCounter::add_hash(const HashRun& run) {
  constexpr auto id_banks = static_cast<std::size_t>(arch::TrecSpec::id_banks);
  const Cycle before = Stages::ago(ends_.hash, slice_, 1);
  const Cycle begin =
      std::max({before, Stages::ago(ends_.mean, slice_, 2), Stages::ago(ends_.gather, slice_, id_banks)});
  for (const std::size_t block : {std::size_t{hash_lanes}, std::size_t{accumulators}}) {
    charge(block, Cause::output, begin - before);
    account(block) += run.counts.blocks[block];
  }
  for (std::size_t i = 0; i < counters_.actions.size(); ++i) counters_.actions[i] += run.counts.actions[i];
  nbin_cycles_ += run.counts.blocks[diannao::nbin][Cause::busy];
  ends_.hash.push_back(begin + run.duration);
}

void StepCounter::add_mean(const HashRun& run, const Range& columns) {
  const Cycle before = Stages::ago(ends_.mean, slice_, 1), data = ends_.hash.back();
  const Cycle begin = std::max({before, data, Stages::ago(ends_.product, slice_, 2)});
  std::int64_t cycles = 0, elements = 0, slots = 0;
  for (std::int64_t k = columns.first; k < columns.last; ++k) {
    const std::int64_t occupied = run.slots[static_cast<std::size_t>(k - columns.first)];
    cycles += occupied * ceil_div(layer_.length_of(k), spec_.dividers);
    elements += occupied * layer_.length_of(k);
    slots += occupied;
  }
  charge_gap(dividers, before, data, begin);
  account(dividers)[Cause::busy] += elements;
  account(dividers)[Cause::imbalance] += cycles * copies(dividers) - elements;
  charge(dividers, Cause::fill_drain, spec_.divider_stages);
  add(sums_read, elements * arch::TrecSpec::bucket_sum_bytes + slots * arch::TrecSpec::count_bytes);
  add(divide, elements);
  add(centroids_write, elements);
  ends_.mean.push_back(begin + cycles + spec_.divider_stages);
}

void StepCounter::add_product(const HashRun& run, const Range& columns) {
  const Cycle before = Stages::ago(ends_.product, slice_, 1), data = ends_.mean.back();
  const Cycle begin = std::max({before, data, Stages::ago(ends_.gather, slice_, 2)});
  std::int64_t cycles = 0, sums = 0, products = 0;
  for (std::int64_t k = columns.first; k < columns.last; ++k) {
    const std::int64_t occupied = run.slots[static_cast<std::size_t>(k - columns.first)];
    const std::int64_t length = layer_.length_of(k), pieces = ceil_div(length, spec_.Ti);
    const std::int64_t rows = pieces == 1 ? 1 : occupied;  // the row of the weights stays in SB's register
    cycles += occupied * pieces * blocks_;
    sums += occupied * pieces * filters_;
    products += occupied * length * filters_;
    sb_cycles_ += rows * pieces * blocks_;
    add(diannao::sb_read, rows * length * filters_);
    add(centroids_read, occupied * length * blocks_);
    add(products_write, occupied * filters_ * spec_.sum_bytes());
    add(diannao::register_read, occupied * (pieces - 1) * filters_ * spec_.sum_bytes());
  }
  for (const std::size_t block : {std::size_t{nfu1}, std::size_t{nfu2}}) {
    const std::int64_t busy = block == nfu1 ? products : sums;
    charge_gap(block, before, data, begin);
    account(block)[Cause::busy] += busy;
    account(block)[Cause::imbalance] += cycles * copies(block) - busy;
    charge(block, Cause::fill_drain, spec_.partial_latency());
  }
  add(diannao::mac, products);
  add(diannao::accumulate, sums);
  add(diannao::register_write, sums * spec_.sum_bytes());
  counters_.effective_macs += static_cast<std::uint64_t>(products);
  ends_.product.push_back(begin + cycles + spec_.partial_latency());
}

void StepCounter::add_gather(const Range& columns, bool first, bool final) {
  const Cycle before = Stages::ago(ends_.gather, slice_, 1), data = ends_.product.back();
  const Cycle begin = std::max(before, data), cycles = sub_vectors_ * blocks_;
  const Cycle latency = spec_.gather_stages + (final ? spec_.nfu3_stages : 0);
  const std::int64_t sums = sub_vectors_ * filters_;
  charge_gap(gather, before, data, begin);
  account(gather)[Cause::busy] += sums * columns.size();
  account(gather)[Cause::imbalance] += cycles * copies(gather) - sums * columns.size();
  charge(gather, Cause::fill_drain, latency);
  gathers_ += cycles;
  add(ids_read, sub_vectors_ * columns.size() * arch::TrecSpec::id_entry_bytes);
  add(products_read, sums * columns.size() * spec_.sum_bytes());
  add(diannao::accumulate, sums * columns.size());
  if (!first) add(diannao::nbout_read, sums * spec_.sum_bytes());
  if (first && layer_.dense.has_bias) add(diannao::sb_read, sums * 4);
  add(diannao::nbout_write, sums * (final ? spec_.element_bytes() : spec_.sum_bytes()));
  if (final) {
    finals_ += cycles;
    add(diannao::requantise, sums);
  }
  ends_.gather.push_back(begin + cycles + latency);
}

void StepCounter::add_slice(const HashRun& run, const Range& columns, bool first, bool final) {
  add_hash(run);
  add_mean(run, columns);
  add_product(run, columns);
  add_gather(columns, first, final);
  ++slice_;
}

Cycle StepCounter::finish() {
  const Cycle end = ends_.gather.back();
  charge(hash_lanes, Cause::fill_drain, end - ends_.hash.back());
  charge(accumulators, Cause::fill_drain, end - ends_.hash.back());
  charge(dividers, Cause::fill_drain, end - ends_.mean.back());
  charge(nfu1, Cause::fill_drain, end - ends_.product.back());
  charge(nfu2, Cause::fill_drain, end - ends_.product.back());
  const auto accessed = [&](std::size_t block, std::int64_t busy) {
    account(block)[Cause::busy] += busy;
    account(block)[Cause::idle] += end - busy;
  };
  accessed(nfu3, finals_);
  accessed(diannao::nbin, nbin_cycles_);
  accessed(sb, sb_cycles_);
  accessed(nbout, gathers_);
  return end;
}

}  // namespace

const std::vector<HashRun>& StepCoster::hash_runs(const ConvTile& tile, const Range& columns) {
  auto& runs = runs_[{tile.groups.first, tile.rows.first, columns.first}];
  if (!runs.empty()) return runs;
  for (std::int64_t k = columns.first; k < columns.last; k += slice_) {
    const Range slice{k, std::min(k + slice_, columns.last)};
    const bool held = !runs.empty() && runs.back().vectors_held;
    runs.push_back(run_hash(layer_, spec_, names_, tile, slice, image_, held));
  }
  return runs;
}

StepCost StepCoster::cost(std::size_t step, Counters& counters) {
  const ConvTile& tile = steps_.plan.steps[step].tile;
  const Range& columns = steps_.columns[step];
  StepCounter counter(layer_, spec_, names_, tile, counters);
  std::int64_t k = columns.first;
  for (const HashRun& run : hash_runs(tile, columns)) {
    const Range slice{k, std::min(k + slice_, columns.last)};
    counter.add_slice(run, slice, k == 0, slice.last == layer_.columns());
    k = slice.last;
  }
  return {counter.finish(), 0, 0};
}

}  // namespace rebasis::sim::trec
