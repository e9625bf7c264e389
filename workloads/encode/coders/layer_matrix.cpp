#include "workloads/encode/coders/layer_matrix.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "workloads/encode/coders/part_bits.h"
#include "workloads/encode/layer_decoder.h"

namespace rebasis::encode {
namespace {

/// Two's complement bits that hold all values; at least 1.
int bits_of(const std::vector<std::int32_t>& values) {
  int bits = 1;
  for (const std::int32_t value : values) {
    bits = std::max(bits, bits_up_to(static_cast<std::uint64_t>(value < 0 ? ~value : value)) + 1);
  }
  return bits;
}

int quantised_bits(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  if (layer.encoding == "ternary") return 2;
  if (layer.encoding == "smartdeal") return bits_up_to(layer.smartdeal.exponents.size()) + 1;
  const auto found = layer.statistics.find("weight_bits");
  if (found == layer.statistics.end()) return 8;
  if (!(found->second >= 1 && found->second <= 16) || found->second != std::floor(found->second)) {
    fail_input(reader.path() + ": layer '" + layer.name + "': weight_bits is " + std::to_string(found->second) +
               "; a whole number from 1 to 16 would be right");
  }
  return static_cast<int>(found->second);
}

}  // namespace

WeightMatrix layer_matrix(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  WeightMatrix matrix;
  if (layer.encoding == "smartdeal") {
    const SmartDealForm form = decode(encoded_view(reader, layer), layer.smartdeal, layer.shape, layer.name);
    matrix.rows = form.filters * form.info.rows;
    matrix.columns = form.info.n;
    matrix.values.assign(form.coefficients.begin(), form.coefficients.end());
  } else {
    matrix.rows = layer.shape.M;
    matrix.columns = layer.shape.channels_per_group() * layer.shape.R * layer.shape.S;
    matrix.values = integer_weights(reader, layer);
  }
  matrix.bits = std::max(quantised_bits(reader, layer), bits_of(matrix.values));
  return matrix;
}

std::uint64_t uncoded_bytes(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  std::uint64_t bytes = 0;
  for (const char* part : {"weight_scale", "basis", "basis_shift", "alpha", "channel_scale"}) {
    const std::string name = layer.name + "/" + part;
    if (reader.has(name)) bytes += reader.tensor(name).bytes.size();
  }
  return bytes;
}

}  // namespace rebasis::encode
