// The contract of every accelerator model, checked on one layer: `fast` equals `clocked`, counter for counter, and
// `clocked` equals integer convolution, value for value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arch/system_spec.h"
#include "sim/core/dense_layer.h"
#include "sim/core/layer_plan.h"
#include "tests/support/dice.h"

namespace rebasis::test {

/// A layer with explicit 8-bit weights and one image.
struct RandomDenseLayer {
  sim::DenseLayer layer;
  std::vector<std::uint8_t> activations;  ///< [C][H][W]; signed when layer.info.activations.is_signed
  [[nodiscard]] sim::Activations image() const;
  [[nodiscard]] std::string describe() const;
};

/// Densities of non-zero values, in [0, 1].
struct Densities {
  double weights = 1, activations = 1;
};
/// Any shape; values uniform among the non-zero ones.
RandomDenseLayer random_dense_layer(Dice& dice, Densities densities);
/// The same with random densities, 0 and 1 among them, and sometimes few values.
RandomDenseLayer random_dense_layer(Dice& dice);
/// Of a given shape.
RandomDenseLayer dense_layer_of(const LayerShape& shape, Dice& dice, Densities densities);

/// Clock, DMA, memory model and objective, all varied.
void randomise_system(arch::SystemSpec& system, Dice& dice);

/// A weight decoder of any kind, or none: of an accelerator that has one.
void randomise_decoder(arch::DecoderSpec& decoder, Dice& dice);
/// Shells of a machine with `shells` of its own.
[[nodiscard]] std::size_t all_shells(std::size_t shells, const sim::CounterNames& names);

/// Runs both fidelities of the plan on memories of their own and checks them (doctest REQUIRE): steps, counters,
/// outputs, decoded weights, memory commands, compulsory traffic, lower bounds. `shells`: of the machine, without the
/// weight decoder's. Returns the fast run.
sim::LayerRun check_plan(sim::LayerPlan& plan, const sim::CounterNames& names, const sim::Activations& image,
                         const arch::SystemSpec& system, std::size_t shells);

/// Calls `check(seed)` for REBASIS_CASES seeds (default `cases`); `check` returns false when its case is infeasible. At
/// least half must be feasible.
void for_random_cases(std::uint64_t cases, const std::function<bool(std::uint64_t seed)>& check);

/// Evaluates the shells in a different random order each cycle: a model whose shells depend on the order fails against
/// the ordered run.
sim::ClockedRun run_shuffled(sim::Machine& machine, std::size_t shells, std::uint64_t seed);

}  // namespace rebasis::test
