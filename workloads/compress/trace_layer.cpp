#include "workloads/compress/trace_layer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"

namespace rebasis::compress {
namespace {

template <class T>
void add(trace::TraceWriter& writer, const std::string& layer, const char* part, const Shape& shape,
         const std::vector<T>& values) {
  writer.add<T>(layer + "/" + part, shape, std::span<const T>(values));
}

template <class T>
void add_flat(trace::TraceWriter& writer, const std::string& layer, const char* part, const std::vector<T>& values) {
  add(writer, layer, part, {static_cast<std::int64_t>(values.size())}, values);
}

void add_smartdeal(trace::TraceWriter& writer, const Layer& layer, trace::LayerInfo& info) {
  const encode::SmartDealForm& form = *layer.smartdeal;
  info.encoding = "smartdeal";
  info.smartdeal = form.info;
  const encode::EncodedCoefficients encoded = encode::encode(form);
  add_flat(writer, layer.name, "row_index", encoded.row_index);
  add_flat(writer, layer.name, "element_index", encoded.element_index);
  add_flat(writer, layer.name, "coefficients", encoded.coefficients);
  add_flat(writer, layer.name, "code_lengths", encoded.code_lengths);
  add_flat(writer, layer.name, "filter_bits", encoded.filter_bits);
  const std::int64_t slices = static_cast<std::int64_t>(form.info.slice_rows.size());
  add(writer, layer.name, "basis", {form.filters, slices, form.info.n, form.info.n}, form.basis);
  add_flat(writer, layer.name, "basis_shift", form.basis_shift);
}

void add_ternary(trace::TraceWriter& writer, const Layer& layer, trace::LayerInfo& info) {
  const encode::TernaryForm& form = *layer.ternary;
  info.encoding = "ternary";
  info.ternary = form.info;
  const encode::EncodedTernary encoded = encode::encode(form, layer.shape);
  add_flat(writer, layer.name, "codes", encoded.codes);
  add_flat(writer, layer.name, "group_index", encoded.group_index);
  add_flat(writer, layer.name, "alpha", std::vector<float>{form.alpha});
  if (!form.channel_scale.empty()) add_flat(writer, layer.name, "channel_scale", form.channel_scale);
}

void add_int8(trace::TraceWriter& writer, const Layer& layer, trace::LayerInfo& info) {
  if (!layer.int8) fail_internal("layer '" + layer.name + "' has no encoding yet");
  info.encoding = "dense-int8";
  const LayerShape& s = layer.shape;
  add(writer, layer.name, "weights", {s.M, s.channels_per_group(), s.R, s.S}, layer.int8->weights);
  add_flat(writer, layer.name, "weight_scale", layer.int8->scales);
}

void add_reuse(trace::TraceWriter& writer, const Layer& layer, const LayerActivations& activations,
               trace::LayerInfo& info) {
  const reuse::HashVectors& vectors = layer.reuse->vectors;
  info.reuse = {vectors.length, vectors.hashes};
  add(writer, layer.name, "hash_vectors", {vectors.hashes, vectors.length}, vectors.values);
  if (info.statistics.contains("reuse_ratio")) return;
  const std::int64_t each = layer.shape.C * layer.shape.H * layer.shape.W, batch = layer.reuse->batch;
  reuse::Counts counts;
  for (std::int64_t first = 0; first < activations.images; first += batch) {
    const std::int64_t count = std::min(batch, activations.images - first);
    const auto codes =
        activations.codes.subspan(static_cast<std::size_t>(first * each), static_cast<std::size_t>(count * each));
    counts += reuse::count_buckets(reuse::im2row(layer.shape, codes, count), vectors);
  }
  info.statistics.merge(reuse_statistics(layer, counts, activations.images));
}

template <class T>
void add_activations(trace::TraceWriter& writer, const Layer& layer, const LayerActivations& activations) {
  std::vector<T> codes;
  codes.reserve(activations.codes.size());
  for (const std::int32_t code : activations.codes) {
    if (!std::in_range<T>(code))
      fail_internal("layer '" + layer.name + "': activation code " + std::to_string(code) + " is out of range");
    codes.push_back(static_cast<T>(code));
  }
  const LayerShape& s = layer.shape;
  if (static_cast<std::int64_t>(codes.size()) != activations.images * s.C * s.H * s.W) {
    fail_internal("layer '" + layer.name + "': activations do not match the shape");
  }
  add(writer, layer.name, "activations", {activations.images, s.C, s.H, s.W}, codes);
}

}  // namespace

trace::LayerInfo add_layer(trace::TraceWriter& writer, const Layer& layer, const LayerActivations& activations) {
  trace::LayerInfo info;
  info.name = layer.name;
  info.op = layer.op;
  info.shape = layer.shape;
  info.weight_provenance = layer.weight_provenance;
  info.activations = activations.info;
  info.images = activations.images;
  info.statistics = layer.statistics;
  const bool wide = activations.info.bits > 8;
  if (activations.info.is_signed) {
    wide ? add_activations<std::int16_t>(writer, layer, activations)
         : add_activations<std::int8_t>(writer, layer, activations);
  } else {
    wide ? add_activations<std::uint16_t>(writer, layer, activations)
         : add_activations<std::uint8_t>(writer, layer, activations);
  }
  if (!layer.bias.empty()) add_flat(writer, layer.name, "bias", integer_bias(layer, activations.info.scale));
  if (layer.smartdeal) {
    add_smartdeal(writer, layer, info);
  } else if (layer.ternary) {
    add_ternary(writer, layer, info);
  } else {
    add_int8(writer, layer, info);
  }
  if (layer.reuse) add_reuse(writer, layer, activations, info);
  return info;
}

}  // namespace rebasis::compress
