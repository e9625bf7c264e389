// What both fidelities count, in the same units; `verify` compares these structures field by field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "sim/core/account.h"
#include "sim/result.h"

namespace rebasis::sim::smartdeal {

using sim::name;  // of a Cause

/// Priced events (arch/energy); the names are "component.action".
enum class Action : std::size_t {
  input_gb_read,
  input_gb_write,
  output_gb_read,
  output_gb_write,
  weight_buffer_read,
  weight_buffer_write,
  index_gb_read,
  index_gb_write,
  line_fifo_write,
  line_fifo_read,
  basis_write,
  basis_read,
  shift_add,
  weight_latch,
  booth_encode,
  digit_step,
  zero_step,
  mac_operation,
  tree_add,
  output_fifo_write,
  output_fifo_read,
  requantise,
  pair_examined,
  huffman_symbol,
  dram_read,
  dram_write,
  controller_cycle,
  count
};
[[nodiscard]] const char* name(Action action);

/// All counters of one image of one layer.
struct Counters {
  std::int64_t cycles = 0;
  std::uint64_t effective_macs = 0;
  std::int64_t mapped_lines = 0;  ///< PE lines that computed something
  Account lines;                  ///< dim_M * dim_C PE lines
  Account selectors;              ///< dim_C index selectors
  Account lanes;                  ///< dim_C ports of the input buffer
  Account weight_ports;           ///< MUX1 of each line
  Account rebuild_engines;        ///< of each line
  Account output_port;
  Account decoders;  ///< huffman.decoders
  Account dma;
  DramBytes dram;
  std::array<std::uint64_t, static_cast<std::size_t>(Action::count)> actions{};

  [[nodiscard]] std::uint64_t& operator[](Action action) { return actions[static_cast<std::size_t>(action)]; }
  [[nodiscard]] std::uint64_t operator[](Action action) const { return actions[static_cast<std::size_t>(action)]; }
  bool operator==(const Counters&) const = default;

  /// Every counter by name, for reports of differences.
  [[nodiscard]] std::map<std::string, std::int64_t> flat() const;
};

/// "counter: a != b" of the first counter that differs, or empty.
[[nodiscard]] std::string first_difference(const Counters& a, const Counters& b);

}  // namespace rebasis::sim::smartdeal
