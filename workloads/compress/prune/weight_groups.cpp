#include "workloads/compress/prune/weight_groups.h"

#include <algorithm>

namespace rebasis::compress {
namespace {

/// The groups that `group(m, c, r, s)` numbers, of the filters' own channels c.
template <class Group>
WeightGroups numbered(const LayerShape& shape, std::int64_t count, const Group& group) {
  WeightGroups groups;
  groups.count = static_cast<std::size_t>(count);
  groups.group_of.reserve(static_cast<std::size_t>(shape.weights()));
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t c = 0; c < shape.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < shape.R; ++r) {
        for (std::int64_t s = 0; s < shape.S; ++s)
          groups.group_of.push_back(static_cast<std::uint32_t>(group(m, c, r, s)));
      }
    }
  }
  return groups;
}

std::int64_t parts_of(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }

}  // namespace

WeightGroups single_weights(const LayerShape& shape) {
  std::int64_t next = 0;
  return numbered(shape, shape.weights(), [&](auto, auto, auto, auto) { return next++; });
}

WeightGroups channel_runs(const LayerShape& shape, std::int64_t channels) {
  const std::int64_t runs = parts_of(shape.channels_per_group(), channels);
  return numbered(shape, shape.M * runs,
                  [&](std::int64_t m, std::int64_t c, std::int64_t, std::int64_t) { return m * runs + c / channels; });
}

WeightGroups kernel_rows(const LayerShape& shape, std::int64_t filters, std::int64_t reshape_columns) {
  const bool pointwise = shape.R == 1 && shape.S == 1;
  const std::int64_t rows =
      pointwise ? parts_of(shape.channels_per_group(), reshape_columns) : shape.channels_per_group() * shape.R;
  const std::int64_t sets = parts_of(shape.filters_per_group(), filters);  // of filters, in a group of the convolution
  return numbered(shape, shape.groups * sets * rows, [&](std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t) {
    const std::int64_t group = m / shape.filters_per_group();
    const std::int64_t set = group * sets + m % shape.filters_per_group() / filters;
    return set * rows + (pointwise ? c / reshape_columns : c * shape.R + r);
  });
}

WeightGroups whole_filters(const LayerShape& shape) {
  return numbered(shape, shape.M, [](std::int64_t m, auto, auto, auto) { return m; });
}

WeightGroups input_channels(const LayerShape& shape) {
  return numbered(shape, shape.C, [&](std::int64_t m, std::int64_t c, auto, auto) {
    return m / shape.filters_per_group() * shape.channels_per_group() + c;
  });
}

WeightGroups matrix_blocks(const LayerShape& shape, std::int64_t rows, std::int64_t columns) {
  const std::int64_t across = parts_of(shape.channels_per_group() * shape.R * shape.S, columns);
  return numbered(shape, parts_of(shape.M, rows) * across,
                  [&](std::int64_t m, std::int64_t c, std::int64_t r, std::int64_t s) {
                    return m / rows * across + ((c * shape.R + r) * shape.S + s) / columns;
                  });
}

}  // namespace rebasis::compress
