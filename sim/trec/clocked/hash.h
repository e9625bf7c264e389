// NBin and the hash lanes: sub-vectors of the im2row matrix in beats, and their hash bits.
#pragma once

#include <vector>

#include "sim/trec/clocked/slices.h"
#include "sim/trec/counters.h"

namespace rebasis::sim::trec {

/// What the hash lanes get in a cycle: elements of one sub-vector, or whole sub-vectors of columns side by side.
struct Beat {
  bool valid = false, last = false;  ///< last: of its sub-vectors
  std::int64_t row = 0;              ///< of the tile's im2row matrix
  Range columns;
  std::int64_t pass = 0, piece = 0;
  std::vector<std::int32_t> elements;
};

/// Sub-vectors with their buckets.
struct Hashed {
  bool valid = false;
  std::int64_t row = 0;
  Range columns;
  std::vector<std::vector<std::int32_t>> elements;  ///< of each column
  std::vector<std::uint32_t> buckets;
};

/// Walks the im2row matrix of a slice, row by row, and reads a beat a cycle from NBin, or from the window when the
/// sub-vectors pass the lanes again.
class BeatReader {
 public:
  BeatReader(const ReuseLayer& layer, const arch::TrecSpec& spec, const Activations& image, Counters& counters);
  void begin(const StepWork& work);
  /// `started`: sub-vectors of the slice that have left the window, as of the end of the cycle before.
  void evaluate(const Done& done, std::int64_t started);
  void commit() { std::swap(shown_, next_); }
  [[nodiscard]] const Beat& shown() const { return shown_; }

 private:
  void enter_slice(std::int64_t slice);
  void read(Beat& beat);
  void step();
  void charge(Cause cause);
  [[nodiscard]] Range pack() const;
  [[nodiscard]] std::int64_t elements_of(const Range& columns) const;

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  const Activations& image_;
  Counters& counters_;
  std::int64_t passes_, depth_;
  StepWork work_;
  std::int64_t slice_ = -1;
  Range columns_;
  std::int64_t row_ = 0, rows_ = 0, column_ = 0, pass_ = 0, piece_ = 0;
  std::int64_t packs_ = 0;            ///< begun in this slice
  std::vector<std::int32_t> window_;  ///< elements of the sub-vectors in progress
  Beat shown_, next_;
};

/// H integer dot products, `hash.lanes` at a time.
class HashLanes {
 public:
  HashLanes(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters);
  void begin() { held_pass_ = -1; }
  void evaluate(const Beat& beat);
  void commit();
  [[nodiscard]] const Hashed& shown() const { return stages_.back(); }

 private:
  void multiply(const Beat& beat);
  void read_vectors(const Beat& beat);

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  Counters& counters_;
  std::int64_t held_pass_ = -1, held_piece_ = -1;  ///< row of the hash vectors in the lanes' registers
  std::vector<std::vector<std::int64_t>> sums_;    ///< [column][hash] of the sub-vectors in progress
  Hashed in_progress_, next_;
  std::vector<Hashed> stages_;
};

}  // namespace rebasis::sim::trec
