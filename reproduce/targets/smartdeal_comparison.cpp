#include "reproduce/targets/smartdeal_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/data_dir.h"
#include "common/file.h"
#include "common/text/yaml.h"
#include "reproduce/targets/smartdeal_sizes.h"

namespace rebasis::reproduce {
namespace {

/// The measured statistics with `more` zeros behind ReLU.
std::string statistics_with(double more) {
  if (more == 0) return "";
  const std::string path = data_path("workloads/statistics/measured.yaml");
  YAML::Node root = load_yaml(path);
  for (const char* const kind : {"relu", "relu_sum", "max_pool"}) {
    YAML::Node one = root["activations"][kind];
    one["zero"] = std::clamp(one["zero"].as<double>() + more, 0.0, 0.95);
  }
  return YAML::Dump(root) + "\n";
}

Recipe pruned(double share) {
  return {"pruned-int8",
          fmt::format("description: {:.4g} % of each layer's weights pruned by magnitude, 8-bit weights\n"
                      "passes:\n  - magnitude_prune: {{ratio: {:.6g}, scope: layer}}\n  - int8\n",
                      100 * share, share)};
}

/// SCNN is not made for squeeze-and-excitation; the paper leaves it out there.
std::vector<std::string> accelerators_for(const std::string& network) {
  std::vector<std::string> names(compared_accelerators.begin(), compared_accelerators.end());
  if (network == "efficientnet-b0") std::erase(names, "scnn");
  return names;
}

std::string why_missing(const std::string& network) {
  return network == "efficientnet-b0" ? "left out as in the paper"
                                      : "a dilated layer's inputs do not fit into its PEs' buffers";
}

CompareSpec spec_of(const ComparedNetwork& network, const Setting& setting) {
  const double sparsity = setting.sparsity >= 0 ? setting.sparsity : network.sparsity;
  const double pruning = setting.pruning >= 0 ? setting.pruning : network.sparsity;
  const std::string statistics = statistics_with(setting.zero_activations);
  CompareSpec spec;
  const double theta = setting.theta >= 0 ? setting.theta : network.sparsity > 0 ? published_theta : 0;
  const bool usual = setting.sparsity < 0 && setting.theta < 0 && setting.keys.empty();
  const Recipe smartdeal = usual ? Recipe{network.recipe} : row_sparse(sparsity, theta, setting.keys);
  spec.recipes["smartdeal"] = smartdeal.name;
  for (const Recipe& recipe : {smartdeal, Recipe{"dense-int8"}, pruned(pruning)})
    spec.traces.push_back({network.network, recipe, false, statistics});
  spec.accelerators = accelerators_for(network.network);
  spec.drams = {usual_dram};
  if (setting.dram != usual_dram) spec.drams.push_back(setting.dram);
  spec.sets = setting.sets;
  return spec;
}

}  // namespace

std::vector<ComparedNetwork> compared_networks(bool quick) {
  const ComparedNetwork resnet164{"ResNet164", "resnet164", 0.376, "smartdeal-table3-resnet164"};
  if (quick) return {resnet164};
  return {{"VGG11", "vgg11", 0.86, "smartdeal-table3-vgg11"},
          {"ResNet50", "resnet50", 0.45, "smartdeal-table3-resnet50"},
          {"MobileNetV2", "mobilenetv2", 0, "smartdeal-table4-mobilenetv2"},
          {"EfficientNet-B0", "efficientnet-b0", 0, "smartdeal-table4-efficientnet-b0"},
          {"VGG19", "vgg19-cifar10", 0.928, "smartdeal-table3-vgg19"},
          resnet164,
          {"DeepLabV3+", "deeplabv3plus", 0.45, "smartdeal-table3-resnet50"}};
}

Values compare_networks(Lab& lab, const std::vector<ComparedNetwork>& networks, const Setting& setting,
                        const std::string& quantity) {
  Values values;
  for (const ComparedNetwork& network : networks) {
    const nlohmann::json comparison = lab.compare(spec_of(network, setting));
    for (const nlohmann::json& entry : comparison.at("entries")) {
      const nlohmann::json& value = entry.at("normalised").at(quantity);
      if (entry.at("dram_model") == setting.dram && value.is_number())
        values[network.label][entry.at("accelerator").get<std::string>()] = value.get<double>();
    }
  }
  return values;
}

std::vector<Setting> free_assumptions() {
  std::vector<Setting> all(12);
  all[0] = {"DRAM (usual: LPDDR4, 12.8 GB/s)", "DDR4, 19.2 GB/s", "ddr4-2400-x64"};
  all[1] = {"DRAM (usual: LPDDR4, 12.8 GB/s)", "50 GB/s without latency", "bandwidth:50"};
  all[1].sets = {"dram.latency=0 ns"};
  all[2] = {"DRAM (usual: LPDDR4, 12.8 GB/s)", "costs no time", "unlimited"};
  all[3] = {"mapping minimises (usual: DRAM bytes)", "estimated time"};
  all[3].sets = {"mapper.objective=latency"};
  all[4] = {"index buffer of SmartDeal (usual: 32 KB)", "8 KB"};
  all[4].sets = {"smartdeal:index_gb.size=8 KiB"};
  all[5] = {"index buffer of SmartDeal (usual: 32 KB)", "128 KB"};
  all[5].sets = {"smartdeal:index_gb.size=128 KiB"};
  all[6] = {"zero activations behind ReLU (usual: as measured)", "15 points fewer"};
  all[6].zero_activations = -0.15;
  all[7] = {"zero activations behind ReLU (usual: as measured)", "15 points more"};
  all[7].zero_activations = 0.15;
  all[8] = {"pruning of the baselines (usual: SmartDeal's share of zeros)", "none"};
  all[8].pruning = 0;
  all[9] = {"pruning of the baselines (usual: SmartDeal's share of zeros)", "45 %, at equal accuracy without training"};
  all[9].pruning = 0.45;
  all[10] = {"where SmartDeal's zeros are (usual: rows)", "scattered: theta 0.02, no zero rows"};
  all[10].sparsity = 0;
  all[10].theta = 0.02;
  all[11] = {"where SmartDeal's zero rows are (usual: a share of each layer)", "the same share in every filter"};
  all[11].keys = ", vector_scope: filter";
  return all;
}

double mean_ratio(const Values& values, const std::string& accelerator, const std::string& over) {
  double sum = 0;
  int count = 0;
  for (const auto& [network, one] : values) {
    if (!one.contains(accelerator) || !one.contains(over)) continue;
    sum += std::log(one.at(accelerator) / one.at(over));
    ++count;
  }
  return count > 0 ? std::exp(sum / count) : 0;
}

namespace {

/// Small networks stand for all: what is varied is the same for them.
std::vector<ComparedNetwork> sensitive_networks() {
  std::vector<ComparedNetwork> networks = compared_networks(false);
  std::erase_if(networks, [](const ComparedNetwork& one) {
    return one.label != "MobileNetV2" && one.label != "VGG19" && one.label != "ResNet164";
  });
  return networks;
}

void sensitivity(const FigureText& text, Lab& lab, Outcome& outcome, const Values& all) {
  Values usual;
  for (const ComparedNetwork& network : sensitive_networks()) usual[network.label] = all.at(network.label);
  for (const Setting& setting : free_assumptions()) {
    const Values values = compare_networks(lab, sensitive_networks(), setting, text.quantity);
    for (const char* const over : {"diannao", "scnn", "cambricon-x", "bit-pragmatic"}) {
      const auto ratio = [&](const Values& one) {
        return text.lower_is_better ? mean_ratio(one, over, "smartdeal") : mean_ratio(one, "smartdeal", over);
      };
      outcome.sensitivity.push_back(
          {setting.assumption, setting.setting,
           text.lower_is_better ? std::string(over) + " over smartdeal" : std::string("smartdeal over ") + over,
           text.unit, ratio(values), ratio(usual)});
    }
  }
  outcome.notes.push_back("Sensitivities are geometric means over MobileNetV2, VGG19 and ResNet164.");
}

}  // namespace

Values figure(const FigureText& text, Lab& lab, Outcome& outcome,
              const std::vector<std::pair<double, std::string>>& lines) {
  const std::vector<ComparedNetwork> networks = compared_networks(lab.quick());
  Values values = compare_networks(lab, networks, {}, text.quantity);
  BarChart chart{
      text.title, text.axis, "SYNTHETIC weights and activations; batch 1; convolutions only; LPDDR4 12.8 GB/s", {}, {},
      {},         lines};
  for (const char* const accelerator : compared_accelerators) {
    chart.series.emplace_back(accelerator);
    chart.values.emplace_back();
    for (const ComparedNetwork& network : networks) {
      const auto& one = values.at(network.label);
      chart.values.back().push_back(one.contains(accelerator) ? std::optional(one.at(accelerator)) : std::nullopt);
    }
  }
  for (const ComparedNetwork& network : networks) {
    chart.groups.push_back(network.label);
    for (const char* const accelerator : compared_accelerators) {
      const auto& one = values.at(network.label);
      const std::string name = network.label + ", " + accelerator;
      outcome.rows.push_back(one.contains(accelerator)
                                 ? synthetic(name, text.label, text.unit, one.at(accelerator), std::nullopt, true)
                                 : missing(name, text.label, text.unit, std::nullopt, why_missing(network.network)));
    }
  }
  outcome.figures.push_back({text.file, text.title, to_svg(chart)});
  if (!lab.quick()) sensitivity(text, lab, outcome, values);
  return values;
}

std::string lost_networks(const Values& values, bool lower_is_better, std::size_t& won) {
  std::string lost;
  won = 0;
  for (const auto& [network, one] : values) {
    const double ours = one.at("smartdeal");
    std::string best;
    for (const auto& [accelerator, value] : one) {
      if (best.empty() || (lower_is_better ? value < one.at(best) : value > one.at(best))) best = accelerator;
    }
    if (best == "smartdeal") {
      ++won;
    } else {
      lost += fmt::format("{}{} ({:.2f}, {} {:.2f})", lost.empty() ? "" : ", ", network, ours, best, one.at(best));
    }
  }
  return lost;
}

}  // namespace rebasis::reproduce
