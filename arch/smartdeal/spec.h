// The SmartDeal accelerator as configured: every parameter resolved and checked.
#pragma once

#include <cstdint>
#include <string>

#include "arch/system_spec.h"

namespace rebasis::arch {

/// Parameters of the SmartDeal accelerator (paper section V-B, Table IX). docs/parameters/smartdeal.md is generated
/// from their declaration in spec.cpp; docs/accelerators/smartdeal.md says what each does to the cycles.
struct SmartDealSpec : SystemSpec {
  std::int64_t precision_bits = 0;  ///< stored width of activations, basis elements and original weights

  std::int64_t dim_M = 0;  ///< PE slices
  std::int64_t dim_C = 0;  ///< PE lines of a slice
  std::int64_t dim_F = 0;  ///< MACs of a line
  std::string slice_sync;  ///< slice | array

  std::int64_t max_kernel = 0;  ///< kernel columns the line FIFO is built for
  std::int64_t fifo_rows = 0;   ///< row segments a line's FIFO holds (2: double buffering)
  std::string mac_sync;         ///< weight | row | lead
  std::int64_t mac_lead = 0;    ///< weights the fastest MAC may be ahead (mac_sync lead)
  bool bit_serial = true;
  std::int64_t accumulator_bits = 0;
  std::int64_t clusters = 0;      ///< MAC clusters of a line for FC and squeeze-and-excite layers
  std::int64_t shift_places = 0;  ///< by which the FIFO's shift path moves in a cycle

  std::int64_t rebuild_engines = 0;  ///< of a line, in ping-pong
  std::int64_t rebuild_terms = 0;    ///< coefficient x basis-row terms an RE adds in a cycle
  std::int64_t row_latches = 0;      ///< coefficient rows a line holds: the one in use and those fetched ahead
  std::int64_t release_latency = 0;  ///< cycles from the start of a row to the fetch into the latch it frees

  std::int64_t input_gb_bytes = 0;
  std::int64_t input_gb_banks = 0;
  double input_gb_factor = 0;         ///< bandwidth over the dense design's
  std::int64_t input_gb_word = 0;     ///< bytes; 0: what input_word_bytes() derives
  std::string input_gb_row_start;     ///< padding | word
  std::string input_gb_columns;       ///< in_order | by_phase
  std::int64_t input_gb_latency = 0;  ///< cycles from a beat's last read to its cycle on the wires
  std::int64_t weight_buffer_bytes = 0;
  std::int64_t weight_buffer_banks = 0;
  double weight_buffer_factor = 0;
  std::int64_t weight_buffer_latency = 0;  ///< cycles from the address to the data
  std::int64_t index_gb_bytes = 0;
  std::int64_t index_gb_banks = 0;
  std::int64_t output_gb_bytes = 0;
  std::int64_t output_gb_banks = 0;
  std::int64_t output_gb_port_bits = 0;
  std::int64_t output_fifo_tiles = 0;
  std::int64_t requantise_stages = 0;

  std::int64_t huffman_decoders = 0;           ///< in front of the slices' weight buffers
  std::int64_t huffman_symbols_per_cycle = 0;  ///< of each
  std::int64_t huffman_start = 0;              ///< cycles before a filter's first
  std::int64_t huffman_table_load = 0;         ///< cycles a layer

  std::int64_t pairs_per_cycle = 0;  ///< pairs an index selector examines in a cycle
  std::string skip_activations;      ///< row | segment | off
  std::string index_window;          ///< word | any
  std::int64_t index_latency = 0;    ///< cycles from a block's start to the first word of its index
  std::int64_t tile_bits = 0;        ///< width of an item's tile number

  [[nodiscard]] std::int64_t element_bytes() const { return precision_bits / 8; }
  /// Activations a line's FIFO holds of one row segment: dim_F + S - 1 (paper Fig. 5).
  [[nodiscard]] std::int64_t fifo_entries() const { return dim_F + max_kernel - 1; }
  /// Bytes an input-buffer lane delivers in a cycle. The dense design feeds dim_F activations for every S = 3 cycles
  /// of a 3x3 layer (paper V-B "Buffer design"); this one has `input_gb_factor` times that.
  [[nodiscard]] std::int64_t lane_bytes() const;
  /// Banks of the input buffer, of a lane, and the bytes of a bank's word.
  [[nodiscard]] std::int64_t input_banks() const;
  [[nodiscard]] std::int64_t lane_banks() const { return input_banks() / dim_C; }
  [[nodiscard]] std::int64_t input_word_bytes() const;
  /// Bytes that an access to the index buffer gives a lane: pairs_per_cycle rows of a bit a slice.
  [[nodiscard]] std::int64_t index_word_bytes() const { return (pairs_per_cycle * dim_M + 7) / 8; }
  /// Tiles by which a selector may be ahead of the slowest slice.
  [[nodiscard]] std::int64_t tiles_ahead() const { return (std::int64_t{1} << tile_bits) - 1; }
  /// Bytes a line's share of its slice's weight port delivers in a cycle. The dense design feeds one weight a cycle.
  [[nodiscard]] std::int64_t line_weight_bytes() const;
  /// Weights by which the fastest MAC of a line may lead the slowest within a row.
  [[nodiscard]] std::int64_t lead() const;
};

[[nodiscard]] const ParameterSet<SmartDealSpec>& smartdeal_parameters();

}  // namespace rebasis::arch
