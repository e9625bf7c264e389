#include "sim/scnn/clocked/broadcast.h"

#include <algorithm>

#include "sim/scnn/clocked/pe.h"
#include "sim/scnn/counters.h"

namespace rebasis::sim::scnn {

std::size_t BusSegment::stored() const {
  std::size_t sum = 0;
  for (const auto& vector : vectors) sum += vector.size();
  return sum;
}

namespace {

/// The stored weights of a block, with coordinates.
std::vector<BusWeight> decode_block(const DenseLayer& layer, const WeightOrder& order, std::int64_t channel,
                                    const encode::ZeroRunFormat& format) {
  const LayerShape& shape = layer.shape();
  std::vector<std::int32_t> dense;
  for (std::size_t i = 0; i < order.size(); ++i) {
    dense.push_back(layer.weight(order.filter(i), channel % shape.channels_per_group(), order.tap(i) / shape.S,
                                 order.tap(i) % shape.S));
  }
  const encode::ZeroRunBlock block = encode::encode_zero_runs(dense, format);
  std::vector<BusWeight> weights;
  std::size_t position = 0;
  for (std::size_t i = 0; i < block.values.size(); ++i, ++position) {
    position += block.runs[i];
    weights.push_back(
        {order.filter(position), order.tap(position) / shape.S, order.tap(position) % shape.S, block.values[i]});
  }
  return weights;
}

}  // namespace

std::vector<BusSegment> bus_segments(const DenseLayer& layer, const arch::ScnnSpec& spec, Range filters,
                                     Range channels) {
  const LayerShape& shape = layer.shape();
  const std::vector<std::int64_t> residues = used_residues(shape);
  const Range own = channels_of(shape, filters);
  std::vector<BusSegment> segments;
  for (std::int64_t c = std::max(channels.first, own.first); c < std::min(channels.last, own.last); ++c) {
    for (std::size_t residue = 0; residue < residues.size(); ++residue) {
      const auto weights =
          decode_block(layer, weight_order(shape, spec, filters, c, residues[residue]), c, format_of(spec));
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto in_vector = static_cast<std::int64_t>(i) % spec.weights_F;
        const std::int64_t vector = static_cast<std::int64_t>(i) / spec.weights_F;
        if (in_vector == 0 && vector % spec.segment_vectors() == 0) segments.push_back({c, residue, {}});
        if (in_vector == 0) segments.back().vectors.emplace_back();
        segments.back().vectors.back().push_back(weights[i]);
      }
    }
  }
  return segments;
}

void BroadcastLane::begin(std::vector<BusSegment> segments, std::vector<Pe*> pes, Cycle latency) {
  reading_ = latency;
  segments_ = std::move(segments);
  pes_ = std::move(pes);
  sent_.assign(pes_.size(), 0);
  segment_ = vector_ = 0;
  shown_ = next_ = {};
}

bool BroadcastLane::room_for(const BusSegment& segment, std::int64_t capacity) const {
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    if (!pes_[i]->wants(segment.channel, segment.residue)) continue;
    const std::int64_t held = sent_[i] - pes_[i]->vectors_freed();
    if (held + static_cast<std::int64_t>(segment.vectors.size()) > capacity) return false;
  }
  return true;
}

BroadcastLane::Activity BroadcastLane::evaluate(const arch::ScnnSpec& spec, StepBits& bits) {
  next_ = {};
  if (reading_ > 0) {
    --reading_;
    return Activity::reading;
  }
  if (all_sent()) return Activity::done;
  const BusSegment& segment = segments_[segment_];
  if (vector_ == 0) {
    if (!room_for(segment, spec.fifo_vectors)) return Activity::no_room;
    for (std::size_t i = 0; i < pes_.size(); ++i) {
      if (pes_[i]->wants(segment.channel, segment.residue))
        sent_[i] += static_cast<std::int64_t>(segment.vectors.size());
    }
  }
  const std::size_t last = std::min(vector_ + static_cast<std::size_t>(spec.broadcast_vectors), segment.vectors.size());
  next_ = {&segment, vector_, last};
  for (; vector_ < last; ++vector_)
    bits.weights += segment.vectors[vector_].size() * static_cast<std::size_t>(spec.stored_bits());
  if (vector_ == segment.vectors.size()) {
    ++segment_;
    vector_ = 0;
  }
  return Activity::sending;
}

void BroadcastLane::advance() { shown_ = next_; }

}  // namespace rebasis::sim::scnn
