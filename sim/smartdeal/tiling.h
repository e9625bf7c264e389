// The pieces of a layer and what each needs of the buffers and of the DRAM; the mapper chooses among them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/units.h"
#include "sim/smartdeal/mapping.h"

namespace rebasis::sim::smartdeal {

/// Input rows in the input buffer.
struct InputWindow {
  std::int64_t last_channel = 0;
  std::int64_t first_row = 0, last_row = 0;
};

class Tiling {
 public:
  Tiling(const LayerData& layer, const arch::SmartDealSpec& spec, const MemorySpeed& memory);

  [[nodiscard]] const LayerData& layer() const { return layer_; }
  [[nodiscard]] const arch::SmartDealSpec& spec() const { return spec_; }

  /// Units of a chunk when the channels are cut in `chunks`: a multiple of dim_C where possible, so that lanes are
  /// even.
  [[nodiscard]] std::int64_t units_per_chunk(std::int64_t chunks) const;
  /// A chunk's weights and index fit twice (the next block's load meanwhile).
  [[nodiscard]] bool weights_fit(std::int64_t units) const;
  /// The input rows of a block of `height` output rows fit twice, or the chunk's whole map fits once.
  [[nodiscard]] bool inputs_fit(std::int64_t chunks, std::int64_t height) const;
  [[nodiscard]] std::size_t block_count(const std::string& order, std::int64_t chunks, std::int64_t height) const;
  [[nodiscard]] Mapping build(const std::string& order, std::int64_t chunks, std::int64_t height) const;
  /// Throws Error(infeasible) when not even one tile group fits.
  void check_output_buffer() const;
  [[noreturn]] void fail() const;

 private:
  struct Builder;
  /// DRAM bytes of a pass's weights.
  struct WeightLoad {
    std::uint64_t weights = 0, basis = 0, index = 0, symbols = 0;
    std::uint64_t codes = 0;  ///< of `weights`
    std::shared_ptr<const std::vector<CodedFilter>> coded;
    std::uint64_t buffer = 0, index_buffer = 0;  ///< bytes in the slices' weight buffers and in the index buffer
  };
  [[nodiscard]] const WeightLoad& weight_load(std::int64_t pass_index, const PassRange& pass) const;
  void finish(Mapping& mapping) const;
  /// Estimated cycles of a block once its data is there.
  [[nodiscard]] double work_cycles(const Block& block) const;
  [[nodiscard]] bool whole_input_fits(std::int64_t chunks) const;
  [[nodiscard]] std::int64_t pass_count() const;
  [[nodiscard]] PassRange pass_at(std::int64_t index) const;
  /// Of the input buffer for a row of these units' channels: each lane keeps its own channels in its own banks, so the
  /// lane with most of them counts for all, and a row takes whole accesses.
  [[nodiscard]] std::uint64_t input_row_bytes(std::int64_t units) const;
  [[nodiscard]] std::int64_t max_window_rows(std::int64_t height) const;
  [[nodiscard]] std::int64_t channels_of(std::int64_t units) const;
  [[nodiscard]] std::uint64_t index_bytes(std::int64_t units) const;
  [[nodiscard]] std::uint64_t filter_buffer_bytes(std::int64_t first_unit, std::int64_t last_unit) const;

  const LayerData& layer_;
  const arch::SmartDealSpec& spec_;
  Mode mode_;
  MemorySpeed memory_;
  /// By pass and units: every candidate mapping asks for the same ones.
  mutable std::map<std::array<std::int64_t, 3>, WeightLoad> weight_loads_;
  std::vector<bool> row_used_;  ///< input rows that some output row reads
};

}  // namespace rebasis::sim::smartdeal
