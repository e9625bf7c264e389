// What training does to weights besides descending: quantisers, masks, penalties. A recipe chains methods; each
// registers itself (workloads/train/methods). Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/config.h"
#include "arch/registry.h"
#include "workloads/factors.h"
#include "workloads/train/figures.h"
#include "workloads/train/network.h"

namespace rebasis::train {

/// Where a run is: step `step` of `steps` of epoch `epoch` of `epochs`, all from 0.
struct Moment {
  std::int64_t epoch = 0, epochs = 1;
  std::int64_t step = 0, steps = 1;
  std::int64_t images = 0;  ///< of the step
  /// Share of the run that is over.
  [[nodiscard]] double progress() const {
    return (static_cast<double>(epoch) + static_cast<double>(step) / static_cast<double>(steps)) /
           static_cast<double>(epochs);
  }
  /// Steps since the run began.
  [[nodiscard]] std::int64_t steps_done() const { return epoch * steps + step; }
};

/// What a method does to the weights that layers compute with. A recipe has one method at most that quantises, behind
/// those that prune.
enum class MethodRole { other, prunes, quantises };

/// The hooks are called in the order in which they stand here; a step is begin_step, apply and penalty of each layer,
/// after_backward, the optimiser's step, after_step. What a hook changes has to be in state(), or be a function of it.
class Method {
 public:
  static constexpr const char* kind = "training method";
  virtual ~Method() = default;
  [[nodiscard]] virtual MethodRole role() const { return MethodRole::other; }
  /// Before there is a network: adds nodes and constants to the imported graph, whose own keep their names. True: it
  /// did. The network's file then has the new structure.
  virtual bool extend(graph::Graph&) const { return false; }
  /// Before the first epoch, and before a checkpoint is read, with the weights as they are. May change them.
  virtual void begin(TrainableNetwork&) {}
  virtual void begin_epoch(TrainableNetwork&, std::int64_t /*epoch*/, std::int64_t /*epochs*/) {}
  virtual void begin_step(TrainableNetwork&, const Moment&) {}
  /// The weights that layer `layer` computes with, [M][C/groups][R][S]; gradients flow through. With micro-batches,
  /// several threads call it at once.
  [[nodiscard]] virtual at::Tensor apply(std::size_t /*layer*/, const at::Tensor& filters) const { return filters; }
  /// A term of the loss, or an undefined tensor.
  [[nodiscard]] virtual at::Tensor penalty(std::size_t /*layer*/, const at::Tensor& /*filters*/) const { return {}; }
  /// The gradients of network.parameters(), of parameters() and of observed() are there (.grad()) and may be changed.
  virtual void after_backward(TrainableNetwork&, const Moment&) {}
  /// The optimiser has changed the weights.
  virtual void after_step(TrainableNetwork&, const Moment&) {}
  /// After the last step of an epoch, before it is validated and its weights are averaged.
  virtual void end_epoch(TrainableNetwork&, std::int64_t /*epoch*/, std::int64_t /*epochs*/) {}

  /// Which of network.parameters() are trained; nothing: all. Asked once, after begin(). The others keep their bits,
  /// and so do the running statistics of a batch-norm whose scale is not trained. Such a method is a recipe's only one.
  [[nodiscard]] virtual std::optional<std::vector<bool>> trained(const TrainableNetwork&) const { return std::nullopt; }
  /// Leaves of the method's own that the optimiser trains beside the network's.
  [[nodiscard]] virtual std::vector<at::Tensor> parameters() const { return {}; }
  /// Leaves of the method's own that it changes itself, by their gradients.
  [[nodiscard]] virtual std::vector<at::Tensor> observed() const { return {}; }
  /// Where a layer's weights keep what the optimiser has gathered of earlier gradients (momentum, Adam's moments) after
  /// its step, bool [M][C/groups][R][S]; elsewhere it becomes zero. Undefined: everywhere.
  [[nodiscard]] virtual at::Tensor keeps_momentum(std::size_t /*layer*/) const { return {}; }
  /// True: apply() does not look at the layer's weights, so they are neither trained nor kept.
  [[nodiscard]] virtual bool replaces(std::size_t /*layer*/) const { return false; }
  /// The weights of a layer as Ce x B, when the method keeps them so; the network's file will hold them.
  [[nodiscard]] virtual std::optional<Factors> factors(std::size_t /*layer*/) const { return std::nullopt; }
  /// Names of the sub-nets that share the weights, or nothing. One method of a recipe at most has some. Each sub-net
  /// has running statistics of its own, is validated on its own and becomes a network of its own.
  [[nodiscard]] virtual std::vector<std::string> variants() const { return {}; }
  /// apply() means this sub-net until the next begin_step or select.
  virtual void select(std::size_t /*variant*/) {}
  /// The sub-net that the current step trains.
  [[nodiscard]] virtual std::size_t selected() const { return 0; }
  /// True: every step runs all sub-nets one after another, select and after_backward each, and their gradients add up.
  [[nodiscard]] virtual bool joint() const { return false; }
  /// True: the sub-nets have one set of running statistics.
  [[nodiscard]] virtual bool shares_statistics() const { return false; }
  /// What a user wants to follow, by name ("LAYER/threshold"), after each epoch.
  [[nodiscard]] virtual std::map<std::string, double> metrics(const TrainableNetwork&) const { return {}; }
  /// The same, of what layers compute with after all methods: `effective` is apply() of each layer through the chain.
  virtual void observe(const TrainableNetwork&, const std::vector<at::Tensor>& /*effective*/, Figures&) const {}

  /// Tensors that a checkpoint must hold (masks, counters), in a fixed order; read back in place.
  [[nodiscard]] virtual std::vector<at::Tensor> state() const { return {}; }
  /// After state() was read back, and after the weights that the recipe keeps took the place of the last ones.
  virtual void restored() {}
  /// Training is over and the weights are those that the recipe keeps; apply() gives the result from now on.
  virtual void finish(TrainableNetwork&) {}
};

using MethodRegistry = arch::Registry<Method, const arch::RawConfig&>;
using MethodRegistration = arch::Registration<Method, const arch::RawConfig&>;

/// `value` in the forward pass, the gradient of `through` in the backward pass (straight-through estimator).
[[nodiscard]] inline at::Tensor straight_through(const at::Tensor& value, const at::Tensor& through) {
  return value.detach() + (through - through.detach());  // to the last bit
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
