// The PEs with their window, weight registers and indexer, cycle by cycle.
#include <optional>

#include "common/units.h"
#include "sim/pynq_ternary/clocked/core.h"
#include "sim/pynq_ternary/clocked/group_indexer.h"
#include "sim/pynq_ternary/clocked/pe.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

/// Weight registers beside those in use.
struct Loader {
  bool loading = false, loaded = false;
  Cycle left = 0;  ///< of loading
  WeightSet set;
};

/// The pipelined loop.
struct Loop {
  bool running = false;
  std::int64_t trip = 0, trips = 0;
  Cycle draining = 0;  ///< until the last trip's result is in the accumulators
  WeightSet set;
  [[nodiscard]] bool last_trip() const { return running && trip + 1 == trips; }
  [[nodiscard]] bool drained() const { return !running && draining == 0; }
};

class ArrayCore : public Core {
 public:
  ArrayCore(const Job& job, const Activations& image);
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  void evaluate_block(std::size_t shell) override;
  bool finish_cycle() override;

 private:
  void evaluate_loader();
  void evaluate_window();
  void evaluate_pe(std::size_t pe);
  void evaluate_loop();
  void charge();
  void begin(std::size_t step);
  // Handshakes, from registered state: the same for whoever asks during a cycle.
  [[nodiscard]] bool loader_takes() const;
  [[nodiscard]] bool loop_takes() const;
  [[nodiscard]] bool sweeps(const WeightSet& set) const { return set.new_row || !job_.loops_over_filters(); }
  [[nodiscard]] Cause waits_for() const;
  [[nodiscard]] Sweep sweep() const { return {job_.shape(), loop_.set.row.piece, tile_.columns}; }
  [[nodiscard]] std::int64_t weight_bits(const FilterRow& row) const {
    return job_.units.channels_of(row.unit) * row.piece.rows.size() * row.piece.columns.size() * spec_.weight_bits();
  }

  GroupIndexer indexer_, next_indexer_;
  Loader loader_, next_loader_;
  Loop loop_, next_loop_;
  WindowRegisters window_, next_window_;
  std::vector<ProcessingElement> pes_;
  ConvTile tile_;  ///< of the step in progress or the next one
};

ArrayCore::ArrayCore(const Job& job, const Activations& image) : Core(job, image), indexer_(job), next_indexer_(job) {
  const std::int64_t lanes = job.units.channels() * spec_.pe_rows * spec_.pe_columns;
  pes_.assign(static_cast<std::size_t>(spec_.pes), ProcessingElement(job, lanes));
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
  return drains ? loop_.drained() : !loop_.running || loop_.last_trip();
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
    next.left = units * ceil_div(bits, spec_.weight_port_bits);
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
  if (!loop_.running) return;
  const WeightSet& set = loop_.set;
  if (!sweeps(set)) return;  // the window stays: only the weights change
  const Piece& piece = set.row.piece;
  const LayerShape& shape = job_.shape();
  const Sweep columns = sweep();
  const std::int64_t e = tile_.rows.first + loop_.trip / columns.trips(),
                     w = columns.column(loop_.trip % columns.trips());
  const std::int64_t group = set.row.first_filter / shape.filters_per_group();
  const std::int64_t first_channel = group * shape.channels_per_group() + set.row.unit * job_.units.channels();
  const std::int64_t channels = job_.units.channels_of(set.row.unit), width = piece.columns.size();
  auto& values = next_window_.values;
  values.resize(static_cast<std::size_t>(channels * piece.rows.size() * width));
  std::size_t at = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t r = piece.rows.first; r < piece.rows.last; ++r) {
      for (std::int64_t s = 0; s + 1 < width; ++s, ++at) values[at] = values[at + 1];
      const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
      values[at++] = image_.at(first_channel + c, h, w);
      if (h >= 0 && h < shape.H && w >= 0 && w < shape.W) count(input_read, Spec::activation_bytes);
    }
  }
  count(register_write, static_cast<std::int64_t>(values.size()) * Spec::activation_bytes);
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

void ArrayCore::evaluate_pe(std::size_t pe) {
  std::optional<PeTrip> trip;
  if (active() && loop_.running && loop_.set.filters[pe] >= 0) {
    const Sweep columns = sweep();
    const std::int64_t row = loop_.trip / columns.trips();
    const auto f = sweeps(loop_.set) ? columns.output(loop_.trip % columns.trips()) : std::optional<std::int64_t>(0);
    if (f)
      trip = {loop_.set.filters[pe], loop_.set.row.unit, loop_.set.row.piece, tile_.rows.first + row,
              tile_.columns.first + *f};
  }
  pes_[pe].step(trip ? &*trip : nullptr, window_, counters_);
  for (const PeResult& result : pes_[pe].accumulated()) output(result.filter, result.e, result.f) += result.sum;
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

}  // namespace

std::unique_ptr<Core> make_array_core(const Job& job, const Activations& image) {
  return std::make_unique<ArrayCore>(job, image);
}

}  // namespace rebasis::sim::pynq_ternary
