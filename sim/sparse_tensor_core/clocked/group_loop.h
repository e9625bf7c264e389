// The loops over one tile, an operation of the array at a time.
#pragma once

#include <vector>

#include "sim/diannao/clocked/operation.h"
#include "sim/sparse_tensor_core/layer.h"

namespace rebasis::sim::sparse_tensor_core {

/// Channels [channels.first, channels.last), counted over all groups of the convolution, at kernel position (r, s).
struct ChannelGroup {
  std::int64_t r = 0, s = 0;
  Range channels;
  bool inside = false;  ///< the kernel position lies in the map
};

/// A row of operands: the filters of `operation` take these groups. operation.channels counts the kept weights of a
/// filter.
struct RowOperation {
  diannao::Operation operation;
  std::vector<ChannelGroup> groups;
};

/// Order, outermost first: packs of groups, output rows, output columns, blocks of Tn filters, kernel rows, kernel
/// columns, groups of channels. The groups of the last three loops are taken as many at a time as a cycle holds.
class GroupLoop {
 public:
  GroupLoop(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern);
  /// To the first operation of a step.
  void begin(const ConvTile& tile, std::size_t step);
  /// To the next; false when that was the last.
  bool next();
  [[nodiscard]] RowOperation operation() const;

 private:
  void enter_position();
  /// Adds the groups of a kernel position behind the others.
  void take(std::int64_t r, std::int64_t s, bool inside);
  [[nodiscard]] bool in_map(std::int64_t r, std::int64_t s) const;
  [[nodiscard]] const Pack& pack() const { return packs_[pack_]; }
  [[nodiscard]] bool last_filter() const { return filter_ + spec_.Tn >= pack().filters.last; }

  const LayerShape& shape_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
  ConvTile tile_;
  std::size_t step_ = 0;
  std::vector<Pack> packs_;
  std::size_t pack_ = 0, row_ = 0;
  std::int64_t e_ = 0, f_ = 0, filter_ = 0;
  std::vector<std::vector<ChannelGroup>> rows_;  ///< of the output position: what each cycle takes
};

}  // namespace rebasis::sim::sparse_tensor_core
