#include "dse/dynamic/measure.h"

#include <algorithm>
#include <filesystem>

#include "common/error.h"
#include "common/json.h"
#include "dse/run/process_pool.h"
#include "report/document.h"
#include "workloads/dynamic/difference.h"
#include "workloads/trace/family.h"

namespace rebasis::dynamic {
namespace {

using nlohmann::json;

/// What a simulation in its own process hands back.
json simulate(const MeasureRequest& request, const std::string& subnet) {
  const auto accelerator = sim::make_accelerator(request.accelerator, request.overrides);
  const trace::TraceReader trace(trace::subnet_path(request.family, subnet));
  sim::SimulateOptions options;
  options.fidelity = request.clocked ? sim::Fidelity::clocked : sim::Fidelity::fast;
  const sim::Result result = accelerator->simulate(trace, options);
  const report::Document document = report::make_document(result);
  const report::Figures& totals = document.totals;
  json parameters = json::object();
  for (const auto& [layer, bytes] : sim::parameter_bytes(*accelerator, trace))
    parameters[layer] = {bytes.weights, bytes.basis, bytes.index};
  return {{"cycles", totals.cycles},
          {"time_s", totals.time_s},
          {"energy_pj", totals.energy_pj},
          {"dram_bytes", totals.dram.total()},
          {"synthetic", totals.synthetic},
          {"dram_model", result.dram_model},
          {"energy_table", result.energy_table},
          {"notes", result.notes},
          {"parameters", parameters}};
}

/// An Error of a child comes back as one.
std::string guarded(const std::function<json()>& work) {
  try {
    return to_line(work());
  } catch (const Error& error) {
    return to_line(json{{"error", error.what()}, {"status", static_cast<int>(error.status())}});
  }
}

json result_of(const dse::ProcessEnd& end, const std::string& subnet) {
  if (end.ending != dse::Ending::finished) fail_internal("the simulation of " + subnet + " ended: " + end.reason);
  json value = parse_json(end.result, subnet);
  if (value.contains("error"))
    throw Error(static_cast<Status>(value["status"].get<int>()), value["error"].get<std::string>());
  return value;
}

std::vector<json> simulate_all(const MeasureRequest& request, const std::vector<trace::SubnetInfo>& subnets,
                               const std::function<void(const std::string&)>& progress) {
  constexpr double day_s = 86'400;
  dse::ProcessPool pool(std::max<std::size_t>(1, request.jobs));
  std::vector<json> results(subnets.size());
  for (std::size_t next = 0, done = 0; done < subnets.size();) {
    for (; next < subnets.size() && pool.running() < pool.slots(); ++next) {
      const std::string name = subnets[next].name;
      pool.start(
          static_cast<std::int64_t>(next),
          [&request, name] { return guarded([&] { return simulate(request, name); }); }, day_s, 0);
    }
    for (const dse::ProcessEnd& end : pool.wait(day_s)) {
      const auto index = static_cast<std::size_t>(end.id);
      results[index] = result_of(end, subnets[index].name);
      ++done;
      progress(subnets[index].name);
    }
  }
  return results;
}

std::vector<trace::SubnetInfo> wanted_subnets(const MeasureRequest& request) {
  const std::vector<trace::SubnetInfo> all = trace::list_subnets(request.family);
  if (all.empty()) fail_input({request.family}, "is a plain trace; `rebasis trace join` makes a family of several");
  std::vector<trace::SubnetInfo> wanted;
  std::vector<std::string> names;
  for (const trace::SubnetInfo& subnet : all) names.push_back(subnet.name);
  for (const std::string& name : request.subnets) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) fail_unknown_name({request.family}, "sub-net", name, names);
    wanted.push_back(all[static_cast<std::size_t>(found - names.begin())]);
  }
  if (wanted.empty()) wanted = all;
  for (const trace::SubnetInfo& subnet : wanted) {
    if (!subnet.accuracy)
      fail_input({request.family},
                 "sub-net " + subnet.name + " has no accuracy for a governor to choose by; compress it with --labels");
  }
  return wanted;
}

sim::ParameterBytes parameters_of(const json& result) {
  sim::ParameterBytes bytes;
  for (const auto& [layer, parts] : result.at("parameters").items())
    bytes[layer] = {parts.at(0), parts.at(1), parts.at(2), 0, 0};
  return bytes;
}

Subnet subnet_of(const trace::SubnetInfo& info, const json& result) {
  constexpr double pico = 1e-12;
  Subnet subnet{info.name,
                info.pattern,
                *info.accuracy,
                info.sparsity.value_or(-1),
                result.at("time_s"),
                result.at("energy_pj").get<double>() * pico,
                result.at("dram_bytes"),
                0};
  for (const auto& [layer, bytes] : parameters_of(result)) subnet.parameter_bytes += static_cast<double>(bytes.total());
  return subnet;
}

void add_switches(const MeasureRequest& request, const std::vector<json>& results, Measured& measured) {
  constexpr double pico = 1e-12;
  const auto accelerator = sim::make_accelerator(request.accelerator, request.overrides);
  measured.frequency_hz = sim::frequency_of(*accelerator);
  const std::size_t count = results.size();
  const auto fidelity = request.clocked ? sim::Fidelity::clocked : sim::Fidelity::fast;
  std::vector<std::unique_ptr<trace::TraceReader>> traces;
  for (const Subnet& subnet : measured.family.subnets)
    traces.push_back(std::make_unique<trace::TraceReader>(trace::subnet_path(request.family, subnet.name)));
  measured.switches.assign(count, std::vector<sim::SwitchCost>(count));
  measured.family.switches.assign(count, std::vector<SwitchFigures>(count));
  for (std::size_t from = 0; from < count; ++from) {
    for (std::size_t to = 0; to < count; ++to) {
      if (from == to) continue;
      const sim::SwitchPlan plan =
          sim::plan_switch(difference(*traces[from], *traces[to]), parameters_of(results[from]),
                           parameters_of(results[to]), request.hardware);
      const sim::SwitchCost cost = sim::switch_cost(*accelerator, plan, request.hardware, fidelity);
      measured.family.switches[from][to] = {static_cast<double>(cost.cycles) / measured.frequency_hz,
                                            cost.energy_pj * pico};
      measured.switches[from][to] = cost;
    }
  }
}

}  // namespace

Measured measure(const MeasureRequest& request, const std::function<void(const std::string&)>& progress) {
  const std::vector<trace::SubnetInfo> subnets = wanted_subnets(request);
  const std::vector<json> results = simulate_all(request, subnets, progress);
  Measured measured;
  for (std::size_t i = 0; i < subnets.size(); ++i) {
    const json& result = results[i];
    measured.family.subnets.push_back(subnet_of(subnets[i], result));
    measured.cycles.push_back(static_cast<std::uint64_t>(result.at("cycles").get<double>() + 0.5));
    measured.synthetic = measured.synthetic || result.at("synthetic").get<bool>();
    for (const std::string note : result.at("notes")) {
      if (std::find(measured.notes.begin(), measured.notes.end(), note) == measured.notes.end())
        measured.notes.push_back(note);
    }
  }
  measured.network = trace::family_bytes(request.family).network;
  measured.accelerator = std::filesystem::path(request.accelerator).stem().string();
  measured.dram_model = results.front().at("dram_model");
  measured.energy_table = results.front().at("energy_table");
  add_switches(request, results, measured);
  return measured;
}

}  // namespace rebasis::dynamic
