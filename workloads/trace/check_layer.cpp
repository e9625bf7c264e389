#include "workloads/trace/check_layer.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "common/error.h"
#include "workloads/trace/metadata_json.h"
#include "workloads/trace/safetensors.h"

namespace rebasis::trace {
namespace {

std::string describe(DType type, const Shape& shape) {
  std::string text = dtype_name(type) + " [";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

/// Every value within `bits` bits of a tensor of T.
template <class T>
void check_range(const LayerTensors& tensors, DType type, const Shape& shape, int bits) {
  const auto values = tensors.require("activations", type, shape).as<T>();
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const int high = (1 << (std::is_signed_v<T> ? bits - 1 : bits)) - 1;
  const int low = std::is_signed_v<T> ? -high - 1 : 0;
  if (int{*least} < low || int{*greatest} > high)
    tensors.fail("an activation needs more than " + std::to_string(bits) + " bits");
}

void check_activations(const LayerTensors& tensors) {
  const LayerInfo& layer = tensors.layer();
  const Shape shape{layer.images, layer.shape.C, layer.shape.H, layer.shape.W};
  const int bits = layer.activations.bits;
  if (bits > 8 && layer.activations.is_signed) return check_range<std::int16_t>(tensors, DType::i16, shape, bits);
  if (bits > 8) return check_range<std::uint16_t>(tensors, DType::u16, shape, bits);
  if (layer.activations.is_signed) return check_range<std::int8_t>(tensors, DType::i8, shape, bits);
  return check_range<std::uint8_t>(tensors, DType::u8, shape, bits);
}

void check_dense(const LayerTensors& tensors) {
  const LayerShape& s = tensors.layer().shape;
  const ReuseInfo& reuse = tensors.layer().reuse;
  if (reuse.on()) (void)tensors.require("hash_vectors", DType::i8, {reuse.hashes, reuse.length});
  (void)tensors.require("weights", DType::i8, {s.M, s.channels_per_group(), s.R, s.S});
  for (const float scale : tensors.require("weight_scale", DType::f32, {s.M}).as<float>()) {
    if (!std::isfinite(scale) || scale < 0) tensors.fail("a weight scale is negative, infinite or not a number");
  }
}

}  // namespace

const TensorView& LayerTensors::require(const std::string& part, DType type, const Shape& shape) const {
  const TensorView* view = find(part);
  if (view == nullptr) fail("tensor \"" + layer_.name + "/" + part + "\" is missing");
  if (view->dtype != type || view->shape != shape) {
    fail("tensor \"" + layer_.name + "/" + part + "\" is " + describe(view->dtype, view->shape) + "; " +
         describe(type, shape) + " is needed");
  }
  return *view;
}

void LayerTensors::fail(const std::string& message) const {
  fail_input(file_ + ": layer \"" + layer_.name + "\": " + message);
}

void check_tensors(const LayerTensors& tensors) {
  check_activations(tensors);
  if (tensors.find("bias") != nullptr) (void)tensors.require("bias", DType::i32, {tensors.layer().shape.M});
  if (tensors.layer().encoding == smartdeal_encoding) {
    check_smartdeal(tensors);
  } else if (tensors.layer().encoding == ternary_encoding) {
    check_ternary(tensors);
  } else {
    check_dense(tensors);
  }
}

}  // namespace rebasis::trace
