// Per weight row and slice of a pass: what its fetch and rebuild cost, and sums over the slices.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/smartdeal/spec.h"
#include "sim/smartdeal/layer_data.h"
#include "sim/smartdeal/schedule.h"

namespace rebasis::sim::smartdeal {

/// Sums over the slices that need a row.
struct RowSums {
  std::int32_t lines = 0;    ///< slices with a non-zero row
  std::int32_t filters = 0;  ///< filters with a non-zero row (clusters count)
  std::int32_t fetch_cycles = 0;
  std::int32_t rebuild_cycles = 0;
  std::int32_t nonzeros = 0;  ///< coefficients applied
};

class PassWeights {
 public:
  PassWeights(const LayerData& layer, const arch::SmartDealSpec& spec, const Mode& mode, const PassRange& pass);

  /// Cycles of the line's weight port for row `row` (of the filter) by slice; 0 where the row is zero. [slices]
  [[nodiscard]] const std::uint16_t* fetch(std::int64_t row) const { return fetch_.data() + offset(row); }
  /// Cycles of the RE by slice.
  [[nodiscard]] const std::uint16_t* rebuild(std::int64_t row) const { return rebuild_.data() + offset(row); }
  [[nodiscard]] const RowSums& sums(std::int64_t row) const {
    return sums_[static_cast<std::size_t>(row - first_row_)];
  }
  [[nodiscard]] std::int64_t slices() const { return slices_; }
  /// Basis of a row, counted from the pass's first; bases() of them. 0 bases for original weights.
  [[nodiscard]] std::int64_t basis(std::int64_t row) const {
    return basis_.empty() ? 0 : basis_[static_cast<std::size_t>(row - first_row_)];
  }
  [[nodiscard]] std::int64_t bases() const { return bases_; }
  /// Filters that slice `slice` computes (1, or up to pe.clusters).
  [[nodiscard]] std::int64_t filters_of(std::int64_t slice) const;

 private:
  [[nodiscard]] std::size_t offset(std::int64_t row) const {
    return static_cast<std::size_t>((row - first_row_) * slices_);
  }

  std::int64_t first_row_, slices_, filters_, array_slices_, bases_ = 0;
  std::vector<std::uint16_t> fetch_, rebuild_;
  std::vector<RowSums> sums_;
  std::vector<std::int64_t> basis_;
};

/// Cycles that the line's weight port takes for one basis matrix.
[[nodiscard]] std::int64_t basis_fetch_cycles(const WeightLayout& layout, const arch::SmartDealSpec& spec);
/// Bytes of a weight row as read from the weight buffer.
[[nodiscard]] std::int64_t row_bytes(const WeightLayout& layout, const arch::SmartDealSpec& spec);
/// Stages of the adder tree and the requantisation that an output passes before the output FIFO.
[[nodiscard]] std::int64_t output_latency(const arch::SmartDealSpec& spec);

}  // namespace rebasis::sim::smartdeal
