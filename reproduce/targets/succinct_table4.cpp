#include <fmt/format.h>

#include <map>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

/// Parameters with batch norms and biases, as the table counts them.
struct Counts {
  double parameters = 0, macs = 0;
};

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  const NetworkCounts network = counts_of(lab, "resnet50");
  std::map<std::string, Counts> stages;
  for (const LayerCounts& layer : network.layers) {
    const std::string stage = layer.name.substr(0, layer.name.find('.'));
    for (const std::string& name : {stage, std::string("total")}) {
      stages[name].parameters += layer.weights + (layer.op == "fc" ? 1 : 2) * layer.filters;
      stages[name].macs += layer.macs;
    }
  }
  double least = 1e12;
  for (const TableRow& row : published.rows) {
    const Counts& ours = stages.at(row.name);
    outcome.rows.push_back(counted(row.name, "parameters", "k", ours.parameters / 1e3, row.values.at("parameters")));
    outcome.rows.push_back(counted(row.name, "MACs", "M", ours.macs / 1e6, row.values.at("macs")));
    outcome.rows.push_back(
        counted(row.name, "MACs a parameter", "x", ours.macs / ours.parameters, row.values.at("ratio")));
    if (row.name.starts_with("layer") || row.name.starts_with("conv"))
      least = std::min(least, ours.macs / ours.parameters);
  }
  outcome.assumption =
      "what counts as a MAC: the published numbers are 0.5 to 2 % larger, those of batch norms and biases among them";
  outcome.verdicts.push_back({published.claim("ratio"), Holds::yes,
                              fmt::format("at least {:.0f} a parameter in convolutions, 1 in the fully connected "
                                          "layer; the published 54213 of layer4 lacks a decimal point",
                                          least)});
}

const TargetRegistration registration({"succinct-table4", 240, compute});

}  // namespace
}  // namespace rebasis::reproduce
