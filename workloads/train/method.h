// What training does to weights besides descending: quantisers, masks, penalties. A recipe chains methods; each
// registers itself (workloads/train/methods). Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "arch/config.h"
#include "arch/registry.h"
#include "workloads/train/network.h"

namespace rebasis::train {

class Method {
 public:
  static constexpr const char* kind = "training method";
  virtual ~Method() = default;
  /// Before the first epoch, with the weights as they are.
  virtual void begin(const TrainableNetwork&) {}
  /// Before epoch `epoch` of `epochs`.
  virtual void begin_epoch(const TrainableNetwork&, std::int64_t /*epoch*/, std::int64_t /*epochs*/) {}
  /// The weights that layer `layer` computes with, [M][C/groups][R][S]; gradients flow through.
  [[nodiscard]] virtual at::Tensor apply(std::size_t /*layer*/, const at::Tensor& filters) const { return filters; }
  /// A term of the loss, or an undefined tensor.
  [[nodiscard]] virtual at::Tensor penalty(std::size_t /*layer*/, const at::Tensor& /*filters*/) const { return {}; }
  /// Tensors that a checkpoint must hold (masks, counters), in a fixed order.
  [[nodiscard]] virtual std::vector<at::Tensor> state() const { return {}; }
  virtual void restore(const std::vector<at::Tensor>&) {}
};

using MethodRegistry = arch::Registry<Method, const arch::RawConfig&>;
using MethodRegistration = arch::Registration<Method, const arch::RawConfig&>;

/// `value` in the forward pass, the gradient of `through` in the backward pass (straight-through estimator).
[[nodiscard]] inline at::Tensor straight_through(const at::Tensor& value, const at::Tensor& through) {
  return through + (value - through).detach();
}

/// Layers that methods for inner layers leave alone: the first, the last, and depthwise ones.
struct LayerScope {
  bool keep_first_last = true;
  bool keep_depthwise = true;
  [[nodiscard]] bool covers(const TrainedLayer& layer) const {
    return !(keep_first_last && (layer.first || layer.last)) && !(keep_depthwise && layer.layer.shape.depthwise());
  }
};

}  // namespace rebasis::train
