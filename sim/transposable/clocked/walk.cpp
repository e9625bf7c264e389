#include "sim/transposable/clocked/walk.h"

#include <algorithm>

namespace rebasis::sim::transposable {

namespace {

bool within(Range range, std::int64_t value) { return value >= range.first && value < range.last; }

class Walker {
 public:
  Walker(const Job& job, const arch::TransposableSpec& spec, const Tile& tile)
      : job_(job), spec_(spec), tile_(tile), shape_(job.shape()) {}
  std::vector<WalkBlock> blocks();

 private:
  [[nodiscard]] std::vector<MapPosition> joined(std::int64_t r, std::int64_t s) const;
  [[nodiscard]] std::vector<MapPosition> all_outputs() const;
  /// Elements [first, first + size) of the part of each group, over all groups of the pack.
  static std::vector<std::int64_t> pick(std::int64_t first_group, std::int64_t groups, std::int64_t per_group,
                                        std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> list;
    for (std::int64_t g = first_group; g < first_group + groups; ++g) {
      for (std::int64_t i = first; i < last; ++i) list.push_back(g * per_group + i);
    }
    return list;
  }
  void add_results(std::int64_t group, std::int64_t groups, std::int64_t first, std::int64_t last);

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const Tile& tile_;
  const LayerShape& shape_;
  std::vector<WalkBlock> blocks_;
};

std::vector<MapPosition> Walker::joined(std::int64_t r, std::int64_t s) const {
  std::vector<MapPosition> list;
  for (std::int64_t image = tile_.images.first; image < tile_.images.last; ++image) {
    for (std::int64_t e = 0; e < shape_.E(); ++e) {
      for (std::int64_t f = 0; f < shape_.F(); ++f) {
        const std::int64_t h = e * shape_.stride_h + r * shape_.dilation_h - shape_.pad_top;
        const std::int64_t w = f * shape_.stride_w + s * shape_.dilation_w - shape_.pad_left;
        const bool inside = within({0, shape_.H}, h) && within({0, shape_.W}, w);
        if (inside && within(tile_.conv.rows, job_.transposed() ? h : e)) list.push_back({image, e, f, h, w});
      }
    }
  }
  return list;
}

std::vector<MapPosition> Walker::all_outputs() const {
  std::vector<MapPosition> list;
  for (std::int64_t image = tile_.images.first; image < tile_.images.last; ++image) {
    for (std::int64_t e = tile_.conv.rows.first; e < tile_.conv.rows.last; ++e) {
      for (std::int64_t f = 0; f < shape_.F(); ++f) list.push_back({image, e, f, 0, 0});
    }
  }
  return list;
}

void Walker::add_results(std::int64_t group, std::int64_t groups, std::int64_t first, std::int64_t last) {
  const Range& operands = job_.transposed() ? tile_.conv.filters : tile_.conv.channels;
  if (job_.bias_gradient && tile_.conv.channels.first == 0) {
    blocks_.push_back({pick(group, groups, shape_.filters_per_group(), first, last), {}, 0, 0, true, all_outputs()});
  }
  if (!job_.weight_gradient) return;
  for (std::int64_t i = operands.first; i < operands.last; i += spec_.columns) {
    const std::int64_t end = std::min(i + spec_.columns, operands.last);
    const Range filters = job_.transposed() ? Range{i, end} : Range{first, last},
                channels = job_.transposed() ? Range{first, last} : Range{i, end};
    for (std::int64_t r = 0; r < shape_.R; ++r) {
      for (std::int64_t s = 0; s < shape_.S; ++s) {
        WalkBlock block{pick(group, groups, shape_.filters_per_group(), filters.first, filters.last),
                        pick(group, groups, shape_.channels_per_group(), channels.first, channels.last),
                        r,
                        s,
                        false,
                        joined(r, s)};
        if (!block.positions.empty()) blocks_.push_back(std::move(block));
      }
    }
  }
}

std::vector<WalkBlock> Walker::blocks() {
  const Range& results = job_.transposed() ? tile_.conv.channels : tile_.conv.filters;
  const std::int64_t together = groups_at_once(job_, spec_);
  for (std::int64_t g = tile_.conv.groups.first; g < tile_.conv.groups.last; g += together) {
    const std::int64_t groups = std::min(together, tile_.conv.groups.last - g);
    for (std::int64_t o = results.first; o < results.last; o += spec_.rows)
      add_results(g, groups, o, std::min(o + spec_.rows, results.last));
  }
  return std::move(blocks_);
}

}  // namespace

std::vector<WalkBlock> walk(const Job& job, const arch::TransposableSpec& spec, const Tile& tile) {
  return Walker(job, spec, tile).blocks();
}

}  // namespace rebasis::sim::transposable
