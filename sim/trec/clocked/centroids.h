// Dividers, which make centroids of sums, and the reader that sends centroids and weights into the array.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "sim/diannao/clocked/operation.h"
#include "sim/trec/clocked/accumulators.h"

namespace rebasis::sim::trec {

/// Elements of the centroids of a slice, by column and slot.
using Centroids = std::vector<std::vector<std::vector<std::int32_t>>>;

/// Mean of each bucket's members, `mean.dividers` elements a cycle, rounded to the nearest integer, halves away from
/// zero.
class Dividers {
 public:
  Dividers(const arch::TrecSpec& spec, Counters& counters) : spec_(spec), counters_(counters) {}
  void begin(const StepWork& work);
  void evaluate(const Done& done, const Accumulators& buckets, Cycle now);
  [[nodiscard]] std::int64_t finished() const { return finished_; }
  [[nodiscard]] const Centroids& centroids(std::int64_t slice) const {
    return halves_[static_cast<std::size_t>(slice % 2)];
  }

 private:
  struct Quotients {
    std::size_t column = 0, slot = 0, first = 0;
    std::vector<std::int32_t> values;
    Cycle written = 0;
  };
  Cause work(const BucketSums& sums, Cycle now);
  void divide(const BucketSums::Bucket& bucket, Cycle now);

  const arch::TrecSpec& spec_;
  Counters& counters_;
  StepWork work_;
  std::int64_t slice_ = -1, finished_ = 0;
  std::size_t column_ = 0, slot_ = 0, element_ = 0;
  std::deque<Quotients> pipeline_;
  std::array<Centroids, 2> halves_;
};

/// Reads a piece of a centroid and the weights of a block of filters each cycle. The operation's `e` is the column in
/// the slice, `f` the slot, `step` the slice.
class CentroidReader {
 public:
  CentroidReader(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters);
  void begin(const StepWork& work);
  void evaluate(const Done& done, const Dividers& dividers);
  void commit() {
    std::swap(neurons_, next_neurons_);
    std::swap(synapses_, next_synapses_);
  }
  [[nodiscard]] const diannao::Stage<std::int32_t>& neurons() const { return neurons_; }
  [[nodiscard]] const diannao::Stage<std::int32_t>& synapses() const { return synapses_; }

 private:
  [[nodiscard]] diannao::Operation operation(const Centroids& centroids) const;
  void read(const diannao::Operation& op, const Centroids& centroids);
  void step(const Centroids& centroids);
  void charge(const diannao::Operation& op);
  void charge(Cause cause);

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  Counters& counters_;
  StepWork work_;
  std::int64_t slice_ = -1;
  Range columns_;
  std::int64_t column_ = 0, block_ = 0, slot_ = 0, piece_ = 0;
  bool row_held_ = false;  ///< SB's register holds the weights of this column and block
  diannao::Stage<std::int32_t> neurons_, next_neurons_, synapses_, next_synapses_;
};

}  // namespace rebasis::sim::trec
