#include "sim/core/tiling/index_buffer.h"

#include <algorithm>

#include "sim/core/tiling/tiling.h"

namespace rebasis::sim {

void split_index(StepPlan& plan, std::size_t write_action) {
  const std::size_t index_buffer = plan.buffers.size();
  plan.buffers.push_back({plan.buffers[weight_buffer].banks, plan.buffers[weight_buffer].channel, write_action});
  for (Step& step : plan.steps) {
    std::vector<Transfer> index;
    for (Load& load : step.loads) {
      const auto first = std::stable_partition(load.transfers.begin(), load.transfers.end(),
                                               [](const Transfer& t) { return t.tensor != TensorClass::index; });
      index.insert(index.end(), first, load.transfers.end());
      load.transfers.erase(first, load.transfers.end());
    }
    if (!index.empty()) step.loads.push_back({index_buffer, std::move(index)});
  }
}

}  // namespace rebasis::sim
