// How a layer whose products are reused is cut: steps of output rows, filters and sub-matrix columns, and slices of
// columns inside a step. docs/accelerators/trec.md, "Mapping".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/core/layer_plan.h"
#include "sim/core/sequence/step_plan.h"
#include "sim/trec/layer.h"

namespace rebasis::sim::trec {

struct Mapping {
  std::int64_t rows = 1;         ///< output rows of a step; buckets are shared by these rows and no others
  std::int64_t filters = 1;      ///< of a step
  std::int64_t columns = 1;      ///< of the sub-matrix, of a step
  std::int64_t slice = 1;        ///< columns that pass the reuse pipeline together
  bool filters_outside = false;  ///< loops: filters, rows, columns; otherwise rows, filters, columns
  std::uint64_t dram_bytes = 0;  ///< of an image
  double estimated_cycles = 0;
  [[nodiscard]] std::map<std::string, std::string> describe() const;
};

/// The steps, and the sub-matrix columns of each.
struct ReuseSteps {
  StepPlan plan;
  std::vector<Range> columns;
};

inline constexpr std::int64_t bias_size = 4;  ///< bytes of a filter's bias
/// Number of StepPlan::buffers that holds the hash vectors, behind inputs and weights.
inline constexpr std::size_t hash_buffer = 2;

/// Of the mappings with the least DRAM traffic those with the least estimated time (with objective "latency" the other
/// way round), both within `mapping_slack`, and of them the one with the fewest tiles of rows. Throws Error(infeasible)
/// that names the layer, the memory and what it would need.
[[nodiscard]] Mapping best_mapping(const ReuseLayer& layer, const arch::TrecSpec& spec, const MemorySpeed& memory);

[[nodiscard]] ReuseSteps reuse_steps(const ReuseLayer& layer, const arch::TrecSpec& spec, const Mapping& mapping);

/// Bytes of biases that come with the weights of a tile.
[[nodiscard]] std::uint64_t bias_bytes(const ReuseLayer& layer, const ConvTile& tile);
/// Appends where the weights of a tile and its sub-matrix columns are in the layer, as SB holds them: filter after
/// filter.
void weight_order(const ReuseLayer& layer, const ConvTile& tile, const Range& columns,
                  std::vector<std::int32_t>& order);

/// Each tensor once.
[[nodiscard]] DramBytes compulsory_traffic(const ReuseLayer& layer);

/// Sub-vectors that the window holds.
[[nodiscard]] std::int64_t window_depth(const ReuseLayer& layer, const arch::TrecSpec& spec);

}  // namespace rebasis::sim::trec
