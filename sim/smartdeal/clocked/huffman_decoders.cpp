#include "sim/smartdeal/clocked/huffman_decoders.h"

#include <algorithm>

#include "common/error.h"
#include "sim/smartdeal/coefficient_decoders.h"

namespace rebasis::sim::smartdeal {

HuffmanDecoders::HuffmanDecoders(const Context& context, const Dma& dma)
    : context_(context),
      dma_(dma),
      decoders_(static_cast<std::size_t>(context.spec.huffman_decoders)),
      done_(context.job.mapping.blocks.size()),
      left_(done_.size()) {
  if (!context.layout.compressed) return;
  writer_.emplace(context.job.layer.code_lengths);
  code_.emplace(context.job.layer.code_lengths);
  first_block_ = done_.size();
  for (std::size_t block = 0; block < done_.size(); ++block) {
    const auto& coded = context.job.mapping.blocks[block].coded;
    for (std::size_t filter = 0; coded && filter < coded->size(); ++filter) {
      if ((*coded)[filter].symbols == 0) continue;
      decoders_[decoder_of(filter, context.mode, context.spec)].todo.push_back({block, filter});
      ++left_[block];
      first_block_ = std::min(first_block_, block);
      done_[block] = Dma::never;
    }
  }
}

void HuffmanDecoders::start(Decoder& decoder) {
  const PassRange& pass = context_.job.mapping.blocks[decoder.todo.front().block].pass;
  const WeightLayout& layout = context_.layout;
  const std::int64_t m = pass.first_filter + static_cast<std::int64_t>(decoder.todo.front().filter);
  const std::int64_t first = pass.first_unit * layout.rows_per_unit, last = pass.last_unit * layout.rows_per_unit;
  encode::BitWriter codes;
  decoder.expected.clear();
  for (std::int64_t i = (m * layout.rows + first) * layout.n; i < (m * layout.rows + last) * layout.n; ++i) {
    const encode::Coefficient value = context_.job.layer.form.coefficients[static_cast<std::size_t>(i)];
    if (value == 0) continue;
    decoder.expected.push_back(value);
    writer_->write(codes, encode::symbol_of(value, context_.job.layer.info.smartdeal.exponents.size()));
  }
  decoder.codes = codes.take();
  decoder.in.emplace(decoder.codes);
  decoder.next = 0;
  decoder.filling = context_.spec.huffman_start;
}

/// The table lies before the codes of the first block that has any.
void HuffmanDecoders::load_table(Cycle now) {
  if (table_left_ > 0) {
    --table_left_;
    return;
  }
  if (table_left_ == 0 || dma_.jobs(load_channel) <= first_block_) return;
  if (dma_.arrival(load_channel, first_block_, context_.job.mapping.blocks[first_block_].codes_begin) > now) return;
  table_left_ = context_.spec.huffman_table_load;
}

void HuffmanDecoders::step(Decoder& decoder, Cycle now) {
  const std::size_t exponents = context_.job.layer.info.smartdeal.exponents.size();
  for (std::int64_t i = 0; i < context_.spec.huffman_symbols_per_cycle; ++i) {
    const int symbol = code_->read(*decoder.in);
    ++symbols_;
    if (symbol < 0 || static_cast<std::size_t>(symbol) != encode::symbol_of(decoder.expected[decoder.next], exponents))
      fail_internal("a Huffman decoder decoded another coefficient than the layer has");
    if (++decoder.next < decoder.expected.size()) continue;
    const std::size_t block = decoder.todo.front().block;
    decoder.todo.pop_front();
    decoder.in.reset();
    if (--left_[block] == 0) done_[block] = now + 1;
    return;
  }
}

void HuffmanDecoders::evaluate(Cycle now, const std::vector<Cycle>& issued, Counters& counters) {
  if (context_.layout.compressed && first_block_ < done_.size()) load_table(now);
  for (Decoder& decoder : decoders_) {
    if (decoder.todo.empty()) continue;
    if (!decoder.in) {
      const Work& work = decoder.todo.front();
      const Block& block = context_.job.mapping.blocks[work.block];
      if (work.block >= issued.size() || issued[work.block] > now) {
        ++counters.decoders[Cause::output];
        continue;
      }
      if (work.block >= dma_.jobs(load_channel) ||
          dma_.arrival(load_channel, work.block, block.codes_begin + (*block.coded)[work.filter].end) > now) {
        ++counters.decoders[Cause::dram];
        continue;
      }
      if (table_left_ > 0) {
        ++counters.decoders[Cause::fill_drain];
        continue;
      }
      start(decoder);
    }
    if (decoder.filling > 0) {
      --decoder.filling;
      ++counters.decoders[Cause::fill_drain];
      continue;
    }
    ++counters.decoders[Cause::busy];
    step(decoder, now);
  }
}

}  // namespace rebasis::sim::smartdeal
