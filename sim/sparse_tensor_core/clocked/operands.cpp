#include "sim/sparse_tensor_core/clocked/operands.h"

namespace rebasis::sim::sparse_tensor_core {

Nbin::Nbin(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
           const Activations& image, Counters& counters)
    : shape_(shape), spec_(spec), pattern_(pattern), image_(image), counters_(counters) {}

void Nbin::evaluate(const RowOperation& issued) {
  const diannao::Operation& op = issued.operation;
  next_.operation = op;
  next_.values.clear();
  if (!op.valid) return;
  ++counters_.blocks[diannao::nbin][op.inside ? Cause::busy : Cause::idle];  // zeros of the padding are not stored
  for (const ChannelGroup& group : issued.groups) {
    const std::int64_t h = op.e * shape_.stride_h + group.r * shape_.dilation_h - shape_.pad_top;
    const std::int64_t w = op.f * shape_.stride_w + group.s * shape_.dilation_w - shape_.pad_left;
    for (std::int64_t c = group.channels.first; c < group.channels.first + pattern_.of; ++c) {
      const bool stored = c < group.channels.last;
      next_.values.push_back(stored ? image_.at(c, h, w) : 0);
      if (stored && group.inside)
        counters_.actions[diannao::nbin_read] += static_cast<std::uint64_t>(spec_.element_bytes());
    }
  }
}

Sb::Sb(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern, Counters& counters)
    : layer_(layer), spec_(spec), pattern_(pattern), counters_(counters) {}

void Sb::evaluate(const RowOperation& issued) {
  const diannao::Operation& op = issued.operation;
  next_.operation = op;
  next_.values.clear();
  if (!op.valid) return;
  ++counters_.blocks[diannao::sb][Cause::busy];
  for (std::int64_t m = op.filter; m < op.filter + op.filters; ++m) {
    for (const ChannelGroup& group : issued.groups) {
      for (const Kept& kept : kept_weights(layer_, pattern_, m, group.channels, group.r, group.s))
        next_.values.push_back(kept.weight);
    }
  }
  std::uint64_t bytes = next_.values.size() * static_cast<std::uint64_t>(spec_.element_bytes());
  if (layer_.has_bias && op.first_chunk && op.begins_sum) bytes += static_cast<std::uint64_t>(op.filters * 4);
  counters_.actions[diannao::sb_read] += bytes;
}

IndexBuffer::IndexBuffer(const DenseLayer& layer, const Pattern& pattern, Counters& counters)
    : layer_(layer), pattern_(pattern), counters_(counters) {}

void IndexBuffer::evaluate(const RowOperation& issued) {
  const diannao::Operation& op = issued.operation;
  next_.operation = op;
  next_.values.clear();
  if (!op.valid) return;
  ++counters_.blocks[index_buffer][pattern_.dense() ? Cause::idle : Cause::busy];
  std::int64_t bits = 0;
  for (std::int64_t m = op.filter; m < op.filter + op.filters; ++m) {
    for (const ChannelGroup& group : issued.groups) {
      for (const Kept& kept : kept_weights(layer_, pattern_, m, group.channels, group.r, group.s)) {
        next_.values.push_back(static_cast<std::int32_t>(kept.position));
        bits += pattern_.position_bits();
      }
    }
  }
  counters_.actions[index_read] += static_cast<std::uint64_t>((bits + 7) / 8);  // a row is whole bytes
}

}  // namespace rebasis::sim::sparse_tensor_core
