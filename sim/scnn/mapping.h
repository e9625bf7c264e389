// How a layer is cut for SCNN: planar tiles that fit the IARAMs, groups of filters whose sums fit the accumulators,
// chunks of channels whose weights fit the staging buffer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/activations.h"
#include "sim/core/layer_plan.h"
#include "sim/scnn/geometry.h"
#include "sim/scnn/inputs.h"
#include "sim/scnn/weights.h"

namespace rebasis::sim::scnn {

/// Address of a partial sum in the accumulators of a PE: filter * k + row * e + column * f, all from the PE's first.
/// The bank is the address modulo the banks, the entry the quotient.
struct AccumulatorLayout {
  std::int64_t filter = 1, row = 1, column = 1;
  bool operator==(const AccumulatorLayout&) const = default;
};

/// A group of filters: their sums are in the accumulators at the same time.
struct FilterGroup {
  Range filters;
  std::vector<WeightStream> lanes;  ///< one that all PEs receive; for FC layers one a PE
  Range channels;
  /// Channels of a chunk.
  [[nodiscard]] Range chunk(std::int64_t index, std::int64_t chunks) const {
    const std::int64_t n = channels.size();
    return {channels.first + n * index / chunks, channels.first + n * (index + 1) / chunks};
  }
};

struct Mapping {
  bool fully_connected = false;
  std::vector<PlanarTile> tiles;
  std::int64_t input_banks = 1;  ///< planar tiles in the IARAMs at once
  std::vector<FilterGroup> groups;
  std::int64_t chunks = 1;        ///< of the channels of each group
  bool weights_resident = false;  ///< all weights fit the staging buffer: they are loaded once
  AccumulatorLayout layout;
  double output_density = 1;
  [[nodiscard]] std::map<std::string, std::string> describe() const;
  /// SHA-256 of all that a run takes from the mapping. Slices, streams of weights and transfers follow from it, the
  /// layer, the image and the parameters that are not mapping_only.
  [[nodiscard]] std::string identity() const;
};

/// What a chunk of a group takes in DRAM and in the staging buffer.
struct ChunkBytes {
  std::uint64_t weights = 0, index = 0;
  [[nodiscard]] std::uint64_t total() const { return weights + index; }
};
[[nodiscard]] ChunkBytes chunk_bytes(const FilterGroup& group, Range channels, bool first, const DenseLayer& layer,
                                     const arch::ScnnSpec& spec);

/// Bytes of a group's results of a tile, as they are stored.
[[nodiscard]] std::uint64_t result_bytes(const PlanarTile& tile, const FilterGroup& group, const Mapping& mapping,
                                         const arch::ScnnSpec& spec);

/// Maps the layer so that every one of `images` fits. `output_density` of the results, when it is known. Throws
/// Error(infeasible) that names the layer, the buffer and what it would need.
[[nodiscard]] Mapping map_layer(const DenseLayer& layer, const std::vector<Activations>& images,
                                std::optional<double> output_density, const arch::ScnnSpec& spec);

}  // namespace rebasis::sim::scnn
