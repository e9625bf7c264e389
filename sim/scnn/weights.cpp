#include "sim/scnn/weights.h"

#include <algorithm>

#include "sim/scnn/geometry.h"

namespace rebasis::sim::scnn {

encode::ZeroRunFormat format_of(const arch::ScnnSpec& spec) {
  return {static_cast<unsigned>(spec.precision_bits), static_cast<unsigned>(spec.run_bits)};
}

Range channels_of(const LayerShape& shape, Range filters) {
  const std::int64_t first = filters.first / shape.filters_per_group(), last = (filters.last - 1) / shape.filters_per_group() + 1;
  return {first * shape.channels_per_group(), last * shape.channels_per_group()};
}

WeightOrder weight_order(const LayerShape& shape, const arch::ScnnSpec& spec, Range filters, std::int64_t channel, std::int64_t residue) {
  const std::int64_t group = channel / shape.channels_per_group(), per_group = shape.filters_per_group();
  WeightOrder order{{std::max(filters.first, group * per_group), std::min(filters.last, (group + 1) * per_group)}, {}, spec.weight_order == "filters"};
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  for (const std::int64_t r : taps_of(rows, residue / shape.stride_w)) {
    for (const std::int64_t s : taps_of(columns, residue % shape.stride_w)) order.taps.push_back(r * shape.S + s);
  }
  return order;
}

WeightStream weight_stream(const DenseLayer& layer, const arch::ScnnSpec& spec, Range filters) {
  const LayerShape& shape = layer.shape();
  const encode::ZeroRunFormat format = format_of(spec);
  const std::vector<std::int64_t> residues = used_residues(shape);
  const Range channels = channels_of(shape, filters);
  const std::int64_t taps = shape.R * shape.S;
  WeightStream stream;
  stream.filters = filters;
  stream.stored_before.push_back(0);
  stream.header_before.push_back(0);
  std::uint64_t headers = 0;
  for (std::int64_t c = channels.first; c < channels.last; ++c) {
    for (std::size_t residue = 0; residue < residues.size(); ++residue) {
      const WeightOrder order = weight_order(shape, spec, filters, c, residues[residue]);
      WeightBlock block{c, residue, stream.stored.size(), 0};
      headers += encode::header_bits(order.size());
      std::size_t zeros = 0;
      const auto visit = [&](std::int64_t m, std::int64_t tap) {
        const std::int8_t value = layer.weights[static_cast<std::size_t>((m * shape.channels_per_group() + c % shape.channels_per_group()) * taps + tap)];
        if (value == 0) {
          ++zeros;
          return;
        }
        for (std::size_t p = encode::placeholders(zeros, format); p > 0; --p) stream.stored.push_back({static_cast<std::int32_t>(m), static_cast<std::int16_t>(tap), 0});
        stream.stored.push_back({static_cast<std::int32_t>(m), static_cast<std::int16_t>(tap), value});
        zeros = 0;
      };
      if (order.filters_fastest) {
        for (const std::int64_t tap : order.taps) {
          for (std::int64_t m = order.filters.first; m < order.filters.last; ++m) visit(m, tap);
        }
      } else {
        for (std::int64_t m = order.filters.first; m < order.filters.last; ++m) {
          for (const std::int64_t tap : order.taps) visit(m, tap);
        }
      }
      block.stored = stream.stored.size() - block.first;
      if (block.stored > 0) stream.blocks.push_back(block);
    }
    stream.stored_before.push_back(stream.stored.size());
    stream.header_before.push_back(headers);
  }
  return stream;
}

}  // namespace rebasis::sim::scnn
