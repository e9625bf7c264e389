// A whole network's weights as one succinct structure (Succinct Compression, sections 4 and 5): the unions of all
// layers one behind the other, in one wavelet tree for the operands and delimiters and one for the values of tuples.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/succinct/ras.h"
#include "workloads/succinct/wavelet_tree.h"

namespace rebasis::succinct {

/// Where a layer's union is in both trees; `begin` is its flag, `end` its border.
struct Union {
  RasType type = RasType::element_dense;
  std::int64_t rows = 0, columns = 0;
  std::uint64_t begin = 0, end = 0, values_begin = 0, values_end = 0;
};

class SuccinctNetwork {
 public:
  /// A RAS type a layer. Throws Error(bad_input) when a matrix is none, or all together exceed a wavelet tree's limits.
  SuccinctNetwork(std::span<const encode::WeightMatrix> layers, std::span<const RasType> types);

  /// Two Selects in each tree find the borders of the layer, an Access its flag (section 5, steps 1 and 2).
  [[nodiscard]] Union locate(std::size_t layer) const;
  /// One weight, without decoding its layer: an Access when the union is dense; else distances are added up from the
  /// delimiter before it, which a Select finds.
  [[nodiscard]] std::int32_t weight(std::size_t layer, std::int64_t row, std::int64_t column) const;

  [[nodiscard]] const WaveletTree& main() const { return main_; }
  [[nodiscard]] const WaveletTree& values() const { return values_; }
  /// Of both trees.
  [[nodiscard]] TreeBytes bytes() const;
  /// The layer's share of the bits of both trees, for tables: its own symbols times their levels.
  [[nodiscard]] std::uint64_t wavelet_bits(std::size_t layer) const { return wavelet_bits_[layer]; }

 private:
  struct Extent {
    std::int64_t rows, columns;
  };
  std::vector<Extent> extents_;  ///< from the network's shapes, stored anyway
  std::vector<std::uint64_t> wavelet_bits_;
  WaveletTree main_, values_;
};

/// The non-zero weights of one filter. Positions count along [C/groups][R][S].
class FilterOperands {
 public:
  /// Makes it empty, with room for a filter of that many weights.
  void start(std::int64_t columns) {
    const auto room = static_cast<std::size_t>(columns) + 1;  // add_unless_zero writes behind the last one, too
    if (positions_.size() < room) {
      positions_.resize(room);
      weights_.resize(room);
    }
    count_ = 0;
  }
  void add(std::uint32_t position, std::int32_t weight) {
    positions_[count_] = position;
    weights_[count_] = weight;
    ++count_;
  }
  /// Without a branch, which zeros at random places would mislead.
  void add_unless_zero(std::uint32_t position, std::int32_t weight) {
    positions_[count_] = position;
    weights_[count_] = weight;
    count_ += weight != 0 ? 1 : 0;
  }
  [[nodiscard]] std::span<const std::uint32_t> positions() const { return std::span(positions_).first(count_); }
  [[nodiscard]] std::span<const std::int32_t> weights() const { return std::span(weights_).first(count_); }

 private:
  std::vector<std::uint32_t> positions_;
  std::vector<std::int32_t> weights_;
  std::size_t count_ = 0;
};

/// Symbols of a tree one after the other: an Access each, or decoded a stretch at a time.
class SymbolStream {
 public:
  /// Symbols from `begin` to `end`. stretch 0: an Access for each symbol.
  SymbolStream(const WaveletTree& tree, std::uint64_t begin, std::uint64_t end, std::size_t stretch)
      : tree_(&tree), next_(begin), end_(end), buffer_(stretch), at_(stretch) {}
  [[nodiscard]] bool done() const { return next_ == end_ && at_ == buffer_.size(); }
  /// The next symbol; not when done().
  Symbol take() {
    if (buffer_.empty()) return tree_->access(next_++);
    if (at_ == buffer_.size()) refill();
    return buffer_[at_++];
  }
  [[nodiscard]] std::uint64_t scratch_bytes() const {
    return buffer_.capacity() * sizeof(Symbol) + (buffer_.empty() ? 0 : scratch_.bytes());
  }

 private:
  void refill();
  const WaveletTree* tree_;
  std::uint64_t next_, end_;
  std::vector<Symbol> buffer_;
  std::size_t at_;
  ReadScratch scratch_;
};

/// The operands of a layer, filter after filter, straight from the structure. Element-wise unions are read by an Access
/// per operand. Block-wise ones are decoded a block, or as many of its symbols as the buffer takes, at a time.
class LayerReader {
 public:
  static constexpr std::size_t stretch = 1024;  ///< symbols

  LayerReader(const SuccinctNetwork& network, std::size_t layer);
  /// The non-zero weights of the next filter.
  void next(FilterOperands& operands);
  [[nodiscard]] const Union& where() const { return union_; }
  [[nodiscard]] std::uint64_t scratch_bytes() const { return main_.scratch_bytes() + values_.scratch_bytes(); }

 private:
  void next_dense(FilterOperands& operands);
  void next_elements(FilterOperands& operands);
  void next_block(FilterOperands& operands);
  void take_distance();

  Union union_;
  SymbolStream main_, values_;
  std::int64_t row_ = 0;
  std::int64_t position_ = -1;  ///< element-wise tuples: of the next non-zero weight in the layer
};

}  // namespace rebasis::succinct
