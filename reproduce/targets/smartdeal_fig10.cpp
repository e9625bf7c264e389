#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/smartdeal_comparison.h"

namespace rebasis::reproduce {
namespace {

void averages(const Table& published, Outcome& outcome, const Values& values) {
  std::string said;
  bool all = true, ahead = true;
  for (const auto& [label, accelerator] :
       {std::pair{"SCNN", "scnn"}, {"Cambricon-X", "cambricon-x"}, {"Bit-Pragmatic", "bit-pragmatic"}}) {
    const std::string row = std::string("SmartDeal over ") + label + ", average";
    const double ours = mean_ratio(values, "smartdeal", accelerator);
    const std::optional<double> theirs = published.value(row, "speed_up");
    outcome.rows.push_back(synthetic(row, "speed-up", "x", ours, theirs, true));
    said += fmt::format("{}{:.2f} over {}", said.empty() ? "" : ", ", ours, label);
    all = all && ours >= 0.9 * *theirs;
    ahead = ahead && ours > 1;
  }
  outcome.verdicts.push_back({published.claim("averages"), all ? Holds::yes : ahead ? Holds::partly : Holds::no, said});
}

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption =
      "the bandwidth of the DRAM, which the paper does not give: at batch 1 and 12.8 GB/s most layers wait for it on "
      "every machine, so that no array can be much faster than "
      "another";
  const double least = *published.value("SmartDeal over DianNao, the least", "speed_up");
  const double most = *published.value("SmartDeal over DianNao, the most", "speed_up");
  const Values values =
      figure({"speed_up", "x", "speed-up over DianNao", "normalised speed-up", "smartdeal-fig10.svg",
              "Speed-up over DianNao (SmartDeal, Fig. 10)"},
             lab, outcome, {{least, "SmartDeal, least published"}, {most, "SmartDeal, most published"}});
  if (lab.quick()) return;
  double low = 1e9, high = 0;
  for (const auto& [network, one] : values) {
    low = std::min(low, one.at("smartdeal"));
    high = std::max(high, one.at("smartdeal"));
  }
  outcome.rows.push_back(synthetic("SmartDeal over DianNao, the least", "speed-up", "x", low, least, true));
  outcome.rows.push_back(synthetic("SmartDeal over DianNao, the most", "speed-up", "x", high, most, true));
  Setting unlimited;
  unlimited.dram = "unlimited";
  const Values free = compare_networks(lab, compared_networks(false), unlimited, "speed_up");
  double free_low = 1e9, free_high = 0;
  for (const auto& [network, one] : free) {
    free_low = std::min(free_low, one.at("smartdeal"));
    free_high = std::max(free_high, one.at("smartdeal"));
    outcome.rows.push_back(synthetic(network + ", smartdeal, DRAM costs no time", "speed-up over DianNao", "x",
                                     one.at("smartdeal"), std::nullopt, true));
  }
  std::size_t won = 0;
  const std::string lost = lost_networks(values, false, won);
  outcome.verdicts.push_back(
      {published.claim("best"),
       lost.empty() ? Holds::yes
       : won > 0    ? Holds::partly
                    : Holds::no,
       fmt::format("on {} of {} networks{}{}", won, values.size(), lost.empty() ? "" : "; not on ", lost)});
  outcome.verdicts.push_back({published.claim("range"),
                              low >= least    ? Holds::yes
                              : high >= least ? Holds::partly
                                              : Holds::no,
                              fmt::format("{:.2f} to {:.2f} times, {:.2f} to {:.2f} where DRAM costs no time: 8K "
                                          "bit-serial multipliers do at most 8 times the products of 1K "
                                          "parallel ones, when each activation has one digit; what is beyond must come "
                                          "from skipped rows or from multipliers that DianNao leaves idle",
                                          low, high, free_low, free_high)});
  averages(published, outcome, values);
}

const TargetRegistration registration({"smartdeal-fig10", 80, compute});

}  // namespace
}  // namespace rebasis::reproduce
