#include "sim/scnn/patterns.h"

#include <algorithm>

#include "sim/scnn/inputs.h"

namespace rebasis::sim::scnn {

TapInterval tap_interval(const Axis& axis, std::int64_t i, Range outputs) {
  const std::int64_t quotient = axis.input_quotient(i);
  return {std::max<std::int64_t>(quotient - outputs.last + 1, 0),
          std::min(quotient - outputs.first, axis.tap_quotient(axis.kernel - 1))};
}

namespace {

/// Class of each input of an axis, classes appended as they are met.
std::vector<std::uint16_t> classify(const Axis& axis, Range inputs, Range outputs, std::vector<TapInterval>& classes) {
  std::vector<std::uint16_t> of_input(static_cast<std::size_t>(axis.inputs), 0);
  for (std::int64_t i = inputs.first; i < inputs.last; ++i) {
    const TapInterval interval = tap_interval(axis, i, outputs);
    auto found = std::find(classes.begin(), classes.end(), interval);
    if (found == classes.end()) found = classes.insert(found, interval);
    of_input[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(found - classes.begin());
  }
  return of_input;
}

}  // namespace

/// Cuts the stored activations of a block into vectors.
class TilePatterns::Builder {
 public:
  Builder(TilePatterns& tile, std::int64_t width, std::size_t banks, bool normalise)
      : tile_(tile), width_(static_cast<std::size_t>(width)), banks_(banks), normalise_(normalise) {}

  void placeholders(std::size_t count) {
    for (; count > 0; --count) advance();
    // A placeholder leaves its slot unfilled.
  }
  void activation(PatternSlot slot) {
    slot.filled = 1;
    if (normalise_) {
      if (!any_) first_bank_ = slot.bank;
      slot.bank = static_cast<std::uint16_t>(slot.bank >= first_bank_ ? slot.bank - first_bank_
                                                                      : slot.bank + banks_ - first_bank_);
    }
    any_ = true;
    pattern_.slots[filled_] = slot;
    advance();
  }
  /// Ends the block.
  void finish() {
    if (filled_ > 0) flush();
    tile_.starts_.push_back(tile_.vectors_.size());
    tile_.stored_.push_back(stored_);
    stored_ = 0;
  }

 private:
  void advance() {
    ++stored_;
    if (++filled_ == width_) flush();
  }
  void flush() {
    const auto [entry, added] = numbers_.emplace(pattern_, static_cast<std::uint32_t>(tile_.patterns_.size()));
    if (added) tile_.patterns_.push_back(pattern_);
    tile_.vectors_.push_back(entry->second);
    pattern_ = {};
    filled_ = 0;
    any_ = false;
  }

  TilePatterns& tile_;
  std::size_t width_, banks_;
  bool normalise_;
  std::unordered_map<Pattern, std::uint32_t, PatternHash> numbers_;
  Pattern pattern_{};
  std::size_t filled_ = 0;
  std::uint32_t stored_ = 0;
  bool any_ = false;
  std::uint16_t first_bank_ = 0;
};

TilePatterns::TilePatterns(const Activations& image, const LayerShape& shape, const PlanarTile& tile,
                           const arch::ScnnSpec& spec, const Segment& segment)
    : pes_(tile.row_slices.size() * tile.column_slices.size()) {
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  const auto row_class = classify(rows, rows.needed(tile.rows), tile.rows, row_classes_);
  const auto column_class = classify(columns, columns.needed(tile.columns), tile.columns, column_classes_);
  const std::vector<std::int64_t> residues = used_residues(shape);
  residues_ = residues.size();
  const std::size_t longest = format_of(spec).longest_run();
  Builder builder(*this, spec.activations_I, static_cast<std::size_t>(spec.banks), spec.bank_queue == 1);
  starts_.push_back(0);
  // Rows and columns of each (residue class, slice).
  std::vector<std::vector<std::int64_t>> slice_rows, slice_columns;
  for (const std::int64_t residue : residues) {
    for (const Slice& slice : tile.row_slices)
      slice_rows.push_back(inputs_of(rows, slice.inputs, residue / shape.stride_w));
    for (const Slice& slice : tile.column_slices)
      slice_columns.push_back(inputs_of(columns, slice.inputs, residue % shape.stride_w));
  }
  const std::size_t down = tile.row_slices.size(), across = tile.column_slices.size();
  for (std::int64_t c = 0; c < shape.C; ++c) {
    for (std::size_t residue = 0; residue < residues_; ++residue) {
      for (std::size_t pe = 0; pe < pes_; ++pe) {
        const auto visit = [&](std::int64_t h, std::int64_t w, std::size_t placeholders) {
          builder.placeholders(placeholders);
          builder.activation({segment.activation_bank(rows.input_quotient(h), columns.input_quotient(w)),
                              row_class[static_cast<std::size_t>(h)], column_class[static_cast<std::size_t>(w)], 1});
        };
        visit_block(image, c, slice_rows[residue * down + pe / across], slice_columns[residue * across + pe % across],
                    visit, longest);
        builder.finish();
      }
    }
  }
}

}  // namespace rebasis::sim::scnn
