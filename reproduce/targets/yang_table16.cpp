#include <fmt/format.h>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

struct Memory {
  double parameters = 0, activations = 0;  ///< activations of one image
};

/// The table's formulas over a ResNet: each convolution has a batch norm, and a ReLU but for projections.
Memory memory_of(const NetworkCounts& network) {
  Memory memory;
  for (const LayerCounts& layer : network.layers) {
    memory.activations += layer.inputs;
    if (layer.op == "fc") {
      memory.parameters += layer.weights + layer.filters;
      continue;
    }
    const bool projection = layer.name.ends_with("downsample") || layer.name.ends_with("shortcut");
    memory.parameters += layer.weights + 2 * layer.filters;
    memory.activations += layer.outputs * (projection ? 1 : 2);
  }
  return memory;
}

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption = "the number of images in a step: parameters do not grow with it, activations do";
  for (const char* const name : {"resnet18", "resnet34", "resnet50"}) {
    const NetworkCounts network = counts_of(lab, name);
    const Memory memory = memory_of(network);
    outcome.rows.push_back(counted(name, "parameters by the formulas (published: counted from the network)", "M",
                                   memory.parameters / 1e6, network.parameters / 1e6));
    outcome.rows.push_back(counted(name, "activations of an image", "M", memory.activations / 1e6, std::nullopt));
  }
  const Memory memory = memory_of(counts_of(lab, "resnet50"));
  const double share = memory.activations / memory.parameters;
  outcome.rows.push_back(counted("ResNet-50, activations over parameters", "an image", "x", share,
                                 published.value("ResNet-50, activations over parameters", "share")));
  outcome.rows.push_back(counted("ResNet-50, activations over parameters", "8 images", "x", 8 * share,
                                 published.value("ResNet-50, activations over parameters", "share")));
  for (const int images : {2, 4, 8, 64})
    outcome.sensitivity.push_back({"images in a step", std::to_string(images), "activations over parameters, ResNet-50",
                                   "x", images * share, share});
  outcome.verdicts.push_back(
      {published.claim("activations"),
       share >= 3       ? Holds::yes
       : 8 * share >= 3 ? Holds::partly
                        : Holds::no,
       fmt::format("{:.2f} times for one image, {:.1f} for 8; three times the model is {:.1f} images", share, 8 * share,
                   3 / share)});
}

const TargetRegistration registration({"yang-table16", 160, compute});

}  // namespace
}  // namespace rebasis::reproduce
