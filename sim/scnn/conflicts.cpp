#include "sim/scnn/conflicts.h"

#include <algorithm>
#include <bit>

#include "sim/scnn/mapping.h"

namespace rebasis::sim::scnn {

namespace {

constexpr std::int64_t mask_banks = 32;      // bits of a mask
constexpr std::size_t mask_activations = 4;  // masks that are added at once

std::uint16_t modulo(std::int64_t value, std::int64_t banks) {
  const std::int64_t rest = value % banks;
  return static_cast<std::uint16_t>(rest < 0 ? rest + banks : rest);
}

/// Adds up, over `n` vectors, the hits of the busiest bank (at least 1). Each of the four masks has at most one hit a
/// bank.
std::uint32_t sum_busiest(std::size_t n, const std::array<const std::uint32_t*, mask_activations>& masks,
                          const std::array<unsigned, mask_activations>& turns) {
  const std::uint32_t *const m0 = masks[0], *const m1 = masks[1], *const m2 = masks[2], *const m3 = masks[3];
  const unsigned l1 = turns[1], l2 = turns[2], l3 = turns[3], r1 = (32 - l1) & 31U, r2 = (32 - l2) & 31U,
                 r3 = (32 - l3) & 31U;
  std::uint32_t more = 0;
  for (std::size_t v = 0; v < n; ++v) {
    const std::uint32_t a = m0[v], b = (m1[v] << l1) | (m1[v] >> r1), c = (m2[v] << l2) | (m2[v] >> r2),
                        d = (m3[v] << l3) | (m3[v] >> r3);
    const std::uint32_t ab = a & b, cd = c & d, a_or_b = a | b, c_or_d = c | d;
    const std::uint32_t two = ab | cd | (a_or_b & c_or_d), three = (ab & c_or_d) | (cd & a_or_b), four = ab & cd;
    more += (two != 0 ? 1U : 0U) + (three != 0 ? 1U : 0U) + (four != 0 ? 1U : 0U);
  }
  return more + static_cast<std::uint32_t>(n);
}

}  // namespace

std::size_t PatternHash::operator()(const Pattern& pattern) const {
  std::uint64_t hash = 0;
  for (const PatternSlot& slot : pattern.slots) {
    const std::uint64_t word = std::bit_cast<std::uint64_t>(slot);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29U;
  }
  return static_cast<std::size_t>(hash);
}

Segment::Segment(const LayerShape& shape, const AccumulatorLayout& layout, const arch::ScnnSpec& spec)
    : layout_(layout),
      spec_(spec),
      masked_(spec.banks == mask_banks && spec.activations_I <= static_cast<std::int64_t>(mask_activations)) {
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  for (std::int64_t r = 0; r < shape.R; ++r) {
    for (std::int64_t s = 0; s < shape.S; ++s) {
      tap_row_.push_back(static_cast<std::int16_t>(rows.tap_quotient(r)));
      tap_column_.push_back(static_cast<std::int16_t>(columns.tap_quotient(s)));
      tap_bank_.push_back(modulo(-tap_row_.back() * layout.row - tap_column_.back() * layout.column, spec.banks));
    }
  }
  for (std::int64_t k = 0; k < spec.banks; ++k) filter_bank_.push_back(modulo(k * layout.filter, spec.banks));
  none_.assign(static_cast<std::size_t>(spec.segment_vectors()), 0);
}

void Segment::set_classes(std::span<const TapInterval> rows, std::span<const TapInterval> columns) {
  rows_ = rows;
  columns_ = columns;
  masks_.assign(rows.size() * columns.size(), {});
}

std::uint16_t Segment::activation_bank(std::int64_t row_quotient, std::int64_t column_quotient) const {
  return modulo(row_quotient * layout_.row + column_quotient * layout_.column, spec_.banks);
}

void Segment::load(std::span<const StoredWeight> stored) {
  const auto width = static_cast<std::size_t>(spec_.weights_F);
  vectors_ = (stored.size() + width - 1) / width;
  slots_.assign(vectors_ * width, {});
  filled_ = 0;
  crowded_.clear();
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (stored[i].value == 0) continue;
    const auto tap = static_cast<std::size_t>(stored[i].tap);
    std::uint32_t bank =
        tap_bank_[tap] + filter_bank_[static_cast<std::size_t>(stored[i].filter) % filter_bank_.size()];
    if (bank >= filter_bank_.size()) bank -= static_cast<std::uint32_t>(filter_bank_.size());
    slots_[i] = {static_cast<std::uint16_t>(bank), tap_row_[tap], tap_column_[tap], true};
    ++filled_;
  }
  for (std::size_t v = 0; v < vectors_; ++v) {
    bool alone = masked_;
    std::uint32_t seen = 0;
    for (std::size_t j = v * width; alone && j < (v + 1) * width; ++j) {
      if (!slots_[j].filled) continue;
      alone = (seen >> slots_[j].bank & 1U) == 0;
      seen |= 1U << slots_[j].bank;
    }
    if (!alone) crowded_.push_back(v);
  }
  for (ClassMasks& masks : masks_) masks.ready = false;
}

