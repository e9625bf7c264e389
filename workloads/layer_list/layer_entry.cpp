#include "workloads/layer_list/layer_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "common/error.h"
#include "common/text/yaml.h"
#include "workloads/encode/ternary.h"
#include "workloads/layer_list/quantise.h"
#include "workloads/trace/layer_limits.h"

namespace rebasis::layer_list {
namespace {

constexpr const char* conv = "conv";

class LayerEntry {
 public:
  LayerEntry(const YAML::Node& node, const std::string& list_path, TensorFiles& files, Trace& trace)
      : map_(node, list_path, "a layer",
             {"name", "op", "weights", "weight_scale", "group_channels", "smartdeal", "bias", "activations",
              "activation_scale", "activation_bits", "kernel", "stride", "pads", "dilation", "groups",
              "weight_provenance", "activation_provenance"}),
        list_path_(list_path),
        files_(files),
        trace_(trace) {}

  void add() {
    info_.name = map_.text("name");
    const auto& layers = trace_.metadata.layers;
    const bool taken =
        std::any_of(layers.begin(), layers.end(), [&](const auto& other) { return other.name == info_.name; });
    if (taken) map_.fail("name", "two layers are named '" + info_.name + "'");
    info_.op = map_.one_of("op", {conv, "fc"}, conv);
    info_.weight_provenance = map_.one_of("weight_provenance", {"trained", "synthetic"});
    info_.activations.provenance = map_.one_of("activation_provenance", {"real", "synthetic"});
    if (map_.has("weights") == map_.has("smartdeal")) map_.fail("", "a layer needs either 'weights' or 'smartdeal'");
    geometry();
    activations();
    if (map_.has("group_channels") && map_.has("smartdeal"))
      map_.fail("group_channels", "'group_channels' makes 'weights' ternary; it does not go with 'smartdeal'");
    const std::vector<double> unit = map_.has("smartdeal") ? add_smartdeal(map_, list_path_, files_, info_, trace_)
                                     : map_.has("group_channels") ? ternary_weights()
                                                                  : dense_weights();
    bias(unit);
    check();
    trace_.metadata.layers.push_back(info_);
  }

 private:
  void geometry() {
    LayerShape& s = info_.shape;
    const auto pair = [&](const char* key, std::int64_t& first, std::int64_t& second) {
      if (!map_.has(key)) return;
      if (info_.op != conv) map_.fail(key, std::string("'") + key + "' belongs to convolutions");
      const auto values = map_.integers(key, 2, 1, trace::max_kernel);
      first = values[0];
      second = values[1];
    };
    pair("stride", s.stride_h, s.stride_w);
    pair("dilation", s.dilation_h, s.dilation_w);
    if (map_.has("kernel") && map_.has("weights"))
      map_.fail("kernel", "'kernel' is known from the weights; it goes with 'smartdeal'");
    pair("kernel", s.R, s.S);
    if (map_.has("groups")) s.groups = map_.integer("groups", 1, trace::max_channels);
    if (!map_.has("pads")) return;
    const auto pads = map_.integers("pads", 4, 0, trace::max_kernel);
    s.pad_top = pads[0];
    s.pad_left = pads[1];
    s.pad_bottom = pads[2];
    s.pad_right = pads[3];
  }

  /// [N][C][H][W], or [N][C] for a fully-connected layer.
  void activation_shape(Shape shape) {
    if (info_.op != conv && shape.size() == 2) shape.insert(shape.end(), {1, 1});
    if (shape.size() != 4 || std::find(shape.begin(), shape.end(), 0) != shape.end()) {
      map_.fail("activations", info_.op == conv ? "activations: a tensor [N][C][H][W] is needed"
                                                : "activations: a tensor [N][C] is needed");
    }
    info_.images = shape[0];
    info_.shape.C = shape[1];
    info_.shape.H = shape[2];
    info_.shape.W = shape[3];
  }

  void activations() {
    const io::AnyTensor tensor = files_.read(map_, "activations");
    activation_shape(shape_of(tensor));
    trace::ActivationInfo& a = info_.activations;
    a.bits = map_.has("activation_bits")
                 ? static_cast<int>(map_.integer("activation_bits", 1, trace::max_activation_bits))
                 : 8;
    if (is_float(tensor)) {
      float_activations(finite_floats(tensor, map_, "activations"));
      return;
    }
    if (map_.has("activation_scale")) a.scale = positive("activation_scale");
    a.is_signed = std::holds_alternative<Tensor<std::int8_t>>(tensor) || has_negative(tensor);
    if (a.is_signed && a.bits > 8) return integer_activations<std::int16_t>(tensor);
    if (a.is_signed) return integer_activations<std::int8_t>(tensor);
    if (a.bits > 8) return integer_activations<std::uint16_t>(tensor);
    integer_activations<std::uint8_t>(tensor);
  }

