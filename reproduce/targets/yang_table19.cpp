#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/rows.h"
#include "workloads/network_spec/network.h"
#include "workloads/train/side_network.h"
#include "workloads/train/training_costs.h"

namespace rebasis::reproduce {
namespace {

constexpr std::int64_t images = 8;     // 4.4.1.2
constexpr std::int64_t classes = 102;  // of Flowers

/// The shipped network with a new last layer.
graph::Graph network_for(const std::string& name) {
  networks::LoadOptions unfolded;
  unfolded.fold_batch_norms = false;
  graph::Graph graph = networks::load_network(name, unfolded).graph;
  const graph::WeightLayer last = graph::weight_layers(graph).back();
  for (const std::string& constant : {last.weight, last.bias}) {
    if (!constant.empty())
      std::get<Tensor<float>>(graph.constants.at(constant).data).shape[last.weight_transposed ? 1 : 0] = classes;
  }
  return graph;
}

std::set<std::string> last_layer(const graph::Graph& graph) {
  const graph::WeightLayer last = graph::weight_layers(graph).back();
  return {last.weight, last.bias};
}

train::TrainingCosts full(const graph::Graph& graph) {
  return train::training_costs(graph, train::trainable_constants(graph), images);
}

train::TrainingCosts bias_only(const graph::Graph& graph) {
  std::set<std::string> trained = last_layer(graph);
  for (const graph::WeightLayer& layer : graph::weight_layers(graph)) trained.insert(layer.bias);
  for (const graph::Node& node : graph.nodes) {
    if (node.op == "BatchNormalization") trained.insert(node.inputs[2]);
  }
  return train::training_costs(graph, trained, images);
}

train::TrainingCosts rep_net(graph::Graph graph, double expand, const std::string& places) {
  std::set<std::string> trained = last_layer(graph);
  train::add_side_network(graph, {"dual", places, expand, 3, 1});
  for (const std::string& constant : train::trainable_constants(graph)) {
    if (constant.starts_with(train::side_prefix)) trained.insert(constant);
  }
  return train::training_costs(graph, trained, images);
}

double megabytes(const train::TrainingCosts& costs) { return static_cast<double>(costs.bytes()) / megabyte; }

void measured_rows(const Table& published, Outcome& outcome) {
  const Table table = measured_table("rep-net");
  outcome.made_by = "Accuracies: " + made_by(table);
  for (const TableRow& row : table.rows) {
    outcome.rows.push_back(measured(row.name, "accuracy on new classes, Fashion-MNIST, ResNet-20", "%",
                                    table.value(row.name, "accuracy"), std::nullopt));
    outcome.rows.push_back(measured(row.name, "training memory, 32 images, ResNet-20", "MB",
                                    table.value(row.name, "memory"), std::nullopt));
  }
  const double all = *table.value("full", "accuracy"), head = *table.value("last layer", "accuracy");
  const double biases = *table.value("bias", "accuracy"), side = *table.value("Rep-Net, dual", "accuracy");
  outcome.verdicts.push_back(
      {published.claim("accuracy"),
       side >= biases && side > head ? (side >= all - 1 ? Holds::yes : Holds::partly) : Holds::no,
       fmt::format("{:.2f} % beside {:.2f} % of full fine-tuning, {:.2f} % of biases and {:.2f} % of the last layer",
                   side, all, biases, head)});
}

void compute(const Table& published, Lab&, Outcome& outcome) {
  outcome.assumption = "the side network's width, which the dissertation does not give";
  const std::string quantity = "training memory, 8 images";
  double saved = 0, less = 0;
  for (const auto& [name, label] : {std::pair{"resnet50", "ResNet-50"}, std::pair{"mobilenetv2", "MobileNetV2"}}) {
    const graph::Graph graph = network_for(name);
    const std::string where = label;
    const train::TrainingCosts whole = full(graph), biases = bias_only(graph),
                               side = rep_net(graph, 0.25, "down_sampling");
    const train::TrainingCosts head = train::training_costs(graph, last_layer(graph), images);
    const auto row = [&](const std::string& method, const train::TrainingCosts& costs) {
      outcome.rows.push_back(counted(method + ", " + where, quantity, "MB", megabytes(costs),
                                     published.value(method + ", " + where, "memory")));
      outcome.rows.push_back(counted(method + ", " + where, "of these, activations", "MB",
                                     static_cast<double>(costs.activation_bytes()) / megabyte, std::nullopt));
    };
    row("FT-Full", whole);
    row("FT-Last", head);
    row("Bias", biases);
    row("Rep-Net", side);
    saved = std::max(saved, megabytes(side) / megabytes(whole));
    less = std::max(less, megabytes(side) - megabytes(biases));
    for (const double expand : {0.125, 0.5, 1.0})
      outcome.sensitivity.push_back({"channels inside a module over those it reads (usual: 0.25)", fixed(expand, 3),
                                     fmt::format("Rep-Net, {}, {}", label, quantity), "MB",
                                     megabytes(rep_net(graph, expand, "down_sampling")), megabytes(side)});
    outcome.sensitivity.push_back({"modules (usual: where the resolution falls)", "at every junction",
                                   fmt::format("Rep-Net, {}, {}", label, quantity), "MB",
                                   megabytes(rep_net(graph, 0.25, "all")), megabytes(side)});
  }
  measured_rows(published, outcome);
  outcome.verdicts.push_back({published.claim("memory"), saved < 0.35 ? Holds::yes : Holds::partly,
                              fmt::format("at most {:.0f} % of it on both networks", 100 * saved)});
  outcome.verdicts.push_back(
      {published.claim("tinytl"), Holds::open,
       fmt::format("TinyTL's residual modules and its network are not here; beside biases alone, Rep-Net takes up to "
                   "{:.0f} MB more, for modules that have weights",
                   less)});
  outcome.notes.push_back(
      "A value is kept once: inputs of layers and batch norms that train, a bit for a ReLU in a gradient's way. So "
      "counted, "
      "ReLU adds next to nothing to full fine-tuning, which is what the published numbers have, too. The classifier "
      "has the "
      "102 classes of Flowers.");
  outcome.notes.push_back(
      "Rep-Net on ResNet-50 takes more than published: the last batch norm of a module keeps a map as large as the "
      "junction's, "
      "55 of the 92 MB of activations. The modules of the authors' published code work at half of that resolution and "
      "interpolate, which the dissertation does not say.");
}

const TargetRegistration registration({"yang-table19", 165, compute});

}  // namespace
}  // namespace rebasis::reproduce
