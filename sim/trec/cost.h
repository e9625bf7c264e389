// What a step takes and counts: the reuse unit's timing follows from the buckets, which are found without its cycles.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "sim/core/counters.h"
#include "sim/trec/counters.h"
#include "sim/trec/mapping.h"

namespace rebasis::sim::trec {

/// The first stage of a slice - hashing and accumulation - as it runs by itself.
struct HashRun {
  explicit HashRun(const CounterNames& names) : counts(names) {}
  Counters counts;  ///< of hash lanes, accumulators and NBin
  Cycle duration = 0;
  std::vector<std::int64_t> slots;  ///< occupied buckets of each column
  bool vectors_held = false;        ///< the lanes hold the first row of the hash vectors afterwards
};

/// The steps of one image.
class StepCoster {
 public:
  /// All outlive it.
  StepCoster(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names, const ReuseSteps& steps,
             std::int64_t slice, const Activations& image)
      : layer_(layer), spec_(spec), names_(names), steps_(steps), slice_(slice), image_(image) {}

  /// Adds the step's actions and accounts to `counters`. docs/accelerators/trec.md, "Cycles of a step".
  [[nodiscard]] StepCost cost(std::size_t step, Counters& counters);

 private:
  /// Runs of the slices of a step; steps of other filters share them.
  [[nodiscard]] const std::vector<HashRun>& hash_runs(const ConvTile& tile, const Range& columns);

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  const CounterNames& names_;
  const ReuseSteps& steps_;
  std::int64_t slice_;
  const Activations& image_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::vector<HashRun>> runs_;
};

/// Hashing and accumulating the sub-vectors of `columns` of the rows of `tile`; `vectors_held`: the lanes hold the
/// first row of the hash vectors.
[[nodiscard]] HashRun run_hash(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names,
                               const ConvTile& tile, const Range& columns, const Activations& image, bool vectors_held);

}  // namespace rebasis::sim::trec
