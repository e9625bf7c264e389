#include "sim/cambricon_x/line_costs.h"

#include <algorithm>

#include "common/units.h"
#include "workloads/encode/step_index.h"

namespace rebasis::sim::cambricon_x {

namespace {

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// How the lines of a pass are cut: segment after segment, each the same part of the windows of all its groups.
struct PassLines {
  std::int64_t segments, group_candidates, groups, scan;  ///< candidates of a group in a segment
  [[nodiscard]] std::int64_t segment_candidates() const { return group_candidates * groups; }
  [[nodiscard]] std::int64_t lines_of_segment() const { return ceil_div(segment_candidates(), scan); }
  [[nodiscard]] std::int64_t lines() const { return segments * lines_of_segment(); }
  /// The line of a group's candidate.
  [[nodiscard]] std::int64_t line(std::int64_t group, std::int64_t position) const {
    return position / group_candidates * lines_of_segment() +
           (group * group_candidates + position % group_candidates) / scan;
  }
};

/// Drops the pass's lines from `first` on that no lane needs, and counts the neurons of the others.
void list_lines(const PassLines& lines, std::int64_t channels, std::int64_t first, LineCosts& costs) {
  std::int64_t kept = first;
  for (std::int64_t line = 0; line < lines.lines(); ++line) {
    const auto begin = costs.cycles.begin() + (first + line) * costs.pes;
    if (std::all_of(begin, begin + costs.pes, [](std::int32_t cycles) { return cycles == 0; })) continue;
    std::copy(begin, begin + costs.pes, costs.cycles.begin() + kept++ * costs.pes);
    const std::int64_t segment = line / lines.lines_of_segment(), from = line % lines.lines_of_segment() * lines.scan;
    const std::int64_t to = std::min(from + lines.scan, lines.segment_candidates());
    costs.candidates.push_back(to - from);
    for (std::int64_t i = from; i < to; ++i) {
      ++costs.of_tap[index((segment * lines.group_candidates + i % lines.group_candidates) / channels)];
    }
  }
  costs.cycles.resize(index(kept * costs.pes));
}

/// Synapses of one filter by line, and the last line with one.
class FilterLines {
 public:
  FilterLines(const PassLines& lines, std::int64_t group) : lines_(lines), group_(group), kept_(index(lines.lines())) {}
  void keep(std::int64_t position) {
    last_ = lines_.line(group_, position);
    ++kept_[index(last_)];
  }
  /// Writes the cycles into column `pe` of the pass; returns how many needed lines hold no synapse.
  std::int64_t write(std::int64_t multipliers, std::int32_t* column, std::int64_t stride) const;

 private:
  const PassLines& lines_;
  std::int64_t group_, last_ = -1;
  std::vector<std::int64_t> kept_;
};

std::int64_t FilterLines::write(std::int64_t multipliers, std::int32_t* column, std::int64_t stride) const {
  // A filter without synapses needs a cycle to say so.
  const std::int64_t last = std::max(last_, lines_.line(group_, 0));
  std::int64_t empty = 0;
  for (std::int64_t segment = 0; segment < lines_.segments; ++segment) {
    const std::int64_t begin = segment * lines_.group_candidates;
    const std::int64_t final_line = std::min(last, lines_.line(group_, begin + lines_.group_candidates - 1));
    for (std::int64_t line = lines_.line(group_, begin); line <= final_line; ++line) {
      const std::int64_t kept = kept_[index(line)];
      column[line * stride] = static_cast<std::int32_t>(std::max<std::int64_t>(1, ceil_div(kept, multipliers)));
      empty += kept == 0 ? 1 : 0;
    }
  }
  return empty;
}

}  // namespace

LineCosts line_costs(const SparseLayer& layer, const ConvTile& tile, const std::vector<Pass>& passes) {
  const arch::CambriconXSpec& spec = layer.spec();
  const std::int64_t segment = layer.segment(tile.channels);
  const std::int64_t window = layer.shape().R * layer.shape().S * tile.channels.size();
  const std::vector<FilterPart>& parts = layer.parts(tile.channels);
  const std::int64_t longest = encode::longest_step(static_cast<int>(spec.step_bits));
  LineCosts costs;
  costs.pes = spec.pes;
  costs.of_tap.resize(index(layer.shape().R * layer.shape().S));
  std::vector<std::int8_t> weights;
  for (const Pass& pass : passes) {
    const PassLines lines{window / segment, segment, pass.groups.size(), spec.scan};
    const std::int64_t first_line = costs.lines();
    const std::size_t base = costs.cycles.size();
    costs.cycles.resize(base + index(lines.lines() * spec.pes));
    for (std::int64_t pe = 0; pe < spec.pes; ++pe) {
      const std::int64_t filter = pass.filter[index(pe)];
      if (filter < 0) continue;
      FilterLines of_filter(lines, filter / layer.shape().filters_per_group() - pass.groups.first);
      layer.window(filter, tile.channels, weights);
      encode::for_each_kept(weights, longest, [&](std::int64_t position, std::int8_t) { of_filter.keep(position); });
      costs.empty += of_filter.write(spec.multipliers, costs.cycles.data() + base + pe, spec.pes);
      const FilterPart& part = parts[index(filter)];
      ++costs.filters;
      costs.kept += part.kept;
      costs.non_zero += part.non_zero;
      costs.synapse_bytes += layer.synapse_bytes(part, tile.channels);
      costs.index_bytes += layer.index_bytes(part, tile.channels);
    }
    list_lines(lines, tile.channels.size(), first_line, costs);
  }
  return costs;
}

}  // namespace rebasis::sim::cambricon_x
