#include "sim/trec/layer.h"

namespace rebasis::sim::trec {

ReuseLayer load_reuse_layer(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  ReuseLayer layer{load_dense_layer(trace, info), {info.reuse.length, info.reuse.hashes, {}}};
  const auto vectors = trace.tensor(info.name + "/hash_vectors").as<std::int8_t>();
  layer.hash.values.assign(vectors.begin(), vectors.end());
  return layer;
}

std::vector<std::int64_t> reused_outputs(const ReuseLayer& layer, const Activations& image, std::int64_t tile_rows) {
  const LayerShape& shape = layer.shape();
  reuse::Rows all = reuse::im2row(shape, image.values(), 1);
  for (std::int64_t first = 0; first < shape.E(); first += tile_rows) {
    const std::int64_t begin = first * shape.F(), end = std::min(first + tile_rows, shape.E()) * shape.F();
    reuse::Rows tile{shape.groups, end - begin, all.depth, {}};
    for (std::int64_t g = 0; g < shape.groups; ++g) {
      for (std::int64_t n = begin; n < end; ++n) {
        const auto row = all.row(g, n);
        tile.values.insert(tile.values.end(), row.begin(), row.end());
      }
    }
    reuse::replace_by_centroids(tile, layer.hash);
    for (std::int64_t g = 0; g < shape.groups; ++g) {
      for (std::int64_t n = begin; n < end; ++n) {
        const auto row = tile.row(g, n - begin);
        std::copy(row.begin(), row.end(), all.row(g, n).begin());
      }
    }
  }
  return reuse::multiply(all, shape, layer.dense.weights);
}

}  // namespace rebasis::sim::trec
