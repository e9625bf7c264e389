// The mapper on random layers: every product covered once, traffic as predicted, buffers never over-filled, nothing better among
// the candidates. Everything is counted again, element by element, from the steps alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/error.h"
#include "common/units.h"
#include "sim/core/tiling/tiling.h"
#include "tests/support/dice.h"
#include "tests/support/random_shape.h"

using namespace rebasis::sim;
using rebasis::ceil_div;
using rebasis::LayerShape;
using rebasis::test::Dice;

namespace {

using I = std::int64_t;

std::uint64_t u(I value) { return static_cast<std::uint64_t>(value); }

/// Weights of different sizes, so that tiles are not alike: (m * 7 + c * 3) % 5 bytes each, and an index byte for every third.
WeightBytes block_bytes(I m, I c) { return {u((m * 7 + c * 3) % 5), (m + c) % 3 == 0 ? std::uint64_t{1} : std::uint64_t{0}}; }

struct Case {
  explicit Case(std::uint64_t seed) : dice(seed) {
    problem.shape = rebasis::test::random_shape(dice);
    problem.layer = "random";
    problem.input_bytes = dice.pick<I>({1, 2});
    problem.output_bytes = dice.pick<I>({1, 2});
    problem.accumulator_bytes = dice.pick<I>({2, 4});
    problem.sums_in_array = dice.chance(0.4);
    problem.input_buffer = dice.pick<I>({64, 256, 1024, 8192});
    problem.weight_buffer = dice.pick<I>({32, 128, 512, 4096});
    problem.output_buffer = dice.pick<I>({64, 256, 1024, 8192});
    problem.banks = dice.pick<I>({1, 2, 3});
    problem.granule = {dice.between(1, 3), dice.between(1, 8), dice.between(1, 8), dice.between(1, 3), dice.between(1, 3)};
    problem.weights = [this](const ConvTile& tile) { return bytes_of(tile); };
    problem.cycles = [](const ConvTile& tile) {
      return static_cast<double>(tile.groups.size() * ceil_div<I>(tile.filters.size(), 4) * ceil_div<I>(tile.channels.size(), 4) * tile.rows.size() *
                                 tile.columns.size());
    };
    if (dice.chance(0.2)) {
      const I most = dice.between(1, 8);
      problem.allowed = [most](const TileSize& size) { return size.columns <= most; };
    }
    objective = dice.pick<std::string>({"dram", "latency"});
  }
  Case(const Case&) = delete;

  [[nodiscard]] WeightBytes bytes_of(const ConvTile& tile) const {
    WeightBytes sum;
    for (I g = tile.groups.first; g < tile.groups.last; ++g) {
      for (I m = tile.filters.first; m < tile.filters.last; ++m) {
        for (I c = tile.channels.first; c < tile.channels.last; ++c) {
          const WeightBytes block = block_bytes(g * problem.shape.filters_per_group() + m, c);
          sum.weights += block.weights;
          sum.index += block.index;
        }
      }
    }
    return sum;
  }

  Dice dice;
  TilingProblem problem;
  std::string objective;
  MemorySpeed memory{12.8, 40};
};

void for_cases(std::uint64_t seeds, const std::function<void(const Case&, const Tiling&, const StepPlan&)>& check) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const Case c(seed);
    Tiling tiling;
    try {
      tiling = best_tiling(c.problem, c.objective, c.memory);
    } catch (const rebasis::Error& error) {
      REQUIRE(error.status() == rebasis::Status::infeasible);
      continue;
    }
    ++feasible;
    check(c, tiling, tile_steps(c.problem, tiling));
  }
  CHECK(feasible > static_cast<int>(seeds / 3));
}

