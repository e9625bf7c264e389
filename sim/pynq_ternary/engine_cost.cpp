#include "sim/pynq_ternary/engine_cost.h"

#include <algorithm>

#include "common/units.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

/// Products of an output in a tile that read inside the map, summed over the tile's positions, for each channel.
std::int64_t inside(const Job& job, const ConvTile& tile) {
  const LayerShape& shape = job.shape();
  const auto count = [](Range outputs, std::int64_t taps, std::int64_t stride, std::int64_t dilation, std::int64_t pad,
                        std::int64_t size) {
    std::int64_t sum = 0;
    for (std::int64_t o = outputs.first; o < outputs.last; ++o) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const std::int64_t at = o * stride + tap * dilation - pad;
        sum += at >= 0 && at < size ? 1 : 0;
      }
    }
    return sum;
  };
  return count(tile.rows, shape.R, shape.stride_h, shape.dilation_h, shape.pad_top, shape.H) *
         count(tile.columns, shape.S, shape.stride_w, shape.dilation_w, shape.pad_left, shape.W);
}

}  // namespace

EngineBlock engine_block(const Spec& spec, std::int64_t filters, std::int64_t taps) {
  const Cycle interval = ceil_div(filters * Spec::engine_weight_bits, spec.weight_port_bits);
  // The sums leave one a cycle while the next block multiplies.
  return {filters, interval, std::max(taps * interval, filters)};
}

Cycle engine_issue(const Job& job, const Step& step, Counters& counters) {
  const Spec& spec = job.spec;
  const ConvTile& tile = step.tile;
  const std::int64_t taps = tile.channels.size() * job.shape().R * job.shape().S;
  const std::int64_t positions = tile.groups.size() * tile.rows.size() * tile.columns.size();
  const std::int64_t blocks = ceil_div(tile.filters.size(), spec.engine_dsps);
  Cycle busy = 0, loading = 0, leaving = 0;
  for (std::int64_t b = 0; b < blocks; ++b) {
    const EngineBlock block =
        engine_block(spec, std::min(spec.engine_dsps, tile.filters.size() - b * spec.engine_dsps), taps);
    busy += positions * taps;
    loading += positions * taps * (block.interval - 1);
    leaving += positions * (block.period - taps * block.interval);
  }
  const Cycle filling = spec.engine_depth;  // the loop's entry, and its stages
  const Cycle issue = busy + loading + leaving + filling;
  const auto count = [&](Action action, std::int64_t amount) {
    counters.actions[action] += static_cast<std::uint64_t>(amount);
  };
  const std::int64_t products = positions * tile.filters.size() * taps, sums = positions * tile.filters.size();
  count(input_read, tile.groups.size() * blocks * tile.channels.size() * inside(job, tile) * Spec::activation_bytes);
  count(weight_read, products);
  count(dsp_mac, products);
  count(accumulate, sums);
  count(output_read, sums * Spec::accumulator_bytes);
  count(output_write, sums * Spec::accumulator_bytes);
  counters.effective_macs += static_cast<std::uint64_t>(products);
  counters.working = 1;
  Account& account = counters.blocks[engines];
  account[Cause::busy] += busy;
  account[Cause::weights] += loading;
  account[Cause::output] += leaving;
  account[Cause::fill_drain] += filling;
  account[Cause::idle] += (spec.pes - 1) * issue;
  for (const Block block : {indexer, weight_loader, window_registers}) counters.blocks[block][Cause::idle] += issue;
  return issue;
}

double engine_estimate(const Job& job, const ConvTile& tile) {
  const std::int64_t taps = tile.channels.size() * job.shape().R * job.shape().S, filters = tile.filters.size();
  const std::int64_t dsps = job.spec.engine_dsps;
  const auto whole =
      static_cast<double>(engine_block(job.spec, dsps, taps).period) * static_cast<double>(filters / dsps);
  const auto rest =
      filters % dsps == 0 ? 0.0 : static_cast<double>(engine_block(job.spec, filters % dsps, taps).period);
  return (whole + rest) * static_cast<double>(tile.groups.size() * tile.rows.size() * tile.columns.size());
}

}  // namespace rebasis::sim::pynq_ternary
