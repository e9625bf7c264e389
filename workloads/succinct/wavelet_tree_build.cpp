// How a wavelet tree comes to be: from a sequence, or from stored parts.
#include <algorithm>
#include <numeric>
#include <utility>

#include "common/error.h"
#include "workloads/encode/huffman.h"
#include "workloads/succinct/wavelet_bits.h"
#include "workloads/succinct/wavelet_tree.h"

namespace rebasis::succinct {
namespace {

constexpr std::uint64_t largest_size = std::uint64_t{1} << 28;
constexpr std::uint64_t largest_bits = (std::uint64_t{1} << 32) - 1;

/// Index of each element's symbol in canonical order.
std::vector<std::uint32_t> canonical_indices(std::span<const Symbol> sequence, std::span<const Symbol> symbols) {
  std::vector<std::pair<Symbol, std::uint32_t>> places;
  for (std::uint32_t i = 0; i < symbols.size(); ++i) places.emplace_back(symbols[i], i);
  std::ranges::sort(places);
  std::vector<std::uint32_t> indices;
  indices.reserve(sequence.size());
  for (const Symbol symbol : sequence) {
    indices.push_back(std::ranges::lower_bound(places, symbol, {}, &std::pair<Symbol, std::uint32_t>::first)->second);
  }
  return indices;
}

}  // namespace

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

/// First bit of each inner node, and behind the last one the number of bits.
std::vector<std::uint64_t> WaveletTree::node_starts(std::span<const std::uint64_t> counts) const {
  std::vector<std::uint64_t> starts(std::max<std::size_t>(1, symbols_.size()));
  for (int depth = 1; depth <= max_depth; ++depth) {
    for (std::uint32_t place = 0; place < leaves_[index(depth)]; ++place) {
      const std::uint64_t count = counts[first_symbol_[index(depth)] + place];
      std::uint32_t at = place;
      for (int d = depth; d > 0; --d) {
        at = at / 2 + leaves_[index(d) - 1];
        starts[node(d - 1, at) + 1] += count;
      }
    }
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  return starts;
}

/// Sets the bits from the sequence: each element adds a bit to the nodes on its symbol's path.
void WaveletTree::fill(std::span<const Symbol> sequence) {
  number_levels();
  const std::vector<std::uint32_t> canonical = canonical_indices(sequence, symbols_);
  std::vector<std::uint64_t> counts(symbols_.size());
  for (const std::uint32_t s : canonical) ++counts[s];
  std::vector<Leaf> leaves;
  for (int depth = 0; depth <= max_depth; ++depth) {
    for (std::uint32_t place = 0; place < leaves_[index(depth)]; ++place) leaves.push_back({depth, place});
  }
  std::vector<std::uint64_t> paths;
  paths.reserve(leaves.size());
  for (const Leaf& leaf : leaves) paths.push_back(path_to(leaf));
  std::vector<std::uint64_t> next = node_starts(counts);
  if (next.back() > largest_bits) fail_input("a wavelet tree holds at most 2^32 bits; store the layers apart");
  bits_->bits = sdsl::bit_vector(next.back(), 0);
  for (const std::uint32_t s : canonical) {
    std::uint64_t path = paths[s];
    std::uint32_t place = 0;
    for (int depth = 0; depth < leaves[s].depth; ++depth, path >>= 1U) {
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

}  // namespace rebasis::succinct
