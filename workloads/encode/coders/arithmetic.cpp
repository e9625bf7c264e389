// `arithmetic`: context-adaptive binary arithmetic coding in the manner of DeepCABAC (Wiedemann et al., "DeepCABAC: A
// Universal Compression Algorithm for Deep Neural Networks", IEEE J. Sel. Top. Signal Process. 14(4), 2020). A value is
// a row of binary decisions: is it zero; its sign; is its magnitude greater than 1, than 2; an exponential-Golomb code
// of the rest. docs/coders.md lists what differs from the paper.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "workloads/encode/coders/part_bits.h"
#include "workloads/encode/coders/range_coder.h"

namespace rebasis::encode {
namespace {

/// The same decisions are made in both directions; the direction decides who knows the bit.
struct Writing {
  RangeEncoder coder;
  bool decide(bool bit, AdaptiveBit& model) {
    coder.encode(bit, model);
    return bit;
  }
  std::uint32_t even(std::uint32_t bits, int count) {
    coder.encode_even(bits, count);
    return bits;
  }
};

struct Reading {
  RangeDecoder coder;
  bool decide(bool /*bit*/, AdaptiveBit& model) { return coder.decode(model); }
  std::uint32_t even(std::uint32_t /*bits*/, int count) { return coder.decode_even(count); }
};

/// How large the values around the next one are: the sum of 2 |left|, |left of it|, |above| and 16 times the running
/// mean magnitude of those before, in powers of two.
class Activity {
 public:
  static constexpr std::size_t classes = 8;

  /// `here` is the next value, of which those before are known; `columns` the distance to the one above.
  [[nodiscard]] std::size_t of(const std::int32_t* here, std::int64_t row, std::int64_t column,
                               std::int64_t columns) const {
    std::int64_t sum = mean_ >> 4;
    if (column > 0) sum += 2 * std::abs(std::int64_t{here[-1]});
    if (column > 1) sum += std::abs(std::int64_t{here[-2]});
    if (row > 0) sum += std::abs(std::int64_t{here[-columns]});
    return std::min(static_cast<std::size_t>(bits_up_to(static_cast<std::uint64_t>(sum))), classes - 1);
  }
  void add(std::int32_t value) { mean_ += (std::int64_t{std::abs(value)} * 256 - mean_) >> 4; }

 private:
  std::int64_t mean_ = 0;  ///< in units of 1/256; the last value has weight 1/16
};

/// The adaptive probabilities of all decisions, and what a value's decisions are.
class WeightModel {
 public:
  explicit WeightModel(int bits) : magnitudes_(std::int32_t{1} << (bits - 1)) {}

  /// The value that is coded; when reading, `value` means nothing. `activity` and `left`, the value before it in its
  /// row, choose the probabilities.
  template <class Codec>
  std::int32_t code(Codec& codec, std::int32_t value, std::size_t activity, std::int32_t left) {
    if (!codec.decide(value != 0, significant_[activity])) return 0;
    const std::size_t sign_context = left == 0 ? 0 : left < 0 ? 1 : 2;
    const bool negative = magnitudes_ == 1 || codec.decide(value < 0, negative_[sign_context]);
    const std::int32_t largest = negative ? magnitudes_ : magnitudes_ - 1;
    const std::int32_t magnitude = code_magnitude(codec, std::abs(value), largest, activity);
    return negative ? -magnitude : magnitude;
  }

 private:
  static constexpr std::int32_t flags = 2;  ///< "greater than 1", "greater than 2"
  static constexpr int max_prefix = 16;
  static constexpr int modelled_suffix_bits = 6;  ///< all of them when values have 8 bits

  /// 1 to `largest`; decisions that `largest` leaves no choice in are left out.
  template <class Codec>
  std::int32_t code_magnitude(Codec& codec, std::int32_t magnitude, std::int32_t largest, std::size_t activity) {
    for (std::int32_t n = 1; n <= flags; ++n) {
      if (n == largest || !codec.decide(magnitude > n, greater_[activity][static_cast<std::size_t>(n - 1)])) return n;
    }
    const std::int32_t rest = code_rest(codec, magnitude - flags, largest - flags, activity);
    return rest + flags;
  }

