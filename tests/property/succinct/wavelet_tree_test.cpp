// The wavelet tree answers as the plain sequence does, and as sdsl's own Huffman-shaped tree.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <sdsl/wavelet_trees.hpp>

#include "tests/support/errors.h"
#include "workloads/succinct/wavelet_tree.h"

using namespace rebasis;
using succinct::Symbol, succinct::WaveletTree;

namespace {

/// Sequences with a few frequent symbols and some rare large ones, so that codes of many lengths occur.
std::vector<Symbol> sequence() {
  const auto kinds = *rc::gen::inRange<Symbol>(1, 60);
  return *rc::gen::container<std::vector<Symbol>>(rc::gen::map(
      rc::gen::pair(rc::gen::inRange<Symbol>(0, kinds), rc::gen::inRange<Symbol>(0, kinds)), [](const auto& draw) {
        const Symbol least = std::min(draw.first, draw.second);
        return least > 40 ? least * 100003 : least;
      }));
}

}  // namespace

TEST_CASE("Access, Rank and Select are those of the sequence") {
  CHECK(rc::check([] {
    const std::vector<Symbol> plain = sequence();
    const WaveletTree tree(plain);
    RC_ASSERT(tree.size() == plain.size());
    for (std::size_t i = 0; i < plain.size(); ++i) RC_ASSERT(tree.access(i) == plain[i]);
    std::vector<Symbol> symbols(plain);
    symbols.push_back(41);  // never occurs
    for (const Symbol symbol : symbols) {
      std::uint64_t seen = 0;
      for (std::size_t i = 0; i < plain.size(); ++i) {
        RC_ASSERT(tree.rank(i, symbol) == seen);
        if (plain[i] == symbol) RC_ASSERT(tree.select(++seen, symbol) == i);
      }
      RC_ASSERT(tree.rank(plain.size(), symbol) == seen);
      RC_ASSERT(tree.select(seen + 1, symbol) == plain.size());
      RC_ASSERT(tree.select(0, symbol) == plain.size());
    }
  }));
}

TEST_CASE("Any stretch reads as it was written") {
  CHECK(rc::check([] {
    const std::vector<Symbol> plain = sequence();
    const WaveletTree tree(plain);
    succinct::ReadScratch scratch;
    for (int draw = 0; draw < 5; ++draw) {
      const auto begin = *rc::gen::inRange<std::size_t>(0, plain.size() + 1);
      const auto count = *rc::gen::inRange<std::size_t>(0, plain.size() - begin + 1);
      std::vector<Symbol> read(count);
      tree.read(begin, read, scratch);
      RC_ASSERT(std::equal(read.begin(), read.end(), plain.begin() + static_cast<std::ptrdiff_t>(begin)));
    }
  }));
}

TEST_CASE("It has as many bits as sdsl's Huffman-shaped tree, and agrees with it") {
  CHECK(rc::check([] {
    const std::vector<Symbol> plain = sequence();
    RC_PRE(plain.size() > 1);
    sdsl::int_vector<> copy(plain.size(), 0, 32);
    std::copy(plain.begin(), plain.end(), copy.begin());
    sdsl::wt_huff_int<> peer;
    sdsl::construct_im(peer, copy, 0);
    const WaveletTree tree(plain);
    RC_ASSERT(tree.alphabet() == peer.sigma);
    if (peer.sigma > 1) RC_ASSERT(tree.node_bits() == peer.bv.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      RC_ASSERT(tree.access(i) == peer[i]);
      RC_ASSERT(tree.rank(i, plain[i]) == peer.rank(i, plain[i]));
      RC_ASSERT(tree.select(1, plain[i]) == peer.select(1, plain[i]));
    }
  }));
}

TEST_CASE("A tree of 10,000 symbols crosses every block of the rank support") {
  std::vector<Symbol> plain;
  for (Symbol i = 0; i < 10000; ++i) plain.push_back(i * i % 17 % (1 + i % 5));
  const WaveletTree tree(plain);
  std::vector<Symbol> read(plain.size());
  succinct::ReadScratch scratch;
  tree.read(0, read, scratch);
  CHECK(read == plain);
  for (std::size_t i = 0; i < plain.size(); i += 97) {
    CHECK(tree.access(i) == plain[i]);
    const auto before =
        static_cast<std::uint64_t>(std::count(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(i), plain[i]));
    CHECK(tree.rank(i, plain[i]) == before);
    CHECK(tree.select(before + 1, plain[i]) == i);
  }
}

TEST_CASE("From its parts a tree is the same; parts that do not belong together are bad input") {
  CHECK(rc::check([] {
    const std::vector<Symbol> plain = sequence();
    const WaveletTree tree(plain);
    const std::vector<Symbol> symbols(tree.symbols().begin(), tree.symbols().end());
    const std::vector<std::uint32_t> lengths(tree.symbols_of_length().begin(), tree.symbols_of_length().end());
    const std::vector<std::uint64_t> words(tree.words().begin(), tree.words().end());
    const WaveletTree copy(tree.size(), symbols, lengths, words, tree.node_bits());
    for (std::size_t i = 0; i < plain.size(); ++i) RC_ASSERT(copy.access(i) == plain[i]);
    if (tree.alphabet() < 2) return;
    using test::bad_input;
    // One element more is another tree now and then; its answers stay within the alphabet.
    (void)bad_input([&] {
      const WaveletTree other(tree.size() + 1, symbols, lengths, words, tree.node_bits());
      for (std::uint64_t i = 0; i < other.size(); ++i) {
        RC_ASSERT(std::ranges::find(symbols, other.access(i)) != symbols.end());
      }
    });
    RC_ASSERT(bad_input([&] { WaveletTree(tree.size(), symbols, lengths, words, tree.node_bits() - 1); }) !=
              "(no error)");
    auto other = lengths;
    ++other[5];
    RC_ASSERT(bad_input([&] { WaveletTree(tree.size(), symbols, other, words, tree.node_bits()); }) != "(no error)");
    auto more = symbols;
    more.push_back(7);
    RC_ASSERT(bad_input([&] { WaveletTree(tree.size(), more, lengths, words, tree.node_bits()); }) != "(no error)");
  }));
}

TEST_CASE("Bytes: the bits of the nodes, an eighteenth of them for ranks, and the tables") {
  std::vector<Symbol> plain(1 << 16);
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<Symbol>(i % 16);
  const succinct::TreeBytes bytes = WaveletTree(plain).bytes();
  CHECK(bytes.wavelet == plain.size() * 4 / 8);  // 16 equally frequent symbols: 4 levels
  CHECK(bytes.rank < bytes.wavelet / 15);
  CHECK(bytes.rank > bytes.wavelet / 18);
  CHECK(bytes.tables < 700);
}
