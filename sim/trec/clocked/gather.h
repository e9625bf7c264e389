// The store of products and the gather: the products of a row's sub-vectors are added to the row's outputs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/diannao/clocked/operation.h"
#include "sim/trec/clocked/accumulators.h"

namespace rebasis::sim::trec {

/// Products of the centroids of a slice with the filters of a step; a bank for each column.
class ProductStore {
 public:
  ProductStore(const arch::TrecSpec& spec, Counters& counters) : spec_(spec), counters_(counters) {}
  void begin(const StepWork& work, std::int64_t first_filter);
  /// `sums`: NFU-2's, of the cycle before.
  void evaluate(const diannao::Stage<std::int64_t>& sums);
  [[nodiscard]] std::int64_t finished() const { return finished_; }
  /// Product of a complete slice with filter `filter` of the step.
  [[nodiscard]] std::int64_t at(std::int64_t slice, std::int64_t column, std::int64_t slot, std::int64_t filter) const;

 private:
  using Half = std::vector<std::vector<std::vector<std::int64_t>>>;  ///< [column][slot][filter]
  const arch::TrecSpec& spec_;
  Counters& counters_;
  std::int64_t first_filter_ = 0, filters_ = 0, finished_ = 0, slice_ = -1;
  std::array<Half, 2> halves_;
};

/// For each row and block of filters, a cycle: slots, products of all columns of the slice, the sum so far.
class Gather {
 public:
  Gather(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters);
  void begin(const StepWork& work);
  /// Decides what is gathered in the next cycle.
  void prepare(const Done& done) { issued_ = operation(done); }
  /// The row and filters whose sums are read in this cycle; not valid when nothing is gathered.
  [[nodiscard]] const diannao::Operation& issued() const { return issued_; }
  /// `held`: NBout's sums for the operation of the cycle before.
  void evaluate(const Done& done, const Accumulators& buckets, const ProductStore& products,
                const diannao::Stage<std::int64_t>& held);
  void commit() { shift(stages_, next_); }
  /// Sums on their way to NBout, or to NFU-3.
  [[nodiscard]] const diannao::Stage<std::int64_t>& result() const { return stages_.back(); }

 private:
  [[nodiscard]] diannao::Operation operation(const Done& done) const;
  void add_up(const diannao::Operation& op, const Accumulators& buckets, const ProductStore& products);

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  Counters& counters_;
  StepWork work_;
  std::int64_t slice_ = 0;  ///< that row and block belong to
  std::int64_t row_ = 0, block_ = 0;
  diannao::Operation issued_;
  std::vector<diannao::Stage<std::int64_t>> stages_;
  diannao::Stage<std::int64_t> next_;
};

}  // namespace rebasis::sim::trec
