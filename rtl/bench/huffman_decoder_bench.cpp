// huffman_decoder against workloads/encode/huffman, with gaps and back-pressure, and in lock-step with
// sim/smartdeal/clocked/huffman_decoders.
#include <optional>

#include "Vhuffman_decoder.h"
#include "Vhuffman_decoder___024root.h"
#include "rtl/bench/bench.h"
#include "rtl/bench/smartdeal_case.h"
#include "workloads/encode/huffman.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;
constexpr std::size_t symbols = 16, max_length = 15, refill = 16;

class HuffmanDecoderBench : public Device<Vhuffman_decoder> {
 public:
  [[nodiscard]] std::string name() const override { return "huffman_decoder"; }
  /// Half of the cases: a random code, gaps and back-pressure; the others: the decoder of a layer, in step with the
  /// clocked model.
  std::uint64_t run_case(std::uint64_t seed) override { return seed % 2 == 0 ? run_stream(seed) : run_layer(seed); }

 private:
  std::uint64_t run_stream(std::uint64_t seed);
  std::uint64_t run_layer(std::uint64_t seed);
  void table_entry(const std::vector<std::uint8_t>& lengths, std::size_t entry, test::Dice& dice);
  void begin();
};

std::vector<std::uint8_t> random_lengths(test::Dice& dice) {
  std::vector<std::uint64_t> frequencies(symbols);
  const std::int64_t used = dice.between(1, symbols), first = dice.between(0, symbols - 1);
  const bool steep = dice.chance(0.4);  // powers of two: the longest codes
  for (std::int64_t i = 0; i < used; ++i) {
    const auto symbol = static_cast<std::size_t>((first + 7 * i) % static_cast<std::int64_t>(symbols));
    frequencies[symbol] =
        steep ? std::uint64_t{1} << static_cast<unsigned>(i) : static_cast<std::uint64_t>(dice.between(1, 99));
  }
  return encode::code_lengths(frequencies);
}

/// Puts an entry of the table of the canonical code to the port; a length without codewords has any offset.
void HuffmanDecoderBench::table_entry(const std::vector<std::uint8_t>& lengths, std::size_t entry, test::Dice& dice) {
  std::uint64_t code = 0;
  std::size_t place = 0;
  dut_.table_valid = 1;
  dut_.table_entry = static_cast<CData>(entry);
  for (std::size_t length = 1; length <= max_length; ++length) {
    code <<= 1U;
    const std::uint64_t first = code;
    const std::size_t first_place = place;
    for (std::size_t s = 0; s < lengths.size(); ++s) {
      if (lengths[s] != length) continue;
      if (place++ == entry) dut_.table_symbol = static_cast<CData>(s);
      ++code;
    }
    if (length != entry + 1) continue;
    dut_.table_limit = static_cast<SData>(code == first ? 0 : code);
    dut_.table_offset = static_cast<CData>(code == first ? static_cast<std::size_t>(dice.between(0, symbols - 1))
                                                         : (first_place - first) % symbols);
  }
}

void HuffmanDecoderBench::begin() {
  dut_.in_valid = dut_.in_first = dut_.out_ready = dut_.table_valid = 0;
  reset();
}

std::uint64_t HuffmanDecoderBench::run_stream(std::uint64_t seed) {
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
  begin();
  for (std::size_t entry = 0; entry < symbols; ++entry) {
    table_entry(lengths, entry, dice);
    clock();
  }
  dut_.table_valid = 0;
  const double gap = dice.pick<double>({0, 0.3, 0.8}), pressure = dice.pick<double>({0, 0.3, 0.8});
  for (std::size_t decoded = 0; decoded < sent.size();) {
    dut_.in_valid = !dice.chance(gap);
    dut_.out_ready = !dice.chance(pressure);
    dut_.in_bits = static_cast<SData>(source.peek() & 0xFFFFU);
    const std::uint64_t buffered = source.position() - model.position();
    const bool valid = lengths[sent[decoded]] <= buffered;
    dut_.in_first = source.position() == 0;
    settle();
    same("out_valid", valid, dut_.out_valid);
    same("in_ready", buffered - (valid && dut_.out_ready ? lengths[sent[decoded]] : 0) <= max_length, dut_.in_ready);
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

/// What the decoder of the model's one slice does in each cycle, the RTL does; loads come at random times.
std::uint64_t HuffmanDecoderBench::run_layer(std::uint64_t seed) {
  test::Dice dice(seed);
  std::unique_ptr<SmartDealCase> layer;
  do {
    layer = smartdeal_case(dice, 1);
  } while (!layer->layer.layout.compressed);
  case_ = layer->in_words();
  layer->spec.huffman_decoders = 1;
  const sim::smartdeal::Context context(*layer->job);
  const auto& blocks = layer->mapping.blocks;
  sim::Dma dma({64, 2}, sim::smartdeal::dma_channels,
               [&](const sim::DramRequest&, sim::Cycle now) { return now + dice.between(1, 40); });
  sim::smartdeal::HuffmanDecoders model(context, dma);
  sim::smartdeal::Counters counters;
  std::vector<sim::Cycle> issued;
  std::vector<std::uint8_t> codes;
  std::optional<encode::BitReader> source;
  begin();
  for (sim::Cycle now = 0; !View::all_done(model); ++now) {
    if (issued.size() < blocks.size() && dice.chance(0.1)) {
      dma.issue(sim::smartdeal::load_channel, blocks[issued.size()].loads, false, now,
                blocks[issued.size()].coded != nullptr);
      issued.push_back(now);
    }
    const View::Decoder before = View::decoder(model);
    model.evaluate(now, issued, counters);
    const View::Decoder after = View::decoder(model);
    dma.tick(now);
    dut_.table_valid = 0;
    if (after.table_left > 0)
      table_entry(layer->layer.code_lengths,
                  static_cast<std::size_t>(layer->spec.huffman_table_load - after.table_left), dice);
    const bool decodes = model.symbols() != before.symbols;
    dut_.in_first = !before.busy && after.busy;
    dut_.in_valid = after.busy || decodes;
    if (dut_.in_first) {
      codes = View::codes(model);
      source.emplace(codes);
    }
    dut_.in_bits = static_cast<SData>(dut_.in_valid ? source->peek() & 0xFFFFU : 0);
    dut_.out_ready = decodes;
    settle();
    if (decodes) {
      same("out_valid", 1, dut_.out_valid);
      same("out_symbol", before.next_symbol, dut_.out_symbol);
    }
    if (dut_.in_valid && dut_.in_ready) source->skip(refill);
    clock();
  }
  return cycle_;
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<HuffmanDecoderBench>(); }

}  // namespace rebasis::rtl
