#include "workloads/train/model_view.h"

namespace rebasis::train {
namespace {

at::Tensor scales_of(const TrainableNetwork& network, std::size_t layer, const at::Tensor& filters) {
  const bool per_filter = filters.size(0) == network.layers()[layer].layer.shape.M;
  const at::Tensor scales = per_filter ? network.fold_scales(layer) : at::ones({1});
  return scales.view({-1, 1, 1, 1});
}

}  // namespace

compress::Model shapes_of(const TrainableNetwork& network) {
  compress::Model model;
  for (const TrainedLayer& trained : network.layers()) {
    compress::Layer layer;
    layer.name = trained.layer.name;
    layer.op = trained.layer.op;
    layer.shape = trained.layer.shape;
    layer.first = trained.first;
    model.layers.push_back(layer);
  }
  return model;
}

std::vector<float> values_of(const at::Tensor& filters) {
  const at::Tensor dense = filters.detach().contiguous();
  const auto* const first = dense.data_ptr<float>();
  return {first, first + dense.numel()};
}

at::Tensor folded(const TrainableNetwork& network, std::size_t layer, const at::Tensor& filters) {
  return filters * scales_of(network, layer, filters);
}

at::Tensor unfolded(const TrainableNetwork& network, std::size_t layer, const at::Tensor& filters,
                    const at::Tensor& unfolded_before) {
  const at::Tensor scales = scales_of(network, layer, filters);
  const at::Tensor dead = scales.eq(0);
  return at::where(dead, unfolded_before, filters / scales.masked_fill(dead, 1));
}

}  // namespace rebasis::train
