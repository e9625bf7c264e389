#include "report/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "common/error.h"
#include "report/layer_selection.h"
#include "report/provenance.h"
#include "report/totals.h"
#include "report/units_text.h"

namespace rebasis::report {
namespace {

using LayerNames = std::set<std::string>;

ComparisonEntry make_entry(const ComparedRun& run, const LayerNames& left_out) {
  ComparisonEntry entry{run.network, run.accelerator, run.dram, run.trace, run.state,
                        run.message, run.result_file, {},       {},        {}};
  if (!run.result) return entry;
  std::vector<const LayerFigures*> counted;
  for (const LayerFigures& layer : run.result->layers) {
    const bool counts = !left_out.contains(layer.name);
    if (counts) counted.push_back(&layer);
    entry.layers.push_back(
        {layer.name, layer.op, counts, layer.macs, layer.time_s, layer.energy_pj, layer.dram.total()});
  }
  entry.totals = totals_of(counted, run.result->accelerator.frequency_hz);
  // The spread of a part of the layers is not known.
  if (counted.size() == run.result->layers.size()) entry.totals.spread = run.result->totals.spread;
  return entry;
}

std::optional<double> ratio(double value, double by) {
  return value > 0 && by > 0 ? std::optional(value / by) : std::nullopt;
}

void normalise(Comparison& comparison) {
  for (ComparisonEntry& entry : comparison.entries) {
    if (entry.state != RunState::done) continue;
    const auto* base = comparison.find(entry.network, comparison.options.baseline, entry.dram);
    if (base != nullptr && base->state == RunState::done) {
      entry.normalised.energy_efficiency = ratio(base->totals.energy_pj, entry.totals.energy_pj);
      entry.normalised.speed_up = ratio(base->totals.time_s, entry.totals.time_s);
    }
    const auto* traffic = comparison.find(entry.network, comparison.options.traffic_baseline, entry.dram);
    if (traffic != nullptr && traffic->state == RunState::done) {
      entry.normalised.dram_accesses = ratio(entry.totals.dram.total(), traffic->totals.dram.total());
    }
  }
}

Normalised means_of(const Comparison& comparison, const std::string& accelerator, const std::string& dram) {
  const auto mean = [&](std::optional<double> Normalised::*figure) {
    std::vector<std::optional<double>> values;
    for (const std::string& network : comparison.networks) {
      const ComparisonEntry* entry = comparison.find(network, accelerator, dram);
      values.push_back(entry == nullptr ? std::nullopt : entry->normalised.*figure);
    }
    return geometric_mean(values);
  };
  return {mean(&Normalised::energy_efficiency), mean(&Normalised::dram_accesses), mean(&Normalised::speed_up)};
}

ComparedAccelerator describe(const std::string& name, const ComparisonInput& input) {
  ComparedAccelerator accelerator;
  for (const ComparedRun& run : input.runs) {
    if (run.accelerator != name) continue;
    for (const ComparedTrace& trace : input.traces) {
      auto& recipes = accelerator.recipes;
      if (trace.name == run.trace && std::find(recipes.begin(), recipes.end(), trace.recipe) == recipes.end())
        recipes.push_back(trace.recipe);
    }
    if (run.result && accelerator.figures.name.empty()) accelerator.figures = run.result->accelerator;
  }
  accelerator.figures.name = name;
  // These belong to a run, not to the accelerator.
  accelerator.figures.dram_model.clear();
  accelerator.figures.dram_bytes_per_cycle = 0;
  std::erase_if(accelerator.figures.parameters, [](const auto& item) { return item.first.starts_with("dram."); });
  return accelerator;
}

ComparedDram describe_dram(const std::string& name, const ComparisonInput& input) {
  for (const ComparedRun& run : input.runs) {
    if (run.dram != name || !run.result || run.result->accelerator.dram_bytes_per_cycle <= 0) continue;
    return {name, run.result->accelerator.dram_bytes_per_cycle * run.result->accelerator.frequency_hz};
  }
  return {name, std::nullopt};
}

/// "clock differs: 1.00 GHz (diannao, scnn), 100 MHz (fpga)", or "" when all accelerators have the same.
std::string difference(const std::string& what, const ComparisonInput& input,
                       const std::function<std::string(const AcceleratorFigures&)>& value) {
  std::vector<std::pair<std::string, std::string>> groups;  // value, names
  for (const std::string& name : input.accelerators) {
    const auto run = std::find_if(input.runs.begin(), input.runs.end(),
                                  [&](const ComparedRun& one) { return one.accelerator == name && one.result; });
    if (run == input.runs.end()) continue;
    const std::string own = value(run->result->accelerator);
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& one) { return one.first == own; });
    if (group == groups.end()) {
      groups.emplace_back(own, name);
    } else {
      group->second += ", " + name;
    }
  }
  std::string text;
  for (const auto& [own, names] : groups) text += (text.empty() ? " " : "; ") + own + " (" + names + ")";
  return groups.size() > 1 ? what + " differs:" + text : "";
}

