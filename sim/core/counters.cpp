#include "sim/core/counters.h"

#include "common/error.h"

namespace rebasis::sim {

namespace {

std::map<std::string, std::uint64_t> flat(const CounterNames& names, const Counters& counters) {
  std::map<std::string, std::uint64_t> values{{"cycles", static_cast<std::uint64_t>(counters.cycles)},
                                              {"effective_macs", counters.effective_macs},
                                              {"working", static_cast<std::uint64_t>(counters.working)},
                                              {"dram_bytes.weights", counters.dram.weights},
                                              {"dram_bytes.basis", counters.dram.basis},
                                              {"dram_bytes.index", counters.dram.index},
                                              {"dram_bytes.inputs", counters.dram.inputs},
                                              {"dram_bytes.outputs", counters.dram.outputs}};
  for (std::size_t b = 0; b < names.blocks.size(); ++b) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(Cause::count); ++c) {
      values[names.blocks[b].name + "." + name(Cause{c})] = static_cast<std::uint64_t>(counters.blocks[b].cycles[c]);
    }
  }
  for (std::size_t a = 0; a < names.actions.size(); ++a) values[names.actions[a]] = counters.actions[a];
  return values;
}

}  // namespace

std::string first_difference(const CounterNames& names, const Counters& a, const Counters& b) {
  const auto left = flat(names, a), right = flat(names, b);
  for (const auto& [key, value] : left) {
    if (right.at(key) != value) return key + ": " + std::to_string(value) + " != " + std::to_string(right.at(key));
  }
  return {};
}

DramBytes moved_bytes(const Dma& dma) {
  const auto of = [&](TensorClass tensor) {
    const auto i = static_cast<std::size_t>(tensor);
    return dma.read_bytes()[i] + dma.written_bytes()[i];
  };
  return {of(TensorClass::weights), of(TensorClass::basis), of(TensorClass::index), of(TensorClass::inputs),
          of(TensorClass::outputs)};
}

void check_accounts(const CounterNames& names, const Counters& counters) {
  for (std::size_t b = 0; b < names.blocks.size(); ++b) {
    const auto want = static_cast<Cycle>(names.blocks[b].instances) * counters.cycles;
    if (counters.blocks[b].total() == want) continue;
    fail_internal(names.blocks[b].name + " accounts for " + std::to_string(counters.blocks[b].total()) + " cycles of " +
                  std::to_string(want));
  }
}

}  // namespace rebasis::sim
