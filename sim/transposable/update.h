// The update pass: what the optimiser reads, computes and writes, a chunk of parameters at a time.
// docs/accelerators/transposable.md, "Update".
#pragma once

#include <memory>

#include "sim/core/sequence/clocked.h"
#include "sim/transposable/counters.h"
#include "sim/transposable/job.h"

namespace rebasis::sim::transposable {

/// Parameters that are updated together: dense ones, or whole slices of Ce with their bases.
struct Chunk {
  std::int64_t parameters = 0;  ///< dense: weights or biases
  /// Factored: slices [first, last) of the layer, counted filter after filter.
  Range slices;
};

/// What a chunk is made of, in numbers.
struct ChunkWork {
  std::int64_t gradients = 0;  ///< values of dW or db
  std::int64_t nonzeros = 0;   ///< coefficients that may move
  std::int64_t rows = 0, kept_rows = 0;
  std::int64_t bases = 0;
};

struct UpdateMapping {
  std::vector<Chunk> chunks;  ///< of each step
  StepPlan steps;
  DramBytes compulsory;
};

/// Throws Error(infeasible) when a slice does not fit the buffers.
[[nodiscard]] UpdateMapping map_update(const Job& job, const arch::TransposableSpec& spec);

/// Adds the actions and accounts of a chunk.
[[nodiscard]] StepCost update_cost(const Job& job, const arch::TransposableSpec& spec, const Chunk& chunk,
                                   Counters& counters);

/// The update unit cycle by cycle. All outlive the core.
[[nodiscard]] std::unique_ptr<StepCore> make_update_core(const Job& job, const arch::TransposableSpec& spec,
                                                         const CounterNames& names, const UpdateMapping& mapping);
[[nodiscard]] std::vector<std::string> update_shell_names();

}  // namespace rebasis::sim::transposable
