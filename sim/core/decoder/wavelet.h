// A wavelet tree of one chunk, shaped by the layer's code, as it lies in the decoder's memory. Level by level, the bits
// of a node are the next bits of the codewords of its symbols, in the order of the string.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "workloads/encode/bit_stream.h"

namespace rebasis::sim {

/// Canonical codewords, first bit highest: where the walk from the root goes.
class TreeShape {
 public:
  explicit TreeShape(std::span<const std::uint8_t> lengths);
  [[nodiscard]] std::uint32_t word(std::size_t symbol) const { return words_[symbol]; }
  [[nodiscard]] int depth(std::size_t symbol) const { return lengths_[symbol]; }
  /// Symbol of the leaf that `bits` bits lead to.
  [[nodiscard]] std::optional<std::size_t> leaf(int bits, std::uint32_t path) const;

 private:
  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint32_t> words_;
  std::map<std::pair<int, std::uint32_t>, std::size_t> leaves_;
};

/// Appends the tree of a string of symbols.
void write_tree(const TreeShape& shape, std::span<const std::size_t> symbols, encode::BitWriter& out);

class WaveletTree {
 public:
  /// Reads the tree of `symbols` symbols; counts ones as they come, which tells where the nodes below begin.
  WaveletTree(const TreeShape& shape, encode::BitReader& in, std::size_t symbols);

  /// A walk from the root to a leaf, a level a step.
  struct Walk {
    std::size_t node = 0, position = 0;
    std::optional<std::size_t> symbol;
  };
  [[nodiscard]] Walk begin(std::size_t position) const { return {0, position, {}}; }
  /// Access: the next level by the rank of the bit.
  void step(Walk& walk) const;
  /// The next level at the node's cursor: symbols of the string that pass it one after the other.
  void step_in_order(Walk& walk);

 private:
  static constexpr std::size_t none = SIZE_MAX;
  struct Node {
    int depth = 0;
    std::uint32_t path = 0;
    std::size_t first = 0, size = 0;  ///< bits
    std::size_t ones_before = 0;      ///< in the level's bits
    std::array<std::size_t, 2> child{none, none};
    std::size_t cursor = 0;
  };
  [[nodiscard]] bool bit(std::size_t at) const { return ((words_[at / 64] >> (at % 64)) & 1U) != 0; }
  [[nodiscard]] std::size_t rank(std::size_t at) const;
  void descend(Walk& walk, bool one) const;

  const TreeShape& shape_;
  std::vector<Node> nodes_;
  std::vector<std::uint64_t> words_;
  std::vector<std::size_t> samples_;  ///< ones before each word
};

}  // namespace rebasis::sim