void add_notes(Comparison& comparison, const ComparisonInput& input) {
  std::set<std::string> told;
  const auto tell = [&](const std::string& note) {
    if (!note.empty() && told.insert(note).second) comparison.notes.push_back(note);
  };
  tell(difference("energy table", input, [](const AcceleratorFigures& one) { return one.energy_table; }));
  tell(difference("clock", input, [](const AcceleratorFigures& one) { return with_prefix(one.frequency_hz, "Hz"); }));
  for (const char* parameter : {"mapper.objective", "dram.mapping", "dma.request", "dma.outstanding"}) {
    tell(difference(parameter, input, [&](const AcceleratorFigures& one) {
      const auto found = one.parameters.find(parameter);
      return found == one.parameters.end() ? std::string("(none)") : found->second;
    }));
  }
  for (const std::string& note : input.notes) tell(note);
  for (const ComparedRun& run : input.runs) {
    if (!run.result) continue;
    for (const std::string& note : run.result->notes) tell(run.accelerator + ": " + note);
  }
}

}  // namespace

std::string to_string(RunState state) {
  switch (state) {
    case RunState::done:
      return "done";
    case RunState::infeasible:
      return "infeasible";
    case RunState::failed:
      break;
  }
  return "failed";
}

const ComparisonEntry* Comparison::find(const std::string& network, const std::string& accelerator,
                                        const std::string& dram) const {
  for (const ComparisonEntry& entry : entries) {
    if (entry.network == network && entry.accelerator == accelerator && entry.dram == dram) return &entry;
  }
  return nullptr;
}

const arch::AreaBreakdown& Comparison::area(const std::string& accelerator) const {
  static const arch::AreaBreakdown unknown;
  const auto found = std::find_if(accelerators.begin(), accelerators.end(),
                                  [&](const ComparedAccelerator& one) { return one.figures.name == accelerator; });
  return found == accelerators.end() ? unknown : found->figures.area;
}

const ComparedTrace* Comparison::find_trace(const std::string& name) const {
  for (const ComparedTrace& trace : traces) {
    if (trace.name == name) return &trace;
  }
  return nullptr;
}

std::optional<double> geometric_mean(const std::vector<std::optional<double>>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const std::optional<double>& value : values) {
    if (!value || !(*value > 0)) return std::nullopt;
    sum += std::log(*value);
  }
  return std::exp(sum / static_cast<double>(values.size()));
}

namespace {

LayerSelection selection_of(const std::string& network, const ComparisonInput& input,
                            const ComparisonOptions& options) {
  LayerSelection selection(network, options);
  for (const ComparedRun& run : input.runs) {
    if (run.network == network) selection.add(run);
  }
  return selection;
}

/// Accelerators that can run hardly anything of a network become failures: they would leave nothing of the others.
void refuse_strangers(ComparisonInput& input, const ComparisonOptions& options) {
  for (const std::string& network : input.networks) {
    const LayerSelection selection = selection_of(network, input, options);
    std::vector<std::pair<ComparedRun*, std::string>> refused;
    for (ComparedRun& run : input.runs) {
      if (run.network != network || !run.result) continue;
      if (std::string reason = selection.refusal(run); !reason.empty()) refused.emplace_back(&run, std::move(reason));
    }
    for (auto& [run, reason] : refused) {
      run->state = RunState::infeasible;
      run->message = std::move(reason);
      run->result.reset();
    }
  }
}

}  // namespace

Comparison make_comparison(ComparisonInput input, const ComparisonOptions& options) {
  for (const std::string& name : {options.baseline, options.traffic_baseline}) {
    if (std::find(input.accelerators.begin(), input.accelerators.end(), name) == input.accelerators.end())
      fail_input("'" + name + "' is not among the compared accelerators; a baseline must be");
  }
  Comparison comparison;
  comparison.provenance = current_provenance();
  comparison.options = options;
  refuse_strangers(input, options);
  std::map<std::string, LayerNames> left_out;
  for (const std::string& network : input.networks) {
    for (LeftOut& layer : selection_of(network, input, options).left_out()) {
      left_out[network].insert(layer.layer);
      comparison.left_out.push_back(std::move(layer));
    }
  }
  for (const ComparedRun& run : input.runs) comparison.entries.push_back(make_entry(run, left_out[run.network]));
  add_notes(comparison, input);
  for (const std::string& name : input.drams) comparison.drams.push_back(describe_dram(name, input));
  comparison.networks = input.networks;
  normalise(comparison);
  for (const std::string& name : input.accelerators) {
    comparison.accelerators.push_back(describe(name, input));
    for (const std::string& dram : input.drams)
      comparison.accelerators.back().means[dram] = means_of(comparison, name, dram);
  }
  for (const ComparisonEntry& entry : comparison.entries)
    comparison.synthetic = comparison.synthetic || entry.totals.synthetic;
  comparison.traces = std::move(input.traces);
  return comparison;
}

}  // namespace rebasis::report
