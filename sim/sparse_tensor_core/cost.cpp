#include "sim/sparse_tensor_core/cost.h"

#include <algorithm>
#include <array>
#include <map>

#include "common/units.h"

namespace rebasis::sim::sparse_tensor_core {

namespace {

/// Which kernel positions along one dimension lie inside the map -> for how many outputs of a range.
using Insides = std::map<std::vector<bool>, std::int64_t>;

Insides insides(Range outputs, std::int64_t stride, std::int64_t pad, std::int64_t kernel, std::int64_t dilation,
                std::int64_t size) {
  Insides result;
  for (std::int64_t o = outputs.first; o < outputs.last; ++o) {
    std::vector<bool> inside;
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t at = o * stride + k * dilation - pad;
      inside.push_back(at >= 0 && at < size);
    }
    ++result[inside];
  }
  return result;
}

/// Output positions of a tile that see the map alike.
struct Window {
  std::int64_t outputs = 0;
  std::vector<bool> inside;  ///< of each kernel position that takes part
  [[nodiscard]] std::int64_t positions() const { return static_cast<std::int64_t>(inside.size()); }
};

std::vector<Window> windows_of(const LayerShape& shape, const ConvTile& tile, bool skip_padding) {
  const Insides rows = insides(tile.rows, shape.stride_h, shape.pad_top, shape.R, shape.dilation_h, shape.H);
  const Insides columns = insides(tile.columns, shape.stride_w, shape.pad_left, shape.S, shape.dilation_w, shape.W);
  std::vector<Window> windows;
  for (const auto& row : rows) {
    for (const auto& column : columns) {
      Window window{row.second * column.second, {}};
      for (const bool r : row.first) {
        for (const bool s : column.first) {
          if (!skip_padding || (r && s)) window.inside.push_back(r && s);
        }
      }
      if (window.inside.empty()) window.inside.push_back(false);  // still takes its first position
      windows.push_back(std::move(window));
    }
  }
  return windows;
}

/// One output position and block of filters: the cycles that it takes, by their groups.
struct Sum {
  std::int64_t cycles = 0, touched = 0;        ///< touched: of those, with a neuron inside the map
  std::int64_t full = 0;                       ///< with as many groups as a cycle can take
  std::map<std::int64_t, std::int64_t> tails;  ///< groups -> cycles, of the others
};

class SumBuilder {
 public:
  SumBuilder(const Window& window, std::int64_t groups, std::int64_t at_once)
      : window_(window), groups_(groups), at_once_(at_once) {}

  Sum build(bool fold) {
    const std::int64_t stretch = fold ? window_.positions() : 1;
    for (std::int64_t p = 0; p < window_.positions(); p += stretch) add(p * groups_, (p + stretch) * groups_);
    return sum_;
  }

 private:
  /// Groups [first, last), counted over all positions, that share cycles.
  void add(std::int64_t first, std::int64_t last) {
    for (std::int64_t g = first; g < last; g += at_once_) {
      const std::int64_t end = std::min(g + at_once_, last);
      ++sum_.cycles;
      if (end - g == at_once_)
        ++sum_.full;
      else
        ++sum_.tails[end - g];
      const auto inside = window_.inside.begin();
      sum_.touched += std::any_of(inside + g / groups_, inside + (end - 1) / groups_ + 1, [](bool in) { return in; });
    }
  }

  const Window& window_;
  std::int64_t groups_, at_once_;
  Sum sum_;
};

/// Places of a filter's kept weights at one kernel position that hold weights of the layer, over the filters of a pack:
/// not those that a group has more of than channels, nor those off the diagonal of packed groups.
std::int64_t weights_kept(const LayerShape& shape, const Pack& pack, const Pattern& pattern) {
  const std::int64_t filters = pack.filters.size() / pack.groups.size();
  std::int64_t kept = 0;
  for (std::int64_t g = pack.groups.first; g < pack.groups.last; ++g) {
    // The pack's channels are those of all its groups, or some of one group's.
    const Range own{std::max(g * shape.channels_per_group(), pack.channels.first),
                    std::min((g + 1) * shape.channels_per_group(), pack.channels.last)};
    const std::int64_t start = (own.first - pack.channels.first) / pattern.of * pattern.of + pack.channels.first;
    for (std::int64_t c = start; c < own.last; c += pattern.of)
      kept += filters * std::min(pattern.kept, std::min(c + pattern.of, own.last) - std::max(c, own.first));
  }
  return kept;
}

class StepCounter {
 public:
  StepCounter(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
              const ConvTile& tile, Counters& counters)
      : layer_(layer), shape_(layer.shape()), spec_(spec), pattern_(pattern), tile_(tile), counters_(counters) {}

  StepCost count() {
    const std::vector<Window> windows = windows_of(shape_, tile_, spec_.skip_padding);
    for (const Pack& pack : packs_of(shape_, tile_, groups_of_pack(shape_, spec_))) {
      const std::int64_t products = weights_kept(shape_, pack, pattern_);
      for (const Window& window : windows) count(pack, window, products);
    }
    charge_rest();
    return {cycles_, tile_.last_chunk ? spec_.cycles_to_final() : spec_.cycles_to_partial(), 0};
  }

