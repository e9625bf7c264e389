#include "sim/scnn/weights.h"

#include <algorithm>

#include "sim/scnn/geometry.h"

namespace rebasis::sim::scnn {

encode::ZeroRunFormat format_of(const arch::ScnnSpec& spec) {
  return {static_cast<unsigned>(spec.precision_bits), static_cast<unsigned>(spec.run_bits)};
}

Range channels_of(const LayerShape& shape, Range filters) {
  const std::int64_t first = filters.first / shape.filters_per_group(),
                     last = (filters.last - 1) / shape.filters_per_group() + 1;
  return {first * shape.channels_per_group(), last * shape.channels_per_group()};
}

namespace {

/// Those of `filters` that read the channel.
Range filters_of(const LayerShape& shape, Range filters, std::int64_t channel) {
  const std::int64_t group = channel / shape.channels_per_group(), per_group = shape.filters_per_group();
  return {std::max(filters.first, group * per_group), std::min(filters.last, (group + 1) * per_group)};
}

}  // namespace

WeightOrder weight_order(const LayerShape& shape, const arch::ScnnSpec& spec, Range filters, std::int64_t channel,
                         std::int64_t residue) {
  WeightOrder order{filters_of(shape, filters, channel), {}, spec.weight_order == "filters"};
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  for (const std::int64_t r : taps_of(rows, residue / shape.stride_w)) {
    for (const std::int64_t s : taps_of(columns, residue % shape.stride_w)) order.taps.push_back(r * shape.S + s);
  }
  return order;
}

std::size_t append_block(const DenseLayer& layer, const WeightOrder& order, std::int64_t channel,
                         const encode::ZeroRunFormat& format, std::vector<StoredWeight>& stored) {
  const LayerShape& shape = layer.shape();
  const std::int64_t taps = shape.R * shape.S, filter_stride = shape.channels_per_group() * taps;
  const std::int8_t* const weights = layer.weights.data() + channel % shape.channels_per_group() * taps;
  const std::size_t before = stored.size();
  std::size_t zeros = 0;
  const auto visit = [&](std::int64_t m, std::int64_t tap) {
    const std::int8_t value = weights[m * filter_stride + tap];
    if (value == 0) {
      ++zeros;
      return;
    }
    const auto at = [&](std::int8_t stored_value) {
      return StoredWeight{static_cast<std::int32_t>(m), static_cast<std::int16_t>(tap), stored_value};
    };
    for (std::size_t p = encode::placeholders(zeros, format); p > 0; --p) stored.push_back(at(0));
    stored.push_back(at(value));
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
  return stored.size() - before;
}

void weight_places(const LayerShape& shape, const arch::ScnnSpec& spec, Range filters, Range channels,
                   std::vector<std::int32_t>& places) {
  const std::int64_t taps = shape.R * shape.S, depth = shape.channels_per_group();
  for (std::int64_t c = channels.first; c < channels.last; ++c) {
    for (const std::int64_t residue : used_residues(shape)) {
      const WeightOrder order = weight_order(shape, spec, filters, c, residue);
      for (std::size_t i = 0; i < order.size(); ++i)
        places.push_back(static_cast<std::int32_t>((order.filter(i) * depth + c % depth) * taps + order.tap(i)));
    }
  }
}

WeightStream weight_stream(const DenseLayer& layer, const arch::ScnnSpec& spec, Range filters) {
  const LayerShape& shape = layer.shape();
  const encode::ZeroRunFormat format = format_of(spec);
  const std::vector<std::int64_t> residues = used_residues(shape);
  const Range channels = channels_of(shape, filters);
  std::vector<std::vector<std::int64_t>> taps;  // of each residue class: the same in every channel
  for (const std::int64_t residue : residues)
    taps.push_back(weight_order(shape, spec, filters, channels.first, residue).taps);
  WeightStream stream;
  stream.filters = filters;
  stream.stored_before.push_back(0);
  stream.header_before.push_back(0);
  std::uint64_t headers = 0;
  for (std::int64_t c = channels.first; c < channels.last; ++c) {
    for (std::size_t residue = 0; residue < residues.size(); ++residue) {
      const WeightOrder order{filters_of(shape, filters, c), taps[residue], spec.weight_order == "filters"};
      headers += encode::header_bits(order.size());
      WeightBlock block{c, residue, stream.stored.size(), 0};
      block.stored = append_block(layer, order, c, format, stream.stored);
      if (block.stored > 0) stream.blocks.push_back(block);
    }
    stream.stored_before.push_back(stream.stored.size());
    stream.header_before.push_back(headers);
  }
  return stream;
}

}  // namespace rebasis::sim::scnn
