// Which layers an encoding pass leaves to later ones, and why: what several passes have in common.
#pragma once

#include <string>
#include <vector>

#include "workloads/compress/model.h"

namespace rebasis::compress {

struct LeftAlone {
  bool keep_first_last = true, leave_depthwise = true, leave = false;

  /// Why layer `i` is left alone; empty when it is not.
  [[nodiscard]] std::string reason(const Model& model, std::size_t i) const {
    const Layer& layer = model.layers[i];
    if (leave) return "leave";
    if (keep_first_last && (layer.first || i + 1 == model.layers.size()))
      return "first or last layer (keep_first_last)";
    return leave_depthwise && layer.shape.depthwise() ? "depthwise (leave_depthwise)" : "";
  }
};

/// A flag a layer: whether the options of the layer, derived from LeftAlone, do not leave it alone.
template <class Options>
[[nodiscard]] std::vector<bool> not_left_alone(const Model& model, const std::vector<Options>& options) {
  std::vector<bool> flags;
  for (std::size_t i = 0; i < model.layers.size(); ++i) flags.push_back(options[i].reason(model, i).empty());
  return flags;
}

}  // namespace rebasis::compress
