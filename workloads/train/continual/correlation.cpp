#include "workloads/train/continual/correlation.h"

#include <cmath>

namespace rebasis::train {

at::Tensor representation(const graph::WeightLayer& layer, const at::Tensor& input, std::int64_t group) {
  const LayerShape& shape = layer.shape;
  if (layer.op == "fc") return input.reshape({-1, shape.C}).t();
  const std::int64_t channels = shape.channels_per_group();
  const std::int64_t pad_bottom = shape.pad_bottom, pad_right = shape.pad_right;
  const at::Tensor maps = input.reshape({-1, shape.C, shape.H, shape.W}).narrow(1, group * channels, channels);
  const at::Tensor padded = at::constant_pad_nd(maps, {shape.pad_left, pad_right, shape.pad_top, pad_bottom}, 0);
  const at::Tensor patches = at::im2col(padded, {shape.R, shape.S}, {shape.dilation_h, shape.dilation_w}, {0, 0},
                                        {shape.stride_h, shape.stride_w});  // [n][(C / groups) R S][E F]
  return patches.transpose(0, 1).reshape({channels * shape.R * shape.S, -1});
}

at::Tensor basis_of(const at::Tensor& matrix, double share) {
  const at::NoGradGuard no_gradients;
  const auto [values, vectors] = at::linalg_eigh(at::mm(matrix, matrix.t()).to(at::kDouble));  // in ascending order
  const at::Tensor squares = values.clamp_min(0).flip(0);
  const double all = squares.sum().item<double>();
  const auto square = squares.accessor<double, 1>();
  std::int64_t count = 1;
  for (double held = square[0]; count < squares.size(0) && held < share * all; ++count) held += square[count];
  return vectors.flip(1).narrow(1, 0, count).contiguous();
}

double correlation_ratio(const at::Tensor& gradient, const std::vector<at::Tensor>& bases) {
  const at::NoGradGuard no_gradients;
  const auto groups = static_cast<std::int64_t>(bases.size());
  const at::Tensor rows = gradient.to(at::kDouble).reshape({groups, gradient.size(0) / groups, -1});
  double projected = 0;
  for (std::int64_t group = 0; group < groups; ++group)
    projected += at::mm(rows[group], bases[static_cast<std::size_t>(group)]).square().sum().item<double>();
  const double all = rows.square().sum().item<double>();
  return all > 0 ? std::sqrt(std::min(1.0, projected / all)) : 1;
}

}  // namespace rebasis::train
