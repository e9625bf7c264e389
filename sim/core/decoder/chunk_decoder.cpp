#include "sim/core/decoder/chunk_decoder.h"

#include <algorithm>
#include <optional>

#include "common/units.h"
#include "sim/core/decoder/wavelet.h"
#include "workloads/encode/huffman.h"

namespace rebasis::sim {

namespace {

constexpr int field_bits = 16;  // of a header

std::uint32_t masked(int value, unsigned bits) { return static_cast<std::uint32_t>(value) & ((1U << bits) - 1); }

void write_symbols(std::span<const std::int8_t> weights, const LayerCode& code, bool huffman, encode::BitWriter& out) {
  if (!huffman) {
    for_each_operand(weights, code, [&](std::uint32_t zeros, std::int8_t value) {
      out.write(zeros, static_cast<int>(code.run_bits));
      out.write(masked(value, code.value_bits), static_cast<int>(code.value_bits));
    });
    return;
  }
  const encode::HuffmanEncoder values(code.value_lengths), runs(code.run_lengths);
  for_each_operand(weights, code, [&](std::uint32_t zeros, std::int8_t value) {
    if (code.pairs) runs.write(out, zeros);
    values.write(out, symbol_of(value));
  });
}

/// Returns the number of operands.
std::size_t write_trees(std::span<const std::int8_t> weights, const LayerCode& code, encode::BitWriter& out) {
  std::vector<std::size_t> runs, values;
  for_each_operand(weights, code, [&](std::uint32_t zeros, std::int8_t value) {
    if (code.pairs) runs.push_back(zeros);
    values.push_back(symbol_of(value));
  });
  if (code.pairs) write_tree(TreeShape(code.run_lengths), runs, out);
  write_tree(TreeShape(code.value_lengths), values, out);
  return values.size();
}

/// run_length and huffman.
class SymbolDecoder : public ChunkDecoder {
 public:
  SymbolDecoder(const DecodePlan& plan, std::vector<std::uint8_t> bytes, std::size_t weights)
      : ChunkDecoder(plan, weights, 2), bytes_(std::move(bytes)), in_(bytes_) {
    in_.read(field_bits);
    if (plan.spec.kind != "huffman") return;
    values_.emplace(plan.code.value_lengths);
    runs_.emplace(plan.code.run_lengths);
  }

 protected:
  [[nodiscard]] bool more() const override { return position_ < count_; }
  void work(Entry& entry, DecoderActions& actions) override {
    for (std::int64_t i = 0; i < plan_.spec.symbols_per_cycle && more(); ++i) {
      if (values_)
        code(entry, actions);
      else
        pair(entry, actions);
    }
    entry.walked = true;
  }

 private:
  void code(Entry& entry, DecoderActions& actions) {
    ++actions[DecoderAction::huffman_symbol];
    ++actions[DecoderAction::table_read];
    if (plan_.code.pairs && !run_) {
      run_ = static_cast<std::uint32_t>(runs_->read(in_));
      return;
    }
    put(entry, run_.value_or(0), value_of(static_cast<std::size_t>(values_->read(in_))));
    run_.reset();
  }
  void pair(Entry& entry, DecoderActions& actions) {
    ++actions[DecoderAction::pair];
    const std::uint32_t zeros = in_.read(static_cast<int>(plan_.code.run_bits));
    const unsigned width = plan_.code.value_bits, unused = 32 - width;
    const std::uint32_t bits = in_.read(static_cast<int>(width));
    put(entry, zeros, static_cast<std::int8_t>(static_cast<std::int32_t>(bits << unused) >> unused));
  }
  void put(Entry& entry, std::uint32_t zeros, std::int8_t value) {
    entry.operands.emplace_back(zeros, value);
    position_ += zeros + 1;
  }

  std::vector<std::uint8_t> bytes_;
  encode::BitReader in_;
  std::optional<encode::HuffmanDecoder> values_, runs_;
  std::optional<std::uint32_t> run_;  ///< of a pair whose value comes next
  std::size_t position_ = 0;
};

/// succinct_element and succinct_block.
class TreeDecoder : public ChunkDecoder {
 public:
  TreeDecoder(const DecodePlan& plan, const std::vector<std::uint8_t>& bytes, std::size_t weights)
      : ChunkDecoder(plan, weights, slots(plan)),
        element_(plan.spec.kind == "succinct_element"),
        run_shape_(plan.code.run_lengths),
        value_shape_(plan.code.value_lengths) {
    encode::BitReader in(bytes);
    in.read(field_bits);
    operands_ = plan.code.pairs ? in.read(field_bits) : weights;
    const std::uint64_t before = in.position();
    if (plan.code.pairs) runs_.emplace(run_shape_, in, operands_);
    values_.emplace(value_shape_, in, operands_);
    words_left_ = ceil_div(in.position() - before, tree_word_bits);
  }

