#include "arch/energy/energy_table.h"

#include <fmt/format.h>

#include "common/error.h"

namespace rebasis::arch {

std::vector<EnergyPrice> EnergyTable::prices() const {
  std::vector<EnergyPrice> all;
  for (const auto& [key, price] : prices_) all.push_back(price);
  return all;
}

Picojoules EnergyTable::price(const std::string& component, const std::string& action, const Srams& srams) const {
  const auto found = prices_.find(component + "." + action);
  if (found == prices_.end()) {
    fail_internal(
        fmt::format("energy table '{}' has no price for {}.{}; add it to the table", name_, component, action));
  }
  const EnergyPrice& entry = found->second;
  if (!entry.scales_with_sram) return Picojoules(entry.pj);
  const auto sram = srams.find(component);
  if (sram == srams.end()) {
    fail_internal(fmt::format("the price of {}.{} scales with an SRAM whose geometry the model does not give",
                              component, action));
  }
  return Picojoules(entry.pj * shape_->relative(sram->second));
}

std::map<std::string, double> EnergyTable::price_all(const std::map<std::string, std::uint64_t>& actions,
                                                     const Srams& srams) const {
  std::map<std::string, double> energy;
  for (const auto& [name, count] : actions) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) fail_internal(fmt::format("'{}' is no component.action", name));
    const std::string component = name.substr(0, dot);
    energy[component] += static_cast<double>(count) * price(component, name.substr(dot + 1), srams).count();
  }
  return energy;
}

std::vector<std::string> EnergyTable::warnings(const Srams& srams) const {
  std::vector<std::string> lines;
  if (!shape_) return lines;
  for (const auto& [component, geometry] : srams) {
    if (shape_->sweep().covers(geometry)) continue;
    lines.push_back(
        fmt::format("the energy of {} (bank of {} B, port of {} bits) is extrapolated: the SRAM sweep covers {}",
                    component, geometry.bank_bytes, geometry.port_bits, shape_->sweep().range()));
  }
  return lines;
}

std::string EnergyTable::describe() const {
  std::string text = fmt::format("### {}\n\n{}\n\n", name_, description_);
  if (shape_) {
    text += fmt::format("SRAM prices: CACTI 7 sweep ({}), raised to the power {:.3f}, through\n\n",
                        shape_->sweep().range(), shape_->exponent());
    for (const SramAnchor& anchor : shape_->anchors()) {
      text += fmt::format("* {} pJ a byte: bank of {} B, port of {} bits ({})\n", anchor.pj_per_byte,
                          anchor.geometry.bank_bytes, anchor.geometry.port_bits, anchor.source);
    }
    text += "\n";
  }
  text += "| component | action | pJ | per | scales with | source |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& [key, price] : prices_) {
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} |\n", price.component, price.action, price.pj,
                    price.per_byte ? "byte" : "action", price.scales_with_sram ? "SRAM geometry" : "", price.source);
  }
  return text;
}

}  // namespace rebasis::arch
