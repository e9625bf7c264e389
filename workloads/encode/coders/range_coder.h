// Binary arithmetic coding with adaptive probabilities: a range coder with carry propagation (Martin, "Range encoding",
// 1979; the carry handling is that of Schindler's and LZMA's coders). Integers only, so bytes are the same everywhere.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace rebasis::encode {

/// Weight of the n-th decision (from 0) in the mean of all so far, in units of 2^-16: 1 / (n + 1.5), after Krichevsky
/// and Trofimov's estimator.
inline constexpr auto decision_weights = [] {
  std::array<std::uint32_t, 1024> weights{};
  for (std::uint32_t n = 0; n < weights.size(); ++n) weights[n] = (std::uint32_t{2} << 16) / (2 * n + 3);
  return weights;
}();

/// The probability that a binary decision is 1: the mean of two estimates, of which one forgets sooner than the other
/// (as in VVC's and the NNR standard's arithmetic coders). Each is the mean of all decisions until as many were seen as
/// it remembers, and forgets exponentially from then on.
class AdaptiveBit {
 public:
  /// 1 to 65535, in units of 2^-16.
  [[nodiscard]] std::uint32_t of_one() const {
    const std::uint32_t p = (slow_ >> 17) + (fast_ >> 17);
    return p == 0 ? 1 : p;
  }
  void update(bool bit) {
    move(slow_, bit, decision_weights[seen_]);
    move(fast_, bit, decision_weights[seen_ < fast_memory ? seen_ : fast_memory]);
    if (seen_ + 1U < decision_weights.size()) ++seen_;
  }

 private:
  static constexpr std::uint16_t fast_memory = 64;
  static void move(std::uint32_t& estimate, bool bit, std::uint64_t weight) {
    if (bit) {
      estimate += static_cast<std::uint32_t>(((0xFFFFFFFFU - estimate) * weight) >> 16);
    } else {
      estimate -= static_cast<std::uint32_t>((estimate * weight) >> 16);
    }
  }
  std::uint32_t slow_ = std::uint32_t{1} << 31, fast_ = slow_;  ///< in units of 2^-32
  std::uint16_t seen_ = 0;
};

class RangeEncoder {
 public:
  void encode(bool bit, AdaptiveBit& model);
  /// The `count` low bits of `bits`, highest first, each as likely 0 as 1; 0 <= count <= 16.
  void encode_even(std::uint32_t bits, int count);
  /// The bytes; call once, after at least one decision.
  [[nodiscard]] std::vector<std::uint8_t> finish();

 private:
  void normalise();
  void shift_low();
  std::vector<std::uint8_t> bytes_;
  std::uint64_t low_ = 0;  ///< of the interval; bit 32 is a carry
  std::uint32_t range_ = 0xFFFFFFFFU;
  std::uint8_t cache_ = 0;     ///< last byte that a carry may still change
  std::uint64_t pending_ = 0;  ///< bytes 0xFF behind it
  bool first_ = true;          ///< the first byte out of cache_ is always zero and is left out
};

/// Reads what a RangeEncoder wrote. Throws Error(bad_input) when the bytes are used up.
class RangeDecoder {
 public:
  explicit RangeDecoder(std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool decode(AdaptiveBit& model);
  [[nodiscard]] std::uint32_t decode_even(int count);
  /// Throws Error(bad_input) unless the bytes are what an encoder of these decisions writes.
  void finish() const;

 private:
  void normalise();
  [[nodiscard]] std::uint8_t next();
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
  std::uint32_t range_ = 0xFFFFFFFFU;
  std::uint32_t code_ = 0;
};

}  // namespace rebasis::encode
