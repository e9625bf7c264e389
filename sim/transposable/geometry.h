// Which results a tile computes, from the extents alone: the array's cycles depend on no value.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/transposable/job.h"

namespace rebasis::sim::transposable {

/// Weights that are in the array at once: one kernel position of some results and operands. In the weight-gradient pass
/// the sums of these weights; `bias` then is a block that adds up output gradients alone.
struct Block {
  Range groups;
  Range results, operands;  ///< of each group
  std::int64_t r = 0, s = 0;
  bool bias = false;
  std::int64_t positions = 0;  ///< cycles: positions of the map, of all images of the tile

  [[nodiscard]] std::int64_t result_count() const { return groups.size() * results.size(); }
  [[nodiscard]] std::int64_t operand_count() const { return bias ? 0 : groups.size() * operands.size(); }
  /// Weights: pairs of the same group.
  [[nodiscard]] std::int64_t pairs() const { return bias ? 0 : groups.size() * results.size() * operands.size(); }
};

/// Rows of Y that kernel row r joins with the tile's rows; columns of kernel column s likewise. Never beyond the maps:
/// padding takes no cycle.
[[nodiscard]] Range rows_of_kernel(const Job& job, const ConvTile& tile, std::int64_t r);
[[nodiscard]] Range columns_of_kernel(const Job& job, std::int64_t s);

/// Rows of the streamed map that the tile needs: of X, or of dY in backward_data. Empty when it needs none.
[[nodiscard]] Range streamed_rows(const Job& job, Range rows);

/// Every block of a tile that takes a cycle, in the order in which the array works on them: groups side by side,
/// results, operands, kernel rows, kernel columns; the bias block comes before the operands of its results.
void for_each_block(const Job& job, const arch::TransposableSpec& spec, const Tile& tile,
                    const std::function<void(const Block&)>& visit);

}  // namespace rebasis::sim::transposable
