// A Huffman-shaped wavelet tree over integers: Access, Rank and Select on the compressed sequence (Grossi et al. 2003;
// Navarro 2014), and Read, which decodes a stretch at once.
//
// The bits and their rank support are sdsl's. The shape is a canonical Huffman code, whose nodes are numbered level by
// level with the leaves of a level first, so that no node stores pointers: sdsl's own wt_huff needs some 80 bytes a
// symbol for them, more than the bits of a small pruned network (docs/succinct.md has the measurements).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rebasis::succinct {

using Symbol = std::uint32_t;

/// Bytes of a tree, as they are in memory during queries.
struct TreeBytes {
  std::uint64_t wavelet = 0;  ///< the bits of all nodes
  std::uint64_t rank = 0;     ///< rank support of these bits
  std::uint64_t tables = 0;   ///< symbols, code lengths, two words a node
  [[nodiscard]] std::uint64_t total() const { return wavelet + rank + tables; }
  TreeBytes& operator+=(const TreeBytes& other);
};

/// Buffers of Read, kept between calls.
class ReadScratch {
 public:
  [[nodiscard]] std::uint64_t bytes() const { return (slots_.capacity() + right_.capacity()) * sizeof(std::uint32_t); }

 private:
  friend class WaveletTree;
  std::vector<std::uint32_t> slots_, right_;
};

class WaveletTree {
 public:
  static constexpr int max_depth = 32;

  WaveletTree();
  /// Fails with Error(bad_input) above 2^28 elements or when the nodes' bits exceed 2^32.
  explicit WaveletTree(std::span<const Symbol> sequence);
  /// From its parts: `symbols` in canonical order (by code length, then value), how many of each length, and the bits
  /// of the nodes, level by level. Fails with Error(bad_input) when these are no wavelet tree of `size` elements.
  WaveletTree(std::uint64_t size, std::vector<Symbol> symbols, std::span<const std::uint32_t> symbols_of_length,
              std::span<const std::uint64_t> words, std::uint64_t bits);
  ~WaveletTree();
  WaveletTree(WaveletTree&&) noexcept;
  WaveletTree& operator=(WaveletTree&&) noexcept;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Distinct symbols.
  [[nodiscard]] std::uint64_t alphabet() const { return symbols_.size(); }
  /// The symbol at position i < size(): one rank for each level of its leaf.
  [[nodiscard]] Symbol access(std::uint64_t i) const;
  /// Occurrences of `symbol` before position i <= size().
  [[nodiscard]] std::uint64_t rank(std::uint64_t i, Symbol symbol) const;
  /// Position of the k-th occurrence of `symbol`, k >= 1; size() when there are fewer.
  [[nodiscard]] std::uint64_t select(std::uint64_t k, Symbol symbol) const;
  /// The symbols from `begin` on: one rank for each node that they touch, then a pass over the node's bits.
  void read(std::uint64_t begin, std::span<Symbol> out, ReadScratch& scratch) const;

  [[nodiscard]] TreeBytes bytes() const;
  /// Bits of all nodes; divided by size(), the mean number of levels of an access.
  [[nodiscard]] std::uint64_t node_bits() const;
  [[nodiscard]] std::uint64_t nodes() const { return starts_.empty() ? 0 : starts_.size() - 1; }
  /// Symbols in canonical order, and how many have codes of each length.
  [[nodiscard]] std::span<const Symbol> symbols() const { return symbols_; }
  [[nodiscard]] std::span<const std::uint32_t> symbols_of_length() const { return leaves_; }
  /// The bits of the nodes, and the words of their rank support, for storing.
  [[nodiscard]] std::span<const std::uint64_t> words() const;
  [[nodiscard]] std::vector<std::uint8_t> rank_bytes() const;

 private:
  struct Bits;
  struct Leaf {
    int depth;
    std::uint32_t place;  ///< among the nodes of its level
  };
  using Levels = std::array<std::uint32_t, max_depth + 1>;

  void number_levels();
  void check_code() const;
  void place_nodes();
  void fill(std::span<const Symbol> sequence);
  [[nodiscard]] std::vector<std::uint64_t> node_starts(std::span<const std::uint64_t> counts) const;
  /// The bits on the way to a leaf, the root's lowest.
  [[nodiscard]] std::uint64_t path_to(Leaf leaf) const;
  [[nodiscard]] static std::size_t index(int depth) { return static_cast<std::size_t>(depth); }
  /// The leaf of a symbol; depth -1 when it does not occur.
  [[nodiscard]] Leaf find(Symbol symbol) const;
  [[nodiscard]] std::uint32_t node(int depth, std::uint32_t place) const {
    return first_node_[index(depth)] + place - leaves_[index(depth)];
  }
  void read_node(int depth, std::uint32_t place, std::uint64_t i, std::span<std::uint32_t> slots, std::span<Symbol> out,
                 std::vector<std::uint32_t>& right) const;

  std::uint64_t size_ = 0;
  std::vector<Symbol> symbols_;               ///< canonical order
  Levels leaves_{};                           ///< of each level
  Levels first_symbol_{};                     ///< index of each level's first leaf in symbols_
  Levels first_node_{};                       ///< number of each level's first inner node
  std::vector<std::uint32_t> starts_, ones_;  ///< of each inner node: its first bit, the ones before it
  std::unique_ptr<Bits> bits_;
};

}  // namespace rebasis::succinct