/// Input elements (row, column) that a tile's outputs touch inside the map, by brute force.
std::set<std::pair<I, I>> touched(const LayerShape& shape, const ConvTile& tile) {
  std::set<std::pair<I, I>> elements;
  for (I e = tile.rows.first; e < tile.rows.last; ++e) {
    for (I f = tile.columns.first; f < tile.columns.last; ++f) {
      for (I r = 0; r < shape.R; ++r) {
        for (I s = 0; s < shape.S; ++s) {
          const I h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top, w = f * shape.stride_w + s * shape.dilation_w - shape.pad_left;
          if (h >= 0 && h < shape.H && w >= 0 && w < shape.W) elements.emplace(h, w);
        }
      }
    }
  }
  return elements;
}

std::uint64_t bytes_of(const std::vector<Transfer>& transfers) {
  std::uint64_t sum = 0;
  for (const Transfer& transfer : transfers) sum += transfer.bytes;
  return sum;
}

}  // namespace

TEST_CASE("every (filter, channel, row, column) is computed by exactly one step, in the order of its partial sums") {
  for_cases(300, [](const Case& c, const Tiling&, const StepPlan& plan) {
    const LayerShape& shape = c.problem.shape;
    const I channels = shape.channels_per_group(), filters = shape.filters_per_group();
    std::vector<int> covered(static_cast<std::size_t>(shape.M * channels * shape.E() * shape.F()));
    std::vector<I> next_channel(static_cast<std::size_t>(shape.M * shape.E() * shape.F()));
    for (const Step& step : plan.steps) {
      const ConvTile& t = step.tile;
      CHECK(t.first_chunk == (t.channels.first == 0));
      CHECK(t.last_chunk == (t.channels.last == channels));
      if (t.groups.size() > 1) CHECK((t.filters == Range{0, filters} && t.channels == Range{0, channels}));
      for (I g = t.groups.first; g < t.groups.last; ++g) {
        for (I m = g * filters + t.filters.first; m < g * filters + t.filters.last; ++m) {
          for (I e = t.rows.first; e < t.rows.last; ++e) {
            for (I f = t.columns.first; f < t.columns.last; ++f) {
              I& next = next_channel[static_cast<std::size_t>((m * shape.E() + e) * shape.F() + f)];
              REQUIRE(next == t.channels.first);
              next = t.channels.last;
              for (I k = t.channels.first; k < t.channels.last; ++k) ++covered[static_cast<std::size_t>(((m * channels + k) * shape.E() + e) * shape.F() + f)];
            }
          }
        }
      }
    }
    CHECK(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  });
}

TEST_CASE("the steps move the bytes that the tiling predicts, and at least each tensor once") {
  for_cases(600, [](const Case& c, const Tiling& tiling, const StepPlan& plan) {
    DramBytes moved;
    for (const Step& step : plan.steps) {
      for (const Load& load : step.loads) {
        for (const Transfer& transfer : load.transfers) {
          CHECK(transfer.bytes > 0);
          if (transfer.tensor == TensorClass::weights) moved.weights += transfer.bytes;
          else if (transfer.tensor == TensorClass::index) moved.index += transfer.bytes;
          else moved.inputs += transfer.bytes;
        }
      }
      moved.outputs += bytes_of(step.stores) + bytes_of(step.partial_sums);
    }
    CHECK(moved == tiling.dram);
    const DramBytes least = compulsory_traffic(c.problem);
    CHECK(moved.weights >= least.weights);
    CHECK(moved.index >= least.index);
    CHECK(moved.inputs >= least.inputs);
    CHECK(moved.outputs >= least.outputs);
  });
}

TEST_CASE("a step finds its tiles in the buffers, and no buffer is over-filled") {
  for_cases(600, [](const Case& c, const Tiling&, const StepPlan& plan) {
    const TilingProblem& p = c.problem;
    const LayerShape& shape = p.shape;
    const bool cut = shape.channels_per_group() > plan.steps.front().tile.channels.size();
    std::uint64_t input = 0, weights = 0;  // bytes of the tile in use
    std::uint64_t largest_input = 0, largest_weights = 0, largest_output = 0;
    std::size_t outputs = 0, loads[2] = {0, 0};
    for (const Step& step : plan.steps) {
      const ConvTile& t = step.tile;
      for (const Load& load : step.loads) {
        (load.buffer == input_buffer ? input : weights) = bytes_of(load.transfers);
        ++loads[load.buffer];
      }
      const auto depth = u(t.groups.size() * t.channels.size() * p.input_bytes);
      CHECK(input >= touched(shape, t).size() * depth);
      CHECK(weights == c.bytes_of(t).total());
      outputs += step.begins_output ? 1 : 0;
      largest_input = std::max(largest_input, input);
      largest_weights = std::max(largest_weights, weights);
      const I element = p.sums_in_array && !cut ? p.output_bytes : std::max({p.accumulator_bytes, p.output_bytes, p.partial_sum_bytes});
      largest_output = std::max(largest_output, u(t.groups.size() * t.filters.size() * t.rows.size() * t.columns.size() * element));
    }
    // The steps use as many banks as fit; a buffer that is filled once need not be split.
    CHECK(largest_input * plan.buffers[input_buffer].banks <= u(p.input_buffer));
    CHECK(largest_weights * plan.buffers[weight_buffer].banks <= u(p.weight_buffer));
    CHECK(largest_output * plan.output_banks <= u(p.output_buffer));
    CHECK(plan.buffers[input_buffer].banks == (loads[input_buffer] == 1 ? 1 : u(p.banks)));
    CHECK(plan.buffers[weight_buffer].banks == (loads[weight_buffer] == 1 ? 1 : u(p.banks)));
    CHECK(plan.output_banks == (outputs == 1 ? 1 : u(p.banks)));
  });
}

TEST_CASE("a tile's stores and the partial sums that are read back are those of its outputs") {
  for_cases(300, [](const Case& c, const Tiling&, const StepPlan& plan) {
    std::set<std::tuple<I, I, I, I>> spilled;
    const Step* last_of_tile = nullptr;
    for (const Step& step : plan.steps) {
      const ConvTile& t = step.tile;
      const auto outputs = u(t.groups.size() * t.filters.size() * t.rows.size() * t.columns.size());
      const std::tuple key(t.groups.first, t.filters.first, t.rows.first, t.columns.first);
      if (step.begins_output) {
        CHECK((last_of_tile == nullptr || !last_of_tile->stores.empty()));
        CHECK(step.partial_sums.empty() == t.first_chunk);
        CHECK(spilled.erase(key) == (t.first_chunk ? 0U : 1U));
        if (!t.first_chunk) CHECK(bytes_of(step.partial_sums) == outputs * u(c.problem.partial_sum_bytes));
      } else {
        CHECK(step.partial_sums.empty());
      }
      if (!step.stores.empty()) {
        CHECK(bytes_of(step.stores) == outputs * u(t.last_chunk ? c.problem.output_bytes : c.problem.partial_sum_bytes));
        if (!t.last_chunk) spilled.insert(key);
      }
      last_of_tile = &step;
    }
    CHECK(spilled.empty());
    CHECK(!plan.steps.back().stores.empty());
  });
}

namespace {

/// Halves of a dimension in multiples of a granule: what the mapper says it tries.
std::set<I> candidate_sizes(I whole, I granule) {
  std::set<I> sizes{whole};
  for (I parts = 2; parts < 4 * whole; parts *= 2) sizes.insert(std::min(whole, ceil_div(ceil_div(whole, parts), granule) * granule));
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
    largest[2] = std::max(largest[2], u(t.groups.size() * t.filters.size() * t.rows.size() * t.columns.size() * element));
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
    const Case c(seed);
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
  for_cases(200, [](const Case& c, const Tiling& tiling, const StepPlan&) {
    if (c.objective != "dram") return;
    TilingProblem larger = c.problem;
    for (I TilingProblem::*buffer : {&TilingProblem::input_buffer, &TilingProblem::weight_buffer, &TilingProblem::output_buffer}) {
      larger.*buffer *= 3;
      CHECK(best_tiling(larger, "dram", c.memory).dram.total() <= tiling.dram.total());
    }
  });
}

TEST_CASE("needed rows and columns are those that a kernel touches; dilation gaps are included") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const LayerShape shape = rebasis::test::random_shape(dice);
    const I first = dice.between(0, shape.E() - 1), last = dice.between(first + 1, shape.E());
    const I left = dice.between(0, shape.F() - 1), right = dice.between(left + 1, shape.F());
    std::set<I> rows, columns, wanted_rows, wanted_columns;
    for (const Range& run : needed_rows(shape, {first, last})) {
      CHECK(run.size() > 0);
      for (I h = run.first; h < run.last; ++h) CHECK(rows.insert(h).second);
    }
    for (const Range& run : needed_columns(shape, {left, right})) {
      for (I w = run.first; w < run.last; ++w) CHECK(columns.insert(w).second);
    }
    const auto span = [](std::set<I>& into, I begin, I length, I size) {
      for (I i = begin; i < begin + length; ++i) {
        if (i >= 0 && i < size) into.insert(i);
      }
    };
    for (I e = first; e < last; ++e) span(wanted_rows, e * shape.stride_h - shape.pad_top, (shape.R - 1) * shape.dilation_h + 1, shape.H);
    for (I f = left; f < right; ++f) span(wanted_columns, f * shape.stride_w - shape.pad_left, (shape.S - 1) * shape.dilation_w + 1, shape.W);
    CHECK(rows == wanted_rows);
    CHECK(columns == wanted_columns);
  }
}