 protected:
  bool prepare(DecoderActions& actions) override {
    if (words_left_ == 0) return false;
    --words_left_;
    ++actions[DecoderAction::rank];
    actions[DecoderAction::chunk_write] += tree_word_bytes + rank_sample_bytes;
    if (!element_) actions[DecoderAction::chunk_read] += tree_word_bytes;  // to the cursors, once
    return true;
  }
  [[nodiscard]] bool more() const override { return started_ < operands_; }
  void work(Entry& entry, DecoderActions& actions) override {
    if (entry.number == started_) {
      ++started_;
      walks_.push_back({runs_ ? runs_->begin(entry.number) : WaveletTree::Walk{}, values_->begin(entry.number), 0});
    }
    Operand& operand = walks_[entry.number];
    if (runs_) level(*runs_, operand.run, actions);
    level(*values_, operand.value, actions);
    ++operand.cycles;
    const bool found = operand.value.symbol && (!runs_ || operand.run.symbol);
    if (!found || (!element_ && operand.cycles < plan_.code.height())) return;  // in order: all take the same time
    entry.operands.emplace_back(runs_ ? static_cast<std::uint32_t>(*operand.run.symbol) : 0U,
                                value_of(*operand.value.symbol));
    entry.walked = true;
  }

 private:
  struct Operand {
    WaveletTree::Walk run, value;
    int cycles = 0;
  };
  static std::size_t slots(const DecodePlan& plan) {
    if (plan.spec.kind == "succinct_element") return static_cast<std::size_t>(plan.spec.operands);
    return static_cast<std::size_t>(plan.code.height()) + 1;
  }
  void level(WaveletTree& tree, WaveletTree::Walk& walk, DecoderActions& actions) const {
    if (walk.symbol) return;
    if (element_) {
      tree.step(walk);
      ++actions[DecoderAction::rank];
      actions[DecoderAction::chunk_read] += level_bytes;
    } else {
      tree.step_in_order(walk);
      ++actions[DecoderAction::level_step];
    }
    if (walk.symbol) ++actions[DecoderAction::table_read];
  }

  bool element_;
  TreeShape run_shape_, value_shape_;
  std::optional<WaveletTree> runs_, values_;
  std::size_t operands_ = 0, started_ = 0;
  std::uint64_t words_left_ = 0;
  std::vector<Operand> walks_;
};

}  // namespace

std::vector<std::uint8_t> encode_chunk(std::span<const std::int8_t> weights, const LayerCode& code,
                                       const arch::DecoderSpec& spec) {
  encode::BitWriter payload;
  std::size_t operands = 0;
  if (spec.succinct())
    operands = write_trees(weights, code, payload);
  else
    write_symbols(weights, code, spec.kind == "huffman", payload);
  const std::vector<std::uint8_t> bytes = payload.take();
  encode::BitWriter out;
  out.write(static_cast<std::uint32_t>(bytes.size()), field_bits);
  if (spec.succinct() && code.pairs) out.write(static_cast<std::uint32_t>(operands), field_bits);
  for (const std::uint8_t byte : bytes) out.write(byte, 8);
  return out.take();
}

Cycle ChunkDecoder::write_cycles(const Entry& entry) const {
  std::int64_t weights = 0;
  for (const auto& operand : entry.operands) {
    const bool zero = operand.second == 0;
    weights += plan_.source.stores_zeros ? static_cast<std::int64_t>(operand.first) + 1 : (zero ? 0 : 1);
  }
  return std::max<Cycle>(1, ceil_div(weights * plan_.source.element_bytes, plan_.spec.write_bytes));
}

bool ChunkDecoder::cycle(DecoderActions& actions) {
  if (prepare(actions)) return false;
  const bool room = at_work_.size() < slots_;
  bool leaves = false;
  if (!at_work_.empty() && at_work_.front().walked) {
    Entry& head = at_work_.front();
    if (head.write_left < 0) head.write_left = write_cycles(head);
    leaves = --head.write_left == 0;
  }
  for (Entry& entry : at_work_) {
    if (!entry.walked) work(entry, actions);
  }
  if (room && more()) {
    at_work_.emplace_back();
    at_work_.back().number = entries_++;
    work(at_work_.back(), actions);
  }
  if (!leaves) return false;
  for (const auto& operand : at_work_.front().operands) {
    weights_.insert(weights_.end(), operand.first, std::int8_t{0});
    weights_.push_back(operand.second);
  }
  at_work_.pop_front();
  return at_work_.empty() && !more();
}

std::unique_ptr<ChunkDecoder> make_chunk_decoder(const DecodePlan& plan, std::vector<std::uint8_t> bytes,
                                                 std::size_t weights) {
  if (plan.spec.succinct()) return std::make_unique<TreeDecoder>(plan, bytes, weights);
  return std::make_unique<SymbolDecoder>(plan, std::move(bytes), weights);
}

}  // namespace rebasis::sim
