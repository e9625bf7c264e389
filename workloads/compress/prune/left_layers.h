// Which layers a pass that prunes leaves alone: keys that several passes have.
#pragma once

#include "arch/parameter.h"
#include "workloads/compress/model.h"

namespace rebasis::compress {

struct LeftLayers {
  bool leave_first = true, leave_depthwise = true, leave = false;

  [[nodiscard]] bool leaves(const Layer& layer) const {
    return leave || (leave_first && layer.first) || (leave_depthwise && layer.shape.depthwise());
  }
};

[[nodiscard]] inline arch::ParameterSet<LeftLayers> left_layers_parameters() {
  arch::ParameterSet<LeftLayers> set;
  set.boolean("leave_first", &LeftLayers::leave_first, true, "Do not prune the network's first layer.", "decision");
  set.boolean("leave_depthwise", &LeftLayers::leave_depthwise, true, "Do not prune depthwise layers.",
              "paper, appendix E-E");
  set.boolean("leave", &LeftLayers::leave, false, "Do not prune the layer.", "decision");
  return set;
}

}  // namespace rebasis::compress
