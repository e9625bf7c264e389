// Layers, random or of a trace, on a small SmartDeal array of one slice, and the model that steps them.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/smartdeal/clocked/huffman_decoders.h"
#include "sim/smartdeal/clocked/input_path.h"
#include "sim/smartdeal/clocked/pe_slice.h"
#include "sim/smartdeal/requantise.h"
#include "tests/support/dice.h"

namespace rebasis::sim::smartdeal {

/// Registers of the clocked model.
class RegisterView {
 public:
  // A line.
  struct Row {
    bool coded, rebuilt;
    const std::vector<std::vector<std::int32_t>>* weights;  ///< by filter; empty for a zero row
  };
  struct Line {
    std::size_t fifo = 0;
    bool active = false, front_complete = false;
    std::int64_t front_step = 0, front_region = -1, front_tap = 0, front_shift = 0;
    const std::vector<std::int16_t>* front_values = nullptr;
    struct Mac {
      bool busy, waiting;
      int next_digit;
      std::int64_t tap;
      int value;  ///< of the tap in progress
    };
    std::vector<Mac> macs;
    std::vector<std::int64_t> sums;
    std::int64_t pending = 0, held = 0, in_use = 0, row_left = 0, rebuild_left = 0;
    std::vector<Row> rows;  ///< held, oldest first
    std::int64_t basis_left = 0, issued = 0, loaded = 0, entered = 0, requested = 0, completed = 0;
    std::size_t basis_step = 0;
    std::int64_t filters = 0;         ///< of the step whose bases are fetched
    std::vector<char> in_use_filled;  ///< by filter: its row in use is not zero
    bool seen = false, basis_idle = false;
  };
  /// As of the end of cycle `now`.
  static Line line(const PeLine& line, Cycle now);
  static const std::vector<PacketPtr>& incoming(const PeLine& line) { return line.incoming_; }
  struct Request {
    bool new_weights = false;
    std::int64_t region = 0, last = 0, filters = 0;
  };
  static std::optional<Request> request(const PeLine& line);
  static std::int64_t entering(const PeLine& line) { return line.entering_; }
  // The slice.
  static std::size_t step(const PeSlice& slice) { return slice.step_; }
  static bool local_done(const PeSlice& slice) { return slice.local_done_; }
  static std::int64_t occupied(const PeSlice& slice) { return slice.handed_ - slice.drained_; }
  // A lane's selector.
  struct Selector {
    std::size_t tile = 0, position = 0, length = 0;
    bool selected = false, listed = false;
  };
  static Selector selector(const InputPath& input, std::size_t lane);
  /// Sends that the lane has made, to line 0 .. of slice 0.
  static std::int64_t sent(const InputPath& input, std::size_t lane);
  /// The lane's pairs of a tile.
  static std::vector<Candidate> pairs(const InputPath& input, std::size_t lane, std::size_t step);
  /// Are the pair's coefficient row (of slice 0) and its activations non-zero?
  static bool coefficient_bit(const InputPath& input, std::size_t step, const Candidate& pair);
  static bool activation_bit(const InputPath& input, std::size_t step, const Candidate& pair);
  // A lane's port.
  struct Port {
    std::optional<Candidate> selected;  ///< waits for its grant in cycle `now`
    bool busy = false;
    bool basis_ready = false;  ///< of the selected pair
    std::size_t tile = 0;
  };
  static Port port(const InputPath& input, std::size_t lane, Cycle now);
  // The first Huffman decoder.
  struct Decoder {
    bool busy = false;  ///< with a filter
    std::int64_t table_left = 0;
    std::int64_t next_symbol = -1;
    std::uint64_t symbols = 0;  ///< decoded
  };
  static Decoder decoder(const HuffmanDecoders& decoders);
  static const std::vector<std::uint8_t>& codes(const HuffmanDecoders& decoders) {
    return decoders.decoders_.front().codes;
  }
  static bool all_done(const HuffmanDecoders& decoders) { return decoders.decoders_.front().todo.empty(); }
};

}  // namespace rebasis::sim::smartdeal

