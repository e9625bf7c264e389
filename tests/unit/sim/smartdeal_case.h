// Layers for the SmartDeal accelerator that are small enough to work out by hand, and both fidelities run on them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/core/dma.h"
#include "sim/smartdeal/clocked/machine.h"
#include "sim/smartdeal/fast.h"

namespace rebasis::test {

/// A layer with one image; owns what the simulator borrows.
struct SmartDealCase {
  sim::smartdeal::LayerData data;
  std::vector<std::uint8_t> activations;  ///< [C][H][W]
  bool is_signed = false;
  [[nodiscard]] sim::Activations image() const;
};

/// Original 8-bit weights, all `weight`; every activation is `activation`.
SmartDealCase dense_case(const LayerShape& shape, std::int8_t weight, std::uint8_t activation);

/// SmartDeal form with P = {-3, -2, -1, 0} (four bits a coefficient in the weight buffer). `nonzeros`: non-zero
/// coefficients, the first of each row, [M][rows]; `slice_rows`: rows that share a basis. Kernels wider than one
/// element have rows of S; 1x1 kernels have vectors of `vector` channels.
SmartDealCase smartdeal_case(const LayerShape& shape, const std::vector<std::uint8_t>& nonzeros,
                             const std::vector<std::int64_t>& slice_rows, std::uint8_t activation,
                             std::int64_t vector = 4);

/// The shipped defaults with another array, without the memory in the timing, with one MAC cluster, one requantisation
/// stage and a weight buffer that answers in the cycle of its address.
arch::SmartDealSpec small_spec(std::int64_t dim_M, std::int64_t dim_C, std::int64_t dim_F);

[[nodiscard]] std::unique_ptr<sim::DramModel> memory_of(const arch::SmartDealSpec& spec);

struct BothRuns {
  sim::smartdeal::Mapping mapping;
  sim::smartdeal::LayerRun fast;
  sim::smartdeal::ClockedRun clocked;
};

/// Maps the case and runs both fidelities, each on a memory of its own.
BothRuns run_both(SmartDealCase& layer, const arch::SmartDealSpec& spec);

/// The non-zero causes of an account, as "busy 3, dram 4" in order of the enumeration.
std::string text_of(const sim::Account& account);

}  // namespace rebasis::test
