#include "workloads/train/methods/prune_regrow/sparse_layers.h"

#include <algorithm>

namespace rebasis::train {

namespace {

double macs_of(const graph::WeightLayer& layer) {
  const LayerShape& shape = layer.shape;
  return static_cast<double>(layer.op == "convtranspose" ? shape.weights() * shape.H * shape.W : shape.macs());
}

bool own_weights(const TrainableNetwork& network, std::size_t layer) {
  const auto& layers = network.layers();
  return std::count_if(layers.begin(), layers.end(),
                       [&](const TrainedLayer& other) { return other.parameter == layers[layer].parameter; }) == 1;
}

bool covered(const TrainableNetwork& network, std::size_t layer, const RegrowOptions& options) {
  const TrainedLayer& info = network.layers()[layer];
  return own_weights(network, layer) && !(options.keep_first && info.first) && !(options.keep_last && info.last) &&
         !(options.keep_depthwise && info.layer.shape.depthwise());
}

}  // namespace

SparseLayers::SparseLayers(const TrainableNetwork& network, const RegrowOptions& options) {
  const auto& all = network.layers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double macs = macs_of(all[i].layer);
    if (!covered(network, i, options)) {
      dense_macs_ += macs;
      positions_.push_back(all.size());
      continue;
    }
    positions_.push_back(layers_.size());
    layers_.push_back(i);
    names_.push_back(all[i].layer.name);
    macs_.push_back(macs);
  }
  for (std::size_t& position : positions_) position = std::min(position, layers_.size());
  if (layers_.empty())
    fail_input("no layer is left that could be made sparse; see keep_first, keep_last and keep_depthwise");
}

at::Tensor SparseLayers::weights(const TrainableNetwork& network, std::size_t index) const {
  return network.weights(layers_[index]);
}

at::Tensor SparseLayers::constant_mask(const TrainableNetwork& network, std::size_t index,
                                       const at::Tensor& mask) const {
  return network.constant_of(layers_[index], mask, weights(network, index).sizes());
}

LayerTensors SparseLayers::magnitudes(const TrainableNetwork& network) const {
  LayerTensors all;
  for (std::size_t i = 0; i < size(); ++i)
    all.push_back(network.filters(layers_[i], weights(network, i).detach()).abs());
  return all;
}

LayerTensors SparseLayers::gradient_magnitudes(const TrainableNetwork& network) const {
  LayerTensors all;
  for (std::size_t i = 0; i < size(); ++i) {
    const at::Tensor& gradient = weights(network, i).grad();
    all.push_back(network.filters(layers_[i],
                                  gradient.defined() ? gradient.abs() : at::zeros_like(weights(network, i).detach())));
  }
  return all;
}

LayerTensors SparseLayers::ones(const TrainableNetwork& network) const {
  LayerTensors all;
  for (const at::Tensor& magnitude : magnitudes(network)) {
    all.push_back(at::ones(magnitude.sizes(), at::kBool));
  }
  return all;
}

void SparseLayers::mask_gradients(TrainableNetwork& network, const LayerTensors& masks) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const at::Tensor weights = this->weights(network, i);
    if (weights.grad().defined())
      weights.mutable_grad().masked_fill_(constant_mask(network, i, masks[i]).logical_not(), 0);
  }
}

void SparseLayers::mask_weights(TrainableNetwork& network, const LayerTensors& masks) const {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < size(); ++i)
    weights(network, i).masked_fill_(constant_mask(network, i, masks[i]).logical_not(), 0);
}

LayerTensors SparseLayers::copies(const TrainableNetwork& network) const {
  LayerTensors all;
  for (std::size_t i = 0; i < size(); ++i) all.push_back(weights(network, i).detach().clone());
  return all;
}

void SparseLayers::restore_outside(TrainableNetwork& network, const LayerTensors& masks,
                                   const LayerTensors& values) const {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < size(); ++i) {
    const at::Tensor weights = this->weights(network, i);
    weights.copy_(at::where(constant_mask(network, i, masks[i]), weights, values[i]));
  }
}

at::Tensor SparseLayers::flattened(const TrainableNetwork& network, const LayerTensors& masks) const {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& parameter : network.parameters()) parts.push_back(at::ones({parameter.numel()}, at::kBool));
  for (std::size_t i = 0; i < size(); ++i)
    parts[network.layers()[layers_[i]].parameter] = constant_mask(network, i, masks[i]).reshape(-1);
  return at::cat(parts);
}

double SparseLayers::macs(const LayerTensors& masks) const {
  double sum = dense_macs_;
  for (std::size_t i = 0; i < size(); ++i) {
    const double density = masks.empty() ? 1 : masks[i].sum().item<double>() / static_cast<double>(masks[i].numel());
    sum += macs_[i] * density;
  }
  return sum;
}

double sparsity_of(const LayerTensors& masks) {
  double kept = 0, all = 0;
  for (const at::Tensor& mask : masks) {
    kept += mask.sum().item<double>();
    all += static_cast<double>(mask.numel());
  }
  return 1 - kept / all;
}

double non_overlap(const LayerTensors& a, const LayerTensors& b) {
  double different = 0, all = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different += a[i].ne(b[i]).sum().item<double>();
    all += static_cast<double>(a[i].numel());
  }
  return different / all;
}

LayerTensors union_of(const std::vector<LayerTensors>& masks) {
  LayerTensors all = copied(masks.front());
  for (const LayerTensors& net : masks) {
    for (std::size_t i = 0; i < net.size(); ++i) all[i].logical_or_(net[i]);
  }
  return all;
}

LayerTensors copied(const LayerTensors& tensors) {
  LayerTensors copies;
  for (const at::Tensor& tensor : tensors) copies.push_back(tensor.clone());
  return copies;
}

}  // namespace rebasis::train
