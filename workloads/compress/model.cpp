#include "workloads/compress/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "common/error.h"

namespace rebasis::compress {

std::vector<double> weight_units(const Layer& layer) {
  if (layer.smartdeal) return encode::weight_units(*layer.smartdeal);
  if (layer.ternary) return encode::weight_units(*layer.ternary, layer.shape);
  if (!layer.int8) fail_internal("layer '" + layer.name + "' has no encoding yet");
  return {layer.int8->scales.begin(), layer.int8->scales.end()};
}

IntegerWeights integer_weights(const Layer& layer) {
  if (layer.smartdeal) return {encode::rebuild(*layer.smartdeal, layer.shape), weight_units(layer)};
  const std::vector<double> units = weight_units(layer);
  if (layer.ternary) return {{layer.ternary->weights.begin(), layer.ternary->weights.end()}, units};
  return {{layer.int8->weights.begin(), layer.int8->weights.end()}, units};
}

std::vector<float> rebuilt_weights(const Layer& layer) {
  const IntegerWeights integers = integer_weights(layer);
  const std::size_t filter_weights = integers.values.size() / integers.units.size();
  std::vector<float> weights(integers.values.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(integers.values[i] * integers.units[i / filter_weights]);
  }
  return weights;
}

std::vector<std::int32_t> integer_bias(const Layer& layer, double activation_scale) {
  const std::vector<double> units = weight_units(layer);
  std::vector<std::int32_t> bias(layer.bias.size());
  for (std::size_t m = 0; m < bias.size(); ++m) {
    if (units.at(m) == 0) continue;  // nothing but zero can be written in that unit
    const double scaled = std::round(static_cast<double>(layer.bias[m]) / (units[m] * activation_scale));
    bias[m] = static_cast<std::int32_t>(
        std::clamp<double>(scaled, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
  }
  return bias;
}

std::map<std::string, double> reuse_statistics(const Layer& layer, const reuse::Counts& counts, std::int64_t images) {
  const LayerShape& s = layer.shape;
  const std::int64_t depth = s.channels_per_group() * s.R * s.S, length = layer.reuse->vectors.length;
  const std::int64_t tables = s.groups * ((depth + length - 1) / length);
  const std::int64_t batches = (images + layer.reuse->batch - 1) / layer.reuse->batch;
  return {{"reuse_ratio", counts.redundancy()},
          {"reuse_buckets", static_cast<double>(counts.buckets) / static_cast<double>(tables * batches)},
          {"reuse_sub_vectors", static_cast<double>(tables * s.E() * s.F())},
          {"reuse_batch", static_cast<double>(layer.reuse->batch)}};
}

bool coarse(const Layer& layer) { return layer.ternary || (layer.int8 && (layer.pruned || layer.int8->bits < 8)); }

namespace {

void measure_groups(Layer& layer) {
  const encode::TernaryForm& form = *layer.ternary;
  const encode::TernaryBits bits =
      encode::ternary_bits(encode::group_flags(form.weights, form.info, layer.shape), form.info, layer.shape);
  const auto groups = static_cast<double>(bits.groups), used = static_cast<double>(bits.nonzero_groups);
  layer.statistics["group_channels"] = static_cast<double>(form.info.group_channels);
  layer.statistics["groups"] = groups;
  layer.statistics["nonzero_groups"] = used;
  layer.statistics["group_sparsity"] = 1 - used / groups;
  if (bits.nonzero_groups > 0)
    layer.statistics["group_compression_rate"] = encode::group_compression_rate(bits.groups, bits.nonzero_groups);
}

void describe_code(Layer& layer) {
  const Int8Form& form = *layer.int8;
  if (form.bits < 8) layer.statistics["weight_bits"] = form.bits;
  if (form.shared_scale) layer.statistics["weight_scales"] = 1;
  if (form.zero_points > 0) layer.statistics["weight_zero_points"] = static_cast<double>(form.zero_points);
}

}  // namespace

void measure(Layer& layer, const std::vector<float>& original) {
  const std::vector<float> rebuilt = rebuilt_weights(layer);
  const bool pointwise = layer.shape.R == 1 && layer.shape.S == 1;
  const std::size_t filter_weights = rebuilt.size() / static_cast<std::size_t>(layer.shape.M);
  const std::size_t row = layer.smartdeal ? static_cast<std::size_t>(layer.smartdeal->info.n)
                          : pointwise     ? std::size_t{3}
                                          : static_cast<std::size_t>(layer.shape.S);
  double zeros = 0, error = 0, norm = 0, rows = 0, zero_rows = 0;
  for (std::size_t first = 0; first < rebuilt.size(); first += filter_weights) {
    for (std::size_t i = 0; i < filter_weights; i += row) {
      const std::size_t end = std::min(i + row, filter_weights);
      std::size_t row_zeros = 0;
      for (std::size_t k = first + i; k < first + end; ++k) {
        row_zeros += rebuilt[k] == 0.0F ? 1 : 0;
        const double difference = static_cast<double>(rebuilt[k]) - static_cast<double>(original[k]);
        error += difference * difference;
        norm += static_cast<double>(original[k]) * static_cast<double>(original[k]);
      }
      zeros += static_cast<double>(row_zeros);
      rows += 1;
      zero_rows += row_zeros == end - i ? 1 : 0;
    }
  }
  layer.statistics["weight_value_sparsity"] = zeros / static_cast<double>(rebuilt.size());
  layer.statistics["weight_row_sparsity"] = zero_rows / rows;
  if (layer.ternary) measure_groups(layer);
  if (layer.int8) describe_code(layer);
  layer.statistics["weight_error"] = norm > 0 ? std::sqrt(error / norm) : 0.0;
}

}  // namespace rebasis::compress
