// Cutting the plane of a layer into planar tiles that fit the PEs' buffers.
#pragma once

#include <cstdint>
#include <vector>

#include "arch/scnn/spec.h"
#include "sim/core/activations.h"
#include "sim/core/dense_layer.h"
#include "sim/scnn/geometry.h"

namespace rebasis::sim::scnn {

/// Largest extents of what a PE accumulates and finishes.
struct PlaneExtent {
  std::int64_t rows = 1, columns = 1;          ///< accumulated
  std::int64_t own_rows = 1, own_columns = 1;  ///< finished
};
[[nodiscard]] PlaneExtent extent_of(const std::vector<PlanarTile>& tiles);

/// Filters that a PE can have in work on the plane: their sums fit the accumulators, their results, whatever the
/// values, a bank of the OARAM. 0: none.
[[nodiscard]] std::int64_t filters_that_fit(const PlaneExtent& plane, const arch::ScnnSpec& spec);

/// 1, 2, 3, 4, 6, 9 ... and `whole`: numbers of parts to try.
[[nodiscard]] std::vector<std::int64_t> part_counts(std::int64_t whole);

struct PlaneCut {
  std::vector<PlanarTile> tiles;
  std::int64_t input_banks = 1;  ///< tiles that the IARAMs hold at once
};
/// As few tiles as fit, for every image. Throws Error(infeasible) that names the layer, the buffer and what it would
/// need.
[[nodiscard]] PlaneCut cut_plane(const DenseLayer& layer, const std::vector<Activations>& images,
                                 const arch::ScnnSpec& spec);

}  // namespace rebasis::sim::scnn
