// The compressed activations of a planar tile: for each channel, residue class and PE a block of vectors.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "arch/scnn/spec.h"
#include "sim/core/activations.h"
#include "sim/scnn/geometry.h"

namespace rebasis::sim::scnn {

/// Bits that each PE's IARAM holds of each channel.
class InputBits {
 public:
  InputBits(const Activations& image, const LayerShape& shape, const PlanarTile& tile, const arch::ScnnSpec& spec);
  /// Bytes that the fullest PE needs.
  [[nodiscard]] std::uint64_t largest_pe() const;
  /// Bytes of all PEs of channels [first, last); each PE's share starts at a byte.
  [[nodiscard]] std::uint64_t bytes(Range channels) const;

 private:
  std::int64_t channels_;
  std::size_t pes_;
  std::vector<std::uint64_t> before_;  ///< [PE][channels + 1]
};

/// Calls `visit(h, w, placeholders)` for each non-zero activation of a block in storage order; `placeholders` are
/// stored before it.
template <class Visit>
void visit_block(const Activations& image, std::int64_t channel, std::span<const std::int64_t> rows,
                 std::span<const std::int64_t> columns, const Visit& visit, std::size_t longest_run) {
  std::size_t zeros = 0;
  for (const std::int64_t h : rows) {
    for (const std::int64_t w : columns) {
      if (image.at(channel, h, w) == 0) {
        ++zeros;
        continue;
      }
      visit(h, w, zeros / (longest_run + 1));
      zeros = 0;
    }
  }
}

}  // namespace rebasis::sim::scnn
