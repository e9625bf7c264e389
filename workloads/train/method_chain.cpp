#include "workloads/train/method_chain.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::train {

MethodChain::MethodChain(const Recipe& recipe, TrainableNetwork& network) {
  for (const MethodEntry& entry : recipe.methods) {
    methods_.push_back(MethodRegistry::global().at(entry.name, entry.where).create(entry.options));
    methods_.back()->begin(network);
    const std::vector<std::string> variants = methods_.back()->variants();
    if (variants.empty()) continue;
    if (owner_ != nullptr) fail_input(entry.where, "a second method with sub-nets; a recipe has one at most");
    owner_ = methods_.back().get();
    variants_ = variants;
  }
  network.set_variants(variants_.size());
}

void MethodChain::each(const std::function<void(Method&)>& hook) {
  for (const auto& method : methods_) hook(*method);
}

at::Tensor MethodChain::effective(const TrainableNetwork& network, std::size_t layer, const at::Tensor& weights) const {
  if (methods_.empty()) return weights;
  at::Tensor filters = network.filters(layer, weights);
  for (const auto& method : methods_) filters = method->apply(layer, filters);
  return network.constant_of(layer, filters, weights.sizes());
}

at::Tensor MethodChain::penalties(const TrainableNetwork& network) const {
  at::Tensor sum;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const at::Tensor filters = network.filters(i, network.weights(i));
    for (const auto& method : methods_) {
      const at::Tensor term = method->penalty(i, filters);
      if (term.defined()) sum = sum.defined() ? sum + term : term;
    }
  }
  return sum;
}

std::vector<at::Tensor> MethodChain::trained(const TrainableNetwork& network) const {
  std::vector<bool> replaced(network.parameters().size(), false);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    replaced[network.layers()[i].parameter] =
        std::any_of(methods_.begin(), methods_.end(), [&](const auto& method) { return method->replaces(i); });
  }
  std::vector<at::Tensor> trained;
  for (std::size_t i = 0; i < replaced.size(); ++i) {
    if (!replaced[i]) trained.push_back(network.parameters()[i]);
  }
  for (const auto& method : methods_) {
    for (const at::Tensor& own : method->parameters()) trained.push_back(own);
  }
  return trained;
}

std::vector<at::Tensor> MethodChain::state() const {
  std::vector<at::Tensor> state;
  for (const auto& method : methods_) {
    for (const at::Tensor& own : method->parameters()) state.push_back(own);
    for (const at::Tensor& tensor : method->state()) state.push_back(tensor);
  }
  return state;
}

std::map<std::string, double> MethodChain::metrics(const TrainableNetwork& network) const {
  std::map<std::string, double> all;
  for (const auto& method : methods_) all.merge(method->metrics(network));
  return all;
}

void MethodChain::select(std::size_t variant) {
  if (owner_ != nullptr) owner_->select(variant);
}

}  // namespace rebasis::train
