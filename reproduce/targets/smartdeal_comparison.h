// The seven networks on the five accelerators: what Fig. 8, 9 and 10 of the SmartDeal paper have in common.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "reproduce/bar_chart.h"
#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {

inline constexpr std::array<const char*, 5> compared_accelerators{"smartdeal", "diannao", "scnn", "cambricon-x",
                                                                  "bit-pragmatic"};
inline constexpr const char* usual_dram = "lpddr4-3200-x32";

struct ComparedNetwork {
  std::string label, network;
  double sparsity = 0;  ///< share of zero coefficient rows and of zero weights of the baselines that skip them
  std::string recipe;   ///< the shipped one that imposes it on SmartDeal
};
/// In the order of the figures; few when the lab is quick.
[[nodiscard]] std::vector<ComparedNetwork> compared_networks(bool quick);

/// "energy_efficiency", "dram_accesses" or "speed_up" by network label and accelerator; what did not run is missing.
using Values = std::map<std::string, std::map<std::string, double>>;

/// How the figures are computed; every member is a free assumption.
struct Setting {
  std::string assumption, setting;  ///< what sensitivity rows call it
  std::string dram = usual_dram;
  double pruning = -1;    ///< of the baselines; -1: as the SmartDeal network
  double sparsity = -1;   ///< of SmartDeal's rows; -1: the network's own
  double theta = -1;      ///< of SmartDeal; -1: the recipe's
  std::string keys = {};  ///< more keys of the smartdeal pass
  std::vector<std::string> sets = {};
  double zero_activations = 0;  ///< added to the share of zeros behind ReLU
};
[[nodiscard]] Values compare_networks(Lab& lab, const std::vector<ComparedNetwork>& networks, const Setting& setting,
                                      const std::string& quantity);

/// The settings that sensitivity rows go through.
[[nodiscard]] std::vector<Setting> free_assumptions();

/// Geometric mean of `accelerator` over `over` on all networks that have both.
[[nodiscard]] double mean_ratio(const Values& values, const std::string& accelerator, const std::string& over);

/// Rows, the chart, the assumption and the sensitivity of mean ratios of SmartDeal.
struct FigureText {
  std::string quantity, unit, label, axis, file, title;
  bool lower_is_better = false;
};
[[nodiscard]] Values figure(const FigureText& text, Lab& lab, Outcome& outcome,
                            const std::vector<std::pair<double, std::string>>& lines);

/// "resnet50 1.3x (best: 1.5x scnn)" for each network that SmartDeal loses; "" when it loses none.
[[nodiscard]] std::string lost_networks(const Values& values, bool lower_is_better, std::size_t& won);

}  // namespace rebasis::reproduce
