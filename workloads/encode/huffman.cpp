#include "workloads/encode/huffman.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "common/error.h"

namespace rebasis::encode {
namespace {

/// A list of package-merge: weights in ascending order, and whether each is a leaf's or a pair's of the level below.
struct Level {
  std::vector<std::uint64_t> weights;
  std::vector<bool> is_leaf;
};

/// The leaves and the pairs of neighbours in `below`, merged; of equal weights leaves come first.
Level next_level(const std::vector<std::uint64_t>& leaves, const std::vector<std::uint64_t>& below) {
  Level level;
  std::size_t leaf = 0, pair = 0;
  while (leaf < leaves.size() || 2 * pair + 1 < below.size()) {
    const bool no_pair = 2 * pair + 1 >= below.size();
    const std::uint64_t sum = no_pair ? 0 : below[2 * pair] + below[2 * pair + 1];
    const bool take_leaf = no_pair || (leaf < leaves.size() && leaves[leaf] <= sum);
    level.weights.push_back(take_leaf ? leaves[leaf] : sum);
    level.is_leaf.push_back(take_leaf);
    ++(take_leaf ? leaf : pair);
  }
  return level;
}

/// Symbols with a codeword in canonical order. Refuses lengths that are no complete prefix code.
std::vector<std::uint16_t> canonical_order(std::span<const std::uint8_t> lengths) {
  if (lengths.size() > 65536) fail_input("Huffman code of more than 65536 symbols");
  std::vector<std::uint16_t> symbols;
  std::uint64_t kraft = 0;  // in units of 2^-max_code_length
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    if (lengths[s] > max_code_length) {
      fail_input("Huffman code length " + std::to_string(lengths[s]) + "; at most " + std::to_string(max_code_length));
    }
    if (lengths[s] == 0) continue;
    symbols.push_back(static_cast<std::uint16_t>(s));
    kraft += std::uint64_t{1} << (max_code_length - lengths[s]);
  }
  const bool one_symbol = symbols.size() == 1 && lengths[symbols[0]] == 1;
  if (!symbols.empty() && !one_symbol && kraft != std::uint64_t{1} << max_code_length) {
    fail_input("Huffman code lengths are no complete prefix code (Kraft sum must be 1)");
  }
  std::stable_sort(symbols.begin(), symbols.end(),
                   [&](std::uint16_t a, std::uint16_t b) { return lengths[a] < lengths[b]; });
  return symbols;
}

std::uint32_t reverse_bits(std::uint32_t code, int length) {
  std::uint32_t reversed = 0;
  for (int i = 0; i < length; ++i) reversed |= ((code >> i) & 1U) << (length - 1 - i);
  return reversed;
}

}  // namespace

std::vector<std::uint8_t> code_lengths(std::span<const std::uint64_t> frequencies, int limit) {
  std::vector<std::uint8_t> lengths(frequencies.size(), 0);
  std::vector<std::size_t> used;
  for (std::size_t s = 0; s < frequencies.size(); ++s) {
    if (frequencies[s] > 0) used.push_back(s);
  }
  if (used.empty()) return lengths;
  if (used.size() == 1) {
    lengths[used[0]] = 1;
    return lengths;
  }
  if (used.size() > std::uint64_t{1} << limit) fail_internal("more Huffman symbols than codes of the length limit");
  std::stable_sort(used.begin(), used.end(),
                   [&](std::size_t a, std::size_t b) { return frequencies[a] < frequencies[b]; });
  std::vector<std::uint64_t> leaves;
  for (const std::size_t symbol : used) leaves.push_back(frequencies[symbol]);
  std::vector<Level> levels{{leaves, std::vector<bool>(leaves.size(), true)}};
  while (static_cast<int>(levels.size()) < limit) levels.push_back(next_level(leaves, levels.back().weights));
  // A symbol's length is the number of times it occurs in the 2 (m - 1) cheapest items of the last level. A level's
  // cheapest items are its lightest leaves and the pairs of the cheapest items below.
  std::size_t taken = 2 * (used.size() - 1);
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    std::size_t leaf = 0;
    for (std::size_t i = 0; i < taken; ++i) {
      if (level->is_leaf[i]) ++lengths[used[leaf++]];
    }
    taken = 2 * (taken - leaf);
  }
  return lengths;
}

std::uint64_t coded_bits(std::span<const std::uint64_t> frequencies, std::span<const std::uint8_t> lengths) {
  return std::inner_product(frequencies.begin(), frequencies.end(), lengths.begin(), std::uint64_t{0});
}

HuffmanEncoder::HuffmanEncoder(std::span<const std::uint8_t> lengths)
    : lengths_(lengths.begin(), lengths.end()), reversed_(lengths.size(), 0) {
  std::uint64_t code = 0;
  int previous = 0;
  for (const std::uint16_t symbol : canonical_order(lengths)) {
    code <<= lengths[symbol] - previous;
    previous = lengths[symbol];
    reversed_[symbol] = reverse_bits(static_cast<std::uint32_t>(code), previous);
    ++code;
  }
}

void HuffmanEncoder::write(BitWriter& out, std::size_t symbol) const {
  if (symbol >= lengths_.size() || lengths_[symbol] == 0) fail_internal("Huffman symbol without a codeword");
  out.write(reversed_[symbol], lengths_[symbol]);
}

HuffmanDecoder::HuffmanDecoder(std::span<const std::uint8_t> lengths) : symbols_(canonical_order(lengths)) {
  for (const std::uint16_t symbol : symbols_) ++count_[lengths[symbol]];
  std::uint64_t code = 0;
  std::uint32_t index = 0;
  for (std::size_t length = 1; length <= max_code_length; ++length) {
    code <<= 1;
    first_code_[length] = code;
    first_index_[length] = index;
    for (std::uint32_t i = 0; i < count_[length] && length <= table_bits; ++i) {
      const int bits = static_cast<int>(length);
      const std::uint32_t low = reverse_bits(static_cast<std::uint32_t>(code + i), bits);
      for (std::uint32_t fill = low; fill < table_size; fill += 1U << bits) {
        table_[fill] = Entry{symbols_[index + i], static_cast<std::uint8_t>(bits)};
      }
    }
    code += count_[length];
    index += count_[length];
  }
}

int HuffmanDecoder::read_long(BitReader& in, std::uint32_t bits) const {
  std::uint64_t code = 0;
  for (std::size_t length = 1; length <= max_code_length; ++length) {
    code = (code << 1) | (bits & 1U);
    bits >>= 1;
    if (code >= first_code_[length] && code - first_code_[length] < count_[length]) {
      in.skip(static_cast<int>(length));
      return symbols_[first_index_[length] + static_cast<std::uint32_t>(code - first_code_[length])];
    }
  }
  return -1;
}

}  // namespace rebasis::encode
