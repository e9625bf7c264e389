// huffman_decoder against workloads/encode/huffman: random optimal codes, input gaps and back-pressure.
#include "Vhuffman_decoder.h"
#include "Vhuffman_decoder___024root.h"
#include "rtl/bench/bench.h"
#include "tests/support/dice.h"
#include "workloads/encode/huffman.h"

namespace rebasis::rtl {

namespace {

constexpr std::size_t symbols = 16, max_length = 15, refill = 16;

class HuffmanDecoderBench : public Device<Vhuffman_decoder> {
 public:
  [[nodiscard]] std::string name() const override { return "huffman_decoder"; }
  std::uint64_t run_case(std::uint64_t seed) override;

 private:
  void configure(const std::vector<std::uint8_t>& lengths);
};

std::vector<std::uint8_t> random_lengths(test::Dice& dice) {
  std::vector<std::uint64_t> frequencies(symbols);
  const std::int64_t used = dice.between(1, symbols);
  const bool steep = dice.chance(0.4);  // powers of two: the longest codes
  for (std::int64_t i = 0; i < used; ++i) {
    const auto symbol = static_cast<std::size_t>(dice.between(0, symbols - 1));
    frequencies[symbol] =
        steep ? std::uint64_t{1} << static_cast<unsigned>(i) : static_cast<std::uint64_t>(dice.between(1, 99));
  }
  return encode::code_lengths(frequencies);
}

/// Canonical code: of each length the first value past its codewords, and where its symbols begin.
void HuffmanDecoderBench::configure(const std::vector<std::uint8_t>& lengths) {
  std::uint64_t code = 0;
  std::size_t place = 0;
  for (std::size_t length = 1; length <= max_length; ++length) {
    code <<= 1U;
    const std::uint64_t first = code;
    const std::size_t first_place = place;
    for (std::size_t s = 0; s < symbols; ++s) {
      if (lengths[s] != length) continue;
      put_bits(dut_.cfg_symbols, 8 * place++, 8, static_cast<std::int64_t>(s));
      ++code;
    }
    put_bits(dut_.cfg_limit, 16 * (length - 1), 16, static_cast<std::int64_t>(code == first ? 0 : code));
    put_bits(dut_.cfg_offset, 4 * (length - 1), 4,
             static_cast<std::int64_t>(first_place) - static_cast<std::int64_t>(first));
  }
}

std::uint64_t HuffmanDecoderBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const std::vector<std::uint8_t> lengths = random_lengths(dice);
  const encode::HuffmanEncoder encoder(lengths);
  encode::BitWriter writer;
  std::vector<std::size_t> sent;
  for (int i = 0; i < 200; ++i) {
    const auto symbol = static_cast<std::size_t>(dice.between(0, symbols - 1));
    if (lengths[symbol] == 0) continue;
    encoder.write(writer, symbol);
    sent.push_back(symbol);
  }
  const std::vector<std::uint8_t> bytes = writer.take();
  encode::BitReader source(bytes), model(bytes);
  const encode::HuffmanDecoder decoder(lengths);
  configure(lengths);
  dut_.in_valid = dut_.out_ready = 0;
  reset();
  const double gap = dice.pick<double>({0, 0.3, 0.8}), pressure = dice.pick<double>({0, 0.3, 0.8});
  for (std::size_t decoded = 0; decoded < sent.size();) {
    dut_.in_valid = !dice.chance(gap);
    dut_.out_ready = !dice.chance(pressure);
    dut_.in_bits = static_cast<SData>(source.peek() & 0xFFFFU);
    const std::uint64_t buffered = source.position() - model.position();
    settle();
    same("in_ready", buffered <= max_length, dut_.in_ready);
    same("out_valid", lengths[sent[decoded]] <= buffered, dut_.out_valid);
    if (dut_.out_valid && dut_.out_ready) {
      same("out_symbol", decoder.read(model), dut_.out_symbol);
      same("symbol sent", static_cast<std::int64_t>(sent[decoded++]), dut_.out_symbol);
    }
    if (dut_.in_valid && dut_.in_ready) source.skip(refill);
    clock();
    same("bits held", static_cast<std::int64_t>(source.position() - model.position()),
         dut_.rootp->huffman_decoder__DOT__count);
  }
  return cycle_;
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<HuffmanDecoderBench>(); }

}  // namespace rebasis::rtl
