// How a study chooses its points. A strategy is one file in strategies/ with one StrategyRegistration.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arch/config.h"
#include "arch/registry.h"
#include "dse/space.h"

namespace rebasis::dse {

/// What a strategy learns of a point.
struct Evaluation {
  bool feasible = false;
  std::vector<double> losses;  ///< one an objective, to be minimised; empty when not feasible
};

/// Evaluates points, several at once when there are several workers, in any order; the answers are in the order of the
/// question. Points that break a condition are infeasible. A point asked for again costs nothing. Throws when the
/// budget is spent, to end the strategy.
using Evaluate = std::function<std::vector<Evaluation>(const std::vector<Choice>&)>;

struct StrategyContext {
  const Space& space;
  std::size_t objectives = 1;
  std::int64_t points = 0;  ///< of the budget; 0: no limit
  std::uint64_t seed = 1;
};

/// A function of its options, the context and the answers only: after an interruption the same questions are asked
/// again and answered from the store.
class Strategy {
 public:
  static constexpr const char* kind = "strategy";
  virtual ~Strategy() = default;
  virtual void run(const StrategyContext& context, const Evaluate& evaluate) const = 0;
  /// What it asks for depends on the answers.
  [[nodiscard]] virtual bool adaptive() const { return false; }
  /// Points it will ask for, as far as that is known before (duplicates and infeasible ones included); 0: unknown.
  [[nodiscard]] virtual std::uint64_t planned(const StrategyContext& context) const = 0;
};

using StrategyRegistry = arch::Registry<Strategy, const arch::RawConfig&>;
using StrategyRegistration = arch::Registration<Strategy, const arch::RawConfig&>;

/// A number in [0, 1) of a counter-based generator: the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  [[nodiscard]] std::uint64_t next();
  [[nodiscard]] double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// 0 .. count - 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t count);

 private:
  std::uint64_t state_;
};

/// The choice at `position` of the unit cube: dimension i takes value floor(position[i] x values).
[[nodiscard]] Choice choice_at(const Space& space, const std::vector<double>& position);

}  // namespace rebasis::dse
