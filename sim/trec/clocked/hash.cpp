#include "sim/trec/clocked/hash.h"

namespace rebasis::sim::trec {

BeatReader::BeatReader(const ReuseLayer& layer, const arch::TrecSpec& spec, const Activations& image,
                       Counters& counters)
    : layer_(layer),
      spec_(spec),
      image_(image),
      counters_(counters),
      passes_(ceil_div(layer.hash.hashes, spec.hash_lanes)),
      depth_(window_depth(layer, spec)) {}

void BeatReader::begin(const StepWork& work) {
  work_ = work;
  slice_ = -1;
  rows_ = work.tile.rows.size() * work.tile.columns.size();
}

void BeatReader::enter_slice(std::int64_t slice) {
  slice_ = slice;
  columns_ = work_.columns_of(slice);
  row_ = pass_ = piece_ = packs_ = 0;
  column_ = columns_.first;
}

Range BeatReader::pack() const {
  return {column_, std::min(column_ + spec_.columns_at_once(layer_.hash.length), columns_.last)};
}

std::int64_t BeatReader::elements_of(const Range& columns) const {
  return layer_.first_of(columns.last - 1) + layer_.length_of(columns.last - 1) - layer_.first_of(columns.first);
}

void BeatReader::charge(Cause cause) {
  counters_.blocks[hash_lanes][cause] += spec_.hash_lanes * spec_.hash_width;
  ++counters_.blocks[diannao::nbin][Cause::idle];
}

void BeatReader::evaluate(const Done& done, std::int64_t started) {
  next_.valid = false;
  if (!work_.may_hash(done)) {
    // Nothing lies before the first stage: it waits for room, or for the end of the step.
    return charge(done.hash == work_.slices() ? Cause::fill_drain : Cause::output);
  }
  if (slice_ != done.hash) enter_slice(done.hash);
  if (row_ == rows_) return charge(Cause::fill_drain);  // until all is in the sums
  const bool fresh = pass_ == 0 && piece_ == 0;
  if (fresh && packs_ - started >= depth_) return charge(Cause::output);
  if (fresh) ++packs_;
  read(next_);
  step();
}

void BeatReader::read(Beat& beat) {
  beat.valid = true;
  beat.row = row_;
  beat.columns = pack();
  beat.pass = pass_;
  beat.piece = piece_;
  const std::int64_t all = elements_of(beat.columns), begin = piece_ * spec_.hash_width,
                     end = std::min(begin + spec_.hash_width, all);
  beat.last = pass_ + 1 == passes_ && end == all;
  if (pass_ == 0 && piece_ == 0) window_.clear();
  std::int64_t inside = 0;
  if (pass_ == 0) {
    const std::int64_t width = work_.tile.columns.size();
    for (std::int64_t i = begin; i < end; ++i) {
      const Element at = element_at(layer_.shape(), work_.tile.groups.first, work_.tile.rows.first + row_ / width,
                                    work_.tile.columns.first + row_ % width, layer_.first_of(beat.columns.first) + i);
      inside += at.inside ? 1 : 0;
      window_.push_back(at.inside ? image_.at(at.c, at.h, at.w) : 0);
    }
  }
  beat.elements.assign(window_.begin() + begin, window_.begin() + end);
  const std::int64_t lanes = std::min(spec_.hash_lanes, layer_.hash.hashes - pass_ * spec_.hash_lanes);
  const std::int64_t busy = lanes * (end - begin);
  counters_.blocks[hash_lanes][Cause::busy] += busy;
  counters_.blocks[hash_lanes][Cause::imbalance] += spec_.hash_lanes * spec_.hash_width - busy;
  ++counters_.blocks[diannao::nbin][inside > 0 ? Cause::busy : Cause::idle];
  counters_.actions[diannao::nbin_read] += static_cast<std::uint64_t>(inside);
  counters_.actions[pass_ == 0 ? window_write : window_read] += static_cast<std::uint64_t>(end - begin);
}

void BeatReader::step() {
  const Range columns = pack();
  if (++piece_ * spec_.hash_width < elements_of(columns)) return;
  piece_ = 0;
  if (++pass_ < passes_) return;
  pass_ = 0;
  column_ = columns.last;
  if (column_ < columns_.last) return;
  column_ = columns_.first;
  ++row_;
}

HashLanes::HashLanes(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters)
    : layer_(layer), spec_(spec), counters_(counters), stages_(static_cast<std::size_t>(spec.hash_stages - 1)) {}

void HashLanes::read_vectors(const Beat& beat) {
  if (held_pass_ == beat.pass && held_piece_ == beat.piece) return;
  held_pass_ = beat.pass;
  held_piece_ = beat.piece;
  const std::int64_t lanes = std::min(spec_.hash_lanes, layer_.hash.hashes - beat.pass * spec_.hash_lanes);
  const std::int64_t row = std::min(spec_.hash_width, layer_.hash.length - beat.piece * spec_.hash_width);
  counters_.actions[hash_vectors_read] += static_cast<std::uint64_t>(lanes * row);
}

void HashLanes::multiply(const Beat& beat) {
  const std::int64_t first = beat.pass * spec_.hash_lanes,
                     last = std::min(first + spec_.hash_lanes, layer_.hash.hashes);
  std::int64_t position = beat.piece * spec_.hash_width;
  std::size_t column = 0;
  for (const std::int32_t element : beat.elements) {
    if (position == layer_.hash.length) {  // the next sub-vector of the beat
      position = 0;
      ++column;
    }
    if (beat.pass == 0) in_progress_.elements[column].push_back(element);
    for (std::int64_t h = first; h < last; ++h) {
      const std::int8_t vector = layer_.hash.values[static_cast<std::size_t>(h * layer_.hash.length + position)];
      sums_[column][static_cast<std::size_t>(h)] += std::int64_t{element} * vector;
      ++counters_.actions[hash_mac];
    }
    ++position;
  }
}

void HashLanes::evaluate(const Beat& beat) {
  next_.valid = false;
  if (!beat.valid) return;
  read_vectors(beat);
  const auto columns = static_cast<std::size_t>(beat.columns.size());
  if (beat.pass == 0 && beat.piece == 0) {
    in_progress_ = {true, beat.row, beat.columns, {}, {}};
    in_progress_.elements.resize(columns);
    sums_.assign(columns, std::vector<std::int64_t>(static_cast<std::size_t>(layer_.hash.hashes)));
  }
  multiply(beat);
  if (!beat.last) return;
  for (const auto& sums : sums_) {
    std::uint32_t bucket = 0;
    for (std::size_t h = 0; h < sums.size(); ++h) bucket |= sums[h] > 0 ? std::uint32_t{1} << h : 0U;
    in_progress_.buckets.push_back(bucket);
  }
  next_ = std::move(in_progress_);
}

void HashLanes::commit() {
  for (std::size_t i = stages_.size() - 1; i > 0; --i) std::swap(stages_[i], stages_[i - 1]);
  std::swap(stages_.front(), next_);
}

}  // namespace rebasis::sim::trec
