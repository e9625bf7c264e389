#include "workloads/encode/ternary.h"

#include <algorithm>
#include <limits>

#include "common/error.h"
#include "workloads/encode/bit_stream.h"

namespace rebasis::encode {
namespace {

constexpr std::uint32_t plus_one = 0b01, minus_one = 0b11, no_code = 0b10;

/// First weight of group `g` of a filter, and one past its last when called with g + 1.
std::size_t group_start(std::int64_t m, std::int64_t g, const trace::TernaryInfo& info, const LayerShape& shape) {
  const std::int64_t channels = shape.channels_per_group();
  const std::int64_t channel = g < info.groups_of_filter(shape) ? g * info.group_channels : channels;
  return static_cast<std::size_t>((m * channels + channel) * shape.R * shape.S);
}

std::vector<std::uint8_t> packed(std::span<const std::uint8_t> flags) {
  BitWriter writer;
  for (const std::uint8_t flag : flags) writer.write_bit(flag != 0);
  return writer.take();
}

}  // namespace

std::vector<std::uint8_t> group_flags(std::span<const std::int8_t> weights, const trace::TernaryInfo& info,
                                      const LayerShape& shape) {
  std::vector<std::uint8_t> flags;
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t g = 0; g < info.groups_of_filter(shape); ++g) {
      const std::size_t first = group_start(m, g, info, shape), last = group_start(m, g + 1, info, shape);
      const auto group = weights.subspan(first, last - first);
      flags.push_back(std::any_of(group.begin(), group.end(), [](std::int8_t w) { return w != 0; }) ? 1 : 0);
    }
  }
  return flags;
}

TernaryBits ternary_bits(std::span<const std::uint8_t> flags, const trace::TernaryInfo& info, const LayerShape& shape) {
  TernaryBits bits;
  bits.groups = static_cast<std::int64_t>(flags.size());
  bits.all_codes = 2 * static_cast<std::uint64_t>(shape.weights());
  bits.index = flags.size();
  const std::int64_t per_filter = info.groups_of_filter(shape);
  for (std::int64_t i = 0; i < bits.groups; ++i) {
    if (flags[static_cast<std::size_t>(i)] == 0) continue;
    const std::int64_t m = i / per_filter, g = i % per_filter;
    bits.nonzero_groups += 1;
    bits.kept_codes += 2 * (group_start(m, g + 1, info, shape) - group_start(m, g, info, shape));
  }
  return bits;
}

EncodedTernary encode(const TernaryForm& form, const LayerShape& shape) {
  if (form.weights.size() != static_cast<std::size_t>(shape.weights()))
    fail_internal("ternary weights do not match the layer's shape");
  BitWriter codes;
  for (const std::int8_t weight : form.weights) {
    if (weight < -1 || weight > 1) fail_internal("a ternary weight is " + std::to_string(weight));
    codes.write(weight == 0 ? 0U : weight > 0 ? plus_one : minus_one, 2);
  }
  return {codes.take(), packed(group_flags(form.weights, form.info, shape))};
}

std::vector<std::int8_t> decode_ternary(std::span<const std::uint8_t> codes, std::span<const std::uint8_t> group_index,
                                        const trace::TernaryInfo& info, const LayerShape& shape,
                                        const std::string& layer) {
  const auto fail = [&](const std::string& what) { fail_input("layer '" + layer + "': " + what); };
  if (info.group_channels < 1) fail("a group needs at least one channel");
  const auto count = static_cast<std::size_t>(shape.weights());
  if (codes.size() != (count + 3) / 4)
    fail("has " + std::to_string(codes.size()) + " bytes of ternary codes; its shape needs " +
         std::to_string((count + 3) / 4));
  BitReader reader(codes);
  std::vector<std::int8_t> weights(count);
  for (std::int8_t& weight : weights) {
    const std::uint32_t code = reader.read(2);
    if (code == no_code) fail("a ternary code is 10; 00, 01 (+1) and 11 (-1) are possible");
    weight = static_cast<std::int8_t>(code == plus_one ? 1 : code == minus_one ? -1 : 0);
  }
  while (reader.position() < reader.size()) {
    if (reader.read_bit()) fail("the padding of the ternary codes is not zero");
  }
  const std::vector<std::uint8_t> expected = packed(group_flags(weights, info, shape));
  if (!std::equal(expected.begin(), expected.end(), group_index.begin(), group_index.end()))
    fail("the group index does not agree with the ternary codes");
  return weights;
}

std::vector<double> weight_units(const TernaryForm& form, const LayerShape& shape) {
  std::vector<double> units(static_cast<std::size_t>(shape.M), static_cast<double>(form.alpha));
  for (std::size_t m = 0; m < form.channel_scale.size(); ++m) units[m] *= static_cast<double>(form.channel_scale[m]);
  return units;
}

double group_compression_rate(std::int64_t groups, std::int64_t nonzero_groups) {
  constexpr double original_bits = 32, ternary_bits = 2;
  if (nonzero_groups == 0) return std::numeric_limits<double>::infinity();
  return original_bits * static_cast<double>(groups) / (static_cast<double>(nonzero_groups) * ternary_bits);
}

}  // namespace rebasis::encode
