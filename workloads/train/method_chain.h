// The methods of a recipe as one. Included only by parts that link libtorch.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workloads/train/method.h"
#include "workloads/train/recipe.h"

namespace rebasis::train {

class MethodChain {
 public:
  /// Creates the methods and lets them begin. Throws Error(bad_input) at a method's line for an unknown name, an option
  /// out of range, and a second method with sub-nets.
  MethodChain(const Recipe& recipe, TrainableNetwork& network);

  /// `graph` as the recipe's methods extend it; true when one did.
  static bool extend(const Recipe& recipe, graph::Graph& graph);

  /// Calls `hook` of every method, in the recipe's order.
  void each(const std::function<void(Method&)>& hook);
  /// What layer `layer` computes with in place of `weights`, in the constant's own shape.
  [[nodiscard]] at::Tensor effective(const TrainableNetwork& network, std::size_t layer,
                                     const at::Tensor& weights) const;
  /// Sum of the penalties, or an undefined tensor.
  [[nodiscard]] at::Tensor penalties(const TrainableNetwork& network) const;
  /// What the optimiser trains: the network's parameters but those replaced and frozen, then the methods' own.
  [[nodiscard]] std::vector<at::Tensor> trained(const TrainableNetwork& network) const;
  /// trained() and what methods observe: all that gradients are needed of.
  [[nodiscard]] std::vector<at::Tensor> leaves(const TrainableNetwork& network) const;
  /// The network's parameters but those replaced; frozen ones too.
  [[nodiscard]] std::vector<at::Tensor> kept(const TrainableNetwork& network) const;
  /// The weights that a method keeps as Ce x B, by the name of the constant.
  [[nodiscard]] std::map<std::string, Factors> factors(const TrainableNetwork& network) const;
  /// Calls `drop` with the weights and the keeps_momentum() of every layer for which a method has some, the mask in the
  /// constant's own shape.
  void drop_momentum(const TrainableNetwork& network,
                     const std::function<void(const at::Tensor& weights, const at::Tensor& kept)>& drop) const;
  [[nodiscard]] std::vector<at::Tensor> state() const;
  /// What the methods follow; of every layer zeros among the weights that it computes with, and how its trained
  /// weights are spread.
  [[nodiscard]] Figures figures(const TrainableNetwork& network) const;

  /// Names of the sub-nets; one empty name when there are none.
  [[nodiscard]] const std::vector<std::string>& variants() const { return variants_; }
  void select(std::size_t variant);
  [[nodiscard]] bool joint() const { return owner_ != nullptr && owner_->joint(); }
  [[nodiscard]] std::size_t selected() const { return owner_ == nullptr ? 0 : owner_->selected(); }

 private:
  [[nodiscard]] bool replaces(std::size_t layer) const;

  std::vector<std::unique_ptr<Method>> methods_;
  Method* owner_ = nullptr;  ///< of the sub-nets
  std::vector<std::string> variants_{""};
};

}  // namespace rebasis::train
