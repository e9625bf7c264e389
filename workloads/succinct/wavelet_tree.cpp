#include "workloads/succinct/wavelet_tree.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "workloads/succinct/wavelet_bits.h"

namespace rebasis::succinct {

TreeBytes& TreeBytes::operator+=(const TreeBytes& other) {
  wavelet += other.wavelet;
  rank += other.rank;
  tables += other.tables;
  return *this;
}

Symbol WaveletTree::access(std::uint64_t i) const {
  std::uint32_t place = 0;
  int depth = 0;
  while (place >= leaves_[index(depth)]) {
    const std::uint32_t n = node(depth, place);
    const std::uint64_t position = starts_[n] + i;
    const std::uint64_t ones = bits_->rank(position) - ones_[n];
    const std::uint32_t bit = bits_->bits[position] ? 1 : 0;
    i = bit != 0 ? ones : i - ones;
    place = 2 * (place - leaves_[index(depth)]) + bit;
    ++depth;
  }
  return symbols_[first_symbol_[index(depth)] + place];
}

WaveletTree::Leaf WaveletTree::find(Symbol symbol) const {
  for (int depth = 0; depth <= max_depth; ++depth) {
    const auto level = symbols().subspan(first_symbol_[index(depth)], leaves_[index(depth)]);
    const auto found = std::ranges::lower_bound(level, symbol);
    if (found != level.end() && *found == symbol) {
      return {depth, static_cast<std::uint32_t>(found - level.begin())};
    }
  }
  return {-1, 0};
}

std::uint64_t WaveletTree::path_to(Leaf leaf) const {
  std::uint64_t path = 0;
  for (int depth = leaf.depth; depth > 0; --depth) {
    path = path << 1U | (leaf.place & 1U);
    leaf.place = leaf.place / 2 + leaves_[index(depth) - 1];
  }
  return path;
}

std::uint64_t WaveletTree::rank(std::uint64_t i, Symbol symbol) const {
  const Leaf leaf = find(symbol);
  if (leaf.depth < 0) return 0;
  std::uint64_t path = path_to(leaf);
  std::uint32_t place = 0;
  for (int depth = 0; depth < leaf.depth; ++depth, path >>= 1U) {
    const std::uint32_t n = node(depth, place);
    const std::uint64_t ones = bits_->rank(starts_[n] + i) - ones_[n];
    const std::uint32_t bit = path & 1U;
    i = bit != 0 ? ones : i - ones;
    place = 2 * (place - leaves_[index(depth)]) + bit;
  }
  return i;
}

std::uint64_t WaveletTree::select(std::uint64_t k, Symbol symbol) const {
  const Leaf leaf = find(symbol);
  if (leaf.depth < 0 || k == 0 || k > rank(size_, symbol)) return size_;
  // Upwards: the k-th element of a child is at its parent's k-th zero or one, found by bisection with rank. sdsl's
  // select supports answer at once, but take a quarter of the bits again for two queries a layer.
  std::uint32_t at = leaf.place;
  for (int depth = leaf.depth; depth > 0; --depth) {
    const bool bit = (at & 1U) != 0;
    at = at / 2 + leaves_[index(depth) - 1];
    const std::uint32_t n = node(depth - 1, at);
    std::uint64_t low = 0, high = starts_[n + 1] - starts_[n];  // of the element, within the node
    while (high - low > 1) {
      const std::uint64_t middle = (low + high) / 2;
      const std::uint64_t ones = bits_->rank(starts_[n] + middle) - ones_[n];
      ((bit ? ones : middle - ones) < k ? low : high) = middle;
    }
    k = low + 1;
  }
  return k - 1;
}

void WaveletTree::read(std::uint64_t begin, std::span<Symbol> out, ReadScratch& scratch) const {
  if (out.empty()) return;
  if (scratch.slots_.size() < out.size()) {
    scratch.slots_.resize(out.size());
    scratch.right_.resize(out.size());
  }
  std::iota(scratch.slots_.begin(), scratch.slots_.begin() + static_cast<std::ptrdiff_t>(out.size()), 0U);
  read_node(0, 0, begin, std::span(scratch.slots_).first(out.size()), out, scratch.right_);
}

/// Hands the elements i, i + 1, ... of a node, which belong at out[slots[0]], out[slots[1]], ..., to its children.
void WaveletTree::read_node(int depth, std::uint32_t place, std::uint64_t i, std::span<std::uint32_t> slots,
                            std::span<Symbol> out, std::vector<std::uint32_t>& right) const {
  if (place < leaves_[index(depth)]) {
    const Symbol symbol = symbols_[first_symbol_[index(depth)] + place];
    for (const std::uint32_t slot : slots) out[slot] = symbol;
    return;
  }
  const std::uint32_t n = node(depth, place);
  const std::uint64_t position = starts_[n] + i;
  const std::uint64_t ones_before = bits_->rank(position) - ones_[n];
  std::size_t zeros = 0, ones = 0;
  for (std::size_t done = 0; done < slots.size(); done += 64) {
    const std::size_t count = std::min<std::size_t>(64, slots.size() - done);
    std::uint64_t word = bits_->bits.get_int(position + done, static_cast<std::uint8_t>(count));
    for (std::size_t k = 0; k < count; ++k, word >>= 1U) {
      const std::uint32_t slot = slots[done + k];
      const std::size_t bit = word & 1U;
      slots[zeros] = slot;  // zeros <= done + k: never ahead of what is still to be read
      right[ones] = slot;
      zeros += 1 - bit;
      ones += bit;
    }
  }
  std::copy_n(right.begin(), ones, slots.begin() + static_cast<std::ptrdiff_t>(zeros));
  const std::uint32_t child = 2 * (place - leaves_[index(depth)]);
  if (zeros != 0) read_node(depth + 1, child, i - ones_before, slots.first(zeros), out, right);
  if (ones != 0) read_node(depth + 1, child + 1, ones_before, slots.subspan(zeros), out, right);
}

TreeBytes WaveletTree::bytes() const {
  TreeBytes bytes;
  bytes.wavelet = words().size_bytes();
  bytes.rank = sdsl::size_in_bytes(bits_->rank);
  bytes.tables = symbols_.size() * sizeof(Symbol) + (starts_.size() + ones_.size()) * sizeof(std::uint32_t) +
                 leaves_.size() * 3 * sizeof(std::uint32_t) + sizeof(size_);
  return bytes;
}

std::uint64_t WaveletTree::node_bits() const { return bits_->bits.size(); }

std::span<const std::uint64_t> WaveletTree::words() const {
  return {bits_->bits.data(), static_cast<std::size_t>((bits_->bits.size() + 63) / 64)};
}

std::vector<std::uint8_t> WaveletTree::rank_bytes() const {
  std::ostringstream out;
  bits_->rank.serialize(out);
  const std::string text = out.str();
  return {text.begin(), text.end()};
}

}  // namespace rebasis::succinct
