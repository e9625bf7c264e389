#include <fmt/format.h>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& /*lab*/, Outcome& outcome) {
  const std::string reason = "no training accelerator and no GPU is modelled";
  for (const char* const row : {"Edge GPU", "Cloud GPU", "SD-T"})
    outcome.rows.push_back(missing(row, "energy efficiency", "GOP/s/W", published.value(row, "efficiency"), reason));
  const double sd = *published.value("SD-T", "efficiency");
  outcome.rows.push_back(counted("over the edge GPU", "ratio of the published values", "x",
                                 sd / *published.value("Edge GPU", "efficiency"),
                                 published.value("over the edge GPU", "improvement")));
  outcome.rows.push_back(counted("over the cloud GPU", "ratio of the published values", "x",
                                 sd / *published.value("Cloud GPU", "efficiency"),
                                 published.value("over the cloud GPU", "improvement")));
  outcome.assumption = "peak efficiencies of three chips in 22, 40 and 65 nm are compared as they are";
  outcome.verdicts.push_back(
      {published.claim("efficiency"), Holds::open,
       reason + "; the ratios agree with the table's own values. What training reads and writes was measured instead "
                "(docs/results/smartdeal-training.md): weights read in a step 6.9 to 7.9 times less, updates 14.8 to "
                "16.2 times"});
}

const TargetRegistration registration({"smartdeal-table7", 50, compute});

}  // namespace
}  // namespace rebasis::reproduce