bool Segment::valid(const WeightSlot& weight, const PatternSlot& slot) const {
  const TapInterval &row = rows_[slot.row_class], &column = columns_[slot.column_class];
  return weight.filled && weight.row_quotient >= row.first && weight.row_quotient <= row.last &&
         weight.column_quotient >= column.first && weight.column_quotient <= column.last;
}

const Segment::ClassMasks& Segment::masks(const PatternSlot& slot) {
  ClassMasks& masks = masks_[slot.row_class * columns_.size() + slot.column_class];
  if (masks.ready) return masks;
  masks.ready = true;
  masks.weights = 0;
  masks.banks.assign(vectors_, 0);
  const auto width = static_cast<std::size_t>(spec_.weights_F);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!valid(slots_[i], slot)) continue;
    ++masks.weights;
    if (masked_) masks.banks[i / width] |= 1U << slots_[i].bank;
  }
  for (const std::size_t v : crowded_) masks.banks[v] = 0;
  return masks;
}

void Segment::count_hits(const Pattern& pattern, std::size_t vector, std::span<std::uint8_t> hits) const {
  const auto width = static_cast<std::size_t>(spec_.weights_F);
  for (const PatternSlot& slot : pattern.slots) {
    if (slot.filled == 0) continue;
    for (std::size_t j = vector * width; j < (vector + 1) * width; ++j) {
      if (!valid(slots_[j], slot)) continue;
      std::size_t bank = static_cast<std::size_t>(slot.bank) + slots_[j].bank;
      if (bank >= hits.size()) bank -= hits.size();
      ++hits[bank];
    }
  }
}

std::uint32_t Segment::busiest(const Pattern& pattern, std::size_t vector) const {
  std::array<std::uint8_t, 128> hits{};
  const std::span<std::uint8_t> banks(hits.data(), static_cast<std::size_t>(spec_.banks));
  count_hits(pattern, vector, banks);
  return std::max<std::uint32_t>(1, *std::max_element(banks.begin(), banks.end()));
}

SegmentCost Segment::cost(const Pattern& pattern) {
  SegmentCost cost;
  std::array<const std::uint32_t*, mask_activations> banks;
  banks.fill(none_.data());
  std::array<unsigned, mask_activations> turns{};
  std::size_t used = 0;
  for (const PatternSlot& slot : pattern.slots) {
    if (slot.filled == 0) continue;
    const ClassMasks& own = masks(slot);
    cost.products += filled_;
    cost.landed += own.weights;
    if (masked_) {
      banks[used] = own.banks.data();
      turns[used++] = slot.bank;
    }
  }
  if (!masked_) {
    for (std::size_t v = 0; v < vectors_; ++v) cost.cycles += busiest(pattern, v);
    return cost;
  }
  // Turning all masks by the same number of banks changes nothing: the first is turned back to 0.
  for (std::size_t i = used; i-- > 0;) turns[i] = (turns[i] + 32 - turns[0]) & 31U;
  cost.cycles = sum_busiest(vectors_, banks, turns);
  for (const std::size_t v : crowded_) cost.cycles += busiest(pattern, v) - 1;
  return cost;
}

}  // namespace rebasis::sim::scnn