  /// Adds integers of `activations.bits` bits as T.
  template <class T>
  void integer_activations(const io::AnyTensor& tensor) {
    const int bits = info_.activations.bits;
    const std::int64_t high = (std::int64_t{1} << (std::is_signed_v<T> ? bits - 1 : bits)) - 1;
    const std::int64_t low = std::is_signed_v<T> ? -high - 1 : 0;
    trace_.add(info_.name, "activations", stored_shape(), integers_within<T>(tensor, low, high, map_, "activations"));
  }

  void float_activations(const Tensor<float>& values) {
    trace::ActivationInfo& a = info_.activations;
    a.is_signed = *std::min_element(values.values.begin(), values.values.end()) < 0;
    const int high = a.is_signed ? (1 << (a.bits - 1)) - 1 : (1 << a.bits) - 1;
    if (!map_.has("activation_scale"))
      map_.fail("activations",
                "activations are floats: give 'activation_scale', a number or auto, to quantise them with");
    if (map_.text("activation_scale") == "auto") {
      float largest = 0;
      for (const float value : values.values) largest = std::max(largest, std::abs(value));
      a.scale = largest > 0 ? static_cast<double>(largest) / std::max(high, 1) : 1.0;
    } else {
      a.scale = positive("activation_scale");
    }
    trace_.notes.push_back(
        fmt::format("{}: activations quantised to {} bits with scale {}", info_.name, a.bits, a.scale));
    const int low = a.is_signed ? -high : 0;
    const auto add = [&](const auto& codes) { trace_.add(info_.name, "activations", stored_shape(), codes); };
    if (a.is_signed && a.bits > 8) return add(quantise_activations<std::int16_t>(values, a.scale, low, high));
    if (a.is_signed) return add(quantise_activations<std::int8_t>(values, a.scale, low, high));
    if (a.bits > 8) return add(quantise_activations<std::uint16_t>(values, a.scale, low, high));
    add(quantise_activations<std::uint8_t>(values, a.scale, low, high));
  }

  [[nodiscard]] Shape stored_shape() const { return {info_.images, info_.shape.C, info_.shape.H, info_.shape.W}; }

  /// The unit of each filter's integer weights.
  std::vector<double> dense_weights() {
    info_.encoding = "dense-int8";
    const io::AnyTensor tensor = files_.read(map_, "weights");
    dense_shape(shape_of(tensor));
    QuantisedWeights weights;
    if (is_float(tensor)) {
      weights = quantise_weights(finite_floats(tensor, map_, "weights"),
                                 map_.has("weight_scale") ? weight_scale() : std::vector<float>{});
      trace_.notes.push_back(
          fmt::format("{}: weights quantised to int8, {}", info_.name,
                      map_.has("weight_scale") ? "with the given scale" : "a scale a filter from its largest weight"));
    } else {
      if (!map_.has("weight_scale"))
        map_.fail("weights",
                  "weights are integers: give 'weight_scale', a number or an NPY file [M]; 1 when it does not matter");
      weights.values = integers_within<std::int8_t>(tensor, -128, 127, map_, "weights");
      weights.scale = weight_scale();
    }
    const LayerShape& s = info_.shape;
    trace_.add(info_.name, "weights", {s.M, s.channels_per_group(), s.R, s.S}, weights.values);
    trace_.add(info_.name, "weight_scale", {s.M}, weights.scale);
    return {weights.scale.begin(), weights.scale.end()};
  }

