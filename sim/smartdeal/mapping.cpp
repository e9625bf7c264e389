#include "sim/smartdeal/mapping.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

#include "sim/smartdeal/tiling.h"

namespace rebasis::sim::smartdeal {

namespace {

constexpr std::size_t max_blocks = 1U << 20U;

/// Candidate heights of a block: powers of two and the whole map.
std::vector<std::int64_t> block_heights(std::int64_t rows) {
  std::vector<std::int64_t> heights;
  for (std::int64_t height = 1; height < rows; height *= 2) heights.push_back(height);
  heights.push_back(rows);
  return heights;
}

bool better(const Mapping& a, const Mapping& b, const std::string& objective) {
  const auto key = [&](const Mapping& m) {
    const double bytes = static_cast<double>(m.dram.total());
    return objective == "latency" ? std::tuple(m.estimated_cycles, bytes) : std::tuple(bytes, m.estimated_cycles);
  };
  return key(a) < key(b);
}

void consider(std::optional<Mapping>& best, Mapping&& candidate, const std::string& objective) {
  if (!best || better(candidate, *best, objective)) best = std::move(candidate);
}

/// Tries every order and height for one number of chunks.
void search_chunks(const Tiling& tiling, std::int64_t chunks, std::optional<Mapping>& best) {
  const std::int64_t rows = tiling.layer().shape().E();
  for (const std::int64_t height : block_heights(rows)) {
    if (!tiling.inputs_fit(chunks, height)) break;
    for (const char* order :
         chunks == 1 ? std::vector{"weight-stationary", "input-stationary"} : std::vector{"spill"}) {
      if (tiling.block_count(order, chunks, height) > max_blocks) continue;
      consider(best, tiling.build(order, chunks, height), tiling.spec().objective);
    }
  }
  if (chunks > 1 && tiling.inputs_fit(chunks, 1) && tiling.block_count("restream", chunks, 1) <= max_blocks) {
    consider(best, tiling.build("restream", chunks, 1), tiling.spec().objective);
  }
}

}  // namespace

std::map<std::string, std::string> Mapping::describe() const {
  return {{"loop_order", order},
          {"channel_chunks", std::to_string(chunks)},
          {"units_per_chunk", std::to_string(units_per_chunk)},
          {"output_rows_per_block", std::to_string(rows_per_block)},
          {"output_slots", std::to_string(output_slots)},
          {"blocks", std::to_string(blocks.size())}};
}

Mapping map_layer(LayerData& layer, const arch::SmartDealSpec& spec, const MemorySpeed& memory) {
  const Tiling tiling(layer, spec, memory);
  tiling.check_output_buffer();
  const std::int64_t units = layer.layout.units;
  std::optional<Mapping> best;
  std::int64_t previous = 0;
  for (std::int64_t chunks = 1; chunks <= units; ++chunks) {
    const std::int64_t size = tiling.units_per_chunk(chunks);
    if (size == previous || !tiling.weights_fit(size)) continue;
    previous = size;
    if (chunks > 1) layer.decode_values();
    search_chunks(tiling, ceil_div(units, size), best);
    if (best) return std::move(*best);
  }
  tiling.fail();
}

}  // namespace rebasis::sim::smartdeal
