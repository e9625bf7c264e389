#include "sim/core/decoder/code.h"

#include <algorithm>
#include <bit>

#include "workloads/encode/huffman.h"

namespace rebasis::sim {

namespace {

constexpr unsigned widest_run = 8;
constexpr std::uint64_t fixed_table_bytes = 2;  // run_length: the two widths

/// Depths of a balanced tree over the symbols that occur, in their order: the first ones are a level less deep.
std::vector<std::uint8_t> balanced_lengths(std::span<const std::uint64_t> frequencies) {
  const auto symbols = static_cast<std::uint64_t>(
      std::count_if(frequencies.begin(), frequencies.end(), [](std::uint64_t count) { return count != 0; }));
  const int depth = std::max(1, static_cast<int>(std::bit_width(symbols - 1)));
  std::uint64_t shallow = symbols == 1 ? 0 : (std::uint64_t{1} << depth) - symbols;
  std::vector<std::uint8_t> lengths(frequencies.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (frequencies[i] == 0) continue;
    lengths[i] = static_cast<std::uint8_t>(shallow > 0 ? depth - 1 : depth);
    if (shallow > 0) --shallow;
  }
  return lengths;
}

bool balanced(const arch::DecoderSpec& spec) { return spec.succinct() && spec.tree == "balanced"; }

std::vector<std::uint8_t> lengths_of(std::span<const std::uint64_t> frequencies, const arch::DecoderSpec& spec) {
  return balanced(spec) ? balanced_lengths(frequencies) : encode::code_lengths(frequencies, longest_code);
}

/// A bit a symbol: does it occur? And, of a Huffman code, a byte for the length of each that does.
std::uint64_t table_bytes(std::span<const std::uint8_t> lengths, const arch::DecoderSpec& spec) {
  const auto occurring = std::count_if(lengths.begin(), lengths.end(), [](std::uint8_t bits) { return bits != 0; });
  return (lengths.size() + 7) / 8 + (balanced(spec) ? 0 : static_cast<std::uint64_t>(occurring));
}

/// Bits of the widest value, two's complement.
unsigned width_of(std::span<const std::uint64_t> values) {
  unsigned width = 1;
  for (std::size_t symbol = 0; symbol < values.size(); ++symbol) {
    if (values[symbol] == 0) continue;
    const std::int8_t value = value_of(symbol);
    width =
        std::max(width, 1 + static_cast<unsigned>(std::bit_width(static_cast<unsigned>(value < 0 ? ~value : value))));
  }
  return width;
}

}  // namespace

int LayerCode::height() const {
  int longest = 0;
  for (const std::uint8_t bits : value_lengths) longest = std::max<int>(longest, bits);
  for (const std::uint8_t bits : run_lengths) longest = std::max<int>(longest, bits);
  return longest;
}

void WeightHistogram::add(std::span<const std::int8_t> chunk) {
  std::size_t zeros = 0;
  for (const std::int8_t weight : chunk) {
    if (weight == 0) {
      ++zeros;
      continue;
    }
    ++values_[symbol_of(weight)];
    ++runs_[zeros];
    zeros_ += zeros;
    zeros = 0;
  }
  if (zeros > 0) ++tails_[zeros - 1];
  zeros_ += zeros;
}

WeightHistogram::Priced WeightHistogram::dense(const arch::DecoderSpec& spec) const {
  std::array<std::uint64_t, 256> values = values_;
  values[symbol_of(0)] = zeros_;
  Priced result;
  result.code.value_lengths = lengths_of(values, spec);
  result.code.table_bytes = table_bytes(result.code.value_lengths, spec);
  result.bits = encode::coded_bits(values, result.code.value_lengths) + 8 * result.code.table_bytes;
  return result;
}

WeightHistogram::Priced WeightHistogram::pairs(const arch::DecoderSpec& spec, unsigned run_bits) const {
  Priced result;
  LayerCode& code = result.code;
  code.pairs = true;
  code.run_bits = run_bits;
  std::array<std::uint64_t, 256> values = values_;
  std::vector<std::uint64_t> runs(std::size_t{1} << run_bits);
  std::uint64_t operands = 0;
  const auto take = [&](std::size_t zeros, std::uint64_t count) {
    const std::uint64_t fillers = zeros / runs.size() * count;
    runs.back() += fillers;
    values[symbol_of(0)] += fillers;
    runs[zeros % runs.size()] += count;
    operands += fillers + count;
  };
  for (std::size_t zeros = 0; zeros < runs_.size(); ++zeros) {
    if (runs_[zeros] != 0) take(zeros, runs_[zeros]);
    if (tails_[zeros] != 0) take(zeros, tails_[zeros]);
    values[symbol_of(0)] += tails_[zeros];
  }
  if (spec.kind == "run_length") {
    code.value_bits = width_of(values);
    code.table_bytes = fixed_table_bytes;
    result.bits = operands * (run_bits + code.value_bits) + 8 * code.table_bytes;
    return result;
  }
  code.value_lengths = lengths_of(values, spec);
  code.run_lengths = lengths_of(runs, spec);
  code.table_bytes = table_bytes(code.value_lengths, spec) + table_bytes(code.run_lengths, spec);
  result.bits = encode::coded_bits(values, code.value_lengths) + encode::coded_bits(runs, code.run_lengths) +
                8 * code.table_bytes;
  return result;
}

LayerCode WeightHistogram::best_code(const arch::DecoderSpec& spec) const {
  Priced best = pairs(spec, 1);
  for (unsigned run_bits = 2; run_bits <= widest_run; ++run_bits) {
    Priced other = pairs(spec, run_bits);
    if (other.bits < best.bits) best = std::move(other);
  }
  if (spec.kind == "run_length") return best.code;
  Priced other = dense(spec);
  return other.bits <= best.bits ? other.code : best.code;
}

}  // namespace rebasis::sim