  /// Weights of -1, 0 and 1. One scale is alpha, a scale a filter the channel scale.
  std::vector<double> ternary_weights() {
    info_.encoding = "ternary";
    const io::AnyTensor tensor = files_.read(map_, "weights");
    dense_shape(shape_of(tensor));
    if (!map_.has("weight_scale"))
      map_.fail("weights", "weights are ternary: give 'weight_scale', a number or an NPY file [M]");
    encode::TernaryForm form;
    form.info.group_channels = map_.integer("group_channels", 1, trace::max_channels);
    form.weights = integers_within<std::int8_t>(tensor, -1, 1, map_, "weights");
    const std::vector<float> scale = weight_scale();
    if (map_.is_number("weight_scale")) {
      form.alpha = scale.at(0);
    } else {
      form.channel_scale = scale;
      trace_.add(info_.name, "channel_scale", {info_.shape.M}, scale);
    }
    info_.ternary = form.info;
    const encode::EncodedTernary encoded = encode::encode(form, info_.shape);
    trace_.add(info_.name, "codes", {static_cast<std::int64_t>(encoded.codes.size())}, encoded.codes);
    trace_.add(info_.name, "group_index", {static_cast<std::int64_t>(encoded.group_index.size())}, encoded.group_index);
    trace_.add(info_.name, "alpha", {1}, std::vector<float>{form.alpha});
    return encode::weight_units(form, info_.shape);
  }

  void dense_shape(Shape shape) {
    LayerShape& s = info_.shape;
    if (info_.op != conv && shape.size() == 2) shape.insert(shape.end(), {1, 1});
    if (shape.size() != 4 || std::find(shape.begin(), shape.end(), 0) != shape.end()) {
      map_.fail("weights", info_.op == conv ? "weights: a tensor [M][C/groups][R][S] is needed"
                                            : "weights: a tensor [M][C] is needed");
    }
    s.M = shape[0];
    s.R = shape[2];
    s.S = shape[3];
    if (shape[1] * s.groups != s.C) {
      map_.fail(
          "weights",
          fmt::format("weights: {} channels a filter and {} groups do not match the {} channels of the activations",
                      shape[1], s.groups, s.C));
    }
  }

  std::vector<float> weight_scale() {
    const auto filters = static_cast<std::size_t>(info_.shape.M);
    if (map_.is_number("weight_scale"))
      return std::vector<float>(filters, static_cast<float>(positive("weight_scale")));
    const Tensor<float> scale = finite_floats(files_.read(map_, "weight_scale"), map_, "weight_scale");
    require_shape(scale.shape, {info_.shape.M}, "[M]", map_, "weight_scale");
    if (*std::min_element(scale.values.begin(), scale.values.end()) <= 0)
      map_.fail("weight_scale", "weight_scale: every scale must be positive");
    return scale.values;
  }

  void bias(const std::vector<double>& unit) {
    if (!map_.has("bias")) return;
    const io::AnyTensor tensor = files_.read(map_, "bias");
    require_shape(shape_of(tensor), {info_.shape.M}, "[M]", map_, "bias");
    std::vector<std::int32_t> values;
    if (is_float(tensor)) {
      const Tensor<float> real = finite_floats(tensor, map_, "bias");
      for (std::size_t m = 0; m < unit.size(); ++m) {
        const double integer = std::nearbyint(real.values[m] / (unit[m] * info_.activations.scale));
        if (!(std::abs(integer) <= INT32_MAX))
          map_.fail("bias",
                    fmt::format("bias: value {} does not fit 32 bits in units of weight scale x activation scale", m));
        values.push_back(static_cast<std::int32_t>(integer));
      }
    } else {
      values = integers_within<std::int32_t>(tensor, INT32_MIN, INT32_MAX, map_, "bias");
    }
    trace_.add(info_.name, "bias", {info_.shape.M}, values);
  }

  double positive(const std::string& key) {
    const double value = map_.number(key);
    if (!(value > 0)) map_.fail(key, "'" + key + "' must be positive");
    return value;
  }

  /// The checks of every trace, here with the line of the layer.
  void check() {
    try {
      trace::check_layer_info(info_, "a layer of the list");
    } catch (const Error& error) {
      map_.fail("", error.what());
    }
    for (const trace::LayerInfo& other : trace_.metadata.layers) {
      if (other.images != info_.images) {
        map_.fail("activations",
                  fmt::format("activations: {} images, but layer '{}' has {}; all layers need the same images",
                              info_.images, other.name, other.images));
      }
    }
  }

  YamlMap map_;
  std::string list_path_;
  TensorFiles& files_;
  Trace& trace_;
  trace::LayerInfo info_;
};

}  // namespace

void add_layer(const YAML::Node& node, const std::string& list_path, TensorFiles& files, Trace& trace) {
  LayerEntry(node, list_path, files, trace).add();
}

}  // namespace rebasis::layer_list
