#include <algorithm>

#include "workloads/graph/layers.h"

// A transposed convolution writes O[y] = sum over r of W[r] * I[h] with h * stride + r * dilation = y + pad. For the
// outputs y = phase + stride * q only the taps r with (phase + pad - r * dilation) divisible by the stride take part;
// they are step = stride / gcd(stride, dilation) apart, and each next one reads dilation / gcd input positions earlier.
// Reversed, they are the kernel of an ordinary stride-1 convolution over h.
namespace rebasis::graph {
namespace {

constexpr std::int64_t most_phases = 4096;  // of a layer; strides of real networks are 2 to 16
constexpr std::size_t most_taps = 4096;     // of an axis of a phase

struct AxisPhase {
  std::int64_t phase = 0;
  std::vector<std::int64_t> taps;  ///< in the order of the convolution; -1: zero
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0, pad_end = 0;
};

/// An input position divided by the stride; `position` is a multiple of `stride`, possibly negative.
std::int64_t exact_quotient(std::int64_t position, std::int64_t stride) { return position / stride; }

struct Axis {
  std::int64_t inputs, outputs, kernel, stride, dilation, pad;
};

std::vector<std::int64_t> taps_of_phase(const Axis& axis, std::int64_t phase) {
  std::vector<std::int64_t> taps;
  for (std::int64_t r = axis.kernel - 1; r >= 0; --r) {
    if ((phase + axis.pad - r * axis.dilation) % axis.stride == 0) taps.push_back(r);
  }
  return taps;
}

AxisPhase axis_phase(const Axis& axis, std::int64_t phase) {
  AxisPhase result;
  result.phase = phase;
  result.taps = taps_of_phase(axis, phase);
  const std::int64_t outputs = (axis.outputs - phase + axis.stride - 1) / axis.stride;
  if (result.taps.empty()) result.taps.push_back(-1);
  // Input position that the first tap of the convolution reads for output q = 0; with no tap any position serves.
  std::int64_t first = 0;
  if (result.taps.front() >= 0)
    first = exact_quotient(phase + axis.pad - result.taps.front() * axis.dilation, axis.stride);
  if (result.taps.size() > 1)
    result.dilation = exact_quotient((result.taps[0] - result.taps[1]) * axis.dilation, axis.stride);
  result.pad_begin = -first;
  // Zero taps reach back to the start (or end) of the input, so that no pad is negative.
  while (result.pad_begin < 0 && result.taps.size() < most_taps) {
    result.taps.insert(result.taps.begin(), -1);
    result.pad_begin += result.dilation;
  }
  const auto reach = [&] {
    return outputs - 1 + result.dilation * (static_cast<std::int64_t>(result.taps.size()) - 1) + 1;
  };
  result.pad_end = reach() - axis.inputs - result.pad_begin;
  while (result.pad_end < 0 && result.taps.size() < most_taps) {
    result.taps.push_back(-1);
    result.pad_end += result.dilation;
  }
  return result;
}

std::vector<AxisPhase> axis_phases(const Axis& axis, const std::string& layer) {
  std::vector<AxisPhase> phases;
  const std::int64_t count = std::min(axis.stride, axis.outputs);
  if (count > most_phases || axis.kernel > static_cast<std::int64_t>(most_taps)) {
    fail_input("layer " + layer + ": a transposed convolution with a stride or kernel above 4096 is not supported");
  }
  for (std::int64_t phase = 0; phase < count; ++phase) phases.push_back(axis_phase(axis, phase));
  if (std::any_of(phases.begin(), phases.end(),
                  [](const AxisPhase& phase) { return phase.pad_begin < 0 || phase.pad_end < 0; })) {
    fail_input("layer " + layer + ": a transposed convolution that cuts more than 4096 outputs off is not supported");
  }
  return phases;
}

}  // namespace

std::vector<SubPixelPhase> sub_pixel_phases(const WeightLayer& layer) {
  const LayerShape& shape = layer.shape;
  if (layer.op != "convtranspose")
    fail_internal("sub_pixel_phases of layer " + layer.name + ", which is no transposed convolution");
  const auto rows =
      axis_phases({shape.H, layer.output_rows, shape.R, shape.stride_h, shape.dilation_h, shape.pad_top}, layer.name);
  const auto columns = axis_phases(
      {shape.W, layer.output_columns, shape.S, shape.stride_w, shape.dilation_w, shape.pad_left}, layer.name);
  if (static_cast<std::int64_t>(rows.size() * columns.size()) > most_phases) {
    fail_input("layer " + layer.name + ": a transposed convolution with more than 4096 phases is not supported");
  }
  std::vector<SubPixelPhase> phases;
  for (const AxisPhase& row : rows) {
    for (const AxisPhase& column : columns) {
      SubPixelPhase phase;
      phase.name = layer.name + ".phase_" + std::to_string(row.phase) + "_" + std::to_string(column.phase);
      phase.phase_h = row.phase, phase.phase_w = column.phase;
      phase.taps_h = row.taps, phase.taps_w = column.taps;
      phase.shape.M = shape.M, phase.shape.C = shape.C, phase.shape.groups = shape.groups;
      phase.shape.H = shape.H, phase.shape.W = shape.W;
      phase.shape.R = static_cast<std::int64_t>(row.taps.size()),
      phase.shape.S = static_cast<std::int64_t>(column.taps.size());
      phase.shape.dilation_h = row.dilation, phase.shape.dilation_w = column.dilation;
      phase.shape.pad_top = row.pad_begin, phase.shape.pad_bottom = row.pad_end;
      phase.shape.pad_left = column.pad_begin, phase.shape.pad_right = column.pad_end;
      phases.push_back(std::move(phase));
    }
  }
  return phases;
}

Tensor<float> phase_weights(const WeightLayer& layer, const SubPixelPhase& phase, const Tensor<float>& layer_weights) {
  const LayerShape& part = phase.shape;
  Tensor<float> weights({part.M, part.channels_per_group(), part.R, part.S});
  std::size_t index = 0;
  for (std::int64_t filter_channel = 0; filter_channel < part.M * part.channels_per_group(); ++filter_channel) {
    for (const std::int64_t r : phase.taps_h) {
      for (const std::int64_t s : phase.taps_w) {
        const std::int64_t tap = (filter_channel * layer.shape.R + r) * layer.shape.S + s;
        weights.values[index++] = r < 0 || s < 0 ? 0.0F : layer_weights.values[static_cast<std::size_t>(tap)];
      }
    }
  }
  return weights;
}

}  // namespace rebasis::graph
