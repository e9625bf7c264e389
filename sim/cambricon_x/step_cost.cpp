#include "sim/cambricon_x/step_cost.h"

#include <algorithm>

namespace rebasis::sim::cambricon_x {

namespace {

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// The lines of a step in the order in which they are read, and the lanes that follow.
class Lanes {
 public:
  Lanes(const LineCosts& costs, std::int64_t positions, const arch::CambriconXSpec& spec)
      : costs_(costs),
        registers_(spec.lines),
        latency_(spec.nbin_latency),
        read_(index(positions * costs.lines())),
        passed_(read_.size()),
        free_(index(costs.pes)),
        last_(index(costs.pes), -1) {}

  StepTime run() {
    for (std::int64_t n = 0; n < static_cast<std::int64_t>(read_.size()); ++n) {
      read_line(n);
      const std::int32_t* const cycles = costs_.cycles.data() + n % costs_.lines() * costs_.pes;
      for (std::int64_t pe = 0; pe < costs_.pes; ++pe) {
        if (cycles[pe] != 0) follow(n, index(pe), cycles[pe]);
      }
      passed_[index(n)] = latest_;
    }
    time_.issue = latest_;
    for (const Cycle free : free_) time_.imbalance += latest_ - free;
    time_.lines_read = static_cast<std::int64_t>(read_.size());
    return time_;
  }

 private:
  /// One line a cycle, once every lane has passed the line whose register it takes.
  void read_line(std::int64_t n) {
    const Cycle next = n == 0 ? 0 : read_[index(n - 1)] + 1;
    read_[index(n)] = n < registers_ ? next : std::max(next, passed_[index(n - registers_)]);
  }

  /// The lane takes line n when it has passed the lines before it and the line is in its register.
  void follow(std::int64_t n, std::size_t pe, Cycle cycles) {
    const Cycle start = std::max(free_[pe], read_[index(n)] + 1 + latency_);
    if (start > free_[pe]) wait(n, pe, start);
    free_[pe] = start + cycles;
    last_[pe] = n;
    latest_ = std::max(latest_, free_[pe]);
    time_.busy += cycles;
  }

  /// Cycles in which the port reads or the line is on its way are the port's; in the others all registers hold lines
  /// that slower lanes still need.
  void wait(std::int64_t n, std::size_t pe, Cycle start) {
    std::int64_t reads = 0;
    for (std::int64_t k = n; k > last_[pe] && read_[index(k)] >= free_[pe]; --k) ++reads;
    const Cycle inputs = reads + start - std::max(free_[pe], read_[index(n)] + 1);
    time_.inputs += inputs;
    time_.imbalance += start - free_[pe] - inputs;
  }

  const LineCosts& costs_;
  std::int64_t registers_;
  Cycle latency_;
  std::vector<Cycle> read_;         ///< when each line is addressed
  std::vector<Cycle> passed_;       ///< when every lane has passed it
  std::vector<Cycle> free_;         ///< when each lane has passed its last line
  std::vector<std::int64_t> last_;  ///< that line
  Cycle latest_ = 0;
  StepTime time_;
};

/// For each kernel row (column), outputs of the range whose neuron there lies inside the map.
std::vector<std::int64_t> inside(Range outputs, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                                 std::int64_t pad, std::int64_t extent) {
  std::vector<std::int64_t> count(index(kernel));
  for (std::int64_t k = 0; k < kernel; ++k) {
    for (std::int64_t o = outputs.first; o < outputs.last; ++o) {
      const std::int64_t i = o * stride + k * dilation - pad;
      count[index(k)] += i >= 0 && i < extent ? 1 : 0;
    }
  }
  return count;
}

/// Neurons that the lines of a step hold, padding excepted.
std::int64_t neurons_read(const LayerShape& shape, const ConvTile& tile, const LineCosts& costs) {
  const auto rows = inside(tile.rows, shape.R, shape.stride_h, shape.dilation_h, shape.pad_top, shape.H);
  const auto columns = inside(tile.columns, shape.S, shape.stride_w, shape.dilation_w, shape.pad_left, shape.W);
  std::int64_t neurons = 0;
  for (std::size_t tap = 0; tap < costs.of_tap.size(); ++tap)
    neurons += costs.of_tap[tap] * rows[tap / columns.size()] * columns[tap % columns.size()];
  return neurons;
}

std::int64_t sum(const std::vector<std::int64_t>& values) {
  std::int64_t total = 0;
  for (const std::int64_t value : values) total += value;
  return total;
}

}  // namespace

StepTime step_time(const LineCosts& costs, std::int64_t positions, const arch::CambriconXSpec& spec) {
  StepTime time = Lanes(costs, positions, spec).run();
  time.index = costs.empty * positions;
  time.busy -= time.index;
  return time;
}

void charge_step(const SparseLayer& layer, const ConvTile& tile, const LineCosts& costs, const StepTime& time,
                 Counters& counters) {
  const arch::CambriconXSpec& spec = layer.spec();
  const std::int64_t positions = tile.rows.size() * tile.columns.size(), results = positions * costs.filters;
  for (const Block block : {pes, indexing_lanes}) {
    Account& account = counters.blocks[block];
    account[Cause::busy] += time.busy;
    account[Cause::index] += time.index;
    account[Cause::inputs] += time.inputs;
    account[Cause::imbalance] += time.imbalance;
  }
  counters.blocks[nbin_port][Cause::busy] += time.lines_read;
  counters.blocks[nbin_port][Cause::imbalance] += time.issue - time.lines_read;
  counters.blocks[nbout_banks][Cause::busy] += results;
  counters.blocks[nbout_banks][Cause::idle] += spec.pes * time.issue - results;
  counters.effective_macs += static_cast<std::uint64_t>(positions * costs.non_zero);

  const auto add = [&](Action action, std::int64_t count) {
    counters.actions[action] += static_cast<std::uint64_t>(count);
  };
  const std::int64_t element = spec.element_bytes(), products = positions * costs.kept;
  add(nbin_read, neurons_read(layer.shape(), tile, costs) * element);
  add(sb_read, positions * costs.synapse_bytes);
  add(index_read, positions * costs.index_bytes);
  add(register_write, (positions * sum(costs.candidates) + products) * element);
  add(register_read, products * element);
  add(select, products);
  add(mac, products * spec.macs_per_product());
  add(accumulate, time.busy + (tile.first_chunk ? 0 : results));
  if (!tile.first_chunk) add(nbout_read, results * partial_sum_bytes);
  add(nbout_write, results * (tile.last_chunk ? element : partial_sum_bytes));
  if (tile.last_chunk) add(requantise, results);
}

}  // namespace rebasis::sim::cambricon_x
