// wavelet_trees TRACE...: the strings of a network's block-wise sequences (dense and tuples) in Rebasis's wavelet tree
// and in those of sdsl-lite: bytes and time of an access at random places. docs/succinct.md has a run.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <sdsl/wavelet_trees.hpp>
#include <string>
#include <vector>

#include "common/error.h"
#include "workloads/encode/coders/layer_matrix.h"
#include "workloads/succinct/ras.h"
#include "workloads/succinct/wavelet_tree.h"
#include "workloads/trace/trace.h"

using namespace rebasis;
using succinct::Symbol;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t queries = 50000;

std::vector<std::uint32_t> places(std::size_t size) {
  std::mt19937 random(1);
  std::vector<std::uint32_t> result(queries);
  for (auto& place : result) place = static_cast<std::uint32_t>(random() % size);
  return result;
}

/// Nanoseconds of an access, the shortest of five runs.
template <class Access>
double access_ns(const std::vector<Symbol>& string, const Access& access) {
  const auto at = places(string.size());
  double best = 1e9;
  for (int repeat = 0; repeat < 5; ++repeat) {
    std::uint64_t sum = 0, expected = 0;
    const auto start = Clock::now();
    for (const std::uint32_t i : at) sum += access(i);
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count() / queries);
    for (const std::uint32_t i : at) expected += string[i];
    if (sum != expected) fail_internal("a tree gives other symbols");
  }
  return best;
}

void print(const std::string& name, std::uint64_t bytes, double ns) {
  fmt::print("    {:<44} {:>9} bytes {:>8.1f} ns\n", name, bytes, ns);
}

template <class Tree>
void measure(const std::string& name, const std::vector<Symbol>& string) {
  sdsl::int_vector<> copy(string.size(), 0, 32);
  std::copy(string.begin(), string.end(), copy.begin());
  sdsl::util::bit_compress(copy);
  Tree tree;
  sdsl::construct_im(tree, copy, 0);
  print(name, sdsl::size_in_bytes(tree), access_ns(string, [&](std::uint64_t i) { return tree[i]; }));
}

double entropy_bytes(const std::vector<Symbol>& string) {
  std::map<Symbol, double> counts;
  for (const Symbol symbol : string) ++counts[symbol];
  double bits = 0;
  for (const auto& item : counts) bits += item.second * std::log2(static_cast<double>(string.size()) / item.second);
  return bits / 8;
}

void measure_all(const std::string& title, const std::vector<Symbol>& string) {
  using Plain = sdsl::bit_vector;
  using Small = sdsl::rank_support_v5<>;
  using Scan1 = sdsl::select_support_scan<1>;
  using Scan0 = sdsl::select_support_scan<0>;
  using Rrr = sdsl::rrr_vector<63>;
  fmt::print("  {}: {} symbols, order-0 entropy {:.0f} bytes\n", title, string.size(), entropy_bytes(string));
  const succinct::WaveletTree tree(string);
  print("Rebasis: canonical Huffman shape, rank v5", tree.bytes().total(),
        access_ns(string, [&](std::uint64_t i) { return tree.access(i); }));
  std::vector<Symbol> read(string.size());
  succinct::ReadScratch scratch;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < string.size(); i += 1024) {
    tree.read(i, std::span(read).subspan(i, std::min<std::size_t>(1024, string.size() - i)), scratch);
  }
  const double all = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  print("  the same, read in stretches of 1024", tree.bytes().total(), all / static_cast<double>(string.size()));
  measure<sdsl::wt_huff_int<Plain, Small, Scan1, Scan0>>("wt_huff_int, rank v5, no select", string);
  measure<sdsl::wt_huff_int<Plain, Small>>("wt_huff_int, rank v5, select mcl", string);
  measure<sdsl::wt_huff_int<Plain, sdsl::rank_support_v<>, Scan1, Scan0>>("wt_huff_int, rank v, no select", string);
  measure<sdsl::wt_huff_int<Rrr>>("wt_huff_int, rrr 63", string);
  measure<sdsl::wt_int<Plain, Small, Scan1, Scan0>>("wt_int, rank v5, no select", string);
  measure<sdsl::wt_int<Rrr>>("wt_int, rrr 63", string);
  measure<sdsl::wm_int<Plain, Small, Scan1, Scan0>>("wm_int, rank v5, no select", string);
  measure<sdsl::wm_int<Rrr>>("wm_int, rrr 63", string);
}

void measure_trace(const std::string& path) {
  const trace::TraceReader reader(path);
  succinct::Strings dense, sparse;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    const encode::WeightMatrix matrix = encode::layer_matrix(reader, layer);
    append_union(matrix, succinct::RasType::block_dense, dense);
    append_union(matrix, succinct::RasType::block_sparse, sparse);
  }
  fmt::print("{}\n", path);
  measure_all("dense: weights and delimiters", dense.main);
  measure_all("tuples: distances and delimiters", sparse.main);
  measure_all("tuples: values", sparse.values);
}

}  // namespace

int main(int argc, char** argv) try {
  for (int i = 1; i < argc; ++i) measure_trace(argv[i]);
  return argc > 1 ? 0 : 2;
} catch (const std::exception& error) {
  fmt::print(stderr, "wavelet_trees: {}\n", error.what());
  return 2;
}
