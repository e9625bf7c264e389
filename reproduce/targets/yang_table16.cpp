#include <fmt/format.h>

#include "reproduce/targets/rows.h"
#include "workloads/training_step/memory.h"

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

/// The network's layers for the memory of a step: convolutions with batch norms, a ReLU behind all but projections.
std::vector<training::LayerElements> elements_of(const NetworkCounts& network) {
  const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
  std::vector<training::LayerElements> layers;
  for (const LayerCounts& layer : network.layers) {
    const bool fc = layer.op == "fc",
               projection = layer.name.ends_with("downsample") || layer.name.ends_with("shortcut");
    training::LayerElements one;
    one.name = layer.name;
    one.input = whole(layer.inputs);
    one.output = whole(layer.outputs);
    one.weights = whole(layer.weights);
    one.biases = fc ? whole(layer.filters) : 0;
    one.scales = fc ? 0 : whole(2 * layer.filters);
    one.norm = fc ? 0 : whole(layer.outputs);
    one.relu = fc || projection ? 0 : whole(layer.outputs);
    layers.push_back(std::move(one));
  }
  return layers;
}

/// Memory of a training step over time, in 32-bit values with momentum.
void over_time(Lab& lab, Outcome& outcome) {
  const std::vector<training::LayerElements> layers = elements_of(counts_of(lab, "resnet50"));
  std::vector<trace::LayerInfo> named(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) named[i].name = layers[i].name;
  training::MemoryOptions sizes;
  sizes.batch = 8;
  const auto step = [&](const training::StepOptions& options) {
    return training::memory_over_time(layers, training::work_of(named, options), sizes);
  };
  const auto bytes_of = [](const training::MemoryPoint& point, training::Held what) {
    return static_cast<double>(point.bytes[static_cast<std::size_t>(what)]);
  };
  const auto row = [&](const std::string& name, const std::string& quantity, double bytes) {
    outcome.rows.push_back(counted("ResNet-50, 8 images, " + name, quantity, "MB", bytes / megabyte, std::nullopt));
  };
  const auto all = step({});
  const training::Table16 formulas = training::table16(layers, training::work_of(named, {}), sizes.batch);
  row("all learns", "activations by the formulas", static_cast<double>(formulas.activations * sizes.element_bytes));
  row("all learns", "activations at the end of the forward pass",
      bytes_of(all[layers.size() - 1], training::Held::activations));
  for (const auto& [name, options] :
       std::vector<std::pair<std::string, training::StepOptions>>{{"all learns", {}},
                                                                  {"4 segments recomputed", {"dense", {}, {}, {}, 4}},
                                                                  {"8 segments recomputed", {"dense", {}, {}, {}, 8}},
                                                                  {"biases and the last layer learn", {"bias-only"}},
                                                                  {"the last layer learns", {"last-layer"}}})
    row(name, "peak of a step", static_cast<double>(training::peak_of(step(options)).total()));
  outcome.figures.push_back(
      {"yang-table16.svg", "Memory of a training step of ResNet-50, 8 images",
       training::memory_chart("ResNet-50: a training step of 8 images, 32-bit values, momentum", all,
                              {{static_cast<double>(formulas.activations * sizes.element_bytes), "Table 16: a"},
                               {static_cast<double>(formulas.parameters * sizes.element_bytes), "Table 16: p"}})});
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
  over_time(lab, outcome);
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
