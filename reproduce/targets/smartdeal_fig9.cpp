#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/smartdeal_comparison.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption =
      "that every layer's inputs and outputs go through DRAM, on every machine: at batch 1 activations then outweigh "
      "weights in most convolutional networks, which SmartDeal "
      "does not compress";
  const double least = *published.value("baselines over SmartDeal, the least", "accesses");
  const double most = *published.value("baselines over SmartDeal, the most", "accesses");
  const Values values =
      figure({"dram_accesses", "x", "DRAM accesses over SmartDeal", "normalised DRAM accesses", "smartdeal-fig9.svg",
              "DRAM accesses over SmartDeal (SmartDeal, Fig. 9)", true},
             lab, outcome, {{least, "baselines, least published"}, {most, "baselines, most published"}});
  if (lab.quick()) return;
  double low = 1e9, high = 0, efficient = 0;
  for (const auto& [network, one] : values) {
    for (const auto& [accelerator, value] : one) {
      if (accelerator == "smartdeal") continue;
      low = std::min(low, value);
      high = std::max(high, value);
      if (network == "EfficientNet-B0") efficient = std::max(efficient, value);
    }
  }
  outcome.rows.push_back(
      synthetic("baselines over SmartDeal, the least", "DRAM accesses over SmartDeal", "x", low, least, true));
  outcome.rows.push_back(
      synthetic("baselines over SmartDeal, the most", "DRAM accesses over SmartDeal", "x", high, most, true));
  outcome.rows.push_back(synthetic("EfficientNet-B0, the most", "DRAM accesses over SmartDeal", "x", efficient,
                                   published.value("EfficientNet-B0, the most", "accesses"), true));
  std::size_t won = 0;
  const std::string lost = lost_networks(values, true, won);
  outcome.verdicts.push_back({published.claim("more"),
                              low >= least ? Holds::yes
                              : won > 0    ? Holds::partly
                                           : Holds::no,
                              fmt::format("{:.2f} to {:.2f} times; the least on {} of {} networks{}{}", low, high, won,
                                          values.size(), lost.empty() ? "" : "; not on ", lost)});
  const double compact = std::max(values.at("MobileNetV2").at("diannao"), values.at("EfficientNet-B0").at("diannao"));
  const double other = std::min(values.at("VGG11").at("diannao"), values.at("ResNet50").at("diannao"));
  outcome.verdicts.push_back(
      {published.claim("compact"), compact < other ? Holds::yes : Holds::no,
       fmt::format(
           "DianNao over SmartDeal: at most {:.2f} on the compact networks, at least {:.2f} on VGG11 and ResNet50",
           compact, other)});
  outcome.verdicts.push_back({published.claim("efficientnet"),
                              efficient >= 1.25  ? Holds::yes
                              : efficient > 1.05 ? Holds::partly
                                                 : Holds::no,
                              fmt::format("up to {:.2f} times", efficient)});
}

const TargetRegistration registration({"smartdeal-fig9", 70, compute});

}  // namespace
}  // namespace rebasis::reproduce
