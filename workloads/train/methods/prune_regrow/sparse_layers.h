// The layers of a network that are made sparse, and masks over them. Included only by parts that link libtorch.
#pragma once

#include <functional>

#include "workloads/train/method.h"
#include "workloads/train/methods/prune_regrow/options.h"
#include "workloads/train/methods/prune_regrow/topology.h"

namespace rebasis::train {

/// Layers that have weights of their own and that the options do not leave dense. Tensors are [M][C/groups][R][S].
class SparseLayers {
 public:
  SparseLayers() = default;
  SparseLayers(const TrainableNetwork& network, const RegrowOptions& options);

  [[nodiscard]] std::size_t size() const { return layers_.size(); }
  [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index]; }
  /// Position among these of the network's layer, or size().
  [[nodiscard]] std::size_t position(std::size_t layer) const { return positions_[layer]; }
  [[nodiscard]] LayerTensors magnitudes(const TrainableNetwork& network) const;
  /// Magnitudes of the gradients; zeros where there is none.
  [[nodiscard]] LayerTensors gradient_magnitudes(const TrainableNetwork& network) const;
  /// Masks that keep all, bool.
  [[nodiscard]] LayerTensors ones(const TrainableNetwork& network) const;
  /// Gradients of the weights outside the masks become zero.
  void mask_gradients(TrainableNetwork& network, const LayerTensors& masks) const;
  /// Weights outside the masks become zero.
  void mask_weights(TrainableNetwork& network, const LayerTensors& masks) const;
  /// Copies of the weights.
  [[nodiscard]] LayerTensors copies(const TrainableNetwork& network) const;
  /// Weights outside the masks become those of `values`.
  void restore_outside(TrainableNetwork& network, const LayerTensors& masks, const LayerTensors& values) const;
  /// Flags of the values of all the network's parameters behind one another: those of these layers by mask, others
  /// true.
  [[nodiscard]] at::Tensor flattened(const TrainableNetwork& network, const LayerTensors& masks) const;
  /// Multiply-accumulates of a forward pass over one image with the masks; empty masks: dense.
  [[nodiscard]] double macs(const LayerTensors& masks = {}) const;

 private:
  /// A mask in the form of the layer's constant.
  [[nodiscard]] at::Tensor constant_mask(const TrainableNetwork& network, std::size_t index,
                                         const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor weights(const TrainableNetwork& network, std::size_t index) const;

  std::vector<std::size_t> layers_;     ///< of the network
  std::vector<std::size_t> positions_;  ///< of each of the network's layers
  std::vector<std::string> names_;
  std::vector<double> macs_;
  double dense_macs_ = 0;  ///< of the layers that are no part of these
};

/// Share of zeros.
[[nodiscard]] double sparsity_of(const LayerTensors& masks);
/// Share of weights that one of two nets keeps and the other does not (XOR; Yang, Fig. 14).
[[nodiscard]] double non_overlap(const LayerTensors& a, const LayerTensors& b);
/// What any of the nets keeps.
[[nodiscard]] LayerTensors union_of(const std::vector<LayerTensors>& masks);
[[nodiscard]] LayerTensors copied(const LayerTensors& tensors);

/// Counts the multiply-accumulates of training as the literature on sparse training does (RigL): a forward pass, the
/// gradient of the inputs and that of the weights, all with the net's zeros skipped, the last dense in a step that
/// regrows.
class TrainingCost {
 public:
  void begin_epoch() { sparse_ = dense_ = 0; }
  void add(const SparseLayers& layers, const LayerTensors& masks, bool regrows, std::int64_t images) {
    const double all = layers.macs(), kept = layers.macs(masks), count = static_cast<double>(images);
    sparse_ += count * (2 * kept + (regrows ? all : kept));
    dense_ += count * 3 * all;
  }
  void report(std::map<std::string, double>& metrics) const {
    metrics["training_macs"] = sparse_;
    metrics["training_macs_dense"] = dense_;
  }

 private:
  double sparse_ = 0, dense_ = 0;
};

}  // namespace rebasis::train
