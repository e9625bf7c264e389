#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  const NetworkCounts network = counts_of(lab, "vgg16");
  double parameters = 0, macs = 0, least = 1e12;
  for (const TableRow& row : published.rows) {
    const auto layer =
        std::ranges::find_if(network.layers, [&](const LayerCounts& one) { return one.name == row.name; });
    const bool total = layer == network.layers.end();
    const double weights = total ? parameters : layer->weights + layer->filters, products = total ? macs : layer->macs;
    if (!total) {
      parameters += weights;
      macs += products;
      if (layer->op == "conv") least = std::min(least, products / weights);
    }
    outcome.rows.push_back(counted(row.name, "parameters", "k", weights / 1e3, row.values.at("parameters")));
    outcome.rows.push_back(counted(row.name, "MACs", "M", products / 1e6, row.values.at("macs")));
    outcome.rows.push_back(counted(row.name, "MACs a parameter", "x", products / weights, row.values.at("ratio")));
  }
  outcome.assumption = "what counts as a MAC: in the published numbers a bias is one an output";
  outcome.verdicts.push_back({published.claim("ratio"), Holds::yes,
                              fmt::format("at least {:.0f} a parameter in convolutions, 1 in fully connected layers; "
                                          "the published 783898 of conv9 and conv10 lack a decimal point",
                                          least)});
}

const TargetRegistration registration({"succinct-table5", 250, compute});

}  // namespace
}  // namespace rebasis::reproduce
