// How a pass is cut into tiles that fit the buffers, and in which order they run. docs/accelerators/transposable.md,
// "Mapping".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/transposable/job.h"

namespace rebasis::sim::transposable {

/// Numbers of the buffers in StepPlan::buffers.
inline constexpr std::size_t stream_buffer = 0, second_buffer = 1;

struct Mapping {
  std::vector<Tile> tiles;         ///< of each step
  std::vector<bool> loads_second;  ///< whether a step is the first to need its tile of the weight buffer
  StepPlan steps;
  std::map<std::string, std::string> description;
  DramBytes compulsory;
};

/// The mapping with the least DRAM traffic, then the least estimated time, or the other way round; sums never leave the
/// output buffer before they are finished. Throws Error(infeasible) that names layer, pass and buffer.
[[nodiscard]] Mapping map_job(const Job& job, const arch::TransposableSpec& spec, const MemorySpeed& memory);

}  // namespace rebasis::sim::transposable
