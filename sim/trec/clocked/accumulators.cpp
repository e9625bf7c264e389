#include "sim/trec/clocked/accumulators.h"

namespace rebasis::sim::trec {

Accumulators::Accumulators(const ReuseLayer& layer, const arch::TrecSpec& spec, Counters& counters)
    : layer_(layer), spec_(spec), counters_(counters) {}

void Accumulators::begin(const StepWork& work) {
  work_ = work;
  slice_ = -1;
  finished_ = started_ = started_shown_ = 0;
}

void Accumulators::enter_slice(std::int64_t slice) {
  slice_ = slice;
  columns_ = work_.columns_of(slice);
  const auto columns = static_cast<std::size_t>(columns_.size());
  const std::int64_t rows = work_.tile.rows.size() * work_.tile.columns.size();
  rows_left_ = rows * columns_.size();
  if (table_.size() < columns)
    table_.resize(columns, std::vector<std::int64_t>(std::size_t{1} << layer_.hash.hashes, -1));
  cleared_.assign(columns, 0);
  half().columns.assign(columns, {});
  ids_[static_cast<std::size_t>(slice % arch::TrecSpec::id_banks)].assign(
      columns, std::vector<std::int64_t>(static_cast<std::size_t>(rows)));
  column_ = 0;
  piece_ = 0;
  port_free_ = 0;
}

void Accumulators::evaluate(const Done& done, const Hashed& hashed, Cycle now) {
  if (hashed.valid) queue_.push_back(hashed);
  if (!work_.may_hash(done)) {
    ++counters_.blocks[accumulators][done.hash == work_.slices() ? Cause::fill_drain : Cause::output];
    return;
  }
  if (slice_ != done.hash) enter_slice(done.hash);
  const Cause cause = work(now);
  advance_updates(now);
  ++counters_.blocks[accumulators][cause];
}

void Accumulators::commit() { started_shown_ = started_; }

Cause Accumulators::work(Cycle now) {
  if (rows_left_ == 0) return clear(now);
  if (queue_.empty()) return Cause::inputs;
  if (now < port_free_) {
    add(conflict_cycles, 1);
    return Cause::imbalance;
  }
  if (operate(now)) return Cause::busy;
  add(hazards, 1);
  return Cause::fill_drain;
}

Accumulators::Update Accumulators::update_of(std::size_t column, Cycle now) const {
  const Hashed& front = queue_.front();
  const auto in_slice = static_cast<std::size_t>(front.columns.first - columns_.first) + column;
  const std::vector<std::int32_t>& elements = front.elements[column];
  const std::int64_t begin = piece_ * spec_.hash_width,
                     end = std::min(begin + spec_.hash_width, static_cast<std::int64_t>(elements.size()));
  Update update;
  update.column = in_slice;
  update.piece = piece_;
  update.at = now;
  update.addends.assign(elements.begin() + begin, elements.begin() + end);
  if (piece_ == 0) update.addends.push_back(1);  // a member more
  const std::int64_t slot = table_[in_slice][front.buckets[column]];
  update.fresh = slot < 0 || (piece_ > 0 && fresh_[column]);
  update.slot = slot < 0 ? halves_[static_cast<std::size_t>(slice_ % 2)].columns[in_slice].size()
                         : static_cast<std::size_t>(slot);
  return update;
}

/// Reads the table for the first piece of a sub-vector and takes a slot for a bucket that has none.
void Accumulators::look_up(Update& update) {
  const Hashed& front = queue_.front();
  const std::size_t in_pack = update.column - static_cast<std::size_t>(front.columns.first - columns_.first);
  fresh_.resize(front.elements.size());
  fresh_[in_pack] = update.fresh;
  add(sub_vectors, 1);
  add(table_read, arch::TrecSpec::entry_bytes);
  add(ids_write, arch::TrecSpec::id_entry_bytes);
  auto& ids = ids_[static_cast<std::size_t>(slice_ % arch::TrecSpec::id_banks)];
  ids[update.column][static_cast<std::size_t>(front.row)] = static_cast<std::int64_t>(update.slot);
  if (!update.fresh) return;
  add(buckets, 1);
  add(table_write, arch::TrecSpec::entry_bytes);
  add(sums_write, arch::TrecSpec::entry_bytes);
  const std::uint32_t bucket = front.buckets[in_pack];
  table_[update.column][bucket] = static_cast<std::int64_t>(update.slot);
  const auto length = layer_.length_of(columns_.first + static_cast<std::int64_t>(update.column));
  half().columns[update.column].push_back({bucket, 0, std::vector<std::int64_t>(static_cast<std::size_t>(length))});
}

/// One operation; false when a row is under way and its sum cannot be had.
bool Accumulators::operate(Cycle now) {
  const std::size_t columns = queue_.front().elements.size();
  const std::size_t last = std::min(column_ + static_cast<std::size_t>(spec_.bucket_banks), columns);
  std::vector<Update> round;
  std::int64_t under_way = 0;
  for (std::size_t c = column_; c < last; ++c) {
    round.push_back(update_of(c, now));
    for (const Update& other : updates_) {
      if (!other.same_row(round.back()) || now - other.at >= spec_.accumulate_latency) continue;
      ++under_way;
      break;
    }
  }
  if (under_way > 0 && !spec_.forwarding) return false;
  add(hazards, under_way);
  for (Update& update : round) {
    if (piece_ == 0) look_up(update);
    const auto elements = static_cast<std::int64_t>(update.addends.size()) - (piece_ == 0 ? 1 : 0);
    add(window_read, elements);
    add(sums_write, elements * arch::TrecSpec::bucket_sum_bytes + (piece_ == 0 ? arch::TrecSpec::count_bytes : 0));
    if (!update.fresh) {
      add(sums_read, elements * arch::TrecSpec::bucket_sum_bytes + (piece_ == 0 ? arch::TrecSpec::count_bytes : 0));
      add(bucket_add, elements);
    }
    updates_.push_back(std::move(update));
  }
  if (column_ == 0 && piece_ == 0) ++started_;
  if (piece_ == 0 && column_ > 0) add(conflict_cycles, 1);
  last_operation_ = now;
  port_free_ = now + (spec_.sum_ports == 1 ? 2 : 1);
  const auto longest = static_cast<std::int64_t>(queue_.front().elements[column_].size());
  if (++piece_ * spec_.hash_width < longest) return true;
  piece_ = 0;
  column_ = last;
  if (column_ < columns) return true;
  column_ = 0;
  rows_left_ -= static_cast<std::int64_t>(columns);
  queue_.pop_front();
  return true;
}

std::vector<std::int64_t> Accumulators::stored(const Update& update) const {
  std::vector<std::int64_t> row(update.addends.size());
  if (update.fresh) return row;
  const auto& bucket = halves_[static_cast<std::size_t>(slice_ % 2)].columns[update.column][update.slot];
  const std::size_t elements = row.size() - (update.piece == 0 ? 1 : 0);
  const auto from = bucket.sums.begin() + update.piece * spec_.hash_width;
  std::copy_n(from, elements, row.begin());
  if (update.piece == 0) row.back() = bucket.members;
  return row;
}

void Accumulators::write(const Update& update) {
  auto& bucket = half().columns[update.column][update.slot];
  std::vector<std::int64_t> row = update.read;
  for (std::size_t i = 0; i < row.size(); ++i) row[i] += update.addends[i];
  const std::size_t elements = row.size() - (update.piece == 0 ? 1 : 0);
  std::copy_n(row.begin(), elements, bucket.sums.begin() + update.piece * spec_.hash_width);
  if (update.piece == 0) bucket.members = row.back();
  if (!spec_.forwarding) return;
  for (Update& other : updates_) {
    if (other.at > update.at && other.same_row(update)) other.read = row;
  }
}

/// A row is read in the cycle after its operation began and written `accumulate_latency` cycles after that.
void Accumulators::advance_updates(Cycle now) {
  for (Update& update : updates_) {
    if (now == update.at + 1) update.read = stored(update);
  }
  while (!updates_.empty() && updates_.front().at + spec_.accumulate_latency <= now) {
    const Update update = std::move(updates_.front());
    updates_.pop_front();
    write(update);
  }
}

/// When all sums are written, makes the entries of the table invalid again, one in each bank a cycle.
Cause Accumulators::clear(Cycle now) {
  if (now <= last_operation_ + spec_.accumulate_latency) return Cause::fill_drain;
  std::vector<bool> bank_taken(static_cast<std::size_t>(spec_.bucket_banks));
  bool left = false;
  for (std::size_t c = 0; c < cleared_.size(); ++c) {
    const auto& buckets = half().columns[c];
    const std::size_t bank = c % bank_taken.size();
    if (cleared_[c] < buckets.size() && !bank_taken[bank]) {
      bank_taken[bank] = true;
      table_[c][buckets[cleared_[c]++].number] = -1;
      add(table_write, arch::TrecSpec::entry_bytes);
      add(sums_read, arch::TrecSpec::entry_bytes);
    }
    left = left || cleared_[c] < buckets.size();
  }
  if (!left) {
    ++finished_;
    started_ = 0;
  }
  return Cause::busy;
}

}  // namespace rebasis::sim::trec