namespace rebasis::rtl {

/// Parameters of the circuit that the bench compares; rtl/CMakeLists.txt gives them to Verilator.
struct Instance {
  std::int64_t dim_F = 4, max_S = 7, precision = 8, fifo_rows = 2, shift_places = 1, lead = 0, clusters = 2,
               latches = 2, engines = 2, terms = 1, read_latency = 1, release_latency = 1;
  std::size_t weight_bits = 18, tile_bits = 9, region_bits = 8;
};
#if defined(RTL_LEAD) && RTL_LEAD == 6  // pe.mac_sync row, 16 bits, more of everything
inline constexpr Instance instance{.precision = 16,
                                   .fifo_rows = 3,
                                   .lead = 6,
                                   .latches = 3,
                                   .engines = 4,
                                   .terms = 2,
                                   .read_latency = 3,
                                   .release_latency = 0,
                                   .weight_bits = 26};
#elif defined(RTL_LEAD)          // pe.mac_sync lead, less of everything
inline constexpr Instance instance{.lead = 1, .clusters = 1, .engines = 1, .read_latency = 0};
#elif defined(RTL_SHIFT_PLACES)  // two places a cycle, deeper FIFO
inline constexpr Instance instance{.fifo_rows = 4, .shift_places = 2, .latches = 4, .terms = 3, .read_latency = 2};
#else
inline constexpr Instance instance{};
#endif
inline constexpr std::int64_t dim_F = instance.dim_F, max_S = instance.max_S;

/// A layer, its activations and its mapping.
struct SmartDealCase {
  sim::smartdeal::LayerData layer;
  std::vector<std::uint8_t> values;
  bool is_signed = false;
  arch::SmartDealSpec spec;
  std::optional<sim::Activations> image;
  sim::smartdeal::Mapping mapping;
  std::optional<sim::smartdeal::CostTable> costs;
  std::optional<sim::smartdeal::LayerJob> job;
  std::vector<sim::smartdeal::Requantisation> scales;  ///< by filter
  /// One line.
  [[nodiscard]] std::string in_words() const;
};
/// `lanes`: strides 1 and 2, no dilation, clusters or chunks; `lines`: with them, and layers of many tiles.
enum class Variety { lanes, lines };
/// Kernels of 1, 3, 5 and 7 (and others), any width; compressed or not; also all zeros, all ones and most negative
/// values.
std::unique_ptr<SmartDealCase> smartdeal_case(test::Dice& dice, std::int64_t dim_C, Variety variety = Variety::lanes);
/// Layer `info` of a trace with its real activations. Throws Error(infeasible) for one that the array does not take.
std::unique_ptr<SmartDealCase> trace_case(const trace::TraceReader& trace, const trace::LayerInfo& info,
                                          std::int64_t image, std::int64_t dim_C);
/// Integer convolution.
std::vector<std::int64_t> reference(const SmartDealCase& layer);

/// What enters a line in a cycle, as its ports have it; regions count from 1.
struct LineInputs {
  bool item = false, new_row = false;
  std::int64_t tile = 0, region = 0, taps = 0, column = 0, width = 0, filters = 0;
  bool data = false, data_last = false;
  std::vector<std::uint8_t> bytes;
  std::optional<sim::smartdeal::RegisterView::Request> request;
  std::int64_t entering = 0;  ///< 0: none
};
/// What a line does in a cycle.
struct LineActs {
  bool row_read = false, basis_read = false, completing = false, working = false, finished = false;
};

/// The model of a slice and its lanes with random stalls of lanes, blocks and the output port.
class SliceModel {
 public:
  /// `stalls`: of lanes, blocks, output port and other slices.
  SliceModel(const SmartDealCase& layer, test::Dice& dice, bool stalls = true);
  [[nodiscard]] bool finished() const;
  /// One cycle up to its end.
  void evaluate();
  /// The clock edge.
  void commit();

  /// What the weight buffer's port of line `line` has for it in the cycle that was evaluated.
  [[nodiscard]] std::int64_t weight_word(std::size_t line);
  /// Sums of line `line` with those that wait for the next chunk.
  [[nodiscard]] std::vector<std::int64_t> sums(std::size_t line) const;
  /// Filters that the slice computes in tile `step`.
  [[nodiscard]] std::vector<std::int64_t> filters(std::size_t step) const { return context.filters(step, 0); }

  // Of the cycle that was evaluated.
  std::vector<LineInputs> inputs;
  std::vector<LineActs> acts;
  std::size_t tile = 0, passed = 0, all_done = 0;
  bool hand_over = false, out_pop = false;
  bool emits = false, final_sums = false;          ///< of the tile
  std::optional<sim::smartdeal::SliceOutput> out;  ///< at the head of the output FIFO
  std::vector<char> stalled;                       ///< by lane

  const SmartDealCase& layer;
  sim::smartdeal::Context context;
  sim::smartdeal::Counters counters;
  std::vector<sim::smartdeal::PeSlice> slices;
  sim::smartdeal::InputPath input;
  std::vector<sim::Cycle> started;
  sim::Cycle now = 0;

 private:
  struct Feed {
    std::deque<sim::smartdeal::PacketPtr> packets;  ///< whose segments are arriving
    std::deque<sim::smartdeal::PacketPtr> rows;     ///< announced, not read
    std::size_t row_filter = 0, basis_filter = 0;
    std::int64_t row_beat = 0, basis_beat = 0, basis_region = -1;
    std::deque<std::int64_t> words;  ///< read, on the way
    std::vector<std::int64_t> carried;
  };
  void collect_line(LineInputs& in, Feed& feed, const sim::smartdeal::PeLine& line);
  [[nodiscard]] std::int64_t row_word(Feed& feed);
  [[nodiscard]] std::int64_t basis_word(std::size_t line);
  void start_blocks();
  void collect_inputs();
  void output();

  test::Dice& dice_;
  double lane_stall_, block_stall_, output_stall_, sync_stall_;
  std::vector<Feed> feeds_;
};

}  // namespace rebasis::rtl
