// Huffman-coded strings of a layer, decoded a filter at a time.
#include <algorithm>
#include <map>

#include "common/error.h"
#include "workloads/encode/bit_stream.h"
#include "workloads/encode/huffman.h"
#include "workloads/succinct/forms.h"
#include "workloads/succinct/ras.h"

namespace rebasis::succinct {
namespace {

/// A string in a canonical Huffman code.
class CodedString {
 public:
  explicit CodedString(const std::vector<Symbol>& string) {
    std::map<Symbol, std::uint64_t> counts;
    for (const Symbol symbol : string) ++counts[symbol];
    std::vector<std::uint64_t> frequencies;
    std::map<Symbol, std::size_t> places;
    for (const auto& [symbol, count] : counts) {
      places[symbol] = symbols_.size();
      symbols_.push_back(symbol);
      frequencies.push_back(count);
    }
    if (symbols_.size() > 65536) fail_input("a layer with more than 65536 distinct values or distances");
    const std::vector<std::uint8_t> lengths = encode::code_lengths(frequencies);
    const encode::HuffmanEncoder encoder(lengths);
    encode::BitWriter writer;
    for (const Symbol symbol : string) encoder.write(writer, places[symbol]);
    bits_ = writer.take();
    decoder_ = std::make_unique<encode::HuffmanDecoder>(lengths);
  }
  /// The code's bits, a length and a symbol of four bytes for each entry of the code, the decoder's table.
  [[nodiscard]] std::uint64_t bytes() const { return bits_.size() + symbols_.size() * 5; }
  [[nodiscard]] std::uint64_t decoder_bytes() const {
    return sizeof(encode::HuffmanDecoder) + symbols_.size() * sizeof(std::uint16_t);
  }
  [[nodiscard]] encode::BitReader reader() const { return encode::BitReader(bits_); }
  [[nodiscard]] Symbol read(encode::BitReader& reader) const {
    return symbols_[static_cast<std::size_t>(decoder_->read(reader))];
  }

 private:
  std::vector<Symbol> symbols_;
  std::vector<std::uint8_t> bits_;
  std::unique_ptr<encode::HuffmanDecoder> decoder_;
};

class HuffmanForm : public WeightForm {
 public:
  HuffmanForm(const Strings& strings, bool sparse, std::int64_t columns)
      : sparse_(sparse),
        columns_(columns),
        main_(strings.main),
        values_(strings.values),
        main_reader_(main_.reader()),
        values_reader_(values_.reader()) {}
  std::uint64_t bytes() const override { return main_.bytes() + values_.bytes(); }
  std::uint64_t scratch_bytes() const override { return main_.decoder_bytes() + values_.decoder_bytes(); }
  void start() override {
    main_reader_ = main_.reader();
    values_reader_ = values_.reader();
    for (int symbol = 0; symbol < 2; ++symbol) (void)main_.read(main_reader_);  // the flag, the first delimiter
  }
  void next(FilterOperands& operands) override {
    operands.start(columns_);
    std::uint32_t position = 0;
    for (Symbol symbol = main_.read(main_reader_); symbol >= first_operand; symbol = main_.read(main_reader_)) {
      if (sparse_) {
        position += symbol - first_operand;
        operands.add(position, unzigzag(values_.read(values_reader_) - first_value));
      } else {
        operands.add_unless_zero(position, unzigzag(symbol - first_operand));
      }
      ++position;
    }
  }

 private:
  bool sparse_;
  std::int64_t columns_;
  CodedString main_, values_;
  encode::BitReader main_reader_, values_reader_;
};

std::unique_ptr<HuffmanForm> form_of(const encode::WeightMatrix& matrix, RasType type) {
  Strings strings;
  append_union(matrix, type, strings);
  return std::make_unique<HuffmanForm>(strings, is_sparse(type), matrix.columns);
}

}  // namespace

std::unique_ptr<WeightForm> huffman_form(const encode::WeightMatrix& matrix) {
  auto dense = form_of(matrix, RasType::block_dense), sparse = form_of(matrix, RasType::block_sparse);
  return sparse->bytes() < dense->bytes() ? std::move(sparse) : std::move(dense);
}

}  // namespace rebasis::succinct
