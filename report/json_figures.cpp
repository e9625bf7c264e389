#include "report/json_figures.h"

#include <cmath>
#include <cstdint>

namespace rebasis::report {
namespace {

Json spread_json(const Spread& spread) {
  return {{"min", number(spread.min)},
          {"max", number(spread.max)},
          {"mean", number(spread.mean)},
          {"standard_deviation", number(spread.standard_deviation)}};
}

}  // namespace

Json number(double value) {
  constexpr double exact_integers = 9007199254740992.0;  // 2^53
  if (std::nearbyint(value) == value && std::abs(value) <= exact_integers) return static_cast<std::int64_t>(value);
  return value;
}

Json numbers(const std::map<std::string, double>& values) {
  Json out = Json::object();
  for (const auto& [name, value] : values) out[name] = number(value);
  return out;
}

Json strings(const std::map<std::string, std::string>& values) {
  Json out = Json::object();
  for (const auto& [name, value] : values) out[name] = value;
  return out;
}

Json area_json(const arch::AreaBreakdown& area) {
  Json components = Json::array();
  for (const arch::AreaItem& item : area.items) {
    components.push_back({{"component", item.component},
                          {"block", item.block},
                          {"instances", item.instances},
                          {"nand2", number(item.nand2)},
                          {"mm2", item.mm2}});
  }
  return {{"total_mm2", area.total_mm2()},
          {"logic_mm2", area.logic_mm2},
          {"sram_mm2", area.sram_mm2},
          {"components", components},
          {"notes", area.notes}};
}

void add_figures(Json& out, const Figures& figures) {
  out["synthetic"] = figures.synthetic;
  out["images"] = number(figures.images);
  out["cycles"] = number(figures.cycles);
  out["time_s"] = figures.time_s;
  out["macs"] = number(figures.macs);
  out["effective_macs"] = number(figures.effective_macs);
  out["energy_pj"] = number(figures.energy_pj);
  out["dram_bytes"] = Json::object();
  for (const auto& [tensor, bytes] : by_tensor(figures.dram)) out["dram_bytes"][tensor] = number(bytes);
  out["stalls"] = numbers(figures.stalls);
  out["actions"] = numbers(figures.actions);
  out["energy_by_component_pj"] = numbers(figures.energy_by_component_pj);
  out["effective_tops"] = number(figures.effective_tops);
  out["tops_per_watt"] = number(figures.tops_per_watt);
  out["pe_utilisation"] = number(figures.pe_utilisation);
  out["mac_utilisation"] = number(figures.mac_utilisation);
  out["bound_cycles"] = number(figures.bound_cycles);
  out["blocks"] = Json::object();
  for (const auto& [name, block] : figures.blocks) {
    out["blocks"][name] = {{"instances", number(block.instances)}, {"causes", numbers(block.causes)}};
  }
  if (figures.spread) {
    out["spread"] = {{"cycles", spread_json(figures.spread->cycles)},
                     {"energy_pj", spread_json(figures.spread->energy_pj)},
                     {"dram_bytes", spread_json(figures.spread->dram_bytes)}};
  }
}

}  // namespace rebasis::report
