#include <span>

#include "sim/trec/cost.h"

namespace rebasis::sim::trec {

namespace {

/// Columns that are hashed together, and the beats of their sub-vectors.
struct Pack {
  Range columns;              ///< of the slice
  std::int64_t elements = 0;  ///< of the sub-vectors
  std::int64_t pieces = 1;    ///< beats of a pass
};

class HashRunner {
 public:
  HashRunner(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names, const ConvTile& tile,
             const Range& columns, const Activations& image)
      : layer_(layer),
        spec_(spec),
        tile_(tile),
        columns_(columns),
        image_(image),
        run_(names),
        passes_(ceil_div(layer.hash.hashes, spec.hash_lanes)),
        started_(static_cast<std::size_t>(window_depth(layer, spec)), -1),
        table_(static_cast<std::size_t>(columns.size() << layer.hash.hashes), -1),
        touched_(static_cast<std::size_t>(columns.size())) {
    const std::int64_t last = columns.last - 1;
    for (std::int64_t d = layer.first_of(columns.first); d < layer.first_of(last) + layer.length_of(last); ++d)
      places_.push_back(element_at(layer.shape(), tile.groups.first, 0, 0, d));
    row_.resize(places_.size());
    inside_.resize(places_.size());
    run_.slots.assign(static_cast<std::size_t>(columns.size()), 0);
    const std::int64_t at_once = spec.columns_at_once(layer.hash.length);
    for (std::int64_t k = columns.first; k < columns.last; k += at_once) {
      const Range pack{k, std::min(k + at_once, columns.last)};
      std::int64_t elements = 0;
      for (std::int64_t column = pack.first; column < pack.last; ++column) elements += layer.length_of(column);
      packs_.push_back({pack, elements, ceil_div(elements, spec.hash_width)});
    }
  }

  HashRun run(bool vectors_held);

 private:
  static constexpr Cycle long_ago = INT64_MIN / 2;
  /// A row of sums.
  struct Row {
    std::int64_t column = 0, slot = 0, piece = 0;
    bool fresh = false;  ///< nothing was added to it before
  };
  void add(std::size_t action, std::int64_t count) { run_.counts.actions[action] += static_cast<std::uint64_t>(count); }
  Account& account(std::size_t block) { return run_.counts.blocks[block]; }
  void read_row(std::int64_t e, std::int64_t f);
  void hash(const Pack& pack, std::size_t token);
  void charge_beats(const Pack& pack, Cycle wait);
  Row look_up(std::int64_t column);
  void touch(const Row& row, Cycle at);
  Cycle operate(Cycle available);
  /// Cycle of the pack's first operation.
  Cycle accumulate(const Pack& pack, Cycle available);
  void finish();
  [[nodiscard]] std::int64_t pieces_of(std::int64_t column) const {
    return ceil_div(layer_.length_of(column), spec_.hash_width);
  }
  [[nodiscard]] Cycle& last_touch(const Row& row) {
    return touched_[static_cast<std::size_t>(row.column - columns_.first)]
                   [static_cast<std::size_t>(row.slot * pieces_of(row.column) + row.piece)];
  }
  [[nodiscard]] std::span<const std::int32_t> sub_vector(std::int64_t column) const {
    const std::int64_t first = layer_.first_of(column) - layer_.first_of(columns_.first);
    return std::span(row_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(layer_.length_of(column)));
  }