  /// 1 to `largest` in the exponential-Golomb code of order 0: the number of binary digits behind the first in unary,
  /// then these digits.
  template <class Codec>
  std::int32_t code_rest(Codec& codec, std::int32_t rest, std::int32_t largest, std::size_t activity) {
    const auto digits_of = [](std::int32_t number) { return bits_up_to(static_cast<std::uint64_t>(number)) - 1; };
    const int most = digits_of(largest);
    const int digits = rest > 0 ? digits_of(rest) : 0;
    int prefix = 0;
    while (prefix < most && codec.decide(digits > prefix, prefix_[activity][static_cast<std::size_t>(prefix)]))
      ++prefix;
    std::uint32_t number = 1;
    int left = prefix;  // digits to go
    for (; left > 0 && prefix - left < modelled_suffix_bits; --left) {
      AdaptiveBit& model = suffix_[static_cast<std::size_t>(prefix)][number];
      number = 2 * number + (codec.decide(((rest >> (left - 1)) & 1) != 0, model) ? 1U : 0U);
    }
    const std::uint32_t low = static_cast<std::uint32_t>(rest) & ((std::uint32_t{1} << left) - 1);
    return static_cast<std::int32_t>((number << left) | codec.even(low, left));
  }

  std::int32_t magnitudes_;  ///< of negative values; positive ones have one less
  std::array<AdaptiveBit, Activity::classes> significant_;
  std::array<AdaptiveBit, 3> negative_;
  std::array<std::array<AdaptiveBit, flags>, Activity::classes> greater_;
  std::array<std::array<AdaptiveBit, max_prefix>, Activity::classes> prefix_;
  std::array<std::array<AdaptiveBit, 1U << modelled_suffix_bits>, max_prefix> suffix_;
};

/// Codes the values in place, row after row.
template <class Codec>
void code_values(Codec& codec, std::vector<std::int32_t>& values, const MatrixShape& shape) {
  WeightModel model(shape.bits);
  Activity activity;
  std::int32_t* here = values.data();
  for (std::int64_t row = 0; row < shape.rows; ++row) {
    for (std::int64_t column = 0; column < shape.columns; ++column, ++here) {
      const std::int32_t left = column > 0 ? here[-1] : 0;
      *here = model.code(codec, *here, activity.of(here, row, column, shape.columns), left);
      activity.add(*here);
    }
  }
}

class Arithmetic : public Coder {
 public:
  CodedMatrix encode(const WeightMatrix& matrix) const override {
    check_matrix(matrix);
    CodedMatrix coded;
    if (matrix.values.empty()) return coded;
    std::vector<std::int32_t> values = matrix.values;
    Writing writing;
    code_values(writing, values, shape_of(matrix));
    coded.bytes = writing.coder.finish();
    coded.bits["values"] = 8 * std::uint64_t{coded.bytes.size()};
    return coded;
  }

  WeightMatrix decode(std::span<const std::uint8_t> bytes, const MatrixShape& shape) const override {
    const std::size_t count = check_shape(shape);
    WeightMatrix matrix{shape.rows, shape.columns, shape.bits, {}};
    if (count == 0) {
      PartReader(bytes, "arithmetic").finish();
      return matrix;
    }
    Reading reading{RangeDecoder(bytes)};
    matrix.values.resize(count);
    code_values(reading, matrix.values, shape);
    reading.coder.finish();
    const std::int32_t end = std::int32_t{1} << (shape.bits - 1);
    if (std::any_of(matrix.values.begin(), matrix.values.end(), [&](std::int32_t v) { return v < -end || v >= end; }))
      PartReader(bytes, "arithmetic").refuse("a value of more than " + std::to_string(shape.bits) + " bits");
    return matrix;
  }
};

const CoderRegistration registration("arithmetic", "context-adaptive binary arithmetic code (DeepCABAC)",
                                     [] { return std::make_unique<Arithmetic>(); });

}  // namespace
}  // namespace rebasis::encode
