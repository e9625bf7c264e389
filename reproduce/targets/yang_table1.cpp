#include <fmt/format.h>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& /*lab*/, Outcome& outcome) {
  const Table table = measured_table("ternary-wpc");
  outcome.made_by = made_by(table);
  outcome.assumption =
      "the length of training: 120 or 1,000 steps from a trained network against 160 epochs from random weights, on "
      "another data set";
  for (const auto& [row, label] :
       {std::pair{"ResNet-20, clipped", "ResNet-20 (120 steps)"}, {"ResNet-20, long", "ResNet-20 (1,000 steps)"}}) {
    outcome.rows.push_back(
        measured(label, "full precision", "%", table.value(row, "full"), published.value("ResNet-20", "full")));
    outcome.rows.push_back(measured(label, "ternary, PE-wise pruned", "%", table.value(row, "accuracy"),
                                    published.value("ResNet-20", "accuracy")));
    outcome.rows.push_back(
        measured(label, "gap", "points", table.value(row, "gap"), published.value("ResNet-20", "gap")));
  }
  for (const char* const row : {"ResNet-32", "ResNet-44", "ResNet-56"})
    outcome.rows.push_back(
        missing(row, "gap", "points", published.value(row, "gap"), "only ResNet-20 was trained, on Fashion-MNIST"));
  outcome.verdicts.push_back(
      {published.claim("gap"), Holds::no,
       fmt::format("ResNet-20 loses {:.2f} points after 120 steps and {:.2f} after 1,000; 2.4 of the first are "
                   "ternarisation alone, which costs 0.1 in the dissertation; "
                   "the others were not trained",
                   -*table.value("ResNet-20, clipped", "gap"), -*table.value("ResNet-20, long", "gap"))});
}

const TargetRegistration registration({"yang-table1", 110, compute});

}  // namespace
}  // namespace rebasis::reproduce
