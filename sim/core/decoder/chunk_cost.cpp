// Cycles of a chunk as recurrences over its operands: docs/decoders.md, "Cycle rules". `clocked` steps the same rules
// in chunk_decoder.cpp.
#include <algorithm>

#include "common/units.h"
#include "sim/core/decoder/decode_plan.h"

namespace rebasis::sim {

namespace {

/// Operands enter one a cycle and leave in order; a slot is free when its operand has been written.
class Window {
 public:
  Window(std::int64_t slots, Cycle first) : done_(static_cast<std::size_t>(slots)), issue_(first - 1), last_(first) {}
  void operand(Cycle walk, Cycle write) {
    Cycle& slot = done_[next_];
    issue_ = std::max(issue_ + 1, slot);
    last_ = std::max(last_, issue_ + walk) + write;
    slot = last_;
    next_ = next_ + 1 == done_.size() ? 0 : next_ + 1;
  }
  [[nodiscard]] Cycle done() const { return last_; }

 private:
  std::vector<Cycle> done_;
  std::size_t next_ = 0;
  Cycle issue_, last_;
};

struct Costing {
  const LayerCode& code;
  const arch::DecoderSpec& spec;
  const WeightSource& source;

  /// Weights that an operand puts into the buffer.
  [[nodiscard]] std::int64_t written(std::uint32_t zeros, std::int8_t value) const {
    return source.stores_zeros ? std::int64_t{zeros} + 1 : (value != 0 ? 1 : 0);
  }
  [[nodiscard]] Cycle write_cycles(std::int64_t weights) const {
    return std::max<Cycle>(1, ceil_div(weights * source.element_bytes, spec.write_bytes));
  }
  [[nodiscard]] ChunkCost symbols(std::span<const std::int8_t> weights) const;
  [[nodiscard]] ChunkCost tree(std::span<const std::int8_t> weights) const;
};

/// run_length and huffman: symbols in groups of symbols_per_cycle.
ChunkCost Costing::symbols(std::span<const std::int8_t> weights) const {
  const bool huffman = spec.kind == "huffman";
  Window window(2, 0);
  std::int64_t in_group = 0, group_weights = 0;
  std::uint64_t bits = 0, count = 0;
  const auto symbol = [&](std::int64_t stored) {
    ++count;
    group_weights += stored;
    if (++in_group < spec.symbols_per_cycle) return;
    window.operand(1, write_cycles(group_weights));
    in_group = group_weights = 0;
  };
  for_each_operand(weights, code, [&](std::uint32_t zeros, std::int8_t value) {
    if (huffman) {
      if (code.pairs) {
        bits += code.run_lengths[zeros];
        symbol(0);
      }
      bits += code.value_lengths[symbol_of(value)];
    } else {
      bits += code.run_bits + code.value_bits;
    }
    symbol(written(zeros, value));
  });
  if (in_group > 0) window.operand(1, write_cycles(group_weights));
  ChunkCost cost{header_bytes(code, spec) + ceil_div<std::uint64_t>(bits, 8), window.done(), {}};
  if (huffman) {
    cost.actions[DecoderAction::huffman_symbol] = cost.actions[DecoderAction::table_read] = count;
  } else {
    cost.actions[DecoderAction::pair] = count;
  }
  return cost;
}

/// succinct_element and succinct_block: the tree is filled first, then operands walk it.
ChunkCost Costing::tree(std::span<const std::int8_t> weights) const {
  const bool element = spec.kind == "succinct_element";
  std::uint64_t bits = 0, symbols = 0;
  const auto lengths = [&](std::uint32_t zeros, std::int8_t value) {
    const std::uint64_t run = code.pairs ? code.run_lengths[zeros] : 0U;
    return std::pair<std::uint64_t, std::uint64_t>(run, code.value_lengths[symbol_of(value)]);
  };
  for_each_operand(weights, code, [&](std::uint32_t zeros, std::int8_t value) {
    const auto [run, own] = lengths(zeros, value);
    bits += run + own;
    symbols += code.pairs ? 2 : 1;
  });
  const std::uint64_t payload = ceil_div<std::uint64_t>(bits, 8), words = ceil_div(bits, tree_word_bits);
  const std::int64_t height = code.height();
  Window window(element ? spec.operands : height + 1, static_cast<Cycle>(words));
  for_each_operand(weights, code, [&](std::uint32_t zeros, std::int8_t value) {
    const auto [run, own] = lengths(zeros, value);
    window.operand(element ? static_cast<Cycle>(std::max(run, own)) : height, write_cycles(written(zeros, value)));
  });
  ChunkCost cost{header_bytes(code, spec) + payload, window.done(), {}};
  DecoderActions& actions = cost.actions;
  actions[DecoderAction::table_read] = symbols;
  actions[DecoderAction::chunk_write] = words * (tree_word_bytes + rank_sample_bytes);
  actions[DecoderAction::rank] = words;
  if (element) {
    actions[DecoderAction::rank] += bits;
    actions[DecoderAction::chunk_read] = bits * level_bytes;
  } else {
    actions[DecoderAction::chunk_read] = words * tree_word_bytes;
    actions[DecoderAction::level_step] = bits;
  }
  return cost;
}

}  // namespace

std::uint64_t header_bytes(const LayerCode& code, const arch::DecoderSpec& spec) {
  constexpr std::uint64_t length = 2, operand_count = 2;
  return length + (spec.succinct() && code.pairs ? operand_count : 0);
}

ChunkCost chunk_cost(std::span<const std::int8_t> weights, const LayerCode& code, const arch::DecoderSpec& spec,
                     const WeightSource& source) {
  const Costing costing{code, spec, source};
  ChunkCost cost = spec.succinct() ? costing.tree(weights) : costing.symbols(weights);
  cost.actions[DecoderAction::staged_read] = cost.actions[DecoderAction::staged_write] = cost.bytes;
  return cost;
}

}  // namespace rebasis::sim
