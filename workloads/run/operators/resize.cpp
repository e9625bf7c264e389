// Resize and Upsample: separable interpolation, an axis at a time.
#include <algorithm>
#include <cmath>
#include <map>

#include "workloads/run/operator_registry.h"

namespace rebasis::run {
namespace {

using Outputs = std::vector<at::Tensor>;

struct Settings {
  std::string mode, coordinates, rounding;
  double cubic_a = -0.75;
  bool exclude_outside = false;
  float extrapolation = 0;
};

struct AxisResize {
  std::int64_t inputs = 1, outputs = 1;
  double scale = 1;
  double crop_begin = 0, crop_end = 1;  ///< of tf_crop_and_resize, relative
};

/// Where output position `x` lies among the inputs (ONNX operator Resize, coordinate_transformation_mode).
double source_position(const std::string& coordinates, const AxisResize& axis, double x) {
  const auto in = static_cast<double>(axis.inputs), out = static_cast<double>(axis.outputs);
  if (coordinates == "half_pixel") return (x + 0.5) / axis.scale - 0.5;
  if (coordinates == "pytorch_half_pixel") return axis.outputs > 1 ? (x + 0.5) / axis.scale - 0.5 : 0;
  if (coordinates == "align_corners") return axis.outputs > 1 ? x * (in - 1) / (out - 1) : 0;
  if (coordinates == "asymmetric") return x / axis.scale;
  if (coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / axis.scale;
  if (coordinates == "half_pixel_symmetric") {
    const double adjustment = out / (axis.scale * in);
    return in / 2 * (1 - adjustment) + (x + 0.5) / axis.scale - 0.5;
  }
  // tf_crop_and_resize
  if (axis.outputs > 1)
    return axis.crop_begin * (in - 1) + x * (axis.crop_end - axis.crop_begin) * (in - 1) / (out - 1);
  return 0.5 * (axis.crop_begin + axis.crop_end) * (in - 1);
}

double nearest_position(const std::string& rounding, double position) {
  if (rounding == "floor") return std::floor(position);
  if (rounding == "ceil") return std::ceil(position);
  if (rounding == "round_prefer_ceil") return std::floor(position + 0.5);
  return std::ceil(position - 0.5);  // round_prefer_floor
}

/// Input positions (may lie outside) and weights of one output.
struct Taps {
  std::vector<std::int64_t> position;
  std::vector<double> weight;
};

Taps taps_at(const Settings& settings, double position) {
  if (settings.mode == "nearest")
    return {{static_cast<std::int64_t>(nearest_position(settings.rounding, position))}, {1}};
  const double base = std::floor(position);
  const double t = position - base;
  const auto first = static_cast<std::int64_t>(base);
  if (settings.mode == "linear") return {{first, first + 1}, {1 - t, t}};
  const double a = settings.cubic_a;
  const auto near = [&](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [&](double x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  return {{first - 1, first, first + 1, first + 2}, {far(t + 1), near(t), near(1 - t), far(2 - t)}};
}

/// With exclude_outside, taps outside the input weigh nothing and the others sum to one.
void drop_outside(Taps& taps, std::int64_t inputs) {
  double sum = 0;
  for (std::size_t k = 0; k < taps.position.size(); ++k) {
    if (taps.position[k] < 0 || taps.position[k] >= inputs) taps.weight[k] = 0;
    sum += taps.weight[k];
  }
  for (double& weight : taps.weight) weight = sum == 0 ? 0 : weight / sum;
}

at::Tensor resize_axis(const at::Tensor& x, std::int64_t dim, const AxisResize& axis, const Settings& settings) {
  const std::size_t count = settings.mode == "nearest" ? 1 : (settings.mode == "linear" ? 2 : 4);
  const auto outputs = static_cast<std::size_t>(axis.outputs);
  std::vector<std::vector<std::int64_t>> positions(count, std::vector<std::int64_t>(outputs));
  std::vector<std::vector<float>> weights(count, std::vector<float>(outputs));
  std::vector<std::int64_t> outside;
  for (std::size_t out = 0; out < outputs; ++out) {
    const double position = source_position(settings.coordinates, axis, static_cast<double>(out));
    if (position < 0 || position > static_cast<double>(axis.inputs - 1))
      outside.push_back(static_cast<std::int64_t>(out));
    Taps taps = taps_at(settings, std::clamp(position, -4.0, static_cast<double>(axis.inputs) + 4.0));
    if (settings.exclude_outside) drop_outside(taps, axis.inputs);
    for (std::size_t k = 0; k < count; ++k) {
      positions[k][out] = std::clamp<std::int64_t>(taps.position[k], 0, axis.inputs - 1);
      weights[k][out] = static_cast<float>(taps.weight[k]);
    }
  }
  at::Tensor result;
  std::vector<std::int64_t> broadcast(static_cast<std::size_t>(x.dim()), 1);
  broadcast[static_cast<std::size_t>(dim)] = axis.outputs;
  for (std::size_t k = 0; k < count; ++k) {
    at::Tensor part = x.index_select(dim, at::tensor(positions[k], at::kLong));
    if (count > 1) part = part * at::tensor(weights[k], at::kFloat).view(broadcast);
    result = result.defined() ? result + part : part;
  }
  if (settings.coordinates == "tf_crop_and_resize" && !outside.empty()) {
    result.index_fill_(dim, at::tensor(outside, at::kLong), settings.extrapolation);
  }
  return result;
}

std::vector<double> real_input(const OperatorCall& call, std::size_t index) {
  if (!call.has_input(index)) return {};
  const at::Tensor values = call.inputs[index].to(at::kDouble).contiguous().view(-1);
  if (values.numel() > 64) call.fail("scales and roi hold a few values an axis");
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

Outputs resize_all(const OperatorCall& call, const std::vector<AxisResize>& axes, const Settings& settings) {
  at::Tensor result = call.input(0);
  std::vector<std::int64_t> shape;
  for (const AxisResize& axis : axes) shape.push_back(axis.outputs);
  call.check_size(shape);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (axes[axis].outputs < 1 || axes[axis].inputs < 1) call.fail("an axis would be empty");
    if (axes[axis].outputs == axes[axis].inputs && axes[axis].scale == 1 &&
        settings.coordinates != "tf_crop_and_resize")
      continue;
    result = resize_axis(result, static_cast<std::int64_t>(axis), axes[axis], settings);
  }
  return {result};
}

AxisResize scaled_axis(const OperatorCall& call, std::int64_t inputs, double scale) {
  if (!(scale > 0) || scale > 65536) call.fail("scales must be above 0 and at most 65536");
  return {inputs, static_cast<std::int64_t>(std::floor(static_cast<double>(inputs) * scale)), scale};
}

/// Settings of the node, checked.
Settings resize_settings(const OperatorCall& call) {
  Settings settings;
  settings.mode = call.node.text("mode", "nearest");
  // Opset 10 had no choice of coordinates: positions are divided by the scale and rounded down.
  const bool old = call.opset < 11;
  settings.coordinates = old ? "asymmetric" : call.node.text("coordinate_transformation_mode", "half_pixel");
  settings.rounding = old ? "floor" : call.node.text("nearest_mode", "round_prefer_floor");
  settings.cubic_a = call.node.real("cubic_coeff_a", -0.75F);
  settings.exclude_outside = call.node.integer("exclude_outside", 0) != 0;
  settings.extrapolation = call.node.real("extrapolation_value", 0);
  static const std::vector<std::string> modes{"nearest", "linear", "cubic"};
  static const std::vector<std::string> coordinates{"half_pixel",          "pytorch_half_pixel",   "align_corners",
                                                    "asymmetric",          "tf_half_pixel_for_nn", "tf_crop_and_resize",
                                                    "half_pixel_symmetric"};
  if (settings.mode == "bilinear") settings.mode = "linear";
  if (std::find(modes.begin(), modes.end(), settings.mode) == modes.end())
    call.fail("mode must be nearest, linear or cubic");
  if (std::find(coordinates.begin(), coordinates.end(), settings.coordinates) == coordinates.end()) {
    call.fail("coordinate_transformation_mode is not known; docs/operators.md lists those that run");
  }
  if (call.node.integer("antialias", 0) != 0 || call.node.text("keep_aspect_ratio_policy", "stretch") != "stretch") {
    call.fail("antialias and keep_aspect_ratio_policy are not supported; export without them");
  }
  return settings;
}

Outputs resize(const OperatorCall& call) {
  const Settings settings = resize_settings(call);
  const at::Tensor& x = call.input(0);
  const auto rank = static_cast<std::size_t>(x.dim());
  // Opset 10: (X, scales); since 11: (X, roi, scales, sizes).
  const std::vector<double> scales = real_input(call, call.opset < 11 ? 1 : 2);
  const std::vector<std::int64_t> sizes = call.opset < 11 ? std::vector<std::int64_t>{} : call.integers_input(3, {});
  const std::vector<double> roi = call.opset < 11 ? std::vector<double>{} : real_input(call, 1);
  std::vector<std::int64_t> all(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) all[axis] = static_cast<std::int64_t>(axis);
  const std::vector<std::int64_t> resized = call.axes(99, x.dim(), all);
  if ((sizes.empty() ? scales.size() : sizes.size()) != resized.size())
    call.fail("needs scales or sizes, one value an axis");
  std::vector<AxisResize> axes(rank);
  for (std::size_t axis = 0; axis < rank; ++axis)
    axes[axis].inputs = axes[axis].outputs = x.size(static_cast<std::int64_t>(axis));
  for (std::size_t i = 0; i < resized.size(); ++i) {
    AxisResize& axis = axes[static_cast<std::size_t>(resized[i])];
    if (sizes.empty()) {
      axis = scaled_axis(call, axis.inputs, scales[i]);
    } else {
      axis.outputs = sizes[i];
      axis.scale = static_cast<double>(sizes[i]) / static_cast<double>(std::max<std::int64_t>(axis.inputs, 1));
    }
    if (settings.coordinates == "tf_crop_and_resize") {
      if (roi.size() != 2 * resized.size())
        call.fail("tf_crop_and_resize needs a roi with a begin and an end for each axis");
      axis.crop_begin = roi[i];
      axis.crop_end = roi[i + resized.size()];
    }
  }
  return resize_all(call, axes, settings);
}

/// The older operator: scales as attribute (opset 7) or input (9), positions divided by the scale.
Outputs upsample(const OperatorCall& call) {
  Settings settings;
  settings.mode = call.node.text("mode", "nearest");
  if (settings.mode == "bilinear") settings.mode = "linear";
  if (settings.mode != "nearest" && settings.mode != "linear") call.fail("mode must be nearest or linear");
  settings.coordinates = "asymmetric";
  settings.rounding = "floor";
  const at::Tensor& x = call.input(0);
  std::vector<double> scales = real_input(call, 1);
  if (const auto found = call.node.attributes.find("scales"); scales.empty() && found != call.node.attributes.end()) {
    if (const auto* const given = std::get_if<std::vector<float>>(&found->second))
      scales.assign(given->begin(), given->end());
  }
  if (scales.size() != static_cast<std::size_t>(x.dim())) call.fail("needs scales, one value an axis");
  std::vector<AxisResize> axes;
  for (std::size_t axis = 0; axis < scales.size(); ++axis)
    axes.push_back(scaled_axis(call, x.size(static_cast<std::int64_t>(axis)), scales[axis]));
  return resize_all(call, axes, settings);
}

const RegisterOperator registered[] = {
    {"Resize", resize},
    {"Upsample", upsample},
};

}  // namespace
}  // namespace rebasis::run
