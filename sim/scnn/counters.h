// What the SCNN model counts.
#pragma once

#include "arch/scnn/spec.h"
#include "sim/core/counters.h"

namespace rebasis::sim::scnn {

/// Blocks of the block diagram with an account, in the order of counter_names().
enum Block : std::size_t { pes, weight_ports, accumulator_banks };

enum class Action : std::size_t {
  multiply,
  scatter,
  accumulator_read,
  accumulator_write,
  input_read,
  input_write,
  weight_read,
  weight_write,
  fifo_read,
  fifo_write,
  halo_add,
  link_write,
  requantise,
  output_write,
  output_read,
  count
};

[[nodiscard]] CounterNames counter_names(const arch::ScnnSpec& spec);

inline std::uint64_t& at(Counters& counters, Action action) {
  return counters.actions[static_cast<std::size_t>(action)];
}

/// 8 x 8 bit multiplications of a product.
[[nodiscard]] inline std::uint64_t multiplications(const arch::ScnnSpec& spec) {
  return static_cast<std::uint64_t>(spec.element_bytes() * spec.element_bytes());
}
[[nodiscard]] inline std::uint64_t sum_bytes(const arch::ScnnSpec& spec) {
  return static_cast<std::uint64_t>(spec.accumulator_bits / 8);
}

/// Bits read and written in a step; bytes are counted when the step is over.
struct StepBits {
  std::uint64_t inputs = 0, weights = 0, fifo_read = 0, fifo_write = 0;
  void settle(Counters& counters) const {
    const auto bytes = [](std::uint64_t bits) { return (bits + 7) / 8; };
    at(counters, Action::input_read) += bytes(inputs);
    at(counters, Action::weight_read) += bytes(weights);
    at(counters, Action::fifo_read) += bytes(fifo_read);
    at(counters, Action::fifo_write) += bytes(fifo_write);
  }
};

}  // namespace rebasis::sim::scnn
