#include "sim/core/decoder/wavelet.h"

#include <bit>

#include "common/error.h"

namespace rebasis::sim {

TreeShape::TreeShape(std::span<const std::uint8_t> lengths)
    : lengths_(lengths.begin(), lengths.end()), words_(lengths.size()) {
  std::uint32_t next = 0;
  for (int bits = 1; bits <= 32; ++bits) {
    for (std::size_t symbol = 0; symbol < lengths_.size(); ++symbol) {
      if (lengths_[symbol] != bits) continue;
      words_[symbol] = next;
      leaves_[{bits, next}] = symbol;
      ++next;
    }
    next <<= 1U;
  }
}

std::optional<std::size_t> TreeShape::leaf(int bits, std::uint32_t path) const {
  const auto found = leaves_.find({bits, path});
  return found == leaves_.end() ? std::nullopt : std::optional(found->second);
}

void write_tree(const TreeShape& shape, std::span<const std::size_t> symbols, encode::BitWriter& out) {
  std::map<std::pair<int, std::uint32_t>, std::vector<bool>> nodes;  // by level, then path
  for (const std::size_t symbol : symbols) {
    for (int level = 0; level < shape.depth(symbol); ++level) {
      const std::uint32_t rest = shape.word(symbol) >> static_cast<unsigned>(shape.depth(symbol) - level - 1);
      nodes[{level, rest >> 1U}].push_back((rest & 1U) != 0);
    }
  }
  for (const auto& node : nodes) {
    for (const bool one : node.second) out.write_bit(one);
  }
}

WaveletTree::WaveletTree(const TreeShape& shape, encode::BitReader& in, std::size_t symbols) : shape_(shape) {
  std::size_t at = 0, ones = 0;
  const auto append = [&](bool one) {
    if (at % 64 == 0) {
      words_.push_back(0);
      samples_.push_back(ones);
    }
    words_.back() |= std::uint64_t{one ? 1U : 0U} << (at % 64);
    ones += one ? 1 : 0;
    ++at;
  };
  nodes_.push_back({0, 0, 0, symbols, 0, {none, none}, 0});
  for (std::size_t i = 0; i < nodes_.size(); ++i) {  // children go to the end: level by level, paths ascending
    const std::size_t size = nodes_[i].size, before = ones;
    nodes_[i].first = at;
    nodes_[i].ones_before = before;
    for (std::size_t k = 0; k < size; ++k) append(in.read_bit());
    const std::array<std::size_t, 2> sizes{size - (ones - before), ones - before};
    for (std::uint32_t one = 0; one < 2; ++one) {
      const int depth = nodes_[i].depth + 1;
      const std::uint32_t path = nodes_[i].path * 2 + one;
      if (sizes[one] == 0 || shape.leaf(depth, path)) continue;
      if (depth >= 32) fail_internal("the bits of a wavelet tree lead to no leaf");
      nodes_[i].child[one] = nodes_.size();
      nodes_.push_back({depth, path, 0, sizes[one], 0, {none, none}, 0});
    }
  }
}

std::size_t WaveletTree::rank(std::size_t at) const {
  if (at == 0) return 0;
  const std::size_t word = at / 64;
  if (word == words_.size()) return samples_.back() + static_cast<std::size_t>(std::popcount(words_.back()));
  const std::uint64_t below = words_[word] & ((std::uint64_t{1} << (at % 64)) - 1);
  return samples_[word] + static_cast<std::size_t>(std::popcount(below));
}

void WaveletTree::descend(Walk& walk, bool one) const {
  const Node& node = nodes_[walk.node];
  const std::uint32_t path = node.path * 2 + (one ? 1 : 0);
  walk.symbol = shape_.leaf(node.depth + 1, path);
  if (walk.symbol) return;
  walk.node = node.child[one ? 1 : 0];
  if (walk.node == none) fail_internal("a walk left the wavelet tree");
}

void WaveletTree::step(Walk& walk) const {
  const Node& node = nodes_[walk.node];
  const std::size_t at = node.first + walk.position;
  const bool one = bit(at);
  const std::size_t ones = rank(at) - node.ones_before;
  walk.position = one ? ones : walk.position - ones;
  descend(walk, one);
}

void WaveletTree::step_in_order(Walk& walk) {
  Node& node = nodes_[walk.node];
  const bool one = bit(node.first + node.cursor++);
  descend(walk, one);
}

}  // namespace rebasis::sim
