// How a layer's weights are coded for the weight decoder: symbols and their code, and the operands of a chunk.
// docs/decoders.md, "What is coded".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "arch/system_spec.h"

namespace rebasis::sim {

inline constexpr int longest_code = 16;  ///< bits of a codeword: the decoder's window and the depth of a tree

/// One code for a whole layer. An operand is a weight, or, with `pairs`, a weight and the zeros before it.
struct LayerCode {
  bool pairs = false;
  unsigned run_bits = 0;                    ///< pairs: at most 2^run_bits - 1 zeros; more take fillers, zeros as values
  unsigned value_bits = 8;                  ///< run_length: width of a value
  std::vector<std::uint8_t> value_lengths;  ///< [256] bits of the codeword of value + 128; 0: does not occur
  std::vector<std::uint8_t> run_lengths;    ///< [2^run_bits]
  std::uint64_t table_bytes = 0;            ///< in DRAM

  [[nodiscard]] std::uint32_t longest_run() const { return (1U << run_bits) - 1; }
  [[nodiscard]] int height() const;  ///< bits of the longest codeword
};

[[nodiscard]] inline std::size_t symbol_of(std::int8_t value) { return static_cast<std::size_t>(value + 128); }
[[nodiscard]] inline std::int8_t value_of(std::size_t symbol) {
  return static_cast<std::int8_t>(static_cast<int>(symbol) - 128);
}

/// Calls visit(zeros, value) for each operand of a chunk. The zeros at its end are an operand whose value is the last.
template <class Visit>
void for_each_operand(std::span<const std::int8_t> weights, const LayerCode& code, Visit&& visit) {
  if (!code.pairs) {
    for (const std::int8_t weight : weights) visit(0U, weight);
    return;
  }
  std::uint32_t zeros = 0;
  const std::uint32_t most = code.longest_run();
  const auto emit = [&](std::int8_t value) {
    for (; zeros > most; zeros -= most + 1) visit(most, std::int8_t{0});
    visit(zeros, value);
    zeros = 0;
  };
  for (const std::int8_t weight : weights) {
    if (weight == 0)
      ++zeros;
    else
      emit(weight);
  }
  if (zeros > 0) {
    --zeros;
    emit(0);
  }
}

/// What a code is chosen from.
class WeightHistogram {
 public:
  explicit WeightHistogram(std::int64_t chunk)
      : runs_(static_cast<std::size_t>(chunk)), tails_(static_cast<std::size_t>(chunk)) {}
  void add(std::span<const std::int8_t> chunk);
  /// The code with the fewest bits for the kind of decoder: operands with or without runs, the best width of runs.
  [[nodiscard]] LayerCode best_code(const arch::DecoderSpec& spec) const;

 private:
  struct Priced {
    LayerCode code;
    std::uint64_t bits = 0;
  };
  [[nodiscard]] Priced dense(const arch::DecoderSpec& spec) const;
  [[nodiscard]] Priced pairs(const arch::DecoderSpec& spec, unsigned run_bits) const;

  std::array<std::uint64_t, 256> values_{};  ///< non-zero weights
  std::uint64_t zeros_ = 0;
  std::vector<std::uint64_t> runs_, tails_;  ///< by zeros before a non-zero weight; by zeros at a chunk's end, less one
};

}  // namespace rebasis::sim
