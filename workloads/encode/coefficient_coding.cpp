// 1-bit direct index at row and element granularity, Huffman codes of the non-zero coefficients.
#include <algorithm>
#include <string>

#include "common/error.h"
#include "workloads/encode/bit_stream.h"
#include "workloads/encode/huffman.h"
#include "workloads/encode/smartdeal_form.h"

namespace rebasis::encode {
namespace {

bool is_non_zero(Coefficient value) { return value != 0; }

/// What decode() reads from and reports on.
struct Decoder {
  const EncodedView& view;
  const std::string& layer;
  BitReader rows, elements, codes;
  HuffmanDecoder huffman;
  std::size_t exponents;

  Decoder(const EncodedView& encoded, std::size_t exponent_count, const std::string& name)
      : view(encoded),
        layer(name),
        rows(encoded.row_index),
        elements(encoded.element_index),
        codes(encoded.coefficients),
        huffman(encoded.code_lengths),
        exponents(exponent_count) {}

  [[noreturn]] void refuse(const std::string& what) const { fail_input("layer '" + layer + "': " + what); }

  /// One coefficient row of n elements.
  void row(Coefficient* out, std::size_t n) {
    const std::uint32_t present = elements.read(static_cast<int>(n));
    if (present == 0) refuse("a coefficient row that the row index calls non-zero has no element");
    for (std::size_t k = 0; k < n; ++k) {
      if (((present >> k) & 1U) == 0) continue;
      const int symbol = huffman.read(codes);
      if (symbol < 0) refuse("bits that are no Huffman codeword among the coefficients");
      const int index = symbol < static_cast<int>(exponents) ? symbol : symbol - static_cast<int>(exponents);
      out[k] = static_cast<Coefficient>(symbol < static_cast<int>(exponents) ? index + 1 : -(index + 1));
    }
  }

  /// The rows of one filter; checks its length in bits.
  void filter(Coefficient* out, std::size_t row_count, std::size_t n, std::uint32_t expected_bits, std::int64_t m) {
    const std::uint64_t begin = codes.position();
    for (std::size_t i = 0; i < row_count; ++i) {
      if (rows.read_bit()) row(out + i * n, n);
    }
    if (elements.position() > elements.size()) refuse("the element index ends too early");
    if (codes.position() > codes.size()) refuse("the coefficients end too early");
    if (codes.position() - begin != expected_bits) {
      refuse("filter " + std::to_string(m) + " takes " + std::to_string(codes.position() - begin) +
             " coefficient bits, not the " + std::to_string(expected_bits) + " of filter_bits");
    }
  }

  /// The bit string must be used up to its padding of less than a byte, which must be zero.
  void finish(BitReader& bits, const std::string& what) const {
    const std::uint64_t left = bits.size() - bits.position();
    if (bits.position() > bits.size() || left >= 8)
      refuse(what + ": " + std::to_string(bits.size() / 8) + " bytes are not what the layer needs");
    if (bits.read(static_cast<int>(left)) != 0) refuse(what + ": padding bits are not zero");
  }
};

void check_sizes(const EncodedView& view, const trace::SmartDealInfo& info, const LayerShape& shape,
                 const Decoder& decoder) {
  const std::uint64_t filters = static_cast<std::uint64_t>(shape.M);
  const std::uint64_t index_bits = filters * static_cast<std::uint64_t>(info.rows);
  if (view.row_index.size() != (index_bits + 7) / 8) decoder.refuse("row_index has the wrong size");
  if (view.code_lengths.size() != 2 * info.exponents.size())
    decoder.refuse("code_lengths needs two symbols an exponent");
  if (view.filter_bits.size() != filters) decoder.refuse("filter_bits needs a value a filter");
  if (view.basis_shift.size() != filters) decoder.refuse("basis_shift needs a value a filter");
  const std::uint64_t basis = filters * info.slice_rows.size() * static_cast<std::uint64_t>(info.n * info.n);
  if (view.basis.size() != basis) decoder.refuse("basis has the wrong size");
}

}  // namespace

EncodedCoefficients encode(const SmartDealForm& form) {
  const std::size_t exponents = form.info.exponents.size();
  const std::size_t n = static_cast<std::size_t>(form.info.n);
  std::vector<std::uint64_t> frequencies(2 * exponents, 0);
  for (const Coefficient value : form.coefficients) {
    if (value != 0) ++frequencies.at(symbol_of(value, exponents));
  }
  EncodedCoefficients encoded;
  encoded.code_lengths = code_lengths(frequencies);
  const HuffmanEncoder huffman(encoded.code_lengths);
  BitWriter rows, elements, codes;
  const Coefficient* row = form.coefficients.data();
  for (std::int64_t m = 0; m < form.filters; ++m) {
    const std::uint64_t begin = codes.bits();
    for (std::int64_t i = 0; i < form.info.rows; ++i, row += n) {
      const bool any = std::any_of(row, row + n, is_non_zero);
      rows.write_bit(any);
      for (std::size_t k = 0; any && k < n; ++k) {
        elements.write_bit(row[k] != 0);
        if (row[k] != 0) huffman.write(codes, symbol_of(row[k], exponents));
      }
    }
    encoded.filter_bits.push_back(static_cast<std::uint32_t>(codes.bits() - begin));
  }
  encoded.row_index = rows.take();
  encoded.element_index = elements.take();
  encoded.coefficients = codes.take();
  return encoded;
}

SmartDealForm decode(const EncodedView& view, const trace::SmartDealInfo& info, const LayerShape& shape,
                     const std::string& layer) {
  check_layout(info, shape, layer);
  Decoder decoder(view, info.exponents.size(), layer);
  check_sizes(view, info, shape, decoder);
  const std::size_t rows = static_cast<std::size_t>(info.rows);
  const std::size_t n = static_cast<std::size_t>(info.n);
  SmartDealForm form{
      info, shape.M, {}, {view.basis.begin(), view.basis.end()}, {view.basis_shift.begin(), view.basis_shift.end()}};
  form.coefficients.assign(static_cast<std::size_t>(shape.M) * rows * n, 0);
  for (std::int64_t m = 0; m < shape.M; ++m) {
    const std::size_t filter = static_cast<std::size_t>(m);
    decoder.filter(form.coefficients.data() + filter * rows * n, rows, n, view.filter_bits[filter], m);
  }
  decoder.finish(decoder.rows, "row_index");
  decoder.finish(decoder.elements, "element_index");
  decoder.finish(decoder.codes, "coefficients");
  return form;
}

}  // namespace rebasis::encode
