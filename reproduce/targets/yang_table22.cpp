#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/rows.h"
#include "workloads/network_spec/network.h"
#include "workloads/train/continual/freezing.h"
#include "workloads/train/training_costs.h"

namespace rebasis::reproduce {
namespace {

constexpr std::int64_t epochs = 200, tasks = 5, images = 256;  // 5.3.1

/// Shares of the backward operations and of the memory that freezing leaves, by formula: ResNet-18 on CIFAR-10 without
/// heads, buffer of 256 images.
struct Shares {
  double flops = 0, memory = 0, last_flops = 0, last_memory = 0;
};

class Formula {
 public:
  Formula() {
    networks::LoadOptions unfolded;
    unfolded.fold_batch_norms = false;
    graph_ = networks::load_network("resnet18-cifar10", unfolded).graph;
    layers_ = graph::weight_layers(graph_);
    layers_.pop_back();  // the classifier, which self-supervised learning does not have
  }

  [[nodiscard]] std::size_t size() const { return layers_.size(); }

  [[nodiscard]] train::TrainingCosts costs(const std::vector<bool>& frozen) const {
    std::set<std::string> trained = train::trainable_constants(graph_);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (!frozen[i]) continue;
      trained.erase(layers_[i].weight);
      for (const graph::Node* const reader : graph_.consumers(layers_[i].output)) {
        if (reader->op == "BatchNormalization") trained.erase(reader->inputs[1]);
        if (reader->op == "BatchNormalization") trained.erase(reader->inputs[2]);
      }
    }
    return train::training_costs(graph_, trained, images);
  }

  /// Layers freeze in the order of falling `correlation`; the first task freezes nothing.
  [[nodiscard]] Shares shares(const std::vector<double>& correlation, const std::string& schedule) const {
    train::ContinualRecipe recipe;
    recipe.freeze_order = "correlation";
    recipe.freeze_schedule = schedule;
    recipe.freeze_final = 0.4;
    std::vector<bool> frozen(layers_.size(), false);
    const train::TrainingCosts free = costs(frozen);
    const double buffer = 256.0 * 3 * 32 * 32, whole = static_cast<double>(free.bytes()) + buffer;
    Shares sum{1, 1, 0, 0};
    for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
      train::freeze_most(frozen, correlation, train::freeze_ratio(recipe, epoch, epochs), recipe);
      const train::TrainingCosts now = costs(frozen);
      sum.last_flops = static_cast<double>(now.backward_macs()) / static_cast<double>(free.backward_macs());
      sum.last_memory = (static_cast<double>(now.bytes()) + buffer) / whole;
      sum.flops += (tasks - 1) * sum.last_flops / epochs;
      sum.memory += (tasks - 1) * sum.last_memory / epochs;
    }
    sum.flops /= tasks;
    sum.memory /= tasks;
    return sum;
  }

 private:
  graph::Graph graph_;
  std::vector<graph::WeightLayer> layers_;
};

/// Three orders: from the input, from the features, and in between, where Figure 22 has the frozen layers.
std::vector<double> order(const std::string& name, std::size_t layers) {
  std::vector<double> correlation;
  for (std::size_t i = 0; i < layers; ++i) {
    const double place = static_cast<double>(i) / static_cast<double>(layers - 1);
    correlation.push_back(name == "first layers" ? -place : name == "last layers" ? place : -std::abs(place - 0.4));
  }
  return correlation;
}

