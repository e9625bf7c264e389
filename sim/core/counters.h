// What both fidelities of a model count, in the same units; `verify` compares these structures field by field.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/core/account.h"
#include "sim/core/dma.h"
#include "sim/result.h"

namespace rebasis::sim {

/// Names of what a model counts; its enumerations index them.
struct CounterNames {
  struct Block {
    std::string name;
    std::uint64_t instances = 1;
  };
  std::vector<Block> blocks;         ///< of the block diagram; the first is the array that computes
  std::vector<std::string> actions;  ///< priced events, "component.action"
  bool decoder = false;              ///< the last block but one is the weight decoder (sim/core/decoder)
};

/// All counters of one image of one layer.
struct Counters {
  explicit Counters(const CounterNames& names) : blocks(names.blocks.size()), actions(names.actions.size()) {}

  Cycle cycles = 0;
  std::uint64_t effective_macs = 0;  ///< products that were computed
  std::int64_t working = 0;          ///< copies of the first block that had work in this layer
  std::vector<Account> blocks;       ///< each sums to instances * cycles
  std::vector<std::uint64_t> actions;
  DramBytes dram;
  bool operator==(const Counters&) const = default;
};

/// "counter: a != b" of the first counter that differs, or empty.
[[nodiscard]] std::string first_difference(const CounterNames& names, const Counters& a, const Counters& b);

/// Bytes by tensor class, reads and writes together.
[[nodiscard]] DramBytes moved_bytes(const Dma& dma);

/// Fails (internal) unless the causes of every block sum to its copies times the cycles.
void check_accounts(const CounterNames& names, const Counters& counters);

}  // namespace rebasis::sim
