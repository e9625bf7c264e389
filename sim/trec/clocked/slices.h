// The slices of a step on their way through the four stages: what the blocks of the reuse pipeline see of each other.
#pragma once

#include "sim/trec/mapping.h"

namespace rebasis::sim::trec {

/// Slices that each stage is done with, as of the end of the cycle before.
struct Done {
  std::int64_t hash = 0, mean = 0, product = 0, gather = 0;
  bool operator==(const Done&) const = default;
};

/// A step as its blocks see it. Between stages lies a memory of two halves; the slots of sub-vectors stay until the
/// gather has used them.
struct StepWork {
  ConvTile tile;
  Range columns;
  std::int64_t slice = 1;        ///< columns of a slice
  std::int64_t last_column = 0;  ///< of the layer, plus one

  [[nodiscard]] std::int64_t slices() const { return ceil_div(columns.size(), slice); }
  [[nodiscard]] Range columns_of(std::int64_t number) const {
    const std::int64_t first = columns.first + number * slice;
    return {first, std::min(first + slice, columns.last)};
  }
  /// The slice is the first, the last, of all that its outputs are made of.
  [[nodiscard]] bool first(std::int64_t number) const { return columns_of(number).first == 0; }
  [[nodiscard]] bool final(std::int64_t number) const { return columns_of(number).last == last_column; }

  // Whether a stage may work on the slice behind those it is done with.
  [[nodiscard]] bool may_hash(const Done& done) const {
    return done.hash < slices() && done.hash - done.mean < 2 && done.hash - done.gather < arch::TrecSpec::id_banks;
  }
  [[nodiscard]] bool may_divide(const Done& done) const {
    return done.hash > done.mean && done.mean - done.product < 2;
  }
  [[nodiscard]] bool may_multiply(const Done& done) const {
    return done.mean > done.product && done.product - done.gather < 2;
  }
  [[nodiscard]] bool may_gather(const Done& done) const { return done.product > done.gather; }
};

/// Why a stage does not begin its next slice: its data are not there, or the memory behind it is full; at the end of a
/// step it waits for the others.
[[nodiscard]] inline Cause wait_cause(std::int64_t done, std::int64_t before, std::int64_t slices) {
  if (done == slices) return Cause::fill_drain;
  return before > done ? Cause::output : Cause::inputs;
}

}  // namespace rebasis::sim::trec