 private:
  void add(std::size_t action, std::int64_t count) { counters_.actions[action] += static_cast<std::uint64_t>(count); }
  void busy(std::size_t block, std::int64_t cycles) { counters_.blocks[block][Cause::busy] += cycles; }
  void count(const Pack& pack, const Window& window, std::int64_t products_at_position);
  void count_index(const Pack& pack, const Sum& sum, std::int64_t outputs);
  void count_outputs(const Pack& pack, std::int64_t additions, std::int64_t outputs);
  void charge_rest();

  const DenseLayer& layer_;
  const LayerShape& shape_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
  const ConvTile& tile_;
  Counters& counters_;
  std::int64_t cycles_ = 0, products_ = 0, starved_ = 0, sums_ = 0, touched_ = 0, blocks_ = 0, nbout_ = 0;
};

void StepCounter::count(const Pack& pack, const Window& window, std::int64_t products_at_position) {
  const std::int64_t filters = pack.filters.size(), filter_blocks = ceil_div(filters, spec_.Tn);
  const std::int64_t groups = ceil_div(pack.channels.size(), pattern_.of);
  const Sum sum = SumBuilder(window, groups, pattern_.groups_a_cycle(spec_)).build(spec_.fold_kernel);
  const std::int64_t positions = window.positions() * window.outputs, element = spec_.element_bytes();
  const std::int64_t products = products_at_position * positions;
  const auto inside = std::count(window.inside.begin(), window.inside.end(), true) * window.outputs;

  add(diannao::nbin_read, filter_blocks * pack.channels.size() * inside * element);
  add(diannao::sb_read, filters * groups * pattern_.kept * positions * element);
  add(diannao::mac, products * spec_.byte_products());
  add(select_level, products * spec_.select_levels() * element);
  count_index(pack, sum, window.outputs);
  count_outputs(pack, sum.cycles, window.outputs);
  counters_.effective_macs += static_cast<std::uint64_t>(products);

  const std::int64_t blocks = filter_blocks * window.outputs;
  cycles_ += sum.cycles * blocks;
  touched_ += sum.touched * blocks;
  products_ += products;
  starved_ += filters * pattern_.starved_lanes(spec_) * sum.cycles * window.outputs;
  blocks_ += blocks;
  // A block of one cycle reads and writes its sums in that cycle.
  nbout_ += blocks + (tile_.first_chunk || sum.cycles == 1 ? 0 : blocks);
}

void StepCounter::count_index(const Pack& pack, const Sum& sum, std::int64_t outputs) {
  const auto bytes = [&](std::int64_t filters, std::int64_t groups) {
    return ceil_div<std::int64_t>(filters * groups * pattern_.kept * pattern_.position_bits(), 8);
  };
  for (std::int64_t left = pack.filters.size(); left > 0; left -= spec_.Tn) {
    const std::int64_t filters = std::min(left, spec_.Tn);
    std::int64_t read = sum.full * bytes(filters, pattern_.groups_a_cycle(spec_));
    for (const auto& tail : sum.tails) read += tail.second * bytes(filters, tail.first);
    add(index_read, read * outputs);
  }
}

void StepCounter::count_outputs(const Pack& pack, std::int64_t additions, std::int64_t outputs) {
  const std::int64_t results = pack.filters.size() * outputs;
  const std::int64_t sums = results * additions;
  if (layer_.has_bias && tile_.first_chunk) add(diannao::sb_read, results * 4);
  add(diannao::accumulate, sums);
  add(diannao::register_write, sums * spec_.sum_bytes());
  add(diannao::register_read, (sums - results) * spec_.sum_bytes());
  if (!tile_.first_chunk) add(diannao::nbout_read, results * spec_.sum_bytes());
  add(diannao::nbout_write, results * (tile_.last_chunk ? spec_.element_bytes() : spec_.sum_bytes()));
  if (tile_.last_chunk) add(diannao::requantise, results);
  sums_ += sums;
}

void StepCounter::charge_rest() {
  const std::int64_t lanes = spec_.Tn * spec_.Ti;
  for (const std::size_t block : {std::size_t{diannao::nfu1}, std::size_t{selectors}}) {
    busy(block, products_);
    counters_.blocks[block][Cause::inputs] += starved_;
    counters_.blocks[block][Cause::imbalance] += lanes * cycles_ - products_ - starved_;
  }
  busy(diannao::nfu2, sums_);
  counters_.blocks[diannao::nfu2][Cause::imbalance] += spec_.Tn * cycles_ - sums_;
  const std::array<std::pair<std::size_t, std::int64_t>, 5> accesses{{{diannao::nfu3, tile_.last_chunk ? blocks_ : 0},
                                                                      {diannao::nbin, touched_},
                                                                      {diannao::sb, cycles_},
                                                                      {diannao::nbout, nbout_},
                                                                      {index_buffer, pattern_.dense() ? 0 : cycles_}}};
  for (const auto& access : accesses) {
    busy(access.first, access.second);
    counters_.blocks[access.first][Cause::idle] += cycles_ - access.second;
  }
}

}  // namespace

StepCost step_cost(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
                   const ConvTile& tile, Counters& counters) {
  return StepCounter(layer, spec, pattern, tile, counters).count();
}

}  // namespace rebasis::sim::sparse_tensor_core
