#include "workloads/train/layers_left.h"

#include <algorithm>

#include "workloads/compress/pass.h"
#include "workloads/train/method.h"
#include "workloads/train/model_view.h"

namespace rebasis::train {
namespace {

/// The items of "[a, b]", or of "a".
std::vector<std::string> items_of(std::string list) {
  if (list.starts_with('[') && list.ends_with(']')) list = list.substr(1, list.size() - 2);
  std::vector<std::string> items;
  std::size_t first = 0;
  while (first < list.size()) {
    const std::size_t comma = std::min(list.find(", ", first), list.size());
    items.push_back(list.substr(first, comma - first));
    first = comma + 2;
  }
  return items;
}

}  // namespace

arch::ParameterSet<LayersLeft> layers_left_parameters(bool keep_first_last, const std::string& source) {
  arch::ParameterSet<LayersLeft> set;
  set.boolean("keep_first_last", &LayersLeft::keep_first_last, keep_first_last,
              "Leave the first and the last layer alone.", source);
  set.boolean("keep_depthwise", &LayersLeft::keep_depthwise, true, "Leave depthwise layers alone.", "decision");
  set.text("leave", &LayersLeft::leave, "", "Layers to leave alone: a name or a list of them, with * and ?.",
           "decision");
  return set;
}

std::vector<bool> covered_layers(const TrainableNetwork& network, const LayersLeft& left,
                                 const arch::RawConfig& config) {
  const LayerScope scope{left.keep_first_last, left.keep_depthwise};
  const arch::ConfigEntry* const entry = config.find("leave");
  std::vector<bool> covered;
  for (const TrainedLayer& layer : network.layers()) covered.push_back(scope.covers(layer));
  if (entry == nullptr) return covered;
  const compress::Model model = shapes_of(network);
  for (const std::string& pattern : items_of(left.leave)) {
    compress::LayerRule named;
    named.selector.match = pattern;
    named.selector.optional = true;
    const auto rule = compress::assign_rules(model, {named});
    if (std::none_of(rule.begin(), rule.end(), [](const auto& chosen) { return chosen.has_value(); }))
      fail_input(entry->where, "the network has no layer " + pattern + "; 'rebasis inspect' shows its layers");
    for (std::size_t i = 0; i < covered.size(); ++i) {
      if (rule[i]) covered[i] = false;
    }
  }
  return covered;
}

}  // namespace rebasis::train