TEST_CASE("prefix sums of blocks equal their sums") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Case c(seed);
    const LayerShape& shape = c.problem.shape;
    const WeightTable table(shape, [](I m, I k) { return block_bytes(m, k).weights; });
    Dice dice(seed);
    ConvTile tile{{0, 1}, {0, shape.filters_per_group()}, {0, shape.channels_per_group()}, {0, 1}, {0, 1}};
    tile.groups.first = dice.between(0, shape.groups - 1);
    tile.groups.last = dice.between(tile.groups.first + 1, shape.groups);
    if (tile.groups.size() == 1) {
      tile.filters.first = dice.between(0, shape.filters_per_group() - 1);
      tile.filters.last = dice.between(tile.filters.first + 1, shape.filters_per_group());
      tile.channels.first = dice.between(0, shape.channels_per_group() - 1);
      tile.channels.last = dice.between(tile.channels.first + 1, shape.channels_per_group());
    }
    CHECK(table.sum(tile) == c.bytes_of(tile).weights);
  }
}

TEST_CASE("a layer whose tiles the array does not take is refused by name") {
  TilingProblem problem;
  problem.layer = "conv7";
  problem.weights = [](const ConvTile&) { return WeightBytes{1, 0}; };
  problem.cycles = [](const ConvTile&) { return 1.0; };
  problem.allowed = [](const TileSize&) { return false; };
  CHECK_THROWS_WITH_AS(static_cast<void>(best_tiling(problem, "dram", {12.8, 50})), "layer conv7 cannot be cut into tiles that the array takes", rebasis::Error);
}

TEST_CASE("a layer that does not fit is refused by name, with the buffer and what it would need") {
  TilingProblem problem;
  problem.shape = {.M = 4, .C = 4, .H = 8, .W = 8, .R = 3, .S = 3};
  problem.layer = "conv7";
  problem.weights = [](const ConvTile& tile) { return WeightBytes{u(tile.filters.size() * tile.channels.size() * 9), 0}; };
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
  CHECK(message(35, 72, 16) == "layer conv7 does not fit: the input buffer would need 36 bytes of 35; use a larger buffer");
  CHECK(message(36, 71, 16) == "layer conv7 does not fit: the weight buffer would need 72 bytes of 71; use a larger buffer");
  CHECK(message(36, 72, 15) == "layer conv7 does not fit: the output buffer would need 16 bytes of 15; use a larger buffer");
}
