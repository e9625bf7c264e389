#include "sim/pynq_ternary/clocked/array_core.h"

#include <algorithm>

#include "common/units.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

using Spec = arch::PynqTernarySpec;

ArrayCore::ArrayCore(const Job& job, const Activations& image) : Core(job, image), indexer_(job), next_indexer_(job) {
  window_.values.assign(static_cast<std::size_t>(spec_.lanes()), 0);
  next_window_ = window_;
  pes_.assign(static_cast<std::size_t>(spec_.pes), ProcessingElement(job));
  partial_sums_.assign(pes_.size(), 0);
  begin(0);
}

void ArrayCore::begin(std::size_t step) {
  if (step == job_.steps.steps.size()) return;
  tile_ = step_at(step).tile;
  next_indexer_.begin_step(tile_);
  indexer_ = next_indexer_;
}

bool ArrayCore::loader_takes() const {
  return active() && indexer_.offers() && !loader_.loading && !loader_.loaded &&
         (spec_.weight_prefetch || loop_.drained());
}

bool ArrayCore::loop_takes() const {
  if (!active() || !loader_.loaded) return false;
  const bool drains =
      !job_.loops_over_filters() || loader_.set.new_row;  // the next pass may add to the same accumulators
  // Otherwise the weights in use stay for a cycle after the last trip, until the lanes have copied them.
  return drains ? loop_.drained() : !loop_.running;
}

void ArrayCore::evaluate_block(std::size_t shell) {
  if (shell >= first_pe_shell)
    evaluate_pe(shell - first_pe_shell);
  else if (!active())
    return;
  else if (shell == indexer_shell)
    next_indexer_.step(loader_takes(), counters_);
  else if (shell == loader_shell)
    evaluate_loader();
  else if (shell == window_shell)
    evaluate_window();
}

void ArrayCore::evaluate_loader() {
  Loader& next = next_loader_;
  if (loader_takes()) {
    next.set = indexer_.set();
    std::int64_t units = 0;
    for (const std::int64_t filter : next.set.filters) units += filter >= 0 ? 1 : 0;
    const std::int64_t bits = weight_bits(next.set.row);
    next.left = spec_.weight_read_latency + units * ceil_div(bits, spec_.weight_port_bits);
    next.loading = true;
    count(weight_read, units * ceil_div<std::int64_t>(bits, 8));
    count(register_write, units * ceil_div<std::int64_t>(bits, 8));
  }
  if (next.loading) {
    ++counters_.blocks[weight_loader][Cause::busy];
    if (--next.left == 0) {
      next.loading = false;
      next.loaded = true;
    }
  }
  if (loop_takes()) next.loaded = false;
}

/// The window and the loop that moves it.
void ArrayCore::evaluate_window() {
  evaluate_loop();
  shift_window();
  next_reads_.stages[1] = reads_.stages[0];
  next_reads_.stages[0] = loop_.running && sweeps(loop_.set) ? read_column() : ColumnReads::Column{};
}

/// The column that the trip addresses: a value of each row bank that the unit uses.
ColumnReads::Column ArrayCore::read_column() {
  const WeightSet& set = loop_.set;
  const Piece& piece = set.row.piece;
  const LayerShape& shape = job_.shape();
  const Sweep columns = sweep();
  const std::int64_t e = tile_.rows.first + loop_.trip / columns.trips(),
                     w = columns.column(loop_.trip % columns.trips());
  const std::int64_t group = set.row.first_filter / shape.filters_per_group();
  const std::int64_t first_channel = group * shape.channels_per_group() + set.row.unit * job_.units.channels();
  ColumnReads::Column read;
  read.width = piece.columns.size();
  for (std::int64_t c = 0; c < job_.units.channels_of(set.row.unit); ++c) {
    for (std::int64_t r = piece.rows.first; r < piece.rows.last; ++r) {
      const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
      read.values.push_back(image_.at(first_channel + c, h, w));
      if (h >= 0 && h < shape.H && w >= 0 && w < shape.W) count(input_read, Spec::activation_bytes);
    }
  }
  return read;
}

/// The column that was read two cycles ago enters; places of columns that the piece does not have keep what they hold.
void ArrayCore::shift_window() {
  const ColumnReads::Column& read = reads_.stages.back();
  for (std::size_t bank = 0; bank < read.values.size(); ++bank) {
    const auto end = static_cast<std::int64_t>(bank + 1) * spec_.pe_columns;
    const auto oldest = next_window_.values.begin() + (end - read.width),
               newest = next_window_.values.begin() + end - 1;
    std::copy(oldest + 1, newest + 1, oldest);
    *newest = read.values[bank];
  }
  count(register_write, static_cast<std::int64_t>(read.values.size()) * read.width * Spec::activation_bytes);
}

