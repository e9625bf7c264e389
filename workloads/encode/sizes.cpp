#include "workloads/encode/sizes.h"

#include <string>

namespace rebasis::encode {

LayerSizes& LayerSizes::operator+=(const LayerSizes& other) {
  coefficients += other.coefficients;
  basis += other.basis;
  index += other.index;
  tables += other.tables;
  dense += other.dense;
  bias += other.bias;
  fp32 += other.fp32;
  return *this;
}

LayerSizes layer_sizes(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  const auto bytes = [&](const char* part) -> std::uint64_t {
    const std::string name = layer.name + "/" + part;
    return reader.has(name) ? reader.tensor(name).bytes.size() : 0;
  };
  LayerSizes sizes;
  sizes.coefficients = bytes("coefficients");
  sizes.basis = bytes("basis");
  sizes.index = bytes("row_index") + bytes("element_index");
  sizes.tables = bytes("code_lengths") + bytes("filter_bits") + bytes("basis_shift");
  sizes.dense = bytes("weights") + bytes("weight_scale");
  sizes.bias = bytes("bias");
  sizes.fp32 = 4 * static_cast<std::uint64_t>(layer.shape.weights()) + sizes.bias;
  return sizes;
}

double compression_rate(const LayerSizes& sizes) {
  return sizes.total() == 0 ? 0.0 : static_cast<double>(sizes.fp32) / static_cast<double>(sizes.total());
}

}  // namespace rebasis::encode
