#include "workloads/succinct/wavelet_tree.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <sdsl/bit_vectors.hpp>
#include <sdsl/rank_support.hpp>
#include <sstream>

#include "common/error.h"
#include "workloads/encode/huffman.h"

namespace rebasis::succinct {
namespace {

constexpr std::uint64_t largest_size = std::uint64_t{1} << 28;
constexpr std::uint64_t largest_bits = (std::uint64_t{1} << 32) - 1;

std::size_t index(int depth) { return static_cast<std::size_t>(depth); }

}  // namespace

/// What the tree takes from sdsl. The rank support keeps a pointer to the bits, so they stay where they are.
struct WaveletTree::Bits {
  sdsl::bit_vector bits;
  sdsl::rank_support_v5<> rank;
};

TreeBytes& TreeBytes::operator+=(const TreeBytes& other) {
  wavelet += other.wavelet;
  rank += other.rank;
  tables += other.tables;
  return *this;
}

WaveletTree::WaveletTree() : bits_(std::make_unique<Bits>()) {}
WaveletTree::~WaveletTree() = default;
WaveletTree::WaveletTree(WaveletTree&&) noexcept = default;
WaveletTree& WaveletTree::operator=(WaveletTree&&) noexcept = default;

WaveletTree::WaveletTree(std::span<const Symbol> sequence) : size_(sequence.size()), bits_(std::make_unique<Bits>()) {
  if (size_ > largest_size) fail_input("a wavelet tree holds at most 2^28 elements; store the layers apart");
  std::vector<Symbol> sorted(sequence.begin(), sequence.end());
  std::ranges::sort(sorted);
  std::vector<std::uint64_t> frequencies;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i == 0 || sorted[i] != sorted[i - 1]) {
      symbols_.push_back(sorted[i]);
      frequencies.push_back(0);
    }
    ++frequencies.back();
  }
  if (symbols_.size() == 1) {
    leaves_[0] = 1;
  } else if (!symbols_.empty()) {
    const std::vector<std::uint8_t> lengths = encode::code_lengths(frequencies, max_depth);
    std::vector<std::uint32_t> order(symbols_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return lengths[i]; });
    std::vector<Symbol> canonical;
    for (const std::uint32_t i : order) {
      canonical.push_back(symbols_[i]);
      ++leaves_[lengths[i]];
    }
    symbols_ = std::move(canonical);
  }
  fill(sequence);
}

WaveletTree::WaveletTree(std::uint64_t size, std::vector<Symbol> symbols,
                         std::span<const std::uint32_t> symbols_of_length, std::span<const std::uint64_t> words,
                         std::uint64_t bits)
    : size_(size), symbols_(std::move(symbols)), bits_(std::make_unique<Bits>()) {
  if (size > largest_size || bits > largest_bits || bits > words.size() * 64 || symbols_.size() > size ||
      symbols_of_length.size() > leaves_.size()) {
    fail_input("wavelet tree: sizes that do not belong together");
  }
  std::ranges::copy(symbols_of_length, leaves_.begin());
  check_code();
  number_levels();
  bits_->bits = sdsl::bit_vector(bits, 0);
  std::ranges::copy(words.first((bits + 63) / 64), bits_->bits.data());
  sdsl::util::init_support(bits_->rank, &bits_->bits);
  place_nodes();
}

/// The code must be complete (Kraft sum 1), or empty for an empty sequence.
void WaveletTree::check_code() const {
  std::uint64_t nodes = 1, symbols = 0;
  for (const std::uint32_t leaves : leaves_) {
    if (leaves > nodes) fail_input("wavelet tree: code lengths that no prefix code has");
    symbols += leaves;
    nodes = 2 * (nodes - leaves);
    if (nodes > 2 * largest_size) break;
  }
  if (symbols != symbols_.size() || (nodes != 0 && size_ != 0) || (size_ == 0) != symbols_.empty()) {
    fail_input("wavelet tree: code lengths that do not belong to the symbols");
  }
}

void WaveletTree::number_levels() {
  std::uint32_t nodes = symbols_.empty() ? 0 : 1;
  for (int depth = 0; depth <= max_depth; ++depth) {
    const std::uint32_t inner = nodes - leaves_[index(depth)];
    if (depth < max_depth) {
      first_symbol_[index(depth) + 1] = first_symbol_[index(depth)] + leaves_[index(depth)];
      first_node_[index(depth) + 1] = first_node_[index(depth)] + inner;
    }
    nodes = 2 * inner;
  }
}

