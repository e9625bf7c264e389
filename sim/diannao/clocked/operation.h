// What the array does in one cycle, and the control word that travels down the pipeline with its data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace rebasis::sim::diannao {

/// Filters [filter, filter + filters) take channels [channel, channel + channels) at kernel position (r, s) of output
/// (e, f). Filters and channels are counted over all groups.
struct Operation {
  bool valid = false;
  std::size_t step = 0;
  std::int64_t filter = 0, filters = 0;
  std::int64_t channel = 0, channels = 0;
  std::int64_t e = 0, f = 0, r = 0, s = 0;
  bool inside = false;                           ///< the kernel position lies in the map
  bool begins_sum = false;                       ///< first of the block's operations in the step
  bool ends_sum = false;                         ///< last of them
  bool first_chunk = false, last_chunk = false;  ///< of the channels; as in ConvTile
  bool ends_step = false;

  /// The block of output neurons whose sums it adds to.
  [[nodiscard]] std::tuple<std::int64_t, std::int64_t, std::int64_t> block() const { return {filter, e, f}; }
};

/// A pipeline register.
template <class Value>
struct Stage {
  Operation operation;
  std::vector<Value> values;
};

/// Shifts a pipeline by one stage; `first` enters.
template <class Value>
void shift(std::vector<Stage<Value>>& stages, Stage<Value>& first) {
  for (std::size_t i = stages.size() - 1; i > 0; --i) std::swap(stages[i], stages[i - 1]);
  std::swap(stages.front(), first);
}

}  // namespace rebasis::sim::diannao
