// Tilings of random layers: every product covered once, traffic as predicted, buffers never over-filled. Everything is
// counted again, element by element, from the steps alone.
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

TEST_CASE("every (filter, channel, row, column) is computed by exactly one step, in the order of its partial sums") {
  for_cases(300, [](const TilingCase& c, const Tiling&, const StepPlan& plan) {
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
              for (I k = t.channels.first; k < t.channels.last; ++k)
                ++covered[static_cast<std::size_t>(((m * channels + k) * shape.E() + e) * shape.F() + f)];
            }
          }
        }
      }
    }
    CHECK(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  });
}

TEST_CASE("the steps move the bytes that the tiling predicts, and at least each tensor once") {
  for_cases(600, [](const TilingCase& c, const Tiling& tiling, const StepPlan& plan) {
    DramBytes moved;
    for (const Step& step : plan.steps) {
      for (const Load& load : step.loads) {
        for (const Transfer& transfer : load.transfers) {
          CHECK(transfer.bytes > 0);
          if (transfer.tensor == TensorClass::weights)
            moved.weights += transfer.bytes;
          else if (transfer.tensor == TensorClass::index)
            moved.index += transfer.bytes;
          else
            moved.inputs += transfer.bytes;
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
  for_cases(600, [](const TilingCase& c, const Tiling&, const StepPlan& plan) {
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
      const I element = p.sums_in_array && !cut ? p.output_bytes
                                                : std::max({p.accumulator_bytes, p.output_bytes, p.partial_sum_bytes});
      largest_output =
          std::max(largest_output, u(t.groups.size() * t.filters.size() * t.rows.size() * t.columns.size() * element));
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
  for_cases(300, [](const TilingCase& c, const Tiling&, const StepPlan& plan) {
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
        CHECK(bytes_of(step.stores) ==
              outputs * u(t.last_chunk ? c.problem.output_bytes : c.problem.partial_sum_bytes));
        if (!t.last_chunk) spilled.insert(key);
      }
      last_of_tile = &step;
    }
    CHECK(spilled.empty());
    CHECK(!plan.steps.back().stores.empty());
  });
}

TEST_CASE("needed rows and columns are those that a kernel touches; dilation gaps are included") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const LayerShape shape = random_shape(dice);
    const I first = dice.between(0, shape.E() - 1), last = dice.between(first + 1, shape.E());
    const I left = dice.between(0, shape.F() - 1), right = dice.between(left + 1, shape.F());
    std::set<I> rows, columns, wanted_rows, wanted_columns;
    I before = -1;
    for (const Range& run : needed_rows(shape, {first, last})) {
      CHECK(run.size() > 0);
      CHECK(run.first > before);  // runs that touch are one
      before = run.last;
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
    for (I e = first; e < last; ++e)
      span(wanted_rows, e * shape.stride_h - shape.pad_top, (shape.R - 1) * shape.dilation_h + 1, shape.H);
    for (I f = left; f < right; ++f)
      span(wanted_columns, f * shape.stride_w - shape.pad_left, (shape.S - 1) * shape.dilation_w + 1, shape.W);
    CHECK(rows == wanted_rows);
    CHECK(columns == wanted_columns);
  }
}

TEST_CASE("prefix sums of blocks equal their sums") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const TilingCase c(seed);
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
