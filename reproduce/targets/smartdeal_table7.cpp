#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reproduce/targets/smartdeal_sizes.h"

namespace rebasis::reproduce {
namespace {

constexpr int batch = 8;

/// Efficiency of a training step in operations a second and watt: two operations a multiply-accumulate.
struct Efficiency {
  double peak_chip = 0;  ///< of the best pass of a layer, without the DRAM's energy
  double step_chip = 0;  ///< of the whole step, without the DRAM's energy
  double step_all = 0;   ///< with it
};

Efficiency efficiency_of(const nlohmann::json& result) {
  constexpr double giga_per_joule = 2e3;  // of MACs a pJ
  Efficiency found;
  double macs = 0, all = 0, chip = 0;
  for (const nlohmann::json& layer : result.at("layers")) {
    const double energy = layer.at("energy_pj").get<double>();
    const nlohmann::json& parts = layer.at("energy_by_component_pj");
    const double on_chip = energy - parts.value("dram", 0.0), done = layer.at("effective_macs").get<double>();
    if (on_chip > 0) found.peak_chip = std::max(found.peak_chip, giga_per_joule * done / on_chip);
    macs += done;
    all += energy;
    chip += on_chip;
  }
  found.step_chip = giga_per_joule * macs / chip;
  found.step_all = giga_per_joule * macs / all;
  return found;
}

Efficiency step_of(Lab& lab, const std::string& network, const std::vector<std::string>& more = {}) {
  std::vector<std::string> sets{"training.method=sd-t", "training.batch=" + std::to_string(batch)};
  sets.insert(sets.end(), more.begin(), more.end());
  const Recipe recipe = row_sparse(0.3, 0.007, ", threshold_scale: weight");
  return efficiency_of(lab.simulate({{{network, recipe, true}, "transposable", sets}}).front());
}

void add_rows(Outcome& outcome, const std::string& name, const Efficiency& found, std::optional<double> published) {
  outcome.rows.push_back(
      synthetic(name, "peak: best pass of a layer, chip alone", "GOP/s/W", found.peak_chip, published, true));
  outcome.rows.push_back(synthetic(name, "a whole step, chip alone", "GOP/s/W", found.step_chip, published, true));
  outcome.rows.push_back(synthetic(name, "a whole step with its DRAM", "GOP/s/W", found.step_all, published, true));
}

void sensitivity(Lab& lab, Outcome& outcome, const std::string& network, double usual) {
  const auto add = [&](const std::string& what, const std::string& setting, double value) {
    outcome.sensitivity.push_back({what, setting, "peak efficiency, chip alone", "GOP/s/W", value, usual});
  };
  // Every price on the chip has the factor, so the efficiency without DRAM goes as its inverse.
  constexpr double factor = 2.98;
  add("28 to 65 nm (usual: x 2.98)", "2.36 (both at 1.0 V)", usual * factor / 2.36);
  add("28 to 65 nm (usual: x 2.98)", "4.20 (high-performance 28 nm)", usual * factor / 4.20);
  add("array (usual: 16 x 32, 16 bits)", "8 bits", step_of(lab, network, {"array.precision=8"}).peak_chip);
  add("array (usual: 16 x 32, 16 bits)", "16 x 16", step_of(lab, network, {"array.columns=16"}).peak_chip);
}

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  const double sd = *published.value("SD-T", "efficiency");
  const double edge = *published.value("Edge GPU", "efficiency"), cloud = *published.value("Cloud GPU", "efficiency");
  outcome.assumption =
      "what 28 nm prices become at 65 nm: times 2.98 here, 2.36 to 4.20 by other readings of the same equations; the "
      "chip's leakage, clock tree and control are in no price";
  for (const char* const row : {"Edge GPU", "Cloud GPU"})
    outcome.rows.push_back(
        missing(row, "energy efficiency", "GOP/s/W", published.value(row, "efficiency"), "no GPU is modelled"));
  add_rows(outcome, "SD-T, ResNet20", step_of(lab, "resnet20"), std::nullopt);
  if (lab.quick()) return;
  const Efficiency usual = step_of(lab, "resnet18-cifar10");
  add_rows(outcome, "SD-T", usual, sd);
  outcome.rows.push_back(synthetic("over the edge GPU", "our peak over the published value", "x",
                                   usual.peak_chip / edge, published.value("over the edge GPU", "improvement"), true));
  outcome.rows.push_back(synthetic("over the cloud GPU", "our peak over the published value", "x",
                                   usual.peak_chip / cloud, published.value("over the cloud GPU", "improvement"),
                                   true));
  sensitivity(lab, outcome, "resnet18-cifar10", usual.peak_chip);
  outcome.verdicts.push_back(
      {published.claim("efficiency"), usual.peak_chip >= cloud ? Holds::partly : Holds::no,
       fmt::format("peak {:.0f} GOP/s/W here, {:.0f} published: {:.2f} and {:.2f} times the GPUs' published values, "
                   "which are taken over; the whole step with its DRAM has {:.0f}",
                   usual.peak_chip, sd, usual.peak_chip / cloud, usual.peak_chip / edge, usual.step_all)});
}

const TargetRegistration registration({"smartdeal-table7", 50, compute});

}  // namespace
}  // namespace rebasis::reproduce
