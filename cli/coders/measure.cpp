#include "cli/coders/measure.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>

#include "common/error.h"
#include "workloads/encode/coders/layer_matrix.h"

namespace rebasis::cli {
namespace {

using encode::Coder;
using encode::CoderRegistry;

/// Seconds that `work` takes.
template <class Work>
double seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

CodedSize measure(const std::string& name, const encode::WeightMatrix& matrix, const std::string& layer, bool timed) {
  const std::unique_ptr<Coder> coder = CoderRegistry::global().create(name);
  encode::CodedMatrix coded;
  encode::WeightMatrix decoded;
  CodedSize size;
  for (int repetition = 0; repetition < (timed ? 3 : 1); ++repetition) {
    const double encode_s = seconds([&] { coded = coder->encode(matrix); });
    const double decode_s = seconds([&] { decoded = coder->decode(coded.bytes, encode::shape_of(matrix)); });
    if (!timed) break;
    size.encode_s = repetition == 0 ? encode_s : std::min(size.encode_s, encode_s);
    size.decode_s = repetition == 0 ? decode_s : std::min(size.decode_s, decode_s);
  }
  if (decoded != matrix) fail_internal("coder '" + name + "' does not decode layer '" + layer + "' to what it encoded");
  if (coded.total_bits() > 8 * std::uint64_t{coded.bytes.size()})
    fail_internal("coder '" + name + "' counts more bits than it stores of layer '" + layer + "'");
  size.bytes = coded.bytes.size();
  size.bits = coded.bits;
  return size;
}

LayerSizesByCoder measure_layer(const trace::TraceReader& reader, const trace::LayerInfo& layer,
                                const std::vector<std::string>& coders, bool timed, Progress& progress) {
  reader.check_layer(layer);
  const encode::WeightMatrix matrix = encode::layer_matrix(reader, layer);
  LayerSizesByCoder sizes;
  sizes.name = layer.name;
  sizes.encoding = layer.encoding;
  sizes.synthetic = layer.weight_provenance == "synthetic";
  sizes.rows = matrix.rows;
  sizes.columns = matrix.columns;
  sizes.bits = matrix.bits;
  sizes.values = matrix.values.size();
  sizes.zeros = static_cast<std::uint64_t>(std::count(matrix.values.begin(), matrix.values.end(), 0));
  sizes.weights = static_cast<std::uint64_t>(layer.shape.weights());
  sizes.uncoded_bytes = encode::uncoded_bytes(reader, layer);
  for (const std::string& coder : coders) {
    sizes.coders[coder] = measure(coder, matrix, layer.name, timed);
    progress.advance(1, layer.name);
  }
  return sizes;
}

void add(CodedSize& sum, const CodedSize& size) {
  sum.bytes += size.bytes;
  for (const auto& [part, bits] : size.bits) sum.bits[part] += bits;
  sum.encode_s += size.encode_s;
  sum.decode_s += size.decode_s;
}

}  // namespace

const std::string& LayerSizesByCoder::best() const {
  return std::min_element(coders.begin(), coders.end(),
                          [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; })
      ->first;
}

std::vector<LayerSizesByCoder> measure_coders(const trace::TraceReader& reader,
                                              const std::vector<const trace::LayerInfo*>& layers,
                                              const std::vector<std::string>& coders, bool timed, Progress& progress) {
  std::vector<LayerSizesByCoder> sizes(layers.size());
  const auto one = [&](std::size_t i) { sizes[i] = measure_layer(reader, *layers[i], coders, timed, progress); };
  if (timed) {
    for (std::size_t i = 0; i < layers.size(); ++i) one(i);
  } else {
    tbb::parallel_for(std::size_t{0}, layers.size(), one);
  }
  return sizes;
}

CoderTotals total_of(const std::vector<LayerSizesByCoder>& layers) {
  CoderTotals totals;
  for (const LayerSizesByCoder& layer : layers) {
    totals.values += layer.values;
    totals.zeros += layer.zeros;
    totals.weights += layer.weights;
    totals.uncoded_bytes += layer.uncoded_bytes;
    totals.fp32_bytes += layer.fp32_bytes();
    totals.dense_bytes += layer.dense_bytes();
    totals.dense_bits += static_cast<double>(layer.values) * layer.bits;
    for (const auto& [name, size] : layer.coders) add(totals.coders[name], size);
    add(totals.coders[best_of_each], layer.coders.at(layer.best()));
    ++totals.coders[best_of_each].bytes;
    ++totals.best_in[layer.best()];
  }
  return totals;
}

}  // namespace rebasis::cli
