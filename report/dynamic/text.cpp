#include <fmt/format.h>

#include <cmath>

#include "common/json.h"
#include "report/dynamic/dynamic.h"
#include "report/text_layout.h"
#include "report/units_text.h"

namespace rebasis::report {
namespace {

using nlohmann::json;

std::string percent_of(double share, int digits = 2) { return fmt::format("{:.{}f}", 100 * share, digits); }

/// Infinity has no JSON; a limit that there is not is left out.
void add_limit(json& value, const char* key, double limit) {
  if (std::isfinite(limit)) value[key] = limit;
}

json subnets_json(const DynamicReport& report) {
  json list = json::array();
  const auto& subnets = report.measured.family.subnets;
  for (std::size_t i = 0; i < subnets.size(); ++i) {
    const dynamic::Subnet& s = subnets[i];
    json value{{"name", s.name},
               {"pattern", s.pattern},
               {"accuracy", s.accuracy},
               {"latency_s", s.latency_s},
               {"energy_pj", s.energy_j * 1e12},
               {"cycles", report.measured.cycles[i]},
               {"dram_bytes", s.dram_bytes},
               {"parameter_bytes", s.parameter_bytes}};
    if (s.sparsity >= 0) value["sparsity"] = s.sparsity;
    list.push_back(std::move(value));
  }
  return list;
}

json switches_json(const DynamicReport& report) {
  json list = json::array();
  const auto& subnets = report.measured.family.subnets;
  for (std::size_t from = 0; from < subnets.size(); ++from) {
    for (std::size_t to = 0; to < subnets.size(); ++to) {
      if (from == to) continue;
      const sim::SwitchCost& c = report.measured.switches[from][to];
      list.push_back({{"from", subnets[from].name},
                      {"to", subnets[to].name},
                      {"cycles", c.cycles},
                      {"time_s", report.measured.family.switches[from][to].time_s},
                      {"energy_pj", c.energy_pj},
                      {"energy_by_component_pj", c.energy_by_component_pj},
                      {"actions", c.actions},
                      {"stalls", c.causes},
                      {"bytes",
                       {{"table", c.bytes.table},
                        {"storage", c.bytes.storage},
                        {"dram_written", c.bytes.written},
                        {"dram_read", c.bytes.read}}},
                      {"changed_layers", c.bytes.changed_layers},
                      {"patched_layers", c.bytes.patched_layers}});
    }
  }
  return list;
}

json summary_json(const DynamicReport& report, const dynamic::Summary& s) {
  json frames_of = json::object();
  for (std::size_t i = 0; i < s.frames_of.size(); ++i)
    frames_of[report.measured.family.subnets[i].name] = s.frames_of[i];
  return {{"frames", s.frames},
          {"dropped", s.dropped},
          {"late", s.late},
          {"over_power", s.over_power},
          {"missed", s.missed},
          {"switches", s.switches},
          {"energy_pj", s.energy_j * 1e12},
          {"switch_energy_pj", s.switch_energy_j * 1e12},
          {"switch_time_s", s.switch_s},
          {"mean_latency_s", s.mean_latency_s},
          {"worst_latency_s", s.worst_latency_s},
          {"mean_accuracy", s.mean_accuracy},
          {"useful_accuracy", s.useful_accuracy},
          {"frames_of", frames_of}};
}

json run_json(const DynamicReport& report, const dynamic::TimelineRun& run) {
  json frames = json::array();
  for (const dynamic::Frame& frame : run.frames) {
    json value{{"arrival_s", frame.arrival_s}, {"start_s", frame.start_s},
               {"finish_s", frame.finish_s},   {"energy_pj", frame.energy_j * 1e12},
               {"switched", frame.switched},   {"dropped", frame.dropped},
               {"late", frame.late},           {"over_power", frame.over_power}};
    if (!frame.dropped) value["subnet"] = report.measured.family.subnets[frame.subnet].name;
    frames.push_back(std::move(value));
  }
  return {{"governor", run.governor}, {"totals", summary_json(report, run.summary)}, {"frames", frames}};
}

}  // namespace

std::string dynamic_json(const DynamicReport& report, const std::string& command) {
  json budget = json::array();
  for (const dynamic::BudgetPiece& piece : report.scenario.budget) {
    json value{{"from_s", piece.from_s}, {"rate_hz", piece.rate_hz}};
    add_limit(value, "latency_s", piece.latency_s);
    add_limit(value, "power_w", piece.power_w);
    budget.push_back(std::move(value));
  }
  json runs = json::array();
  for (const dynamic::TimelineRun& run : report.runs) runs.push_back(run_json(report, run));
  return to_text(
      {{"schema", {{"name", "rebasis-dynamic"}, {"version", 1}}},
       {"provenance", {{"family", report.family}, {"script", report.script}, {"command", command}}},
       {"network", report.measured.network},
       {"accelerator", report.measured.accelerator},
       {"fidelity", report.fidelity},
       {"frequency_hz", report.measured.frequency_hz},
       {"dram_model", report.measured.dram_model},
       {"energy_table", report.measured.energy_table},
       {"synthetic", report.measured.synthetic},
       {"notes", report.measured.notes},
       {"hardware", sim::switch_parameters().print(report.scenario.hardware)},
       {"script",
        {{"description", report.scenario.description}, {"duration_s", report.scenario.duration_s}, {"budget", budget}}},
       {"subnets", subnets_json(report)},
       {"switches", switches_json(report)},
       {"runs", runs}});
}

std::string dynamic_text(const DynamicReport& report) {
  const auto& family = report.measured.family;
  std::string text =
      fmt::format("{} on {}, {} fidelity{}\n\n", shortened(report.measured.network, 40), report.measured.accelerator,
                  report.fidelity, report.measured.synthetic ? ", SYNTHETIC weights or activations" : "");
  std::vector<Row> rows{{"sub-net", "pattern", "zeros %", "top-1 %", "latency", "energy", "parameters"}};
  for (const dynamic::Subnet& s : family.subnets)
    rows.push_back({shortened(s.name, 24), s.pattern.empty() ? "-" : shortened(s.pattern, 16),
                    s.sparsity < 0 ? "-" : percent_of(s.sparsity, 1), percent_of(s.accuracy),
                    with_prefix(s.latency_s, "s"), with_prefix(s.energy_j, "J"), with_prefix(s.parameter_bytes, "B")});
  text += aligned(rows) + "\n";
  rows = {{"switch: from \\ to"}};
  for (const dynamic::Subnet& s : family.subnets) rows.front().push_back(shortened(s.name, 18));
  for (std::size_t from = 0; from < family.subnets.size(); ++from) {
    Row row{shortened(family.subnets[from].name, 24)};
    for (std::size_t to = 0; to < family.subnets.size(); ++to)
      row.push_back(from == to ? "-"
                               : with_prefix(family.switches[from][to].time_s, "s") + ", " +
                                     with_prefix(family.switches[from][to].energy_j, "J"));
    rows.push_back(std::move(row));
  }
  text += aligned(rows) + "\n";
  rows = {{"governor", "frames", "missed", "late", "dropped", "over power", "switches", "energy", "worst latency",
           "top-1 %", "useful %"}};
  for (const dynamic::TimelineRun& run : report.runs) {
    const dynamic::Summary& s = run.summary;
    rows.push_back({run.governor, std::to_string(s.frames), std::to_string(s.missed), std::to_string(s.late),
                    std::to_string(s.dropped), std::to_string(s.over_power), std::to_string(s.switches),
                    with_prefix(s.energy_j, "J"), with_prefix(s.worst_latency_s, "s"), percent_of(s.mean_accuracy),
                    percent_of(s.useful_accuracy)});
  }
  return text + aligned(rows) + "useful: frames that miss count as wrong\n";
}

}  // namespace rebasis::report
