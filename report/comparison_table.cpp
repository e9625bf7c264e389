#include <algorithm>

#include "report/comparison.h"
#include "report/text_layout.h"
#include "report/units_text.h"

namespace rebasis::report {
namespace {

constexpr std::size_t line_width = 98;

std::string times(const std::optional<double>& ratio) { return ratio ? three_digits(*ratio) + "x" : "-"; }

std::string accuracy(const ComparedTrace& trace) {
  if (trace.accuracy_after && trace.accuracy_before)
    return percentage(*trace.accuracy_after) + " (of " + percentage(*trace.accuracy_before) + ")";
  return trace.output_error ? "output error " + percentage(*trace.output_error) : "-";
}

std::string inputs(const Comparison& comparison) {
  std::vector<Row> rows = {{"network", "recipe", "top-1 after (of before)", "parameters", "rate", "zero weights"}};
  for (const ComparedTrace& trace : comparison.traces) {
    rows.push_back({shortened(trace.network, 20) + (trace.synthetic ? "*" : ""),
                    shortened(trace.recipe.empty() ? trace.name : trace.recipe, 20), accuracy(trace),
                    with_prefix(trace.bytes, "B"),
                    trace.bytes > 0 ? three_digits(trace.fp32_bytes / trace.bytes) + "x" : "-",
                    percentage(trace.sparsity)});
  }
  return aligned(rows, 2);
}

Row entry_row(const Comparison& comparison, const ComparisonEntry& entry) {
  const ComparedTrace* trace = comparison.find_trace(entry.trace);
  Row row = {shortened(entry.network, 18) + (entry.totals.synthetic ? "*" : ""), shortened(entry.accelerator, 18),
             shortened(trace == nullptr ? "-" : trace->recipe, 12)};
  if (entry.state != RunState::done) {
    row.insert(row.end(), {to_string(entry.state), "-", "-", "-", "-", "-", "-"});
    return row;
  }
  row.insert(row.end(), {with_prefix(entry.totals.time_s, "s"), times(entry.normalised.speed_up),
                         with_prefix(entry.totals.energy_pj * 1e-12, "J"), times(entry.normalised.energy_efficiency),
                         with_prefix(entry.totals.dram.total(), "B"), times(entry.normalised.dram_accesses),
                         square_millimetres(comparison.area(entry.accelerator))});
  return row;
}

std::string main_table(const Comparison& comparison) {
  const std::string& dram = comparison.drams.front().name;
  std::vector<Row> rows = {
      {"network", "accelerator", "recipe", "time", "speed-up", "energy", "efficiency", "DRAM", "ratio", "area"}};
  for (const ComparisonEntry& entry : comparison.entries) {
    if (entry.dram == dram) rows.push_back(entry_row(comparison, entry));
  }
  if (comparison.networks.size() > 1) {
    for (const ComparedAccelerator& accelerator : comparison.accelerators) {
      const Normalised& mean = accelerator.means.at(dram);
      rows.push_back({"geometric mean", shortened(accelerator.figures.name, 18), "", "", times(mean.speed_up), "",
                      times(mean.energy_efficiency), "", times(mean.dram_accesses), ""});
    }
  }
  return aligned(rows, 3);
}

std::string bandwidth(const ComparedDram& dram) {
  return dram.bytes_per_s ? with_prefix(*dram.bytes_per_s, "B/s") : std::string("-");
}

/// "" when no accelerator has a mean.
std::string fastest(const Comparison& comparison, const std::string& dram) {
  std::string name;
  double most = 0;
  for (const ComparedAccelerator& accelerator : comparison.accelerators) {
    const double speed_up = accelerator.means.at(dram).speed_up.value_or(0);
    if (speed_up > most) {
      most = speed_up;
      name = accelerator.figures.name;
    }
  }
  return name;
}

/// Accelerators x DRAM models: speed-up and energy efficiency, of the network or their geometric mean.
std::string dram_table(const Comparison& comparison) {
  Row head = {"accelerator"};
  for (const ComparedDram& dram : comparison.drams) head.push_back(shortened(dram.name, 18) + " " + bandwidth(dram));
  std::vector<Row> rows = {head};
  for (const ComparedAccelerator& accelerator : comparison.accelerators) {
    Row row = {shortened(accelerator.figures.name, 18)};
    for (const ComparedDram& dram : comparison.drams) {
      const Normalised& mean = accelerator.means.at(dram.name);
      row.push_back(times(mean.speed_up) + " / " + times(mean.energy_efficiency));
    }
    rows.push_back(row);
  }
  rows.push_back({"fastest"});
  for (const ComparedDram& dram : comparison.drams)
    rows.back().push_back(shortened(fastest(comparison, dram.name), 18));
  return aligned(rows);
}

/// One line a reason; of many layers the first ones.
std::string left_out_text(const Comparison& comparison) {
  constexpr std::size_t most = 8;
  std::vector<std::pair<LeftOut, std::vector<std::string>>> groups;
  for (const LeftOut& layer : comparison.left_out) {
    const bool same = !groups.empty() && groups.back().first.network == layer.network &&
                      groups.back().first.accelerator == layer.accelerator &&
                      groups.back().first.reason == layer.reason;
    if (!same) groups.push_back({layer, {}});
    groups.back().second.push_back(layer.layer);
  }
  std::string out;
  for (const auto& [what, layers] : groups) {
    std::string names;
    for (std::size_t i = 0; i < std::min(most, layers.size()); ++i) names += (i == 0 ? "" : ", ") + layers[i];
    if (layers.size() > most) names += " and " + std::to_string(layers.size() - most) + " more (comparison.json)";
    const std::string who = what.accelerator.empty() ? "" : what.accelerator + ": ";
    out += wrapped("Left out of every total: " + what.network + ": " + names + ": " + who + what.reason, line_width);
  }
  return out;
}

std::string remarks(const Comparison& comparison) {
  std::string out;
  for (const ComparisonEntry& entry : comparison.entries) {
    if (entry.state == RunState::done) continue;
    out += wrapped(to_string(entry.state) + ": " + entry.accelerator + " on " + entry.network + " (" + entry.dram +
                       "): " + entry.message,
                   line_width);
  }
  out += left_out_text(comparison);
  if (comparison.synthetic)
    out += wrapped("* SYNTHETIC: weights or activations are made up, not trained or captured.", line_width);
  for (const std::string& note : comparison.notes) out += wrapped("Note: " + note, line_width);
  return out;
}

}  // namespace

std::string to_table(const Comparison& comparison) {
  const ComparisonOptions& options = comparison.options;
  std::string out = inputs(comparison) + "\n";
  out += wrapped("DRAM " + comparison.drams.front().name + "; speed-up and energy efficiency over " + options.baseline +
                     " (higher is better), DRAM bytes over " + options.traffic_baseline + " (lower is better)",
                 line_width);
  out += main_table(comparison);
  if (comparison.drams.size() > 1) {
    out += "\nSpeed-up / energy efficiency over " + options.baseline +
           (comparison.networks.size() > 1 ? ", geometric means" : "") + ", by DRAM\n" + dram_table(comparison);
  }
  const std::string notes = remarks(comparison);
  return notes.empty() ? out : out + "\n" + notes;
}

}  // namespace rebasis::report
