// After a group of filters: halo sums go to the PEs that own their outputs, then the PPUs finish the outputs. How long
// it takes and what moves depends on the geometry alone. docs/accelerators/scnn.md, "Halos and PPU".
#pragma once

#include <cstdint>
#include <vector>

#include "arch/scnn/spec.h"
#include "sim/scnn/counters.h"
#include "sim/scnn/geometry.h"

namespace rebasis::sim::scnn {

struct Drain {
  Cycle cycles = 0;
  std::uint64_t halo_sums = 0;  ///< over links
  std::uint64_t outputs = 0;    ///< finished
  void count(Counters& counters, const arch::ScnnSpec& spec) const;
};

/// Of a tile and `filters` filters that all PEs have.
[[nodiscard]] Drain drain_of(const PlanarTile& tile, std::int64_t filters, const arch::ScnnSpec& spec);
/// Of a fully-connected layer: each PE has outputs of its own, at most `largest`.
[[nodiscard]] Drain drain_of_lanes(std::int64_t filters, std::int64_t largest, const arch::ScnnSpec& spec);

}  // namespace rebasis::sim::scnn
