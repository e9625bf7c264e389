#include "sim/sparse_tensor_core/mapping.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "common/error.h"
#include "common/units.h"
#include "sim/core/tiling/index_buffer.h"
#include "sim/sparse_tensor_core/counters.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

constexpr std::size_t nbin_channel = 1, sb_channel = 2;  // of the DMA, as in DianNao; the index comes with the weights

/// A layer with one of its patterns, as the mapper sees it. Problems refer to it.
class Cut {
 public:
  Cut(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern)
      : layer_(layer), spec_(spec), pattern_(pattern) {}

  [[nodiscard]] TilingProblem problem() const {
    TilingProblem problem = diannao::tiling_problem(layer_, spec_);
    // A tile's channels are whole groups.
    problem.granule.channels = ceil_div(spec_.Ti, pattern_.of) * pattern_.of;
    problem.weight_buffer = std::numeric_limits<std::int64_t>::max();  // `allowed` looks at SB and the index buffer
    problem.weights = [this](const ConvTile& tile) { return weight_bytes(layer_, spec_, pattern_, tile); };
    problem.cycles = [this](const ConvTile& tile) {
      return static_cast<double>(full_cycles(layer_.shape(), spec_, pattern_, tile));
    };
    using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
    problem.allowed = [this, known = std::map<Key, bool>()](const TileSize& size) mutable {
      const auto [entry, missing] = known.try_emplace({size.groups, size.filters, size.channels});
      if (missing) entry->second = misfit(size).empty();
      return entry->second;
    };
    return problem;
  }

  /// The smallest weight tile must fit, or no tile does.
  void check_smallest(const TilingProblem& problem) const {
    const LayerShape& shape = layer_.shape();
    const std::string reason = misfit({std::min(problem.granule.groups, shape.groups),
                                       std::min(problem.granule.filters, shape.filters_per_group()),
                                       std::min(problem.granule.channels, shape.channels_per_group()), 1, 1});
    if (!reason.empty())
      fail_infeasible("layer " + problem.layer + " does not fit: " + reason + "; use a larger buffer");
  }

 private:
  /// Why the weight tiles of a size do not fit their buffers; empty when they do.
  [[nodiscard]] std::string misfit(const TileSize& size) const {
    const LayerShape& shape = layer_.shape();
    const std::int64_t filters = shape.filters_per_group(), channels = shape.channels_per_group();
    // The first tile is as large as any, and has biases.
    const WeightBytes largest = weight_bytes(layer_, spec_, pattern_,
                                             {{0, std::min(size.groups, shape.groups)},
                                              {0, std::min(size.filters, filters)},
                                              {0, std::min(size.channels, channels)},
                                              {0, 1},
                                              {0, 1}});
    const bool once = size.groups >= shape.groups && size.filters >= filters && size.channels >= channels;
    const std::uint64_t halves = once ? 1 : 2;
    const auto need = [&](std::uint64_t bytes, std::int64_t capacity, const char* buffer) -> std::string {
      if (bytes * halves <= static_cast<std::uint64_t>(capacity)) return {};
      return std::string("the ") + buffer + " would need " + std::to_string(bytes * halves) + " bytes of " +
             std::to_string(capacity);
    };
    const std::string problem = need(largest.weights, spec_.sb_bytes, "weight buffer");
    return problem.empty() ? need(largest.index, spec_.index_bytes, "index buffer") : problem;
  }

  const DenseLayer& layer_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
};

Tiling tiling_of(const Cut& cut, const std::string& objective, const MemorySpeed& memory) {
  const TilingProblem problem = cut.problem();
  cut.check_smallest(problem);
  return best_tiling(problem, objective, memory);
}

struct Choice {
  Pattern pattern;
  Tiling tiling;
  [[nodiscard]] std::pair<double, std::uint64_t> key() const { return {tiling.estimated_cycles, tiling.dram.total()}; }
};

/// The best of the patterns; the dense one, which comes first, must fit unless another does.
Choice best_choice(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec,
                   const std::vector<Pattern>& patterns, const MemorySpeed& memory) {
  std::optional<Choice> best;
  std::optional<Error> misfit;
  for (const Pattern& pattern : patterns) {
    try {
      const Choice choice{pattern, tiling_of(Cut(layer, spec, pattern), spec.objective, memory)};
      if (!best || choice.key() < best->key()) best = choice;
    } catch (const Error& error) {
      if (error.status() != Status::infeasible) throw;
      if (!misfit) misfit = error;
    }
  }
  if (!best) throw Error(*misfit);
  return *best;
}

std::string reason_for(const Pattern& chosen, const Obeyed& obeyed, const arch::SparseTensorCoreSpec& spec) {
  if (obeyed.patterns.size() == 1) {
    return "non-zero weights in the fullest groups: " + obeyed.fullest + "; at most " +
           std::to_string(std::min(spec.most_kept, spec.largest_group / 2)) + " are kept";
  }
  std::string others;
  for (const Pattern& pattern : obeyed.patterns) {
    if (!(pattern == chosen)) others += (others.empty() ? "" : ", ") + pattern.text();
  }
  return "shortest estimated time; also possible: " + others;
}

}  // namespace

Mapping map_layer(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const MemorySpeed& memory) {
  const Obeyed obeyed = obeyed_patterns(layer, spec);
  const Choice choice = best_choice(layer, spec, obeyed.patterns, memory);
  const Cut cut(layer, spec, choice.pattern);
  const TilingProblem problem = cut.problem();
  Mapping mapping{choice.pattern, reason_for(choice.pattern, obeyed, spec), choice.tiling,
                  tile_steps(problem, choice.tiling, {nbin_channel, sb_channel}), compulsory_traffic(problem)};
  mapping.steps.buffers[sim::input_buffer].write_action = diannao::nbin_write;
  mapping.steps.buffers[sim::weight_buffer].write_action = diannao::sb_write;
  mapping.steps.output_read_action = diannao::nbout_read;
  mapping.steps.output_write_action = diannao::nbout_write;
  split_index(mapping.steps, index_write);
  // As many steps as the pipeline can hold, and the signals of their end.
  mapping.steps.result_slots = static_cast<std::size_t>(spec.cycles_to_final() + 2);
  return mapping;
}

}  // namespace rebasis::sim::sparse_tensor_core
