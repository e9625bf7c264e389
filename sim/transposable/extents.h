// What a tile takes of the buffers and of DRAM, in each pass.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/dma.h"
#include "sim/result.h"
#include "sim/transposable/geometry.h"

namespace rebasis::sim::transposable {

/// Where the weights of a layer begin in DRAM; output gradients in the weight-gradient pass.
inline constexpr std::uint64_t weights_base = std::uint64_t{3} << 36U;

/// Sizes of a pass's tiles. Refers to the job and the spec.
class Extents {
 public:
  Extents(const Job& job, const arch::TransposableSpec& spec) : job_(job), spec_(spec), shape_(job.shape()) {}

  /// The pass as one tile.
  [[nodiscard]] Tile whole() const;
  /// Whether the pass streams operands from the input buffer: not for gradients of biases alone.
  [[nodiscard]] bool streams_inputs() const { return job_.pass != Pass::backward_weight || job_.weight_gradient; }

  /// Bytes of the tile in the input buffer and in the weight buffer; sums of it in the output buffer.
  [[nodiscard]] std::int64_t stream_tile(const Tile& tile) const;
  [[nodiscard]] std::int64_t second_tile(const Tile& tile) const;
  [[nodiscard]] std::int64_t result_elements(const Tile& tile) const;

  /// Bytes in DRAM of each tensor when all its tiles move once, with the halos of tiles of `rows` rows.
  struct Traffic {
    double stream = 0, second = 0, result = 0;
  };
  [[nodiscard]] Traffic traffic(std::int64_t rows) const;

  /// What the DMA moves for them; `address`: of the tile's weights, in the passes that read weights.
  [[nodiscard]] std::vector<Transfer> stream_transfers(const Tile& tile) const;
  [[nodiscard]] std::vector<Transfer> second_transfers(const Tile& tile, std::uint64_t address) const;
  [[nodiscard]] std::vector<Transfer> result_transfers(const Tile& tile) const;
  /// Each tensor once, but for rows of maps that a stride or dilation may leave out.
  [[nodiscard]] DramBytes compulsory() const;

 private:
  [[nodiscard]] std::vector<Transfer> map_transfers(const Tile& tile, bool of_channels, Range rows, std::int64_t height,
                                                    std::int64_t width, std::uint64_t base, TensorClass tensor) const;

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const LayerShape& shape_;
};

}  // namespace rebasis::sim::transposable
