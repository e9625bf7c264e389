#include "sim/diannao/cost.h"

#include "common/units.h"

namespace rebasis::sim::diannao {

namespace {

/// Kernel positions along one dimension that lie inside the map, over a range of outputs.
struct Inside {
  std::int64_t outputs = 0, positions = 0;
  std::int64_t without = 0, with_one = 0;  ///< outputs with none, with exactly one
};

Inside inside(Range outputs, std::int64_t stride, std::int64_t pad, std::int64_t kernel, std::int64_t dilation,
              std::int64_t size) {
  Inside result{outputs.size()};
  for (std::int64_t o = outputs.first; o < outputs.last; ++o) {
    std::int64_t count = 0;
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t at = o * stride + k * dilation - pad;
      count += at >= 0 && at < size ? 1 : 0;
    }
    result.positions += count;
    result.without += count == 0 ? 1 : 0;
    result.with_one += count == 1 ? 1 : 0;
  }
  return result;
}

/// Kernel positions over the output positions of a tile.
struct Positions {
  std::int64_t outputs = 0;  ///< output positions
  std::int64_t taken = 0;    ///< kernel positions that take a cycle
  std::int64_t inside = 0;   ///< of those, inside the map
  std::int64_t single = 0;   ///< output positions with one taken
};

Positions positions_of(const LayerShape& shape, const ConvTile& tile, bool skip_padding) {
  const Inside rows = inside(tile.rows, shape.stride_h, shape.pad_top, shape.R, shape.dilation_h, shape.H);
  const Inside columns = inside(tile.columns, shape.stride_w, shape.pad_left, shape.S, shape.dilation_w, shape.W);
  Positions p;
  p.outputs = rows.outputs * columns.outputs;
  p.inside = rows.positions * columns.positions;
  if (skip_padding) {
    // An output whose kernel lies outside altogether still takes its first position.
    const std::int64_t nothing =
        rows.without * columns.outputs + columns.without * rows.outputs - rows.without * columns.without;
    p.taken = p.inside + nothing;
    p.single = rows.with_one * columns.with_one + nothing;
  } else {
    p.taken = p.outputs * shape.R * shape.S;
    p.single = shape.R * shape.S == 1 ? p.outputs : 0;
  }
  return p;
}

/// Sums over the packs of a tile.
struct Lanes {
  std::int64_t passes = 0;               ///< (Tn block, Ti block) pairs: cycles for each kernel position
  std::int64_t weights = 0;              ///< filters x channels, zeros off the diagonal included
  std::int64_t filter_blocks = 0;        ///< Tn blocks
  std::int64_t sums = 0;                 ///< filters x Ti blocks
  std::int64_t inputs = 0;               ///< Tn blocks x channels
  std::int64_t single_chunk_blocks = 0;  ///< Tn blocks with one Ti block
};

Lanes lanes_of(const LayerShape& shape, const arch::DianNaoSpec& spec, const ConvTile& tile) {
  Lanes lanes;
  for (const Pack& pack : packs_of(shape, tile, groups_of_pack(shape, spec))) {
    const std::int64_t filters = pack.filters.size(), channels = pack.channels.size();
    const std::int64_t filter_blocks = ceil_div(filters, spec.Tn), chunks = ceil_div(channels, spec.Ti);
    lanes.passes += filter_blocks * chunks;
    lanes.weights += filters * channels;
    lanes.filter_blocks += filter_blocks;
    lanes.sums += filters * chunks;
    lanes.inputs += filter_blocks * channels;
    lanes.single_chunk_blocks += chunks == 1 ? filter_blocks : 0;
  }
  return lanes;
}

class StepCounter {
 public:
  StepCounter(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile, Counters& counters)
      : layer_(layer),
        spec_(spec),
        tile_(tile),
        counters_(counters),
        at_(positions_of(layer.shape(), tile, spec.skip_padding)),
        lanes_(lanes_of(layer.shape(), spec, tile)),
        filters_(tile.groups.size() * tile.filters.size()) {}

  StepCost count() {
    count_actions();
    charge();
    return {cycles(), tile_.last_chunk ? spec_.final_latency() : spec_.partial_latency(), 0};
  }

 private:
  [[nodiscard]] std::int64_t cycles() const { return lanes_.passes * at_.taken; }
  [[nodiscard]] std::int64_t products() const { return filters_ * tile_.channels.size() * at_.taken; }
  void add(Action action, std::int64_t count) { counters_.actions[action] += static_cast<std::uint64_t>(count); }
  void count_actions();
  void charge(Block block, std::int64_t copies, std::int64_t busy, Cause rest) {
    counters_.blocks[block][Cause::busy] += busy;
    counters_.blocks[block][rest] += copies * cycles() - busy;
  }
  void charge();

  const DenseLayer& layer_;
  const arch::DianNaoSpec& spec_;
  const ConvTile& tile_;
  Counters& counters_;
  Positions at_;
  Lanes lanes_;
  std::int64_t filters_;
};

void StepCounter::count_actions() {
  const std::int64_t outputs = filters_ * at_.outputs, sums = lanes_.sums * at_.taken;
  const std::int64_t biases = layer_.has_bias && tile_.first_chunk ? outputs * 4 : 0;
  add(nbin_read, lanes_.inputs * at_.inside * spec_.element_bytes());
  add(sb_read, lanes_.weights * at_.taken * spec_.element_bytes() + biases);
  add(mac, products() * spec_.byte_products());
  add(accumulate, sums);
  add(register_write, sums * spec_.sum_bytes());
  add(register_read, (sums - outputs) * spec_.sum_bytes());
  if (!tile_.first_chunk) add(nbout_read, outputs * spec_.sum_bytes());
  add(nbout_write, outputs * (tile_.last_chunk ? spec_.element_bytes() : spec_.sum_bytes()));
  if (tile_.last_chunk) add(requantise, outputs);
  counters_.effective_macs += static_cast<std::uint64_t>(products());
}

void StepCounter::charge() {
  const std::int64_t blocks = lanes_.filter_blocks * at_.outputs;
  charge(nfu1, spec_.Tn * spec_.Ti, products(), Cause::imbalance);
  charge(nfu2, spec_.Tn, lanes_.sums * at_.taken, Cause::imbalance);
  charge(nfu3, 1, tile_.last_chunk ? blocks : 0, Cause::idle);
  charge(nbin, 1, lanes_.passes * at_.inside, Cause::idle);
  charge(sb, 1, cycles(), Cause::idle);
  // A block of one cycle reads and writes its sums in that cycle.
  const std::int64_t reads = tile_.first_chunk ? 0 : blocks - lanes_.single_chunk_blocks * at_.single;
  charge(nbout, 1, blocks + reads, Cause::idle);
}

}  // namespace

StepCost step_cost(const DenseLayer& layer, const arch::DianNaoSpec& spec, const ConvTile& tile, Counters& counters) {
  return StepCounter(layer, spec, tile, counters).count();
}

}  // namespace rebasis::sim::diannao
