#include "sim/core/sequence/step_plan.h"

#include <algorithm>

#include "common/sha256.h"

namespace rebasis::sim {

ReleaseTable::ReleaseTable(const StepPlan& plan) : after_step(plan.steps.size()) {
  std::vector<std::vector<LoadRef>> loads(plan.buffers.size());
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    for (std::size_t load = 0; load < plan.steps[step].loads.size(); ++load) {
      const std::size_t buffer = plan.steps[step].loads[load].buffer;
      const std::size_t banks = plan.buffers[buffer].banks;
      auto& tiles = loads[buffer];
      tiles.push_back({step, load});
      if (tiles.size() <= banks) {
        initial.push_back(tiles.back());
      } else {
        // The bank was that of the tile `banks` before, last read by the step before the next tile's first.
        after_step[tiles[tiles.size() - banks].step - 1].push_back(tiles.back());
      }
    }
  }
}

std::vector<std::size_t> output_tiles(const StepPlan& plan) {
  std::vector<std::size_t> tiles;
  std::size_t count = 0;
  for (const Step& step : plan.steps) {
    if (step.begins_output) ++count;
    tiles.push_back(count - 1);
  }
  return tiles;
}

namespace {

void add_range(Sha256& hash, const Range& range) {
  hash.add(range.first);
  hash.add(range.last);
}

void add_action(Sha256& hash, const std::optional<std::size_t>& action) { hash.add(action ? *action + 1 : 0); }

void add_step(Sha256& hash, const Step& step) {
  const ConvTile& tile = step.tile;
  for (const Range& range : {tile.groups, tile.filters, tile.channels, tile.rows, tile.columns}) add_range(hash, range);
  hash.add(tile.first_chunk);
  hash.add(tile.last_chunk);
  hash.add(step.begins_output);
  hash.add(step.loads.size());
  for (const Load& load : step.loads) {
    hash.add(load.buffer);
    add_transfers(hash, load.transfers);
    if (load.coded) hash.add(*load.coded);
    if (load.buffer_bytes) hash.add(*load.buffer_bytes);
  }
  add_transfers(hash, step.partial_sums);
  add_transfers(hash, step.stores);
}

}  // namespace

std::string identity(const StepPlan& plan) {
  Sha256 hash;
  std::vector<std::size_t> loads(plan.buffers.size(), 0);
  std::size_t output_tile_count = 0;
  hash.add(plan.steps.size());
  for (const Step& step : plan.steps) {
    add_step(hash, step);
    for (const Load& load : step.loads) ++loads[load.buffer];
    output_tile_count += step.begins_output ? 1 : 0;
  }
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    hash.add(std::min(plan.buffers[i].banks, loads[i]));
    hash.add(plan.buffers[i].channel);
    add_action(hash, plan.buffers[i].write_action);
  }
  hash.add(plan.channels);
  hash.add(std::min(plan.output_banks, output_tile_count));
  hash.add(std::min(plan.result_slots, plan.steps.size()));
  add_action(hash, plan.output_read_action);
  add_action(hash, plan.output_write_action);
  return hash.digest();
}

}  // namespace rebasis::sim
