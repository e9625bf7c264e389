#include "sim/core/tiling/tiling.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "common/units.h"

namespace rebasis::sim {

const char* name(LoopOrder order) {
  static constexpr std::array names{"filters, space, channels", "space, filters, channels", "filters, channels, space",
                                    "space, channels, filters"};
  return names[static_cast<std::size_t>(order)];
}

std::map<std::string, std::string> Tiling::describe() const {
  return {{"loop_order", name(order)},
          {"tile", "groups " + std::to_string(size.groups) + ", M " + std::to_string(size.filters) + ", C " +
                       std::to_string(size.channels) + ", E " + std::to_string(size.rows) + ", F " +
                       std::to_string(size.columns)}};
}

namespace {

std::uint64_t bytes(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::int64_t total(const std::vector<Range>& runs) {
  std::int64_t sum = 0;
  for (const Range& run : runs) sum += run.size();
  return sum;
}

/// Distinct tiles of one dimension and the input extents they need.
struct Extents {
  std::int64_t tiles = 0, largest = 0, sum = 0;
};

/// What the weights take when groups, filters and channels are cut to given sizes, and the time to compute the whole
/// map.
struct WeightCut {
  std::int64_t groups = 0, filters = 0, channels = 0;  ///< trip counts
  std::uint64_t weights = 0, index = 0, largest = 0;
  double cycles = 0;
};

/// One candidate: sizes, trip counts, traffic and buffers.
class Candidate {
 public:
  Candidate(const TilingProblem& problem, const TileSize& size, const WeightCut& cut, const Extents& rows,
            const Extents& columns);
  /// Empty when every tile fits; otherwise the buffer and what it would need.
  [[nodiscard]] std::string misfit(const Tiling& tiling) const;
  [[nodiscard]] Tiling with(LoopOrder order, const MemorySpeed& memory) const;

 private:
  [[nodiscard]] std::uint64_t repeats(const std::array<char, 3>& order, bool m, bool c, bool s) const;

  const TilingProblem& problem_;
  const LayerShape& shape_;
  TileSize size_;
  const WeightCut& cut_;
  const Extents &rows_, &columns_;
  std::int64_t groups_, m_, c_, s_;  ///< trip counts
};

constexpr std::array<std::array<char, 3>, 4> loops{
    {{'m', 's', 'c'}, {'s', 'm', 'c'}, {'m', 'c', 's'}, {'s', 'c', 'm'}}};

WeightCut cut_weights(const TilingProblem& problem, const TileSize& size) {
  const LayerShape& shape = problem.shape;
  const std::int64_t filters = shape.filters_per_group(), channels = shape.channels_per_group();
  WeightCut cut{ceil_div(shape.groups, size.groups), ceil_div(filters, size.filters),
                ceil_div(channels, size.channels)};
  for (std::int64_t g = 0; g < shape.groups; g += size.groups) {
    for (std::int64_t m = 0; m < filters; m += size.filters) {
      for (std::int64_t c = 0; c < channels; c += size.channels) {
        const ConvTile tile{{g, std::min(g + size.groups, shape.groups)},
                            {m, std::min(m + size.filters, filters)},
                            {c, std::min(c + size.channels, channels)},
                            {0, shape.E()},
                            {0, shape.F()},
                            c == 0,
                            c + size.channels >= channels};
        const WeightBytes stored = problem.weights(tile);
        cut.weights += stored.weights;
        cut.index += stored.index;
        cut.largest = std::max(cut.largest, stored.total());
        cut.cycles += problem.cycles(tile);
      }
    }
  }
  return cut;
}

Candidate::Candidate(const TilingProblem& problem, const TileSize& size, const WeightCut& cut, const Extents& rows,
                     const Extents& columns)
    : problem_(problem),
      shape_(problem.shape),
      size_(size),
      cut_(cut),
      rows_(rows),
      columns_(columns),
      groups_(cut.groups),
      m_(cut.filters),
      c_(cut.channels),
      s_(rows.tiles * columns.tiles) {}

/// How often each distinct tile of a tensor is loaded: the trips of the loops that do not move it but lie outside one
/// that does.
std::uint64_t Candidate::repeats(const std::array<char, 3>& order, bool m, bool c, bool s) const {
  std::uint64_t product = 1;
  bool moved_inside = false;
  for (auto loop = order.rbegin(); loop != order.rend(); ++loop) {  // from the innermost
    const std::int64_t trips = *loop == 'm' ? m_ : *loop == 'c' ? c_ : s_;
    const bool moves = *loop == 'm' ? m : *loop == 'c' ? c : s;
    if (trips == 1) continue;
    if (moves)
      moved_inside = true;
    else if (moved_inside)
      product *= bytes(trips);
  }
  return product;
}

Tiling Candidate::with(LoopOrder order, const MemorySpeed& memory) const {
  const auto& sequence = loops[static_cast<std::size_t>(order)];
  Tiling tiling;
  tiling.size = size_;
  tiling.order = order;
  const std::uint64_t weight_loads = repeats(sequence, true, true, false);
  tiling.dram.weights = cut_.weights * weight_loads;
  tiling.dram.index = cut_.index * weight_loads;
  const std::uint64_t map = bytes(shape_.C * rows_.sum * columns_.sum * problem_.input_bytes);
  tiling.dram.inputs = map * repeats(sequence, false, true, true);
  const std::uint64_t outputs = bytes(shape_.M * shape_.E() * shape_.F());
  const bool spills = c_ > 1 && (order == LoopOrder::m_c_s ? s_ > 1 : order == LoopOrder::s_c_m && m_ > 1);
  tiling.dram.outputs = outputs * bytes(problem_.output_bytes);
  if (spills) tiling.dram.outputs += 2 * bytes(c_ - 1) * outputs * bytes(problem_.partial_sum_bytes);
  tiling.inputs_once = groups_ * c_ * s_ == 1;
  tiling.weights_once = groups_ * m_ * c_ == 1;
  tiling.outputs_once = groups_ * m_ * s_ == 1;
  const double steps = static_cast<double>(groups_ * m_ * c_ * s_);
  const double work = cut_.cycles, transfer = static_cast<double>(tiling.dram.total()) / memory.bytes_per_cycle;
  // The load for the next step but one begins when a step ends: two steps last at least as long as a step's work, the
  // memory's answer and the transfer together. The controller begins a step every other cycle at most. The first load
  // overlaps with nothing.
  tiling.estimated_cycles = std::max({work, transfer, (work + transfer + steps * memory.latency) / 2, 2 * steps}) +
                            std::min(work, transfer) / steps + memory.latency;
  return tiling;
}

std::string Candidate::misfit(const Tiling& tiling) const {
  const auto need = [&](std::uint64_t tile, bool once, std::int64_t capacity, const char* buffer) -> std::string {
    const std::uint64_t wanted = tile * (once ? 1 : bytes(problem_.banks));
    if (wanted <= bytes(capacity)) return {};
    return std::string("the ") + buffer + " would need " + std::to_string(wanted) + " bytes of " +
           std::to_string(capacity);
  };
  const std::uint64_t input_tile =
      bytes(size_.groups * size_.channels * rows_.largest * columns_.largest * problem_.input_bytes);
  const bool finished_only = problem_.sums_in_array && c_ == 1;
  const std::int64_t output =
      finished_only ? problem_.output_bytes
                    : std::max({problem_.accumulator_bytes, problem_.output_bytes, problem_.partial_sum_bytes});
  const std::uint64_t output_tile = bytes(size_.groups * size_.filters * size_.rows * size_.columns * output);
  std::string problem = need(input_tile, tiling.inputs_once, problem_.input_buffer, "input buffer");
  if (problem.empty()) problem = need(cut_.largest, tiling.weights_once, problem_.weight_buffer, "weight buffer");
  if (problem.empty()) problem = need(output_tile, tiling.outputs_once, problem_.output_buffer, "output buffer");
  return problem;
}

/// The whole, its halves, quarters ... in multiples of `granule`, down to one granule.
std::vector<std::int64_t> sizes(std::int64_t whole, std::int64_t granule) {
  std::vector<std::int64_t> list{whole};
  for (std::int64_t parts = 2;; parts *= 2) {
    const std::int64_t size = std::min(whole, ceil_div(ceil_div(whole, parts), granule) * granule);
    if (size != list.back()) list.push_back(size);
    if (size <= granule) return list;
  }
}

Extents extents(std::int64_t outputs, std::int64_t size, const std::function<std::int64_t(Range)>& needed) {
  Extents result;
  for (std::int64_t first = 0; first < outputs; first += size) {
    const std::int64_t need = needed({first, std::min(first + size, outputs)});
    ++result.tiles;
    result.largest = std::max(result.largest, need);
    result.sum += need;
  }
  return result;
}

struct Search {
  const TilingProblem& problem;
  const std::string& objective;
  const MemorySpeed& memory;
  std::optional<Tiling> best = std::nullopt;
  std::string smallest_misfit = {};

  [[nodiscard]] bool better(const Tiling& a, const Tiling& b) const {
    const auto key = [&](const Tiling& t) {
      const auto traffic = static_cast<double>(t.dram.total());
      return objective == "latency" ? std::pair(t.estimated_cycles, traffic) : std::pair(traffic, t.estimated_cycles);
    };
    return key(a) < key(b);
  }

  void consider(const TileSize& size, const WeightCut& cut, const Extents& rows, const Extents& columns) {
    if (problem.allowed && !problem.allowed(size)) return;
    const Candidate candidate(problem, size, cut, rows, columns);
    for (std::size_t order = 0; order < loops.size(); ++order) {
      const Tiling tiling = candidate.with(LoopOrder{order}, memory);
      const std::string misfit = candidate.misfit(tiling);
      if (!misfit.empty())
        smallest_misfit = misfit;  // sizes shrink: the last is the smallest
      else if (!best || better(tiling, *best))
        best = tiling;
    }
  }
};

}  // namespace

namespace {

/// Spatial tile sizes with their extents.
struct SpaceCut {
  std::int64_t size = 0;
  Extents extents;
};

std::vector<SpaceCut> row_cuts(const TilingProblem& problem) {
  const LayerShape& shape = problem.shape;
  std::vector<SpaceCut> cuts;
  for (const std::int64_t size : sizes(shape.E(), problem.granule.rows)) {
    cuts.push_back({size, extents(shape.E(), size, [&](Range rows) { return total(needed_rows(shape, rows)); })});
  }
  return cuts;
}

std::vector<SpaceCut> column_cuts(const TilingProblem& problem) {
  const LayerShape& shape = problem.shape;
  std::vector<SpaceCut> cuts;
  for (const std::int64_t size : sizes(shape.F(), problem.granule.columns)) {
    cuts.push_back(
        {size, extents(shape.F(), size, [&](Range columns) { return total(needed_columns(shape, columns)); })});
  }
  return cuts;
}

}  // namespace

Tiling best_tiling(const TilingProblem& problem, const std::string& objective, const MemorySpeed& memory) {
  const LayerShape& shape = problem.shape;
  const std::int64_t filters_per_group = shape.filters_per_group(), channels_per_group = shape.channels_per_group();
  Search search{problem, objective, memory};
  const std::vector<SpaceCut> rows = row_cuts(problem), columns = column_cuts(problem);
  for (const std::int64_t groups : sizes(shape.groups, problem.granule.groups)) {
    for (const std::int64_t filters : sizes(filters_per_group, problem.granule.filters)) {
      for (const std::int64_t channels : sizes(channels_per_group, problem.granule.channels)) {
        if (groups > 1 && (filters != filters_per_group || channels != channels_per_group)) continue;
        const WeightCut cut = cut_weights(problem, {groups, filters, channels, 1, 1});
        for (const SpaceCut& row : rows) {
          for (const SpaceCut& column : columns) {
            search.consider({groups, filters, channels, row.size, column.size}, cut, row.extents, column.extents);
          }
        }
      }
    }
  }
  if (!search.best && search.smallest_misfit.empty())
    fail_infeasible("layer " + problem.layer + " cannot be cut into tiles that the array takes");
  if (!search.best)
    fail_infeasible("layer " + problem.layer + " does not fit: " + search.smallest_misfit + "; use a larger buffer");
  return *search.best;
}

DramBytes compulsory_traffic(const TilingProblem& problem) {
  const LayerShape& shape = problem.shape;
  const TileSize all{shape.groups, shape.filters_per_group(), shape.channels_per_group(), shape.E(), shape.F()};
  const std::int64_t rows = total(needed_rows(shape, {0, shape.E()})),
                     columns = total(needed_columns(shape, {0, shape.F()}));
  const ConvTile tile{{0, all.groups}, {0, all.filters}, {0, all.channels}, {0, all.rows}, {0, all.columns}};
  const WeightBytes weights = problem.weights(tile);
  return {weights.weights, 0, weights.index, bytes(shape.C * rows * columns * problem.input_bytes),
          bytes(shape.M * shape.E() * shape.F() * problem.output_bytes)};
}

}  // namespace rebasis::sim
