// The loops of DianNao's code over one tile, an operation at a time.
#pragma once

#include <utility>
#include <vector>

#include "sim/diannao/clocked/operation.h"
#include "sim/diannao/layer.h"

namespace rebasis::sim::diannao {

/// Order, outermost first: packs of groups, output rows, output columns, blocks of Tn filters, kernel rows, kernel
/// columns, chunks of Ti channels (DianNao, tiled loop of the convolutional layer).
class TileLoop {
 public:
  TileLoop(const LayerShape& shape, const arch::DianNaoSpec& spec);
  /// To the first operation of a step.
  void begin(const ConvTile& tile, std::size_t step);
  /// To the next; false when that was the last.
  bool next();
  [[nodiscard]] Operation operation() const;

 private:
  void enter_position();
  [[nodiscard]] bool last_channel() const { return channel_ + spec_.Ti >= packs_[pack_].channels.last; }
  [[nodiscard]] bool last_filter() const { return filter_ + spec_.Tn >= packs_[pack_].filters.last; }
  [[nodiscard]] bool in_map(std::int64_t r, std::int64_t s) const;

  const LayerShape& shape_;
  const arch::DianNaoSpec& spec_;
  ConvTile tile_;
  std::size_t step_ = 0;
  std::vector<Pack> packs_;
  std::size_t pack_ = 0, kernel_ = 0;
  std::int64_t e_ = 0, f_ = 0, filter_ = 0, channel_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> kernel_positions_;  ///< (r, s) that take a cycle at (e, f)
};

}  // namespace rebasis::sim::diannao
