#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/smartdeal_comparison.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption =
      "the energy of what Table I of the paper does not price (buffers of the baselines, index selection, bit-serial "
      "steps), and the pruning of the baselines, which the paper "
      "does not give";
  const double least = *published.value("SmartDeal over DianNao, the least", "efficiency");
  const double most = *published.value("SmartDeal over DianNao, the most", "efficiency");
  const Values values =
      figure({"energy_efficiency", "x", "energy efficiency over DianNao", "normalised energy efficiency",
              "smartdeal-fig8.svg", "Energy efficiency over DianNao (SmartDeal, Fig. 8)"},
             lab, outcome, {{least, "SmartDeal, least published"}, {most, "SmartDeal, most published"}});
  if (lab.quick()) return;
  double low = 1e9, high = 0;
  for (const auto& [network, one] : values) {
    low = std::min(low, one.at("smartdeal"));
    high = std::max(high, one.at("smartdeal"));
  }
  outcome.rows.push_back(
      synthetic("SmartDeal over DianNao, the least", "energy efficiency over DianNao", "x", low, least, true));
  outcome.rows.push_back(
      synthetic("SmartDeal over DianNao, the most", "energy efficiency over DianNao", "x", high, most, true));
  std::size_t won = 0;
  const std::string lost = lost_networks(values, false, won);
  outcome.verdicts.push_back(
      {published.claim("least"),
       lost.empty() ? Holds::yes
       : won > 0    ? Holds::partly
                    : Holds::no,
       fmt::format("on {} of {} networks{}{}", won, values.size(), lost.empty() ? "" : "; not on ", lost)});
  outcome.verdicts.push_back(
      {published.claim("range"),
       low >= least    ? Holds::yes
       : high >= least ? Holds::partly
                       : Holds::no,
       fmt::format("{:.2f} to {:.2f} times; geometric mean over SCNN {:.2f}, Cambricon-X {:.2f}, Bit-Pragmatic {:.2f}",
                   low, high, mean_ratio(values, "smartdeal", "scnn"), mean_ratio(values, "smartdeal", "cambricon-x"),
                   mean_ratio(values, "smartdeal", "bit-pragmatic"))});
}

const TargetRegistration registration({"smartdeal-fig8", 60, compute});

}  // namespace
}  // namespace rebasis::reproduce
