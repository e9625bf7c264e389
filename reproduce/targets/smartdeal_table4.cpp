#include <fmt/format.h>

#include "reproduce/targets/smartdeal_sizes.h"

namespace rebasis::reproduce {
namespace {

constexpr double backbone_sparsity = 0.45;

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption =
      "no coefficient is zero (the table's sparsity), so that 4-bit codes and bases are all there is; what depthwise "
      "layers become: 8-bit weights here";
  std::vector<SizedNetwork> networks{sized_network(*published.find("MobileNetV2"))};
  if (!lab.quick()) {
    networks.push_back(sized_network(*published.find("EfficientNet-B0")));
    networks.push_back({"DeepLabV3+", "deeplabv3plus", backbone_sparsity, {"smartdeal-table3-resnet50"}});
  }
  const std::vector<SmartDealSize> sizes = size_rows(published, lab, outcome, networks);
  outcome.notes.push_back(
      "DeepLabV3+ has no published sparsity: 45 % of the rows are zero here, as in the ResNet50 of Table III, its "
      "backbone.");
  if (lab.quick()) return;
  const auto rate = [](const SmartDealSize& size) { return size.original / size.total; };
  outcome.verdicts.push_back(
      {published.claim("compact"), rate(sizes[0]) >= 7.69 && rate(sizes[1]) >= 7.8 ? Holds::yes : Holds::partly,
       fmt::format("{:.2f} and {:.2f} times here; a coefficient takes {:.2f} bits of code, its basis the rest. "
                   "Depthwise layers and biases in 8 and 32 bits take {:.2f} "
                   "MB of MobileNetV2",
                   rate(sizes[0]), rate(sizes[1]), sizes[0].bits, (sizes[0].dense + sizes[0].bias) / megabyte)});
  outcome.verdicts.push_back({published.claim("deeplab"), rate(sizes[2]) >= 10.86 ? Holds::yes : Holds::partly,
                              fmt::format("{:.2f} times with 45 % of the rows zero", rate(sizes[2]))});
  size_sensitivity(lab, outcome, networks[0]);
}

const TargetRegistration registration({"smartdeal-table4", 30, compute});

}  // namespace
}  // namespace rebasis::reproduce
