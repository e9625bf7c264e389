#include "sim/pynq_ternary/cost.h"

#include <algorithm>

#include "common/units.h"
#include "sim/pynq_ternary/engine_cost.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

/// What the passes over one piece of the kernel have in common.
struct PieceSweep {
  Piece piece;
  Cycle trips = 0;             ///< of a pass
  std::int64_t positions = 0;  ///< (row, column) pairs inside the map that a pass reads, for each channel
};

PieceSweep sweep_of(const Job& job, const ConvTile& tile, const Piece& piece) {
  const LayerShape& shape = job.shape();
  const Sweep sweep(shape, piece, tile.columns);
  std::int64_t rows = 0, columns = 0;
  for (std::int64_t e = tile.rows.first; e < tile.rows.last; ++e) {
    for (std::int64_t r = piece.rows.first; r < piece.rows.last; ++r) {
      const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
      rows += h >= 0 && h < shape.H ? 1 : 0;
    }
  }
  for (std::int64_t trip = 0; trip < sweep.trips(); ++trip) {
    const std::int64_t column = sweep.column(trip);
    columns += column >= 0 && column < shape.W ? 1 : 0;
  }
  return {piece, tile.rows.size() * sweep.trips(), rows * columns};
}

/// One step on the PEs.
class ArrayStep {
 public:
  ArrayStep(const Job& job, const Step& step, Counters& counters)
      : job_(job),
        spec_(job.spec),
        tile_(step.tile),
        counters_(counters),
        outputs_(tile_.rows.size() * tile_.columns.size()),
        scan_from_(spec_.skip_groups ? spec_.weight_read_latency : 0) {}
  Cycle issue();

 private:
  void run_row(std::int64_t first_filter, std::int64_t unit, const PieceSweep& sweep, bool first_piece);
  bool next_set();
  void run_set(Cycle trips, Cycle load, bool new_row);
  void wait(Cycle until, Cycle loading, Cycle loaded);
  void count(Action action, std::int64_t amount) { counters_.actions[action] += static_cast<std::uint64_t>(amount); }
  void charge_pes(Cause cause, Cycle cycles) { counters_.blocks[engines][cause] += cycles * spec_.pes; }

  const Job& job_;
  const Spec& spec_;
  const ConvTile& tile_;
  Counters& counters_;
  std::int64_t outputs_;  ///< of a filter

  // The row: filters of a convolution group against a unit and piece; PE j owns every pes-th filter from the j-th.
  std::int64_t row_filter_ = 0, row_unit_ = 0;
  std::vector<std::int64_t> position_, length_;  ///< of each PE's indexer
  std::vector<std::int64_t> found_;              ///< filters of the set

  // Cycles from the step's first.
  Cycle scan_from_, scanned_ = 0;  ///< the indexers search since, and have searched for
  Cycle taken_ = -1;               ///< the PEs took the last set
  Cycle last_trip_ = -1;           ///< of the last set
  Cycle free_ = 0;                 ///< cycle after it
  Cycle scanning_ = 0, loading_ = 0, sweeping_ = 0;
  bool any_ = false;
};

bool ArrayStep::next_set() {
  found_.clear();
  Cycle cycles = 0;
  for (std::size_t pe = 0; pe < position_.size(); ++pe) {
    std::int64_t& at = position_[pe];
    const std::int64_t from = at;
    const auto filter = [&](std::int64_t i) { return row_filter_ + static_cast<std::int64_t>(pe) + i * spec_.pes; };
    if (spec_.skip_groups) {
      while (at < length_[pe] && !job_.units.nonzero(filter(at), row_unit_)) ++at;
    }
    if (at < length_[pe]) found_.push_back(filter(at++));
    cycles = std::max(cycles, ceil_div(at - from, spec_.groups_per_cycle));
  }
  if (spec_.skip_groups) {
    scanned_ += cycles;
    scanning_ += cycles;
  }
  return !found_.empty();
}

