// How long steps of a PE take in `fast`: a step multiplies a vector of weights by a vector of activations and takes as
// many cycles as the busiest accumulator bank has hits. A product's bank is the sum of a number of the weight and one
// of the activation, so that the steps of a segment of weights depend on an activation vector only through a few
// numbers, its pattern. docs/accelerators/scnn.md, "How fast finds every conflict".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "arch/scnn/spec.h"
#include "sim/scnn/geometry.h"
#include "sim/scnn/weights.h"

namespace rebasis::sim::scnn {

struct AccumulatorLayout;

inline constexpr std::size_t max_vector = 8;  ///< largest F and I

/// Kernel taps whose products with an input of the class fall into the tile: those with quotients [first, last].
struct TapInterval {
  std::int64_t first = 0, last = 0;
  bool operator==(const TapInterval&) const = default;
};

/// What decides where the products of an activation go.
struct PatternSlot {
  std::uint16_t bank = 0;  ///< from the first activation's when patterns are normalised
  std::uint16_t row_class = 0, column_class = 0;
  std::uint16_t filled = 0;  ///< 0: a placeholder, or no activation
  bool operator==(const PatternSlot&) const = default;
};

struct Pattern {
  std::array<PatternSlot, max_vector> slots;
  bool operator==(const Pattern&) const = default;
};
struct PatternHash {
  std::size_t operator()(const Pattern& pattern) const;
};

/// Time and products of all steps of a segment with one activation vector.
struct SegmentCost {
  std::uint32_t cycles = 0;    ///< without queues
  std::uint32_t products = 0;  ///< of two non-zero operands
  std::uint32_t landed = 0;    ///< of these, inside the tile
};

/// Where the products of a weight go.
struct WeightSlot {
  std::uint16_t bank = 0;
  std::int16_t row_quotient = 0, column_quotient = 0;
  bool filled = false;
};

/// A segment of weight vectors: at most ScnnSpec::segment_vectors().
class Segment {
 public:
  Segment(const LayerShape& shape, const AccumulatorLayout& layout, const arch::ScnnSpec& spec);
  /// The classes that patterns refer to.
  void set_classes(std::span<const TapInterval> rows, std::span<const TapInterval> columns);
  void load(std::span<const StoredWeight> stored);

  [[nodiscard]] std::size_t vectors() const { return vectors_; }
  [[nodiscard]] SegmentCost cost(const Pattern& pattern);
  /// Adds the hits of each bank in the step of a weight vector with the pattern.
  void count_hits(const Pattern& pattern, std::size_t vector, std::span<std::uint8_t> hits) const;
  /// Bank of an activation: that of a weight with filter 0 and tap quotients 0.
  [[nodiscard]] std::uint16_t activation_bank(std::int64_t row_quotient, std::int64_t column_quotient) const;

 private:
  struct ClassMasks {
    bool ready = false;
    std::uint32_t weights = 0;         ///< filled and valid
    std::vector<std::uint32_t> banks;  ///< by vector, a bit a bank; empty for those in `crowded_`
  };
  [[nodiscard]] const ClassMasks& masks(const PatternSlot& slot);
  [[nodiscard]] bool valid(const WeightSlot& weight, const PatternSlot& slot) const;
  [[nodiscard]] std::uint32_t busiest(const Pattern& pattern, std::size_t vector) const;

  const AccumulatorLayout& layout_;
  const arch::ScnnSpec& spec_;
  bool masked_;                          ///< banks and vectors are those that masks are made for
  std::vector<std::uint16_t> tap_bank_;  ///< by tap
  std::vector<std::int16_t> tap_row_, tap_column_;
  std::vector<std::uint16_t> filter_bank_;  ///< by filter modulo the number of banks
  std::span<const TapInterval> rows_, columns_;
  std::size_t vectors_ = 0;
  std::uint32_t filled_ = 0;
  std::vector<WeightSlot> slots_;     ///< [vectors][F]
  std::vector<std::size_t> crowded_;  ///< vectors with two weights of one bank: counted one by one
  std::vector<ClassMasks> masks_;     ///< [row class][column class]
  std::vector<std::uint32_t> none_;
};

}  // namespace rebasis::sim::scnn