  const ReuseLayer& layer_;
  const arch::TrecSpec& spec_;
  const ConvTile& tile_;
  const Range& columns_;
  const Activations& image_;
  HashRun run_;
  std::int64_t passes_;
  std::vector<Pack> packs_;
  std::vector<Cycle> started_;               ///< first operation of the last sub-vectors at the accumulators, a ring
  std::vector<std::int32_t> table_;          ///< slot of each bucket of each column
  std::vector<std::vector<Cycle>> touched_;  ///< last operation on each row of sums: [column][slot x pieces]
  std::vector<Element> places_;              ///< of the slice's elements in the row of output (0, 0)
  std::vector<Row> rows_;                    ///< of an operation of the accumulators
  std::vector<std::int32_t> row_;            ///< elements of the slice in the current row of the matrix
  std::vector<std::uint8_t> inside_;         ///< whether they lie in the map
  bool vectors_held_ = false;                ///< the lanes hold the first row of the hash vectors
  Cycle next_beat_ = 0;                      ///< of the hash lanes
  Cycle next_ = 0, port_ = 0;                ///< of the accumulators: after the last operation; when the port is free
};

void HashRunner::read_row(std::int64_t e, std::int64_t f) {
  const LayerShape& shape = layer_.shape();
  const std::int64_t top = e * shape.stride_h, left = f * shape.stride_w;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Element& place = places_[i];
    const std::int64_t h = top + place.h, w = left + place.w;
    const bool inside = h >= 0 && h < shape.H && w >= 0 && w < shape.W;
    inside_[i] = inside ? 1 : 0;
    row_[i] = inside ? image_.at(place.c, h, w) : 0;
  }
}

void HashRunner::charge_beats(const Pack& pack, Cycle wait) {
  const std::int64_t copies = spec_.hash_lanes * spec_.hash_width, beats = pack.pieces * passes_;
  const std::int64_t products = pack.elements * layer_.hash.hashes;
  Account& lanes = account(hash_lanes);
  lanes[Cause::output] += wait * copies;
  lanes[Cause::busy] += products;
  lanes[Cause::imbalance] += beats * copies - products;
  add(hash_mac, products);
  add(window_write, pack.elements);
  add(window_read, pack.elements * (passes_ - 1));
  // A row of the hash vectors is read when it is not the one that the lanes hold.
  const std::int64_t longest = std::min(layer_.hash.length, spec_.hash_width);
  for (std::int64_t pass = 0; pass < passes_; ++pass) {
    const std::int64_t lanes_used = std::min(spec_.hash_lanes, layer_.hash.hashes - pass * spec_.hash_lanes);
    for (std::int64_t piece = 0; piece < pack.pieces; ++piece) {
      const bool first = pass == 0 && piece == 0;
      if (!first || !vectors_held_)
        add(hash_vectors_read, lanes_used * std::min(longest, layer_.hash.length - piece * spec_.hash_width));
    }
  }
  vectors_held_ = beats == 1;
}

void HashRunner::hash(const Pack& pack, std::size_t token) {
  const Cycle first = std::max(next_beat_, started_[token % started_.size()] + 1);
  charge_beats(pack, first - next_beat_);
  next_beat_ = first + pack.pieces * passes_;
  const std::int64_t from = layer_.first_of(pack.columns.first) - layer_.first_of(columns_.first);
  for (std::int64_t piece = 0; piece < pack.pieces; ++piece) {
    const std::int64_t begin = piece * spec_.hash_width, end = std::min(begin + spec_.hash_width, pack.elements);
    std::int64_t count = 0;
    for (std::int64_t i = from + begin; i < from + end; ++i) count += inside_[static_cast<std::size_t>(i)];
    account(diannao::nbin)[Cause::busy] += count > 0 ? 1 : 0;
    add(diannao::nbin_read, count);
  }
}

HashRunner::Row HashRunner::look_up(std::int64_t column) {
  const auto c = static_cast<std::size_t>(column - columns_.first);
  const std::uint32_t bucket = reuse::bucket_of(sub_vector(column), layer_.hash);
  std::int32_t& entry = table_[(c << layer_.hash.hashes) + bucket];
  const bool fresh = entry < 0;
  add(sub_vectors, 1);
  add(table_read, arch::TrecSpec::entry_bytes);
  add(ids_write, arch::TrecSpec::id_entry_bytes);
  add(sums_write, arch::TrecSpec::count_bytes);
  if (fresh) {
    entry = static_cast<std::int32_t>(run_.slots[c]++);
    touched_[c].resize(static_cast<std::size_t>(run_.slots[c] * pieces_of(column)), long_ago);
    add(buckets, 1);
    add(table_write, arch::TrecSpec::entry_bytes);
    add(sums_write, arch::TrecSpec::entry_bytes);
  } else {
    add(sums_read, arch::TrecSpec::count_bytes);
  }
  return {column, entry, 0, fresh};
}

void HashRunner::touch(const Row& row, Cycle at) {
  Cycle& last = last_touch(row);
  const std::int64_t elements = std::min(spec_.hash_width, layer_.length_of(row.column) - row.piece * spec_.hash_width);
  add(window_read, elements);
  add(sums_write, elements * arch::TrecSpec::bucket_sum_bytes);
  if (!row.fresh) {
    add(sums_read, elements * arch::TrecSpec::bucket_sum_bytes);
    add(bucket_add, elements);
  }
  if (spec_.forwarding && at - last < spec_.accumulate_latency) add(hazards, 1);
  last = at;
}

/// One operation of the accumulators on `rows_`, which lie in different banks; its cycle.
Cycle HashRunner::operate(Cycle available) {
  Account& unit = account(accumulators);
  const Cycle data = std::max(next_, available), ready = std::max(data, port_);
  Cycle at = ready;
  if (!spec_.forwarding) {
    for (const Row& row : rows_) at = std::max(at, last_touch(row) + spec_.accumulate_latency);
    add(hazards, at - ready);
  }
  unit[Cause::inputs] += data - next_;
  unit[Cause::imbalance] += ready - data;
  unit[Cause::fill_drain] += at - ready;
  ++unit[Cause::busy];
  add(conflict_cycles, ready - data);
  for (const Row& row : rows_) touch(row, at);
  next_ = at + 1;
  port_ = at + (spec_.sum_ports == 1 ? 2 : 1);
  return at;
}

Cycle HashRunner::accumulate(const Pack& pack, Cycle available) {
  Cycle first = -1;
  for (std::int64_t k = pack.columns.first; k < pack.columns.last; k += spec_.bucket_banks) {
    rows_.clear();
    for (std::int64_t c = k; c < std::min(k + spec_.bucket_banks, pack.columns.last); ++c) rows_.push_back(look_up(c));
    for (std::int64_t piece = 0; piece < pack.pieces; ++piece) {
      for (Row& row : rows_) row.piece = piece;
      const Cycle at = operate(available);
      if (first < 0) first = at;
    }
    if (k != pack.columns.first) add(conflict_cycles, 1);
  }
  return first;
}

void HashRunner::finish() {
  Account& unit = account(accumulators);
  std::vector<std::int64_t> entries(static_cast<std::size_t>(spec_.bucket_banks));
  std::int64_t clear = 0, all = 0;
  for (std::size_t c = 0; c < run_.slots.size(); ++c) {
    std::int64_t& bank = entries[c % entries.size()];
    bank += run_.slots[c];
    clear = std::max(clear, bank);
    all += run_.slots[c];
  }
  unit[Cause::fill_drain] += spec_.accumulate_latency;
  unit[Cause::busy] += clear;
  add(table_write, all * arch::TrecSpec::entry_bytes);
  add(sums_read, all * arch::TrecSpec::entry_bytes);
  run_.duration = next_ + spec_.accumulate_latency + clear;
  account(hash_lanes)[Cause::fill_drain] += (run_.duration - next_beat_) * spec_.hash_lanes * spec_.hash_width;
}

HashRun HashRunner::run(bool vectors_held) {
  vectors_held_ = vectors_held;
  std::size_t token = 0;
  for (std::int64_t e = tile_.rows.first; e < tile_.rows.last; ++e) {
    for (std::int64_t f = tile_.columns.first; f < tile_.columns.last; ++f) {
      read_row(e, f);
      for (const Pack& pack : packs_) {
        hash(pack, token);
        started_[token % started_.size()] = accumulate(pack, next_beat_ - 1 + spec_.hash_stages);
        ++token;
      }
    }
  }
  finish();
  run_.vectors_held = vectors_held_;
  return std::move(run_);
}

}  // namespace

HashRun run_hash(const ReuseLayer& layer, const arch::TrecSpec& spec, const CounterNames& names, const ConvTile& tile,
                 const Range& columns, const Activations& image, bool vectors_held) {
  return HashRunner(layer, spec, names, tile, columns, image).run(vectors_held);
}

}  // namespace rebasis::sim::trec
