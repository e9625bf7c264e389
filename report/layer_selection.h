// Which layers of a network count in a comparison.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "report/comparison.h"

namespace rebasis::report {

/// Collects the results of one network. Refers to `options` and to the runs.
class LayerSelection {
 public:
  LayerSelection(std::string network, const ComparisonOptions& options);
  /// A run without a result says nothing.
  void add(const ComparedRun& run);

  /// Why a run cannot take part: its accelerator runs less than half of the MACs that count, and would leave hardly
  /// anything to compare. "" otherwise.
  [[nodiscard]] std::string refusal(const ComparedRun& run) const;
  /// Layers that do not count, in the order of the network.
  [[nodiscard]] std::vector<LeftOut> left_out() const;

 private:
  void note(const std::string& layer);
  [[nodiscard]] double macs_of(const std::string& name) const;
  [[nodiscard]] std::string excluded_by_rule(const std::string& name) const;

  std::string network_;
  const ComparisonOptions& options_;
  std::vector<const ComparedRun*> runs_;
  std::vector<std::string> order_;
  std::set<std::string> seen_;
};

}  // namespace rebasis::report
