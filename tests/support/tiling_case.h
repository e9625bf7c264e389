// Random problems for the mapper, and the brute-force counts that its tilings are held to.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/units.h"
#include "sim/core/tiling/tiling.h"
#include "tests/support/dice.h"
#include "tests/support/random_shape.h"

namespace rebasis::test {

using I = std::int64_t;

inline std::uint64_t u(I value) { return static_cast<std::uint64_t>(value); }

/// Weights of different sizes, so that tiles are not alike: (m * 7 + c * 3) % 5 bytes each, and an index byte for every
/// third.
inline sim::WeightBytes block_bytes(I m, I c) {
  return {u((m * 7 + c * 3) % 5), (m + c) % 3 == 0 ? std::uint64_t{1} : std::uint64_t{0}};
}

struct TilingCase {
  explicit TilingCase(std::uint64_t seed) : dice(seed) {
    problem.shape = random_shape(dice);
    problem.layer = "random";
    problem.input_bytes = dice.pick<I>({1, 2});
    problem.output_bytes = dice.pick<I>({1, 2});
    problem.accumulator_bytes = dice.pick<I>({2, 4});
    problem.sums_in_array = dice.chance(0.4);
    problem.input_buffer = dice.pick<I>({64, 256, 1024, 8192});
    problem.weight_buffer = dice.pick<I>({32, 128, 512, 4096});
    problem.output_buffer = dice.pick<I>({64, 256, 1024, 8192});
    problem.banks = dice.pick<I>({1, 2, 3});
    problem.granule = {dice.between(1, 3), dice.between(1, 8), dice.between(1, 8), dice.between(1, 3),
                       dice.between(1, 3)};
    problem.weights = [this](const sim::ConvTile& tile) { return bytes_of(tile); };
    problem.cycles = [](const sim::ConvTile& tile) {
      return static_cast<double>(tile.groups.size() * ceil_div<I>(tile.filters.size(), 4) *
                                 ceil_div<I>(tile.channels.size(), 4) * tile.rows.size() * tile.columns.size());
    };
    if (dice.chance(0.2)) {
      const I most = dice.between(1, 8);
      problem.allowed = [most](const sim::TileSize& size) { return size.columns <= most; };
    }
    objective = dice.pick<std::string>({"dram", "latency"});
  }
  TilingCase(const TilingCase&) = delete;

  [[nodiscard]] sim::WeightBytes bytes_of(const sim::ConvTile& tile) const {
    sim::WeightBytes sum;
    for (I g = tile.groups.first; g < tile.groups.last; ++g) {
      for (I m = tile.filters.first; m < tile.filters.last; ++m) {
        for (I c = tile.channels.first; c < tile.channels.last; ++c) {
          const sim::WeightBytes block = block_bytes(g * problem.shape.filters_per_group() + m, c);
          sum.weights += block.weights;
          sum.index += block.index;
        }
      }
    }
    return sum;
  }

  Dice dice;
  sim::TilingProblem problem;
  std::string objective;
  sim::MemorySpeed memory{12.8, 40};
};

inline void for_cases(std::uint64_t seeds,
                      const std::function<void(const TilingCase&, const sim::Tiling&, const sim::StepPlan&)>& check) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const TilingCase c(seed);
    sim::Tiling tiling;
    try {
      tiling = sim::best_tiling(c.problem, c.objective, c.memory);
    } catch (const Error& error) {
      REQUIRE(error.status() == Status::infeasible);
      continue;
    }
    ++feasible;
    check(c, tiling, sim::tile_steps(c.problem, tiling));
  }
  CHECK(feasible > static_cast<int>(seeds / 3));
}

/// Input elements (row, column) that a tile's outputs touch inside the map, by brute force.
inline std::set<std::pair<I, I>> touched(const LayerShape& shape, const sim::ConvTile& tile) {
  std::set<std::pair<I, I>> elements;
  for (I e = tile.rows.first; e < tile.rows.last; ++e) {
    for (I f = tile.columns.first; f < tile.columns.last; ++f) {
      for (I r = 0; r < shape.R; ++r) {
        for (I s = 0; s < shape.S; ++s) {
          const I h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top,
                  w = f * shape.stride_w + s * shape.dilation_w - shape.pad_left;
          if (h >= 0 && h < shape.H && w >= 0 && w < shape.W) elements.emplace(h, w);
        }
      }
    }
  }
  return elements;
}

inline std::uint64_t bytes_of(const std::vector<sim::Transfer>& transfers) {
  std::uint64_t sum = 0;
  for (const sim::Transfer& transfer : transfers) sum += transfer.bytes;
  return sum;
}

}  // namespace rebasis::test
