// Huffman codes against the entropy bound; whole layers against a naive rebuild.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

#include "workloads/encode/huffman.h"
#include "workloads/encode/smartdeal_form.h"

using namespace rebasis;
using namespace rebasis::encode;

namespace {

/// Rebuilt weights as the trace's comment defines them, with doubles and one weight at a time.
std::vector<double> naive_rebuild(const SmartDealForm& form, const LayerShape& shape) {
  std::vector<double> weights;
  const std::int64_t filter_weights = shape.channels_per_group() * shape.R * shape.S, n = form.info.n;
  for (std::int64_t m = 0; m < shape.M; ++m) {
    for (std::int64_t w = 0; w < filter_weights; ++w) {
      const std::int64_t row = w / n, column = w % n;
      std::int64_t slice = 0, last = form.info.slice_rows[0];
      while (row >= last) last += form.info.slice_rows[static_cast<std::size_t>(++slice)];
      const std::int64_t slices = static_cast<std::int64_t>(form.info.slice_rows.size());
      double sum = 0;
      for (std::int64_t k = 0; k < n; ++k) {
        const int code = form.coefficients[static_cast<std::size_t>((m * form.info.rows + row) * n + k)];
        if (code == 0) continue;
        const int exponent = form.info.exponents[static_cast<std::size_t>(std::abs(code) - 1)];
        const double basis = form.basis[static_cast<std::size_t>(((m * slices + slice) * n + k) * n + column)];
        sum += (code < 0 ? -1 : 1) * std::ldexp(basis, exponent - form.info.exponents[0]);
      }
      weights.push_back(sum);
    }
  }
  return weights;
}

struct Case {
  LayerShape shape;
  SmartDealForm form;
};

Case random_case() {
  Case c;
  c.shape.M = *rc::gen::inRange(1, 6);
  c.shape.C = *rc::gen::inRange(1, 20);
  const bool pointwise = *rc::gen::arbitrary<bool>();
  c.form.info.rows_are_kernel_rows = !pointwise;
  c.form.info.n = *rc::gen::inRange(2, 8);
  c.shape.S = pointwise ? 1 : c.form.info.n;
  c.shape.R = pointwise ? 1 : *rc::gen::inRange(1, 5);
  const std::int64_t weights = c.shape.C * c.shape.R * c.shape.S;
  c.form.info.rows = (weights + c.form.info.n - 1) / c.form.info.n;
  for (std::int64_t left = c.form.info.rows; left > 0;) {
    const auto part = *rc::gen::inRange<std::int64_t>(1, left + 1);
    c.form.info.slice_rows.push_back(part);
    left -= part;
  }
  int exponent = *rc::gen::inRange(-12, 3);
  const int count = *rc::gen::inRange(1, 9);
  for (int e = 0; e < count; ++e) {
    c.form.info.exponents.push_back(exponent);
    exponent += *rc::gen::inRange(1, 3);
  }
  c.form.filters = c.shape.M;
  const auto size = static_cast<std::size_t>(c.shape.M * c.form.info.rows * c.form.info.n);
  const int density = *rc::gen::inRange(0, 5);
  c.form.coefficients = *rc::gen::container<std::vector<Coefficient>>(
      size, rc::gen::map(rc::gen::inRange(-count * 5, count * 5 + 1),
                         [=](int v) { return static_cast<Coefficient>(v % 5 < density ? v / 5 : 0); }));
  const auto basis = static_cast<std::size_t>(c.shape.M) * c.form.info.slice_rows.size() *
                     static_cast<std::size_t>(c.form.info.n * c.form.info.n);
  c.form.basis = *rc::gen::container<std::vector<std::int8_t>>(basis, rc::gen::arbitrary<std::int8_t>());
  c.form.basis_shift = *rc::gen::container<std::vector<std::int8_t>>(static_cast<std::size_t>(c.shape.M),
                                                                     rc::gen::arbitrary<std::int8_t>());
  return c;
}

}  // namespace

TEST_CASE("any sequence of symbols survives, and takes at least its entropy and less than one bit a symbol more") {
  CHECK(rc::check([] {
    const auto symbols = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 46));
    std::vector<std::uint64_t> frequencies(46, 0);
    for (const std::size_t symbol : symbols) ++frequencies[symbol];
    const std::vector<std::uint8_t> lengths = code_lengths(frequencies);
    const HuffmanEncoder encoder(lengths);
    const HuffmanDecoder decoder(lengths);
    BitWriter writer;
    for (const std::size_t symbol : symbols) encoder.write(writer, symbol);
    const std::uint64_t bits = writer.bits();
    RC_ASSERT(bits == coded_bits(frequencies, lengths));
    double entropy = 0;
    for (const std::uint64_t count : frequencies) {
      if (count > 0)
        entropy +=
            static_cast<double>(count) * std::log2(static_cast<double>(symbols.size()) / static_cast<double>(count));
    }
    RC_ASSERT(static_cast<double>(bits) >= entropy - 1e-6);
    RC_ASSERT(static_cast<double>(bits) <= entropy + static_cast<double>(symbols.size()) + 1e-6);
    const auto bytes = writer.take();
    BitReader reader(bytes);
    for (const std::size_t symbol : symbols) RC_ASSERT(decoder.read(reader) == static_cast<int>(symbol));
    RC_ASSERT(reader.position() == bits);
  }));
}

TEST_CASE("any layer survives encoding, and rebuilds to the naive sum") {
  CHECK(rc::check([] {
    const Case c = random_case();
    const EncodedCoefficients e = encode::encode(c.form);
    const SmartDealForm decoded = decode(
        {e.row_index, e.element_index, e.coefficients, e.code_lengths, e.filter_bits, c.form.basis, c.form.basis_shift},
        c.form.info, c.shape, "layer");
    RC_ASSERT(decoded.coefficients == c.form.coefficients);
    const std::vector<std::int32_t> rebuilt = rebuild(decoded, c.shape);
    RC_ASSERT(std::vector<double>(rebuilt.begin(), rebuilt.end()) == naive_rebuild(c.form, c.shape));
  }));
}

TEST_CASE("damaged bytes are decoded to something or refused, never worse") {
  CHECK(rc::check([] {
    const Case c = random_case();
    EncodedCoefficients e = encode::encode(c.form);
    std::vector<std::uint8_t>* const parts[] = {&e.row_index, &e.element_index, &e.coefficients, &e.code_lengths};
    auto& part = *parts[*rc::gen::inRange(0, 4)];
    if (!part.empty())
      part[*rc::gen::inRange<std::size_t>(0, part.size())] ^=
          static_cast<std::uint8_t>(1U << *rc::gen::inRange(0U, 8U));
    try {
      const SmartDealForm decoded = decode({e.row_index, e.element_index, e.coefficients, e.code_lengths, e.filter_bits,
                                            c.form.basis, c.form.basis_shift},
                                           c.form.info, c.shape, "layer");
      RC_ASSERT(decoded.coefficients.size() == c.form.coefficients.size());
    } catch (const Error& error) {
      RC_ASSERT(error.status() == Status::bad_input);
    }
  }));
}
