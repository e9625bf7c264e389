#include <fmt/format.h>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

/// Equation 2.8 from the published group sparsities.
double rate_of(const std::string& row, double group) {
  return row.ends_with("pruning") ? 1 / (1 - group) : 32 / ((1 - group) * 2);
}

void compute(const Table& published, Lab& /*lab*/, Outcome& outcome) {
  const Table table = measured_table("ternary-wpc");
  outcome.made_by = "Rows of ResNet-20: " + made_by(table);
  outcome.assumption =
      "lambda and the number of steps, which go together: at lambda 0.01 no group becomes zero in 120 steps, at 0.1 "
      "the naive network is destroyed";
  for (const TableRow& row : published.rows) {
    const bool ran = table.find(row.name) != nullptr;
    if (ran) {
      for (const auto& [column, label] : {std::pair{"accuracy", "accuracy"},
                                          {"overall", "overall sparsity"},
                                          {"group", "group sparsity"},
                                          {"rate", "compression rate"}}) {
        if (row.values.contains(column))
          outcome.rows.push_back(
              measured(row.name, label, published.unit(column), table.value(row.name, column), row.values.at(column)));
      }
    } else {
      outcome.rows.push_back(missing(row.name, "accuracy", "%", row.values.at("accuracy"),
                                     "only ResNet-20 was trained, on Fashion-MNIST"));
    }
    if (row.values.contains("group"))
      outcome.rows.push_back(counted(row.name, "compression rate, equation 2.8 of the published group sparsity", "x",
                                     rate_of(row.name, row.values.at("group") / 100), row.values.at("rate")));
  }
  const auto ours = [&](const char* row, const char* column) { return *table.value(row, column); };
  outcome.verdicts.push_back(
      {published.claim("better"), Holds::yes,
       fmt::format("{:.2f} against {:.2f} % and {:.1f} against {:.1f} times, on ResNet-20 and Fashion-MNIST",
                   ours("ResNet-20, clipped", "accuracy"), ours("ResNet-20, naive", "accuracy"),
                   ours("ResNet-20, clipped", "rate"), ours("ResNet-20, naive", "rate"))});
  outcome.verdicts.push_back({published.claim("useful"), Holds::yes,
                              fmt::format("overall {:.1f} against {:.1f} %, groups {:.1f} against {:.1f} %",
                                          ours("ResNet-20, clipped", "overall"), ours("ResNet-20, naive", "overall"),
                                          ours("ResNet-20, clipped", "group"), ours("ResNet-20, naive", "group"))});
  outcome.notes.push_back(
      "Of the published rates of pruning alone, that of ResNet-56, 1.39, fits its group sparsity; those of naive "
      "ResNet-56 (42 %: 27.6) and the clipped networks fit equation 2.8.");
}

const TargetRegistration registration({"yang-table3", 120, compute});

}  // namespace
}  // namespace rebasis::reproduce
