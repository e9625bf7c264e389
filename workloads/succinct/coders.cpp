// Succinct structures of single layers as coders: the union of the layer in two wavelet trees, stored as they are in
// memory during queries, rank support and node tables included.
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "common/error.h"
#include "workloads/succinct/ras.h"
#include "workloads/succinct/wavelet_tree.h"

namespace rebasis::succinct {
namespace {

static_assert(std::endian::native == std::endian::little, "words are stored as they are in memory");

void append(std::vector<std::uint8_t>& out, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// size u32, bits u32, depth u8, symbols of each length u32 [depth + 1], symbols u32, words u64, rank support.
/// The nodes' starts and ranks are made from these when a tree is loaded.
void append(std::vector<std::uint8_t>& out, const WaveletTree& tree) {
  append(out, tree.size(), 4);
  append(out, tree.node_bits(), 4);
  const auto lengths = tree.symbols_of_length();
  int depth = WaveletTree::max_depth;
  while (depth > 0 && lengths[static_cast<std::size_t>(depth)] == 0) --depth;
  append(out, static_cast<std::uint64_t>(depth), 1);
  for (int d = 0; d <= depth; ++d) append(out, lengths[static_cast<std::size_t>(d)], 4);
  for (const Symbol symbol : tree.symbols()) append(out, symbol, 4);
  for (const std::uint64_t word : tree.words()) append(out, word, 8);
  const std::vector<std::uint8_t> rank = tree.rank_bytes();
  out.insert(out.end(), rank.begin(), rank.end());
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t read(std::size_t count) {
    need(1, count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{bytes_[i]} << (8 * i);
    bytes_ = bytes_.subspan(count);
    return value;
  }
  /// Fails unless `count` items of `size` bytes are left.
  void need(std::uint64_t count, std::size_t size) const {
    if (count > bytes_.size() / size) fail_input("succinct coder: the bytes end too early");
  }
  void skip(std::size_t count) {
    need(1, count);
    bytes_ = bytes_.subspan(count);
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// All symbols of a stored tree. The rank support is not trusted and not read: decode() compares it at the end.
std::vector<Symbol> read_sequence(ByteReader& in, std::uint64_t largest) {
  const std::uint64_t size = in.read(4), bits = in.read(4);
  const std::uint64_t depth = in.read(1);
  if (size > largest) fail_input("succinct coder: more symbols than the layer's shape allows");
  if (depth > WaveletTree::max_depth) fail_input("succinct coder: codes of more than 32 bits");
  std::vector<std::uint32_t> lengths;
  std::uint64_t alphabet = 0;
  for (std::uint64_t d = 0; d <= depth; ++d) {
    lengths.push_back(static_cast<std::uint32_t>(in.read(4)));
    alphabet += lengths.back();
  }
  in.need(alphabet, 4);
  std::vector<Symbol> symbols;
  for (std::uint64_t i = 0; i < alphabet; ++i) symbols.push_back(static_cast<Symbol>(in.read(4)));
  const std::uint64_t count = (bits + 63) / 64;
  in.need(count, 8);
  std::vector<std::uint64_t> words;
  for (std::uint64_t i = 0; i < count; ++i) words.push_back(in.read(8));
  const WaveletTree tree(size, std::move(symbols), lengths, words, bits);
  in.skip(tree.rank_bytes().size());
  std::vector<Symbol> sequence(size);
  ReadScratch scratch;
  tree.read(0, sequence, scratch);
  return sequence;
}

encode::CodedMatrix encode_as(const encode::WeightMatrix& matrix, RasType type) {
  Strings strings;
  append_union(matrix, type, strings);
  encode::CodedMatrix coded;
  TreeBytes parts;
  for (const auto* string : {&strings.main, &strings.values}) {
    const WaveletTree tree(*string);
    append(coded.bytes, tree);
    parts += {tree.words().size_bytes(), tree.rank_bytes().size(), 0};
  }
  coded.bits["wavelet"] = 8 * parts.wavelet;
  coded.bits["rank"] = 8 * parts.rank;
  coded.bits["tables"] = 8 * (coded.bytes.size() - parts.wavelet - parts.rank);
  return coded;
}

class SuccinctCoder : public encode::Coder {
 public:
  SuccinctCoder(RasType dense, RasType sparse) : dense_(dense), sparse_(sparse) {}

  /// Dense or tuples, whichever is smaller.
  encode::CodedMatrix encode(const encode::WeightMatrix& matrix) const override {
    encode::CodedMatrix dense = encode_as(matrix, dense_), sparse = encode_as(matrix, sparse_);
    return sparse.bytes.size() < dense.bytes.size() ? sparse : dense;
  }

  /// Whatever the bytes claim, only what encode() writes is accepted: the decoded matrix is encoded again and compared.
  encode::WeightMatrix decode(std::span<const std::uint8_t> bytes, const encode::MatrixShape& shape) const override {
    const std::uint64_t largest = encode::check_shape(shape) + static_cast<std::uint64_t>(shape.rows) + 3;
    ByteReader in(bytes);
    Strings strings;
    strings.main = read_sequence(in, largest);
    strings.values = read_sequence(in, largest);
    encode::WeightMatrix matrix = parse_union(strings, shape);
    const auto type = static_cast<RasType>(strings.main.front() - first_flag);
    if (type != dense_ && type != sparse_) fail_input("succinct coder: a sequence of the other kind");
    if (!std::ranges::equal(encode_as(matrix, type).bytes, bytes)) {
      fail_input("succinct coder: bytes that are not the structure of the weights they hold");
    }
    return matrix;
  }

 private:
  RasType dense_, sparse_;
};

const encode::CoderRegistration element("succinct-element",
                                        "wavelet tree over an element-wise runtime-accessible sequence", [] {
                                          return std::make_unique<SuccinctCoder>(RasType::element_dense,
                                                                                 RasType::element_sparse);
                                        });
const encode::CoderRegistration block("succinct-block", "wavelet tree over a block-wise runtime-accessible sequence",
                                      [] {
                                        return std::make_unique<SuccinctCoder>(RasType::block_dense,
                                                                               RasType::block_sparse);
                                      });

}  // namespace
}  // namespace rebasis::succinct
