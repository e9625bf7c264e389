#include "workloads/reuse/layer_reuse.h"

#include <algorithm>

namespace rebasis::reuse {
namespace {

template <class T>
std::vector<std::int32_t> as_integers(const trace::TensorView& view, std::size_t first, std::size_t count) {
  const auto values = view.as<T>().subspan(first, count);
  return {values.begin(), values.end()};
}

std::vector<std::int32_t> activations(const trace::TensorView& view, std::size_t first, std::size_t count) {
  switch (view.dtype) {
    case trace::DType::i8:
      return as_integers<std::int8_t>(view, first, count);
    case trace::DType::u16:
      return as_integers<std::uint16_t>(view, first, count);
    case trace::DType::i16:
      return as_integers<std::int16_t>(view, first, count);
    default:
      return as_integers<std::uint8_t>(view, first, count);
  }
}

std::int64_t depth_of(const LayerShape& shape) { return shape.channels_per_group() * shape.R * shape.S; }

}  // namespace

std::optional<HashVectors> vectors_of(const trace::TraceReader& trace, const trace::LayerInfo& layer,
                                      const Replacement& replacement) {
  const bool given = layer.reuse.on();
  if (layer.op != "conv" || (!given && (replacement.length == 0 || replacement.hashes == 0))) return std::nullopt;
  if (!replacement.any()) {
    const auto values = trace.tensor(layer.name + "/hash_vectors").as<std::int8_t>();
    return HashVectors{layer.reuse.length, layer.reuse.hashes, {values.begin(), values.end()}};
  }
  const std::int64_t length = replacement.length > 0 ? replacement.length : layer.reuse.length;
  return random_vectors(std::min(length, depth_of(layer.shape)),
                        replacement.hashes > 0 ? replacement.hashes : layer.reuse.hashes, replacement.seed);
}

Counts measure_layer(const trace::TraceReader& trace, const trace::LayerInfo& layer, const HashVectors& vectors,
                     std::int64_t batch) {
  trace.check_layer(layer);
  const trace::TensorView view = trace.tensor(layer.name + "/activations");
  const auto each = static_cast<std::size_t>(layer.shape.C * layer.shape.H * layer.shape.W);
  Counts counts;
  for (std::int64_t first = 0; first < layer.images; first += batch) {
    const std::int64_t images = std::min(batch, layer.images - first);
    const auto codes =
        activations(view, static_cast<std::size_t>(first) * each, static_cast<std::size_t>(images) * each);
    counts += count_buckets(im2row(layer.shape, codes, images), vectors);
  }
  return counts;
}

Work work_of(const LayerShape& shape, const HashVectors& vectors, double redundancy) {
  return {.groups = shape.groups,
          .rows = shape.E() * shape.F(),
          .depth = depth_of(shape),
          .filters = shape.filters_per_group(),
          .length = vectors.length,
          .hashes = vectors.hashes,
          .redundancy = redundancy};
}

}  // namespace rebasis::reuse