void ArrayCore::evaluate_loop() {
  Loop& next = next_loop_;
  if (next.draining > 0) --next.draining;
  if (loop_.running) {
    ++next.trip;
    if (loop_.last_trip()) {
      next.running = false;
      next.draining = spec_.pe_depth - 1;
    }
  }
  if (!loop_takes()) return;
  next = {true, 0, 1, 0, loader_.set};
  if (sweeps(loader_.set))
    next.trips = tile_.rows.size() * Sweep(job_.shape(), loader_.set.row.piece, tile_.columns).trips();
}

std::optional<PeTrip> ArrayCore::trip_of(std::size_t pe) const {
  if (!active() || !loop_.running || loop_.set.filters[pe] < 0) return std::nullopt;
  const Sweep columns = sweep();
  const std::int64_t row = loop_.trip / columns.trips();
  const auto f = sweeps(loop_.set) ? columns.output(loop_.trip % columns.trips()) : std::optional<std::int64_t>(0);
  if (!f) return std::nullopt;
  return PeTrip{loop_.set.filters[pe], tile_.rows.first + row, tile_.columns.first + *f};
}

void ArrayCore::evaluate_pe(std::size_t pe) {
  const std::optional<PeTrip> trip = trip_of(pe);
  ProcessingElement& element = pes_[pe];
  element.step(trip ? &*trip : nullptr, in_use(pe), window_, counters_);
  const std::int64_t before = partial_sums_[pe];
  if (const auto& read = element.reads()) partial_sums_[pe] = output(read->filter, read->e, read->f);
  if (const auto& sum = element.accumulates()) output(sum->filter, sum->e, sum->f) = before + sum->sum;
}

Cause ArrayCore::waits_for() const {
  const bool draining = !loop_.drained();
  if (draining && (!job_.loops_over_filters() || !spec_.weight_prefetch)) return Cause::fill_drain;
  if (loader_.loaded) return Cause::fill_drain;  // enters the loop, or waits for it to drain
  if (loader_.loading || loader_takes()) return Cause::weights;
  return draining && indexer_.done() ? Cause::fill_drain : Cause::index;
}

void ArrayCore::charge() {
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    const Cause working = loop_.running && loop_.set.filters[pe] >= 0 ? Cause::busy : Cause::imbalance;
    ++counters_.blocks[engines][loop_.running ? working : waits_for()];
  }
  ++counters_.blocks[window_registers][loop_.running ? Cause::busy : Cause::idle];
  if (!loader_.loading && !loader_takes()) ++counters_.blocks[weight_loader][Cause::idle];
  const bool searched = next_indexer_.busy_cycles() != indexer_.busy_cycles();
  ++counters_.blocks[indexer][searched ? Cause::busy : Cause::idle];
}

bool ArrayCore::finish_cycle() {
  charge();
  indexer_ = next_indexer_;
  loader_ = next_loader_;
  loop_ = next_loop_;
  reads_ = next_reads_;
  window_ = next_window_;
  const bool consumed = indexer_.done() && !loader_.loading && !loader_.loaded && loop_.drained();
  if (consumed) begin(step() + 1);
  return consumed;
}

std::string ArrayCore::state() const {
  return "indexer at row " + std::to_string(indexer_.row()) +
         (indexer_.offers() ? " offers a set"
          : indexer_.done() ? " done"
                            : " searches") +
         "; weights " +
         (loader_.loading  ? "loading"
          : loader_.loaded ? "loaded"
                           : "none") +
         "; loop " +
         (loop_.running ? "at trip " + std::to_string(loop_.trip) + " of " + std::to_string(loop_.trips) : "waits");
}

std::vector<int> ArrayCore::probes() const {
  int working = 0;
  if (loop_.running) {
    for (const std::int64_t filter : loop_.set.filters) working += filter >= 0 ? 1 : 0;
  }
  return {static_cast<int>(indexer_.row()),
          indexer_.offers() ? 1 : 0,
          loader_.loading ? 1 : 0,
          static_cast<int>(loop_.trip),
          working,
          output_path_.busy() ? 1 : 0};
}

std::unique_ptr<Core> make_array_core(const Job& job, const Activations& image) {
  return std::make_unique<ArrayCore>(job, image);
}

}  // namespace rebasis::sim::pynq_ternary