/// Charges the PEs' wait from `free_` until `until`; weights were being loaded in [loading, loaded). A loop over the
/// map drains before anything else may begin.
void ArrayStep::wait(Cycle until, Cycle loading, Cycle loaded) {
  const Cycle drained = last_trip_ + spec_.pe_depth;
  const bool drains_first = any_ && (!job_.loops_over_filters() || !spec_.weight_prefetch);
  const Cycle from = drains_first ? std::clamp(drained, free_, std::max(free_, until)) : free_;
  const auto clip = [&](Cycle cycle) { return std::clamp(cycle, from, std::max(from, until)); };
  charge_pes(Cause::fill_drain, from - free_);
  charge_pes(Cause::index, clip(loading) - from);
  charge_pes(Cause::weights, clip(loaded) - clip(loading));
  charge_pes(Cause::fill_drain, clip(until) - clip(loaded));
}

void ArrayStep::run_set(Cycle trips, Cycle load, bool new_row) {
  const bool drains = !job_.loops_over_filters() || new_row;
  Cycle loading = std::max(spec_.skip_groups ? scan_from_ + scanned_ : 0, taken_ + 1);
  if (any_ && !spec_.weight_prefetch) loading = std::max(loading, last_trip_ + spec_.pe_depth);
  const Cycle loaded = loading + load;
  const Cycle taken = !any_ ? loaded : std::max(loaded, last_trip_ + (drains ? spec_.pe_depth : 1));
  wait(taken, loading, loaded);
  charge_pes(Cause::fill_drain, 1);
  const auto working = static_cast<std::int64_t>(found_.size());
  counters_.blocks[engines][Cause::busy] += working * trips;
  counters_.blocks[engines][Cause::imbalance] += (spec_.pes - working) * trips;
  scan_from_ = loading + 1;
  scanned_ = 0;
  taken_ = taken;
  last_trip_ = taken + trips;
  free_ = last_trip_ + 1;
  loading_ += load;
  sweeping_ += trips;
  any_ = true;
}

void ArrayStep::run_row(std::int64_t first_filter, std::int64_t unit, const PieceSweep& sweep, bool first_piece) {
  row_filter_ = first_filter;
  row_unit_ = unit;
  const std::int64_t filters = tile_.filters.size();
  position_.assign(static_cast<std::size_t>(spec_.pes), 0);
  length_.clear();
  for (std::int64_t pe = 0; pe < spec_.pes; ++pe)
    length_.push_back(filters > pe ? ceil_div(filters - pe, spec_.pes) : 0);
  const std::int64_t channels = job_.units.channels_of(unit),
                     taps = sweep.piece.rows.size() * sweep.piece.columns.size();
  const std::int64_t bits = channels * taps * spec_.weight_bits();
  const Cycle load = ceil_div(bits, spec_.weight_port_bits);
  if (spec_.skip_groups) count(index_bit, filters);
  bool first = true;
  while (next_set()) {
    const auto units = static_cast<std::int64_t>(found_.size());
    const bool sweeps = first || !job_.loops_over_filters();  // otherwise the window stays where it is
    run_set(sweeps ? sweep.trips : 1, spec_.weight_read_latency + units * load, first);
    count(weight_read, units * ceil_div<std::int64_t>(bits, 8));
    count(register_write, units * ceil_div<std::int64_t>(bits, 8));
    if (sweeps) {
      count(input_read, channels * sweep.positions * Spec::activation_bytes);
      count(register_write, sweep.trips * channels * taps * Spec::activation_bytes);
    }
    count(accumulate, units * outputs_);
    count(output_read, units * outputs_ * Spec::accumulator_bytes);
    count(output_write, units * outputs_ * Spec::accumulator_bytes);
    if (first_piece) {  // all pieces of the kernel together
      for (const std::int64_t m : found_) {
        const std::int64_t weights =
            spec_.mac() ? channels * job_.shape().R * job_.shape().S : job_.units.weights(m, unit);
        count(spec_.mac() ? dsp_mac : add_sub, weights * outputs_);
        counters_.effective_macs += static_cast<std::uint64_t>(weights * outputs_);
      }
    }
    first = false;
  }
}

