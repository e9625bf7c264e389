#include "report/comparison.h"
#include "report/csv_table.h"

namespace rebasis::report {
namespace {

void set_optional(CsvTable& table, const std::string& column, const std::optional<double>& value) {
  table.may_be_blank(column);
  if (value) {
    table.set(column, *value);
  } else {
    table.set(column, std::string());
  }
}

void set_trace(CsvTable& table, const ComparedTrace* trace) {
  table.set_text("trace", trace == nullptr ? "" : trace->name);
  table.set_text("recipe", trace == nullptr ? "" : trace->recipe);
  set_optional(table, "accuracy_before", trace == nullptr ? std::nullopt : trace->accuracy_before);
  set_optional(table, "accuracy_after", trace == nullptr ? std::nullopt : trace->accuracy_after);
  const auto figure = [&](double ComparedTrace::*member) {
    return trace == nullptr ? std::nullopt : std::optional(trace->*member);
  };
  set_optional(table, "parameter_bytes", figure(&ComparedTrace::bytes));
  set_optional(table, "sparsity", figure(&ComparedTrace::sparsity));
}

/// "fc; se.conv (scnn)".
std::string left_out_text(const Comparison& comparison, const std::string& network) {
  std::string text;
  for (const LeftOut& layer : comparison.left_out) {
    if (layer.network != network) continue;
    text +=
        (text.empty() ? "" : "; ") + layer.layer + (layer.accelerator.empty() ? "" : " (" + layer.accelerator + ")");
  }
  return text;
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  CsvTable table;
  for (const ComparisonEntry& entry : comparison.entries) {
    table.start_row();
    table.set_text("network", entry.network);
    table.set_text("accelerator", entry.accelerator);
    table.set_text("dram_model", entry.dram);
    table.set_text("state", to_string(entry.state));
    table.set_text("message", entry.message);
    set_trace(table, comparison.find_trace(entry.trace));
    set_optional(table, "energy_efficiency_normalised", entry.normalised.energy_efficiency);
    set_optional(table, "dram_accesses_normalised", entry.normalised.dram_accesses);
    set_optional(table, "speed_up", entry.normalised.speed_up);
    set_area(table, comparison.area(entry.accelerator));
    table.set_text("left_out", left_out_text(comparison, entry.network));
    if (entry.state != RunState::done) {
      table.leave_rest_blank();
      continue;
    }
    double counted = 0;
    for (const ComparedLayer& layer : entry.layers) counted += layer.counted ? 1 : 0;
    table.set("layers", counted);
    set_scalars(table, entry.totals);
    set_spreads(table, entry.totals);
    set_breakdowns(table, entry.totals);
  }
  return table.text();
}

}  // namespace rebasis::report