void formula_rows(const Table& published, Outcome& outcome) {
  const Formula formula;
  const std::string row = "SimSiam, freezing", network = ", ResNet-18 by formula";
  const auto flops = published.value(row, "flops"), memory = published.value(row, "memory");
  const Shares usual = formula.shares(order("middle layers", formula.size()), "rising");
  for (const char* const name : {"first layers", "middle layers", "last layers"}) {
    const Shares shares = formula.shares(order(name, formula.size()), "rising");
    const std::string who = name + network;
    outcome.rows.push_back(counted(who, "backward operations, whole run", "x", shares.flops, flops));
    outcome.rows.push_back(counted(who, "backward operations, last epoch of a task", "x", shares.last_flops, flops));
    outcome.rows.push_back(counted(who, "memory, mean of the run", "x", shares.memory, memory));
    outcome.rows.push_back(counted(who, "memory, last epoch of a task", "x", shares.last_memory, memory));
    const Shares printed = formula.shares(order(name, formula.size()), "printed");
    outcome.sensitivity.push_back({"schedule 5.8 (usual: rising)", "as printed, all at once",
                                   who + ", backward operations", "x", printed.flops, shares.flops});
  }
  outcome.verdicts.push_back(
      {published.claim("flops"), Holds::partly,
       fmt::format(
           "a rising ratio saves {:.0f} % over the run and {:.0f} % in the last epoch when middle layers freeze: a "
           "frozen layer saves the gradient of its weights, half of its share, while a layer before it trains; the "
           "published ratio is what freezing the first layers in every epoch gives ({:.2f})",
           100 * (1 - usual.flops), 100 * (1 - usual.last_flops),
           formula.shares(order("first layers", formula.size()), "printed").flops)});
  outcome.verdicts.push_back(
      {published.claim("memory"), Holds::partly,
       fmt::format("{:.0f} % in the mean of the run, {:.0f} % in the last epoch, when middle layers "
                   "freeze; the most that is needed at once falls by nothing, since nothing is "
                   "frozen at first",
                   100 * (1 - usual.memory), 100 * (1 - usual.last_memory))});
}

void measured_rows(const Table& published, Outcome& outcome) {
  const Table table = measured_table("progressive-freezing");
  outcome.made_by = "Measured rows: " + made_by(table);
  for (const TableRow& row : table.rows) {
    for (const auto& [column, quantity, unit] : {std::tuple{"time", "CPU time of training, ResNet-20", "x"},
                                                 std::tuple{"flops", "backward operations, ResNet-20", "x"},
                                                 std::tuple{"memory", "memory, mean, ResNet-20", "x"},
                                                 std::tuple{"last_memory", "memory, last epoch, ResNet-20", "x"},
                                                 std::tuple{"accuracy", "accuracy, Split Fashion-MNIST", "%"},
                                                 std::tuple{"forgetting", "forgetting, Split Fashion-MNIST", "%"}}) {
      if (table.value(row.name, column))
        outcome.rows.push_back(
            measured(row.name, quantity, unit, table.value(row.name, column),
                     published.value(row.name, column == std::string("last_memory") ? "memory" : column)));
    }
  }
  const std::string frozen = "SimSiam, freezing", lump = "SimSiam, LUMP", first = "SimSiam, first layers";
  const auto accuracy = [&](const std::string& row) { return *table.value(row, "accuracy"); };
  const auto forgotten = [&](const std::string& row) { return *table.value(row, "forgetting"); };
  const bool same = accuracy(frozen) >= accuracy(lump) - 0.5, remembers = forgotten(frozen) <= forgotten(lump);
  outcome.verdicts.push_back(
      {published.claim("accuracy"),
       same && remembers   ? Holds::yes
       : same || remembers ? Holds::partly
                           : Holds::no,
       fmt::format("{:.2f} % and {:.2f} % forgotten; without freezing {:.2f} % and {:.2f} %; one run "
                   "of a few epochs each",
                   accuracy(frozen), forgotten(frozen), accuracy(lump), forgotten(lump))});
  outcome.verdicts.push_back(
      {published.claim("order"), accuracy(frozen) > accuracy(first) ? Holds::yes : Holds::no,
       fmt::format("{:.2f} % beside {:.2f} %; 0.8 points in the dissertation", accuracy(frozen), accuracy(first))});
}

void compute(const Table& published, Lab&, Outcome& outcome) {
  outcome.assumption = "which layers freeze, and whether a ratio is of the whole run or of its end";
  measured_rows(published, outcome);
  formula_rows(published, outcome);
  outcome.notes.push_back(
      "Operations and memory are counted as docs/training.md says; a frozen layer freezes its batch norm, keeps no "
      "input, and "
      "passes the gradient on while a layer before it trains. The ratio of CPU time includes the forward passes, which "
      "no "
      "freezing saves.");
}

const TargetRegistration registration({"yang-table22", 170, compute});

}  // namespace
}  // namespace rebasis::reproduce
