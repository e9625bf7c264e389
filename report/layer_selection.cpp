#include "report/layer_selection.h"

#include <algorithm>
#include <utility>

#include "report/units_text.h"

namespace rebasis::report {
namespace {

bool is_operator(const LayerFigures& layer) { return layer.encoding == "none"; }

/// Why a result does not have the layer; "" when it does.
std::string missing(const Document& result, const std::string& name) {
  for (const auto& [layer, reason] : result.unsupported) {
    if (layer == name) return reason;
  }
  const bool ran = std::any_of(result.layers.begin(), result.layers.end(),
                               [&](const LayerFigures& layer) { return layer.name == name; });
  return ran ? "" : "not in the trace that it ran";
}

}  // namespace

LayerSelection::LayerSelection(std::string network, const ComparisonOptions& options)
    : network_(std::move(network)), options_(options) {}

void LayerSelection::add(const ComparedRun& run) {
  if (!run.result) return;
  runs_.push_back(&run);
  for (const LayerFigures& layer : run.result->layers) note(layer.name);
  for (const auto& [layer, reason] : run.result->unsupported) note(layer);
}

std::string LayerSelection::refusal(const ComparedRun& run) const {
  double all = 0, missed = 0;
  std::string example;
  for (const std::string& layer : order_) {
    if (!excluded_by_rule(layer).empty()) continue;
    all += macs_of(layer);
    const std::string reason = missing(*run.result, layer);
    if (reason.empty()) continue;
    missed += macs_of(layer);
    if (example.empty()) example = layer + ": " + reason;
  }
  if (missed <= 0.5 * all) return {};
  return "cannot run " + percentage(missed / all) + " of the MACs of " + network_ + " (" + example + ")";
}

std::vector<LeftOut> LayerSelection::left_out() const {
  std::vector<LeftOut> out;
  for (const std::string& layer : order_) {
    if (const std::string rule = excluded_by_rule(layer); !rule.empty()) {
      out.push_back({network_, layer, "", rule});
      continue;
    }
    std::set<std::string> told;  // an accelerator has several DRAMs, and says the same each time
    for (const ComparedRun* run : runs_) {
      const std::string reason = missing(*run->result, layer);
      if (!reason.empty() && told.insert(run->accelerator).second) {
        out.push_back({network_, layer, run->accelerator, reason});
      }
    }
  }
  return out;
}

void LayerSelection::note(const std::string& layer) {
  if (seen_.insert(layer).second) order_.push_back(layer);
}

double LayerSelection::macs_of(const std::string& name) const {
  for (const ComparedRun* run : runs_) {
    for (const LayerFigures& layer : run->result->layers) {
      if (layer.name == name) return layer.macs;
    }
  }
  return 0;
}

std::string LayerSelection::excluded_by_rule(const std::string& name) const {
  for (const ComparedRun* run : runs_) {
    for (const LayerFigures& layer : run->result->layers) {
      if (layer.name != name) continue;
      if (layer.op == "fc" && !options_.include_fc) return "fully connected: not compared without --include-fc";
      if (is_operator(layer) && !options_.include_operators) return "operator between layers: not compared";
    }
  }
  return {};
}

}  // namespace rebasis::report
