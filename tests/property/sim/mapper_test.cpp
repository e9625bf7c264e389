// The mapper's choice: nothing better among the candidates, no buffer that hurts, refusals with their reason.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/tiling_case.h"

using namespace rebasis::sim;
using namespace rebasis::test;
using rebasis::ceil_div;
using rebasis::LayerShape;

namespace {

/// Halves of a dimension in multiples of a granule: what the mapper says it tries.
std::set<I> candidate_sizes(I whole, I granule) {
  std::set<I> sizes{whole};
  for (I parts = 2; parts < 4 * whole; parts *= 2)
    sizes.insert(std::min(whole, ceil_div(ceil_div(whole, parts), granule) * granule));
  return sizes;
}

/// What the steps of a candidate move; infinite when they over-fill a buffer.
double traffic_of(const TilingProblem& p, const Tiling& tiling) {
  std::uint64_t traffic = 0, largest[3] = {0, 0, 0};
  std::size_t times[3] = {0, 0, 0};
  for (const Step& step : tile_steps(p, tiling).steps) {
    for (const Load& load : step.loads) {
      const std::uint64_t bytes = bytes_of(load.transfers);
      traffic += bytes;
      largest[load.buffer] = std::max(largest[load.buffer], bytes);
      ++times[load.buffer];
    }
    traffic += bytes_of(step.stores) + bytes_of(step.partial_sums);
    const ConvTile& t = step.tile;
    const bool whole = p.sums_in_array && t.channels.size() == p.shape.channels_per_group();
    const I element = whole ? p.output_bytes : std::max({p.accumulator_bytes, p.output_bytes, p.partial_sum_bytes});
    largest[2] =
        std::max(largest[2], u(t.groups.size() * t.filters.size() * t.rows.size() * t.columns.size() * element));
    times[2] += step.begins_output ? 1 : 0;
  }
  const I capacity[3] = {p.input_buffer, p.weight_buffer, p.output_buffer};
  for (std::size_t b = 0; b < 3; ++b) {
    if (largest[b] * (times[b] == 1 ? 1 : u(p.banks)) > u(capacity[b])) return std::numeric_limits<double>::infinity();
  }
  return static_cast<double>(traffic);
}

/// The same of the best candidate.
double least_traffic(const TilingProblem& p) {
  const LayerShape& shape = p.shape;
  double best = std::numeric_limits<double>::infinity();
  for (const I groups : candidate_sizes(shape.groups, p.granule.groups)) {
    for (const I filters : candidate_sizes(shape.filters_per_group(), p.granule.filters)) {
      for (const I channels : candidate_sizes(shape.channels_per_group(), p.granule.channels)) {
        if (groups > 1 && (filters != shape.filters_per_group() || channels != shape.channels_per_group())) continue;
        for (const I rows : candidate_sizes(shape.E(), p.granule.rows)) {
          for (const I columns : candidate_sizes(shape.F(), p.granule.columns)) {
            for (std::size_t order = 0; order < 4; ++order) {
              Tiling tiling;
              tiling.size = {groups, filters, channels, rows, columns};
              tiling.order = LoopOrder{order};
              if (p.allowed && !p.allowed(tiling.size)) continue;
              best = std::min(best, traffic_of(p, tiling));
            }
          }
        }
      }
    }
  }
  return best;
}

}  // namespace

TEST_CASE("no candidate has less traffic than the chosen tiling, and what is refused has none") {
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const TilingCase c(seed);
    double chosen = std::numeric_limits<double>::infinity();
    try {
      chosen = static_cast<double>(best_tiling(c.problem, "dram", c.memory).dram.total());
    } catch (const rebasis::Error&) {
      ++refused;
    }
    CHECK(chosen == least_traffic(c.problem));
  }
  CHECK(refused > 0);
}

TEST_CASE("more of any buffer never costs traffic") {
  for_cases(200, [](const TilingCase& c, const Tiling& tiling, const StepPlan&) {
    if (c.objective != "dram") return;
    TilingProblem larger = c.problem;
    for (I TilingProblem::*buffer :
         {&TilingProblem::input_buffer, &TilingProblem::weight_buffer, &TilingProblem::output_buffer}) {
      larger.*buffer *= 3;
      CHECK(best_tiling(larger, "dram", c.memory).dram.total() <= tiling.dram.total());
    }
  });
}

TEST_CASE("a layer whose tiles the array does not take is refused by name") {
  TilingProblem problem;
  problem.layer = "conv7";
  problem.weights = [](const ConvTile&) { return WeightBytes{1, 0}; };
  problem.cycles = [](const ConvTile&) { return 1.0; };
  problem.allowed = [](const TileSize&) { return false; };
  CHECK_THROWS_WITH_AS(static_cast<void>(best_tiling(problem, "dram", {12.8, 50})),
                       "layer conv7 cannot be cut into tiles that the array takes", rebasis::Error);
}

TEST_CASE("a layer that does not fit is refused by name, with the buffer and what it would need") {
  TilingProblem problem;
  problem.shape = {.M = 4, .C = 4, .H = 8, .W = 8, .R = 3, .S = 3};
  problem.layer = "conv7";
  problem.weights = [](const ConvTile& tile) {
    return WeightBytes{u(tile.filters.size() * tile.channels.size() * 9), 0};
  };
  problem.cycles = [](const ConvTile&) { return 1.0; };
  problem.granule = {1, 2, 2, 1, 1};
  const auto message = [&](I input, I weight, I output) -> std::string {
    problem.input_buffer = input;
    problem.weight_buffer = weight;
    problem.output_buffer = output;
    try {
      static_cast<void>(best_tiling(problem, "dram", {12.8, 50}));
    } catch (const rebasis::Error& error) {
      CHECK(error.status() == rebasis::Status::infeasible);
      return error.what();
    }
    return "fits";
  };
  // The smallest tile: 2 channels x 3 rows x 3 columns of inputs, 2 x 2 x 9 weights, 2 sums of 4 bytes; twice each.
  CHECK(message(36, 72, 16) == "fits");
  CHECK(message(35, 72, 16) ==
        "layer conv7 does not fit: the input buffer would need 36 bytes of 35; use a larger buffer");
  CHECK(message(36, 71, 16) ==
        "layer conv7 does not fit: the weight buffer would need 72 bytes of 71; use a larger buffer");
  CHECK(message(36, 72, 15) ==
        "layer conv7 does not fit: the output buffer would need 16 bytes of 15; use a larger buffer");
}
