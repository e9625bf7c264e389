// The contract behind memoised layers (sim/core/memo.h): designs that differ in mapping_only parameters alone and give
// a layer the same mapping identity run it alike, counter for counter.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "arch/parameter.h"
#include "arch/system_spec.h"
#include "sim/core/activations.h"
#include "sim/core/layer_plan.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// Half of the times another of `values`.
template <class T>
void vary(Dice& dice, T& field, const std::vector<T>& values) {
  if (dice.chance(0.5)) field = dice.pick(values);
}

/// The plan that `make` returns; null when it is infeasible.
std::unique_ptr<sim::LayerPlan> feasible_plan(const std::function<std::unique_ptr<sim::LayerPlan>()>& make);

/// Compares pairs of plans of one layer and keeps count.
class MappingPairs {
 public:
  /// `declared`: the model's parameters.
  explicit MappingPairs(const std::vector<arch::ParameterInfo>& declared);

  /// `a` and `b` are plans of the same layer on designs with the printed parameters `of_a` and `of_b`, which may differ
  /// in what is mapping_only.
  void compare(const sim::LayerPlan& a, const std::map<std::string, std::string>& of_a, const sim::LayerPlan& b,
               const std::map<std::string, std::string>& of_b, const sim::CounterNames& names,
               const sim::Activations& image, const arch::SystemSpec& system);

  /// Both kinds of pairs were frequent, and every mapping_only parameter was varied.
  void finish() const;

 private:
  std::set<std::string> mapping_only_, varied_;
  std::uint64_t alike_ = 0, different_ = 0, needless_ = 0;  ///< needless: different identities, same counters
};

}  // namespace rebasis::test
