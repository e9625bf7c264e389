#include "workloads/encode/sizes.h"

#include <string>
#include <vector>

#include "common/error.h"
#include "workloads/encode/bit_stream.h"
#include "workloads/encode/ternary.h"

namespace rebasis::encode {

LayerSizes& LayerSizes::operator+=(const LayerSizes& other) {
  coefficients += other.coefficients;
  basis += other.basis;
  codes += other.codes;
  index += other.index;
  tables += other.tables;
  dense += other.dense;
  bias += other.bias;
  fp32 += other.fp32;
  return *this;
}

namespace {

/// Bytes of the codes of the groups that are not all zero.
std::uint64_t kept_code_bytes(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  BitReader index(reader.tensor(layer.name + "/group_index").as<std::uint8_t>());
  const auto groups = static_cast<std::uint64_t>(layer.shape.M * layer.ternary.groups_of_filter(layer.shape));
  if (index.size() < groups) fail_input(reader.path() + ": layer '" + layer.name + "': the group index is too short");
  std::vector<std::uint8_t> flags(groups);
  for (std::uint8_t& flag : flags) flag = index.read_bit() ? 1 : 0;
  return (ternary_bits(flags, layer.ternary, layer.shape).kept_codes + 7) / 8;
}

/// The statistic `name`, when it is a whole number from `least` to `most`.
std::uint64_t whole_number(const trace::LayerInfo& layer, const char* name, double least, double most,
                           std::uint64_t otherwise) {
  const auto found = layer.statistics.find(name);
  if (found == layer.statistics.end() || !(found->second >= least && found->second <= most)) return otherwise;
  const auto number = static_cast<std::uint64_t>(found->second);
  return static_cast<double>(number) == found->second ? number : otherwise;
}

std::uint64_t dense_bytes(const trace::LayerInfo& layer) {
  const DenseCode code = dense_code(layer);
  const auto weights = static_cast<std::uint64_t>(layer.shape.weights());
  return (weights * code.bits + 7) / 8 + sizeof(float) * code.scales + code.zero_points;
}

}  // namespace

DenseCode dense_code(const trace::LayerInfo& layer) {
  const auto filters = static_cast<std::uint64_t>(layer.shape.M);
  const auto most = static_cast<double>(filters);
  return {.bits = whole_number(layer, "weight_bits", 1, 8, 8),
          .scales = whole_number(layer, "weight_scales", 1, most, filters),
          .zero_points = whole_number(layer, "weight_zero_points", 0, most, 0)};
}

LayerSizes layer_sizes(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  const auto bytes = [&](const char* part) -> std::uint64_t {
    const std::string name = layer.name + "/" + part;
    return reader.has(name) ? reader.tensor(name).bytes.size() : 0;
  };
  LayerSizes sizes;
  sizes.coefficients = bytes("coefficients");
  sizes.basis = bytes("basis");
  sizes.index = bytes("row_index") + bytes("element_index") + bytes("group_index");
  sizes.tables =
      bytes("code_lengths") + bytes("filter_bits") + bytes("basis_shift") + bytes("alpha") + bytes("channel_scale");
  if (layer.encoding == "ternary") sizes.codes = kept_code_bytes(reader, layer);
  if (layer.encoding == "dense-int8") sizes.dense = dense_bytes(layer);
  sizes.bias = bytes("bias");
  sizes.fp32 = 4 * static_cast<std::uint64_t>(layer.shape.weights()) + sizes.bias;
  return sizes;
}

double compression_rate(const LayerSizes& sizes) {
  return sizes.total() == 0 ? 0.0 : static_cast<double>(sizes.fp32) / static_cast<double>(sizes.total());
}

}  // namespace rebasis::encode
