#include "sim/pynq_ternary/clocked/group_indexer.h"

#include <algorithm>

#include "common/units.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

std::vector<FilterRow> rows_of(const Job& job, const ConvTile& tile) {
  std::vector<FilterRow> rows;
  const Range units = units_of(tile, job.units.channels());
  const std::vector<Piece> pieces = cut_kernel(job.shape(), job.spec);
  for (std::int64_t g = tile.groups.first; g < tile.groups.last; ++g) {
    const std::int64_t first = g * job.shape().filters_per_group() + tile.filters.first;
    for (std::int64_t unit = units.first; unit < units.last; ++unit) {
      for (const Piece& piece : pieces) rows.push_back({first, tile.filters.size(), unit, piece});
    }
  }
  return rows;
}

void GroupIndexer::begin_step(const ConvTile& tile) {
  rows_ = std::make_shared<const std::vector<FilterRow>>(rows_of(*job_, tile));
  row_ = 0;
  done_ = false;
  reading_ = job_->spec.skip_groups ? job_->spec.weight_read_latency : 0;
  begin_row();
}

void GroupIndexer::begin_row() {
  scanners_.clear();
  for (std::int64_t pe = 0; pe < job_->spec.pes; ++pe) {
    const std::int64_t left = (*rows_)[row_].filters - pe;
    scanners_.push_back({0, left > 0 ? ceil_div(left, job_->spec.pes) : 0});
  }
  clear_set(true);
  if (!job_->spec.skip_groups) offer_all();
}

void GroupIndexer::next_row() {
  offers_ = false;
  if (++row_ == rows_->size())
    done_ = true;
  else
    begin_row();
}

void GroupIndexer::clear_set(bool new_row) {
  offers_ = false;
  set_ = {(*rows_)[row_], new_row, std::vector<std::int64_t>(scanners_.size(), -1)};
  for (Scanner& scanner : scanners_) scanner.settled = false;
}

bool GroupIndexer::at_end() const {
  return std::all_of(scanners_.begin(), scanners_.end(),
                     [](const Scanner& scanner) { return scanner.position == scanner.length; });
}

void GroupIndexer::offer_all() {
  for (std::size_t pe = 0; pe < scanners_.size(); ++pe) {
    Scanner& scanner = scanners_[pe];
    if (scanner.position == scanner.length) continue;
    set_.filters[pe] = set_.row.first_filter + static_cast<std::int64_t>(pe) + scanner.position++ * job_->spec.pes;
  }
  offers_ = true;
}

void GroupIndexer::examine(std::size_t pe, Counters& counters) {
  Scanner& scanner = scanners_[pe];
  for (std::int64_t n = 0; n < job_->spec.groups_per_cycle && scanner.position < scanner.length && !scanner.settled;
       ++n) {
    const std::int64_t filter =
        set_.row.first_filter + static_cast<std::int64_t>(pe) + scanner.position++ * job_->spec.pes;
    ++counters.actions[index_bit];
    if (!job_->units.nonzero(filter, set_.row.unit)) continue;
    set_.filters[pe] = filter;
    scanner.settled = true;
  }
  if (scanner.position == scanner.length) scanner.settled = true;
}

void GroupIndexer::step(bool taken, Counters& counters) {
  if (done_) return;
  if (offers_) {
    if (!taken) return;
    if (at_end()) {
      next_row();
    } else {
      clear_set(false);
      if (!job_->spec.skip_groups) offer_all();
    }
    return;
  }
  if (reading_ > 0) {
    --reading_;
    return;
  }
  ++busy_;
  for (std::size_t pe = 0; pe < scanners_.size(); ++pe) examine(pe, counters);
  if (!std::all_of(scanners_.begin(), scanners_.end(), [](const Scanner& scanner) { return scanner.settled; })) return;
  offers_ = std::any_of(set_.filters.begin(), set_.filters.end(), [](std::int64_t filter) { return filter >= 0; });
  if (!offers_) next_row();
}

}  // namespace rebasis::sim::pynq_ternary
