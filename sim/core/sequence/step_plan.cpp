#include "sim/core/sequence/step_plan.h"

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

}  // namespace rebasis::sim
