#include "sim/scnn/drain.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::scnn {

namespace {

/// Rounds in which the PEs of one dimension pass what lies outside their own outputs to their neighbours, until all is
/// at home. Returns, for each round, the largest extent that crosses a link and the sum over all links.
struct Round {
  std::int64_t largest = 0, sum = 0;
};

std::vector<Round> rounds_of(const std::vector<Slice>& slices) {
  const std::size_t n = slices.size();
  std::vector<std::int64_t> below(n, 0), above(n, 0);  // extents held before and after the own range
  for (std::size_t i = 0; i < n; ++i) {
    below[i] = slices[i].own.first - slices[i].reach.first;
    above[i] = slices[i].reach.last - slices[i].own.last;
  }
  std::vector<Round> rounds;
  while (true) {
    Round round;
    for (std::size_t i = 0; i < n; ++i) {
      round.largest = std::max({round.largest, below[i], above[i]});
      round.sum += below[i] + above[i];
    }
    if (round.sum == 0) return rounds;
    rounds.push_back(round);
    // What arrives and does not belong to the neighbour goes on.
    std::vector<std::int64_t> next_below(n, 0), next_above(n, 0);
    for (std::size_t i = 0; i + 1 < n; ++i) {
      next_below[i] = std::max<std::int64_t>(0, below[i + 1] - slices[i].own.size());
      next_above[i + 1] = std::max<std::int64_t>(0, above[i] - slices[i + 1].own.size());
    }
    below = next_below;
    above = next_above;
  }
}

}  // namespace

void Drain::count(Counters& counters, const arch::ScnnSpec& spec) const {
  const std::uint64_t bytes = sum_bytes(spec);
  at(counters, Action::accumulator_read) += (2 * halo_sums + outputs) * bytes;  // sent, added to, finished
  at(counters, Action::accumulator_write) += halo_sums * bytes;
  at(counters, Action::halo_add) += halo_sums;
  at(counters, Action::link_write) += halo_sums * bytes;
  at(counters, Action::requantise) += outputs;
}

Drain drain_of(const PlanarTile& tile, std::int64_t filters, const arch::ScnnSpec& spec) {
  Drain drain;
  std::int64_t widest = 0, all_columns = 0, tallest = 0, all_rows = 0, own_width = 0;
  for (const Slice& slice : tile.column_slices) {
    widest = std::max(widest, slice.reach.size());
    all_columns += slice.reach.size();
    own_width = std::max(own_width, slice.own.size());
  }
  for (const Slice& slice : tile.row_slices) {
    tallest = std::max(tallest, slice.own.size());
    all_rows += slice.own.size();
  }
  const auto pass = [&](const std::vector<Slice>& along, std::int64_t largest_across, std::int64_t sum_across) {
    for (const Round& round : rounds_of(along)) {
      drain.cycles += ceil_div(round.largest * largest_across * filters, spec.halo_sums);
      drain.halo_sums += static_cast<std::uint64_t>(round.sum * sum_across * filters);
    }
  };
  pass(tile.row_slices, widest, all_columns);  // rows first, with the corners
  pass(tile.column_slices, tallest, all_rows);
  drain.outputs = static_cast<std::uint64_t>(tile.rows.size() * tile.columns.size() * filters);
  drain.cycles += ceil_div(tallest * own_width * filters, spec.ppu_outputs);
  return drain;
}

Drain drain_of_lanes(std::int64_t filters, std::int64_t largest, const arch::ScnnSpec& spec) {
  return {ceil_div(largest, spec.ppu_outputs), 0, static_cast<std::uint64_t>(filters)};
}

}  // namespace rebasis::sim::scnn
