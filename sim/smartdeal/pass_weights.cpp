#include "sim/smartdeal/pass_weights.h"

#include <algorithm>
#include <bit>

#include "common/units.h"

namespace rebasis::sim::smartdeal {

std::int64_t row_bytes(const WeightLayout& layout, const arch::SmartDealSpec& spec) {
  return layout.compressed ? ceil_div<std::int64_t>(layout.row_bits, 8) : layout.n * spec.element_bytes();
}

std::int64_t basis_fetch_cycles(const WeightLayout& layout, const arch::SmartDealSpec& spec) {
  return ceil_div(layout.basis_bytes * spec.element_bytes(), spec.line_weight_bytes());
}

std::int64_t output_latency(const arch::SmartDealSpec& spec) {
  return std::bit_width(static_cast<std::uint64_t>(spec.dim_C - 1)) + spec.requantise_stages;
}

PassWeights::PassWeights(const LayerData& layer, const arch::SmartDealSpec& spec, const Mode& mode,
                         const PassRange& pass)
    : first_row_(pass.first_unit * layer.layout.rows_per_unit),
      slices_(std::min(mode.slices, pass.filters)),
      filters_(pass.filters),
      array_slices_(mode.slices) {
  const WeightLayout& layout = layer.layout;
  const std::int64_t rows = (pass.last_unit - pass.first_unit) * layout.rows_per_unit;
  const auto cycles = static_cast<std::uint16_t>(ceil_div(row_bytes(layout, spec), spec.line_weight_bytes()));
  fetch_.resize(static_cast<std::size_t>(rows * slices_));
  rebuild_.resize(fetch_.size());
  sums_.resize(static_cast<std::size_t>(rows));
  for (std::int64_t filter = 0; filter < filters_; ++filter) {
    const std::int64_t slice = filter % array_slices_;
    const std::uint8_t* const counts = layer.nonzeros.data() + (pass.first_filter + filter) * layout.rows + first_row_;
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::uint8_t count = counts[row];
      if (count == 0) continue;
      const auto i = static_cast<std::size_t>(row * slices_ + slice);
      RowSums& sum = sums_[static_cast<std::size_t>(row)];
      fetch_[i] = static_cast<std::uint16_t>(fetch_[i] + cycles);  // clusters share the line's port
      const auto rebuild = layout.compressed
                               ? static_cast<std::uint16_t>(ceil_div<std::int64_t>(count, spec.rebuild_terms))
                               : std::uint16_t{0};
      rebuild_[i] = std::max(rebuild_[i], rebuild);  // and rebuild in an RE each
      ++sum.filters;
      sum.fetch_cycles += cycles;
      sum.rebuild_cycles += rebuild;
      sum.nonzeros += count;
    }
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto begin = fetch_.begin() + row * slices_;
    sums_[static_cast<std::size_t>(row)].lines =
        static_cast<std::int32_t>(slices_ - std::count(begin, begin + slices_, std::uint16_t{0}));
  }
  if (!layout.compressed) return;
  const auto first = layout.basis_of_row.begin() + first_row_;
  basis_.assign(first, first + rows);
  for (std::int64_t& basis : basis_) basis -= *first;
  bases_ = basis_.back() + 1;
}

std::int64_t PassWeights::filters_of(std::int64_t slice) const {
  return slice < filters_ ? (filters_ - slice - 1) / array_slices_ + 1 : 0;
}

}  // namespace rebasis::sim::smartdeal
