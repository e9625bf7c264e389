// What the mapper chooses: sizes of a tile and the order of the loops over tiles.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/transposable/job.h"

namespace rebasis::sim::transposable {

enum Loop : std::size_t { filters, channels, space, loops };

/// Sizes of a tile.
struct Sizes {
  std::int64_t groups = 1, filters = 1, channels = 1, images = 1, rows = 1;
};

struct Choice {
  Sizes size;
  std::array<Loop, loops> order{};
  std::uint64_t traffic = 0;
  double time = 0;
};

/// What a tensor of the pass is indexed by, besides groups.
struct Tensors {
  std::vector<Loop> stream, second, result;
  Loop reduction;
};

inline Tensors tensors_of(Pass pass) {
  if (pass == Pass::forward) return {{channels, space}, {filters, channels}, {filters, space}, channels};
  if (pass == Pass::backward_data) return {{filters, space}, {filters, channels}, {channels, space}, filters};
  return {{channels, space}, {filters, space}, {filters, channels}, space};
}

/// Printable.
inline std::map<std::string, std::string> describe(const Choice& choice, std::size_t steps) {
  static const char* const names[] = {"filters", "channels", "space"};
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  return {{"loop_order",
           std::string(names[choice.order[0]]) + ", " + names[choice.order[1]] + ", " + names[choice.order[2]]},
          {"tile_groups", text(choice.size.groups)},
          {"tile_filters", text(choice.size.filters)},
          {"tile_channels", text(choice.size.channels)},
          {"tile_images", text(choice.size.images)},
          {"tile_rows", text(choice.size.rows)},
          {"steps", std::to_string(steps)}};
}

/// Powers of two times `granule` below the whole, and the whole.
inline std::vector<std::int64_t> sizes_of(std::int64_t whole, std::int64_t granule) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = granule; size < whole; size *= 2) sizes.push_back(size);
  sizes.push_back(whole);
  return sizes;
}

}  // namespace rebasis::sim::transposable
