#include <fmt/format.h>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& /*lab*/, Outcome& outcome) {
  const Table table = measured_table("ternary-wpc");
  outcome.made_by = made_by(table);
  outcome.assumption = "the number of steps: 120 here";
  bool sparser = true, less_accurate = true;
  double group = 0, accuracy = 100;
  for (const TableRow& row : published.rows) {
    for (const auto& [column, label] :
         {std::pair{"accuracy", "accuracy"}, {"overall", "overall sparsity"}, {"group", "group sparsity"}})
      outcome.rows.push_back(measured(row.name, label, "%", table.value(row.name, column), row.values.at(column)));
    sparser = sparser && *table.value(row.name, "group") > group;
    less_accurate = less_accurate && *table.value(row.name, "accuracy") < accuracy;
    group = *table.value(row.name, "group");
    accuracy = *table.value(row.name, "accuracy");
  }
  outcome.verdicts.push_back(
      {published.claim("smaller"),
       sparser && less_accurate ? Holds::yes
       : sparser                ? Holds::partly
                                : Holds::no,
       fmt::format(
           "group sparsity grows from {:.1f} to {:.1f} %{}", *table.value("PE-16", "group"),
           *table.value("PE-1", "group"),
           less_accurate
               ? " and accuracy falls"
               : fmt::format(
                     "; accuracy falls to PE-4 and is {:.2f} % at PE-1 again, where sparsity has stopped growing",
                     accuracy))});
}

const TargetRegistration registration({"yang-table6", 130, compute});

}  // namespace
}  // namespace rebasis::reproduce
