#include "dse/run/evaluate.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <set>

#include "arch/accelerator_file.h"
#include "arch/parameter_reference.h"
#include "common/error.h"
#include "common/json.h"
#include "dse/run/process_pool.h"
#include "dse/run/store_memo.h"
#include "report/document.h"
#include "sim/accelerator.h"
#include "workloads/encode/sizes.h"

namespace rebasis::dse {

namespace {

/// A metric of all workloads together, from those of each.
double combined(const std::string& metric, const std::vector<double>& values, std::string how) {
  const std::set<std::string> shares{"accuracy", "pe_utilisation"};
  const std::set<std::string> common{"synthetic", "multipliers",    "sram_bytes",
                                     "area_mm2",  "area_logic_mm2", "area_sram_mm2"};
  if (common.contains(metric) || how == "max") return *std::max_element(values.begin(), values.end());
  if (shares.contains(metric) && how == "sum") how = "mean";
  double result = 0;
  for (const double value : values) result += how == "geomean" ? std::log(value) : value;
  if (how != "sum") result /= static_cast<double>(values.size());
  return how == "geomean" ? std::exp(result) : result;
}

void add_trace_figures(const trace::TraceReader& trace, FinishedPoint& point) {
  encode::LayerSizes sizes;
  for (const trace::LayerInfo& layer : trace.metadata().layers) sizes += encode::layer_sizes(trace, layer);
  point.metrics["compressed_bytes"] = static_cast<double>(sizes.total());
  const nlohmann::json provenance = parse_json(trace.metadata().provenance, trace.path() + ": provenance");
  const auto accuracy = provenance.find("accuracy_after");
  if (accuracy != provenance.end() && accuracy->is_number()) point.metrics["accuracy"] = accuracy->get<double>();
}

void add_figures(const report::Document& document, const std::string& workload, FinishedPoint& point) {
  const report::Figures& totals = document.totals;
  point.metrics["energy_pj"] = totals.energy_pj;
  point.metrics["time_s"] = totals.time_s;
  point.metrics["cycles"] = totals.cycles;
  point.metrics["edp"] = totals.energy_pj * totals.time_s;
  point.metrics["dram_bytes"] = totals.dram.total();
  point.metrics["pe_utilisation"] = totals.pe_utilisation;
  point.metrics["synthetic"] = totals.synthetic ? 1 : 0;
  point.energy = totals.energy_by_component_pj;
  for (const report::LayerFigures& layer : document.layers) {
    const auto position = static_cast<std::int64_t>(point.layers.size());
    point.layers.push_back({workload, position, layer.name, layer.cycles, layer.dram.total(), layer.energy_pj});
  }
}

void add_facts(const Job& job, FinishedPoint& point) {
  const arch::AcceleratorFile file = arch::load_accelerator_file(job.accelerator, job.overrides);
  const auto facts = arch::Registry<arch::ParameterReference>::global().create(file.model)->facts(file.config);
  point.metrics["multipliers"] = static_cast<double>(facts.multipliers);
  point.metrics["sram_bytes"] = static_cast<double>(facts.sram_bytes);
  point.metrics["area_mm2"] = facts.area.total_mm2();
  point.metrics["area_logic_mm2"] = facts.area.logic_mm2;
  point.metrics["area_sram_mm2"] = facts.area.sram_mm2;
}

FinishedPoint evaluate_one(const Job& job, TraceShelf& traces, const std::string& memo_store) {
  FinishedPoint point;
  const JobWorkload& workload = job.workloads.front();
  const trace::TraceReader& trace = traces.get(workload.trace);
  try {
    add_figures(report::make_document(simulate(job, trace, memo_store, point)), workload.name, point);
    add_trace_figures(trace, point);
    add_facts(job, point);
  } catch (const Error& error) {
    if (error.status() != Status::infeasible) throw;
    point = {};
    point.status = PointStatus::infeasible;
    point.reason = error.what();
  }
  return point;
}

/// Each workload in a process of its own, one after the other.
std::vector<FinishedPoint> evaluate_each(const Job& job, TraceShelf& traces, const std::string& memo_store) {
  std::vector<FinishedPoint> parts;
  for (const JobWorkload& workload : job.workloads) {
    Job part = job;
    part.workloads = {workload};
    ProcessPool pool(1);
    constexpr double unlimited_s = 1e9;  // the limits of this process hold
    pool.start(
        0, [&] { return to_line(evaluate_one(part, traces, memo_store)); }, unlimited_s, 0);
    std::vector<ProcessEnd> ends;
    while (ends.empty()) ends = pool.wait(unlimited_s);
    if (ends.front().ending == Ending::out_of_memory) throw std::bad_alloc();
    if (ends.front().ending != Ending::finished) fail_internal(workload.name + ": " + ends.front().reason);
    parts.push_back(finished_from_line(ends.front().result));
    if (parts.back().status != PointStatus::done) break;
  }
  return parts;
}

}  // namespace

sim::Result simulate(const Job& job, const trace::TraceReader& trace, const std::string& memo_store,
                     FinishedPoint& point) {
  StoreMemo memo(memo_store);
  const auto accelerator = sim::make_accelerator(job.accelerator, job.overrides);
  sim::SimulateOptions options;
  options.only_layers = job.layers;
  options.memo = &memo;
  sim::Result result = accelerator->simulate(trace, options);
  point.reused = static_cast<std::int64_t>(memo.hits());
  point.memos = memo.fresh();
  return result;
}

const TraceShelf::Entry& TraceShelf::entry(const std::string& path) {
  auto& entry = entries_[path];
  if (!entry) entry = std::make_unique<Entry>(path);
  return *entry;
}
const trace::TraceReader& TraceShelf::get(const std::string& path) { return entry(path).reader; }
const std::string& TraceShelf::digest(const std::string& path) { return entry(path).digest; }

FinishedPoint evaluate(const Job& job, TraceShelf& traces, const std::string& memo_store) {
  if (job.workloads.size() == 1) return evaluate_one(job, traces, memo_store);
  std::vector<FinishedPoint> parts = evaluate_each(job, traces, memo_store);
  if (parts.back().status != PointStatus::done) return std::move(parts.back());
  FinishedPoint all;
  std::map<std::string, std::vector<double>> columns;
  for (FinishedPoint& part : parts) {
    for (const auto& [metric, value] : part.metrics) columns[metric].push_back(value);
    for (const auto& [component, pj] : part.energy) all.energy[component] += pj;
    all.layers.insert(all.layers.end(), part.layers.begin(), part.layers.end());
    all.memos.insert(all.memos.end(), part.memos.begin(), part.memos.end());
    all.reused += part.reused;
  }
  for (const auto& [metric, values] : columns) {
    if (values.size() == parts.size()) all.metrics[metric] = combined(metric, values, job.aggregate);
  }
  return all;
}

std::string to_line(const FinishedPoint& point) {
  nlohmann::json layers = nlohmann::json::array();
  for (const LayerRow& l : point.layers)
    layers.push_back({l.workload, l.position, l.name, l.cycles, l.dram_bytes, l.energy_pj});
  return rebasis::to_line(nlohmann::json{{"status", to_text(point.status)},
                                         {"reason", point.reason},
                                         {"metrics", point.metrics},
                                         {"energy", point.energy},
                                         {"reused", point.reused},
                                         {"layers", layers},
                                         {"memos", point.memos}});
}

FinishedPoint finished_from_line(const std::string& line) {
  const nlohmann::json value = parse_json(line, "result of a worker");
  try {
    FinishedPoint point;
    point.status = point_status(value.at("status"));
    point.reason = value.at("reason");
    point.reused = value.at("reused");
    point.metrics = value.at("metrics").get<std::map<std::string, double>>();
    point.energy = value.at("energy").get<std::map<std::string, double>>();
    for (const auto& l : value.at("layers"))
      point.layers.push_back({l.at(0), l.at(1), l.at(2), l.at(3), l.at(4), l.at(5)});
    point.memos = value.at("memos").get<std::vector<std::pair<std::string, std::string>>>();
    return point;
  } catch (const nlohmann::json::exception& error) {
    fail_input({"result of a worker"}, error.what());
  }
}

}  // namespace rebasis::dse
