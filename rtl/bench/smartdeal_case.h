// Random layers on a small SmartDeal array of one slice, and the model that steps them.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/smartdeal/clocked/huffman_decoders.h"
#include "sim/smartdeal/clocked/input_path.h"
#include "sim/smartdeal/clocked/pe_slice.h"
#include "tests/support/dice.h"

namespace rebasis::sim::smartdeal {

/// Registers of the clocked model.
class RegisterView {
 public:
  // A line.
  struct Row {
    bool coded, rebuilt;
    const std::vector<std::int32_t>* weights;  ///< nullptr: a zero row
  };
  struct Line {
    std::size_t fifo = 0;
    bool active = false, front_complete = false;
    std::int64_t front_step = 0, front_region = -1, front_taps = 0, front_column = 0, front_shift = 0;
    const std::vector<std::int16_t>* front_values = nullptr;
    struct Mac {
      bool busy, waiting;
      int next_digit;
    };
    std::vector<Mac> macs;
    std::vector<std::int64_t> sums;
    std::int64_t pending = 0, held = 0, in_use = 0, row_left = 0, rebuild_left = 0;
    std::vector<Row> rows;  ///< held, oldest first
    std::int64_t basis_left = 0, issued = 0, loaded = 0, entered = 0, requested = 0, completed = 0;
    std::size_t basis_step = 0;
    bool seen = false, basis_idle = false;
  };
  /// As of the end of cycle `now`.
  static Line line(const PeLine& line, Cycle now);
  static const std::vector<PacketPtr>& incoming(const PeLine& line) { return line.incoming_; }
  struct Request {
    bool new_weights = false;
    std::int64_t region = 0, last = 0;
  };
  static std::optional<Request> request(const PeLine& line);
  static std::int64_t entering(const PeLine& line) { return line.entering_; }
  // The slice.
  static std::size_t step(const PeSlice& slice) { return slice.step_; }
  static bool tile_done(const PeSlice& slice) { return slice.tile_done_; }
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

inline constexpr std::int64_t dim_F = 4, max_S = 7;

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
  /// One line.
  [[nodiscard]] std::string in_words() const;
};
/// Kernels of 1, 3, 5 and 7 (and others), strides 1 and 2, any width; compressed or not; also all zeros, all ones and
/// most negative values. No dilation, no clusters.
std::unique_ptr<SmartDealCase> smartdeal_case(test::Dice& dice, std::int64_t dim_C);

/// What enters a line in a cycle, as its ports have it; regions count from 1.
struct LineInputs {
  bool item = false, new_row = false;
  std::int64_t tile = 0, region = 0, taps = 0, column = 0, width = 0;
  bool data = false, data_first = false, data_last = false;
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
  SliceModel(const SmartDealCase& layer, test::Dice& dice);
  [[nodiscard]] bool finished() const;
  /// One cycle up to its end.
  void evaluate();
  /// The clock edge.
  void commit();

  /// Two bytes of the row or basis that line `line` reads in this cycle (rows: by order of announcement).
  [[nodiscard]] std::int64_t row_word(std::size_t line);
  [[nodiscard]] std::int64_t basis_word(std::size_t line);

  // Of the cycle that was evaluated.
  std::vector<LineInputs> inputs;
  std::vector<LineActs> acts;
  std::size_t tile = 0, passed = 0;
  bool hand_over = false, out_pop = false;
  std::optional<std::vector<std::int64_t>> out_sums;  ///< at the head of the output FIFO
  std::vector<char> stalled;                          ///< by lane

  const SmartDealCase& layer;
  sim::smartdeal::Context context;
  sim::smartdeal::Counters counters;
  std::vector<sim::smartdeal::PeSlice> slices;
  sim::smartdeal::InputPath input;
  std::vector<sim::Cycle> started;
  sim::Cycle now = 0;

 private:
  struct Feed {
    std::deque<sim::smartdeal::PacketPtr> segments;  ///< on their way
    std::deque<sim::smartdeal::PacketPtr> rows;      ///< announced, not read
    std::int64_t row_beat = 0, basis_beat = 0;
  };
  void start_blocks();
  void collect_inputs();
  void output();

  test::Dice& dice_;
  double lane_stall_, block_stall_, output_stall_;
  std::vector<Feed> feeds_;
};

}  // namespace rebasis::rtl