/// Gives each node its stretch of the bits: as long as the zeros or ones of its parent say.
void WaveletTree::place_nodes() {
  starts_.assign(symbols_.empty() ? 1 : symbols_.size(), 0);
  ones_.assign(starts_.size() - 1, 0);
  const std::uint64_t bits = bits_->bits.size();
  std::vector<std::uint64_t> sizes(1, size_);
  std::uint64_t start = 0;
  for (int depth = 0; depth <= max_depth && !sizes.empty(); ++depth) {
    std::vector<std::uint64_t> children;
    for (std::size_t place = leaves_[index(depth)]; place < sizes.size() && !symbols_.empty(); ++place) {
      const std::uint32_t n = node(depth, static_cast<std::uint32_t>(place));
      if (sizes[place] > bits - start) fail_input("wavelet tree: fewer bits than its nodes need");
      const std::uint64_t before = bits_->rank(start);
      const std::uint64_t ones = bits_->rank(start + sizes[place]) - before;
      starts_[n] = static_cast<std::uint32_t>(start);
      ones_[n] = static_cast<std::uint32_t>(before);
      start += sizes[place];
      children.push_back(sizes[place] - ones);
      children.push_back(ones);
    }
    sizes = std::move(children);
  }
  if (start != bits) fail_input("wavelet tree: more bits than its nodes need");
  starts_.back() = static_cast<std::uint32_t>(start);
}

/// Sets the bits from the sequence: a stable partition of the elements, level by level.
void WaveletTree::fill(std::span<const Symbol> sequence) {
  number_levels();
  std::vector<std::pair<Symbol, std::uint32_t>> codes;  // symbol, its index in canonical order
  for (std::uint32_t i = 0; i < symbols_.size(); ++i) codes.emplace_back(symbols_[i], i);
  std::ranges::sort(codes);
  std::vector<std::uint64_t> counts(symbols_.size());
  std::vector<std::uint32_t> canonical(sequence.size());
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    const auto found = std::ranges::lower_bound(codes, sequence[i], {}, &std::pair<Symbol, std::uint32_t>::first);
    canonical[i] = found->second;
    ++counts[found->second];
  }
  // Depth and path of each symbol, the first bit lowest.
  std::vector<std::pair<int, std::uint64_t>> paths(symbols_.size());
  std::vector<std::uint64_t> sizes(symbols_.size());  // of inner nodes
  std::uint64_t bits = 0;
  for (int depth = 0; depth <= max_depth; ++depth) {
    for (std::uint32_t place = 0; place < leaves_[index(depth)]; ++place) {
      const std::uint32_t s = first_symbol_[index(depth)] + place;
      std::uint64_t path = 0;
      std::uint32_t at = place;
      for (int d = depth; d > 0; --d) {
        path = path << 1U | (at & 1U);
        at = at / 2 + leaves_[index(d) - 1];
        sizes[node(d - 1, at)] += counts[s];
      }
      paths[s] = {depth, path};
      bits += counts[s] * static_cast<std::uint64_t>(depth);
    }
  }
  if (bits > largest_bits) fail_input("a wavelet tree holds at most 2^32 bits; store the layers apart");
  bits_->bits = sdsl::bit_vector(bits, 0);
  std::vector<std::uint64_t> next(symbols_.size());
  for (std::size_t n = 1; n < next.size(); ++n) next[n] = next[n - 1] + sizes[n - 1];
  for (const std::uint32_t s : canonical) {
    std::uint64_t path = paths[s].second;
    std::uint32_t place = 0;
    for (int depth = 0; depth < paths[s].first; ++depth, path >>= 1U) {
      const std::uint32_t n = node(depth, place);
      const std::uint32_t bit = path & 1U;
      if (bit != 0) bits_->bits[next[n]] = true;
      ++next[n];
      place = 2 * (place - leaves_[index(depth)]) + bit;
    }
  }
  sdsl::util::init_support(bits_->rank, &bits_->bits);
  place_nodes();
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

std::uint64_t WaveletTree::rank(std::uint64_t i, Symbol symbol) const {
  const Leaf leaf = find(symbol);
  if (leaf.depth < 0) return 0;
  std::uint64_t path = 0;
  std::uint32_t at = leaf.place;
  for (int depth = leaf.depth; depth > 0; --depth) {
    path = path << 1U | (at & 1U);
    at = at / 2 + leaves_[index(depth) - 1];
  }
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
