#include "workloads/train/method_chain.h"

#include <algorithm>

#include "common/error.h"

namespace rebasis::train {

namespace {

/// `quantiser`: the method before `entry` that quantises, or null.
void refuse_order(const MethodEntry& entry, MethodRole role, const MethodEntry* quantiser) {
  if (quantiser == nullptr || role == MethodRole::other) return;
  const std::string before = quantiser->name + " of line " + std::to_string(quantiser->where.line);
  if (role == MethodRole::quantises)
    fail_input(entry.where, entry.name + " and " + before + " both decide which values weights have; keep one");
  fail_input(entry.where, entry.name + " comes after " + before +
                              ", which then chooses its scales for weights that become zero; put it before");
}

/// What `method` does not train keeps its bits.
void freeze(const Recipe& recipe, const MethodEntry& entry, const Method& method, TrainableNetwork& network) {
  const std::optional<std::vector<bool>> trained = method.trained(network);
  if (!trained) return;
  if (recipe.methods.size() > 1)
    fail_input(entry.where, entry.name + " leaves weights as they are, which other methods change; keep one of them");
  for (std::size_t i = 0; i < trained->size(); ++i) network.freeze(i, !(*trained)[i]);
}

}  // namespace

MethodChain::MethodChain(const Recipe& recipe, TrainableNetwork& network) {
  const MethodEntry* quantiser = nullptr;
  for (const MethodEntry& entry : recipe.methods) {
    methods_.push_back(MethodRegistry::global().at(entry.name, entry.where).create(entry.options));
    refuse_order(entry, methods_.back()->role(), quantiser);
    if (methods_.back()->role() == MethodRole::quantises) quantiser = &entry;
    methods_.back()->begin(network);
    freeze(recipe, entry, *methods_.back(), network);
    const std::vector<std::string> variants = methods_.back()->variants();
    if (variants.empty()) continue;
    if (owner_ != nullptr) fail_input(entry.where, "a second method with sub-nets; a recipe has one at most");
    owner_ = methods_.back().get();
    variants_ = variants;
  }
  network.set_variants(variants_.size(), owner_ != nullptr && owner_->shares_statistics());
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    if (replaces(i)) network.release(i);
  }
}

bool MethodChain::extend(const Recipe& recipe, graph::Graph& graph) {
  bool extended = false;
  for (const MethodEntry& entry : recipe.methods) {
    if (MethodRegistry::global().at(entry.name, entry.where).create(entry.options)->extend(graph)) extended = true;
  }
  return extended;
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

bool MethodChain::replaces(std::size_t layer) const {
  return std::any_of(methods_.begin(), methods_.end(), [&](const auto& method) { return method->replaces(layer); });
}

std::vector<at::Tensor> MethodChain::kept(const TrainableNetwork& network) const {
  std::vector<bool> replaced(network.parameters().size(), false);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    if (replaces(i)) replaced[network.layers()[i].parameter] = true;
  }
  std::vector<at::Tensor> kept;
  for (std::size_t i = 0; i < replaced.size(); ++i) {
    if (!replaced[i]) kept.push_back(network.parameters()[i]);
  }
  return kept;
}

std::map<std::string, Factors> MethodChain::factors(const TrainableNetwork& network) const {
  std::map<std::string, Factors> all;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    for (const auto& method : methods_) {
      std::optional<Factors> factors = method->factors(i);
      if (!factors) continue;
      const graph::WeightLayer& layer = network.layers()[i].layer;
      factors->transposed = layer.weight_transposed;
      all[layer.weight] = std::move(*factors);
    }
  }
  return all;
}

std::vector<at::Tensor> MethodChain::trained(const TrainableNetwork& network) const {
  std::vector<at::Tensor> trained = kept(network);
  std::erase_if(trained, [](const at::Tensor& parameter) { return !parameter.requires_grad(); });
  for (const auto& method : methods_) {
    for (const at::Tensor& own : method->parameters()) trained.push_back(own);
  }
  return trained;
}

std::vector<at::Tensor> MethodChain::leaves(const TrainableNetwork& network) const {
  std::vector<at::Tensor> leaves = trained(network);
  for (const auto& method : methods_) {
    for (const at::Tensor& own : method->observed()) leaves.push_back(own);
  }
  return leaves;
}

void MethodChain::drop_momentum(
    const TrainableNetwork& network,
    const std::function<void(const at::Tensor& weights, const at::Tensor& kept)>& drop) const {
  for (const auto& method : methods_) {
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      const at::Tensor kept = method->keeps_momentum(i);
      if (kept.defined()) drop(network.weights(i), network.constant_of(i, kept, network.weights(i).sizes()));
    }
  }
}

std::vector<at::Tensor> MethodChain::state() const {
  std::vector<at::Tensor> state;
  for (const auto& method : methods_) {
    for (const at::Tensor& own : method->parameters()) state.push_back(own);
    for (const at::Tensor& tensor : method->state()) state.push_back(tensor);
  }
  return state;
}

Figures MethodChain::figures(const TrainableNetwork& network) const {
  const at::NoGradGuard no_gradients;
  Figures figures;
  std::vector<at::Tensor> effective;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const at::Tensor& weights = network.weights(i);
    effective.push_back(network.filters(i, this->effective(network, i, weights)));
    const std::string& layer = network.layers()[i].layer.name;
    figures.metrics[layer + "/zero_weights"] = share_of_zeros(effective.back());
    const Distribution spread = distribution_of(replaces(i) ? effective.back() : weights);
    figures.metrics[layer + "/deviation"] = spread.deviation;
    figures.distributions[layer + "/weights"] = spread;
  }
  for (const auto& method : methods_) {
    figures.metrics.merge(method->metrics(network));
    method->observe(network, effective, figures);
  }
  return figures;
}

void MethodChain::select(std::size_t variant) {
  if (owner_ != nullptr) owner_->select(variant);
}

}  // namespace rebasis::train