Cycle ArrayStep::issue() {
  std::vector<PieceSweep> sweeps;
  for (const Piece& piece : cut_kernel(job_.shape(), spec_)) sweeps.push_back(sweep_of(job_, tile_, piece));
  const Range units = units_of(tile_, job_.units.channels());
  for (std::int64_t g = tile_.groups.first; g < tile_.groups.last; ++g) {
    for (std::int64_t unit = units.first; unit < units.last; ++unit) {
      for (std::size_t piece = 0; piece < sweeps.size(); ++piece) {
        run_row(g * job_.shape().filters_per_group() + tile_.filters.first, unit, sweeps[piece], piece == 0);
      }
    }
  }
  const Cycle searched = spec_.skip_groups ? scan_from_ + scanned_ : 0;
  const Cycle drained = any_ ? last_trip_ + spec_.pe_depth : 0;
  const Cycle end = std::max({Cycle{1}, drained, searched});
  wait(end, std::max(searched, any_ ? 0 : end), std::max(searched, any_ ? 0 : end));
  const auto charge = [&](Block block, Cycle busy) {
    counters_.blocks[block][Cause::busy] += busy;
    counters_.blocks[block][Cause::idle] += end - busy;
  };
  charge(indexer, scanning_);
  charge(weight_loader, loading_);
  charge(window_registers, sweeping_);
  return end;
}

/// Blocks that complete_run() accounts for.
void charge_outside(const Job& job, Counters& counters, Cycle issue) {
  for (const Block block : {output_path, axi_channels}) {
    counters.blocks[block][Cause::idle] += issue * static_cast<Cycle>(job.names.blocks[block].instances);
  }
}

}  // namespace

Cycle scaling_cycles(const Job& job, const Step& step) {
  return scales(step) ? ceil_div(outputs_of(step.tile), job.spec.output_lanes) + job.spec.output_depth - 1 : 0;
}

StepCost step_cost(const Job& job, const Step& step, Counters& counters) {
  const Cycle issue = job.on_pes() ? ArrayStep(job, step, counters).issue() : engine_issue(job, step, counters);
  charge_outside(job, counters, issue);
  if (scales(step)) {
    const auto outputs = static_cast<std::uint64_t>(outputs_of(step.tile));
    counters.actions[requantise] += outputs;
    counters.actions[output_read] += outputs * Spec::accumulator_bytes;
    counters.actions[output_write] += outputs * Spec::activation_bytes;
  }
  return {issue, 0, scaling_cycles(job, step)};  // the pipelines drain within the step
}

double estimate_cycles(const Job& job, const ConvTile& tile, const MapTile& cut, double units) {
  if (!job.on_pes()) return engine_estimate(job, tile);
  const Spec& spec = job.spec;
  const auto row_tiles = ceil_div(tile.rows.size(), cut.rows),
             column_tiles = ceil_div(tile.columns.size(), cut.columns);
  double cycles = 0;
  for (const Piece& piece : cut_kernel(job.shape(), spec)) {
    Cycle trips = 0;  // of an output row, in all tiles across
    for (std::int64_t first = tile.columns.first; first < tile.columns.last; first += cut.columns) {
      trips += Sweep(job.shape(), piece, {first, std::min(first + cut.columns, tile.columns.last)}).trips();
    }
    const double load =
        static_cast<double>(piece.rows.size() * piece.columns.size() * job.units.channels() * spec.weight_bits()) /
        static_cast<double>(spec.weight_port_bits);
    const double sets = units / static_cast<double>(spec.pes);
    if (job.loops_over_filters()) {
      const auto rows = static_cast<double>(tile.groups.size() * units_of(tile, job.units.channels()).size());
      cycles += sets * (1 + load + static_cast<double>(spec.weight_read_latency)) +
                rows * static_cast<double>(spec.pe_depth);  // drains once a unit
    } else {
      cycles += sets * static_cast<double>(tile.rows.size() * trips + row_tiles * column_tiles * spec.pe_depth);
    }
  }
  return cycles;
}

}  // namespace rebasis::sim::pynq_ternary
