#include "sim/scnn/clocked/ppu.h"

#include <algorithm>

namespace rebasis::sim::scnn {

namespace {

enum Direction : std::size_t { back, forth, directions };

}  // namespace

Ppu::Ppu(const LayerShape& shape, const AccumulatorLayout& layout, std::vector<Pe>& pes, const arch::ScnnSpec& spec)
    : shape_(shape),
      layout_(layout),
      pes_(pes),
      spec_(spec),
      links_(pes.size() * directions),
      finishing_(pes.size()),
      outputs_(static_cast<std::size_t>(shape.M * shape.E() * shape.F())) {}

bool Ppu::queues_empty() const {
  const auto empty = [](const std::deque<Move>& queue) { return queue.empty(); };
  return std::all_of(links_.begin(), links_.end(), empty) && std::all_of(finishing_.begin(), finishing_.end(), empty);
}

std::int64_t& Ppu::sum(const Job& job, std::size_t pe, const Move& move) {
  const std::int64_t address = move.filter * layout_.filter + (move.e - job.rows[pe]->reach.first) * layout_.row +
                               (move.f - job.columns[pe]->reach.first) * layout_.column;
  return pes_[pe].sum(job.buffer, address);
}

void Ppu::start(const Job& job) {
  phase_ = Phase::rows;
  strangers_.assign(pes_.size(), {});
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    if (job.pe_filters[pe].size() == 0) continue;
    const Slice& row = *job.rows[pe];
    for (std::int64_t e = row.reach.first; e < row.reach.last; ++e) {
      if (e < row.own.first || e >= row.own.last) strangers_[pe].push_back(e);
    }
  }
  next_round(job);
}

void Ppu::plan_round(const Job& job, bool rows) {
  std::vector<std::vector<std::int64_t>> arriving(pes_.size());
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    for (const std::int64_t line : strangers_[pe]) {
      const Slice& own = rows ? *job.rows[pe] : *job.columns[pe];
      const bool up = line < own.own.first;
      const std::size_t hop = rows ? static_cast<std::size_t>(spec_.pe_columns) : 1;
      const std::size_t to = up ? pe - hop : pe + hop;
      const Range across = rows ? job.columns[pe]->reach : job.rows[pe]->own;
      for (std::int64_t k = 0; k < job.pe_filters[pe].size(); ++k) {
        for (std::int64_t x = across.first; x < across.last; ++x) {
          links_[pe * directions + (up ? back : forth)].push_back(rows ? Move{to, k, line, x} : Move{to, k, x, line});
        }
      }
      const Slice& next = rows ? *job.rows[to] : *job.columns[to];
      if (line < next.own.first || line >= next.own.last) arriving[to].push_back(line);
    }
  }
  strangers_ = arriving;
}

void Ppu::next_round(const Job& job) {
  const auto any = [&] {
    return std::any_of(strangers_.begin(), strangers_.end(), [](const auto& lines) { return !lines.empty(); });
  };
  if (phase_ == Phase::rows) {
    if (any()) return plan_round(job, true);
    phase_ = Phase::columns;
    for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
      if (job.pe_filters[pe].size() == 0) continue;
      const Slice& column = *job.columns[pe];
      for (std::int64_t f = column.reach.first; f < column.reach.last; ++f) {
        if (f < column.own.first || f >= column.own.last) strangers_[pe].push_back(f);
      }
    }
  }
  if (phase_ == Phase::columns) {
    if (any()) return plan_round(job, false);
    phase_ = Phase::outputs;
    for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
      if (job.pe_filters[pe].size() == 0) continue;
      const Range rows = job.rows[pe]->own, columns = job.columns[pe]->own;
      for (std::int64_t k = 0; k < job.pe_filters[pe].size(); ++k) {
        for (std::int64_t e = rows.first; e < rows.last; ++e) {
          for (std::int64_t f = columns.first; f < columns.last; ++f) finishing_[pe].push_back({pe, k, e, f});
        }
      }
    }
    return;
  }
  phase_ = Phase::finished;
}

void Ppu::send(const Job& job, Counters& counters) {
  for (std::size_t link = 0; link < links_.size(); ++link) {
    for (std::int64_t n = 0; n < spec_.halo_sums && !links_[link].empty(); ++n) {
      const Move move = links_[link].front();
      links_[link].pop_front();
      std::int64_t& from = sum(job, link / directions, move);
      sum(job, move.to, move) += from;
      from = 0;
      at(counters, Action::accumulator_read) += 2 * sum_bytes(spec_);  // here and there
      at(counters, Action::accumulator_write) += sum_bytes(spec_);
      at(counters, Action::link_write) += sum_bytes(spec_);
      ++at(counters, Action::halo_add);
    }
  }
}

void Ppu::finish_outputs(const Job& job, Counters& counters) {
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    for (std::int64_t n = 0; n < spec_.ppu_outputs && !finishing_[pe].empty(); ++n) {
      const Move output = finishing_[pe].front();
      finishing_[pe].pop_front();
      const std::int64_t m = job.pe_filters[pe].first + output.filter;
      outputs_[static_cast<std::size_t>((m * shape_.E() + output.e) * shape_.F() + output.f)] = sum(job, pe, output);
      at(counters, Action::accumulator_read) += sum_bytes(spec_);
      ++at(counters, Action::requantise);
    }
  }
}

void Ppu::evaluate(Cycle now, Counters& counters) {
  if (jobs_.empty() || !jobs_.front().drains || jobs_.front().ready > now || phase_ == Phase::finished) return;
  const Job& job = jobs_.front();
  if (phase_ == Phase::idle) start(job);
  send(job, counters);
  finish_outputs(job, counters);
  if (!queues_empty()) return;
  next_round(job);
  if (phase_ == Phase::finished) at(counters, Action::output_write) += job.result_bytes;
}

std::size_t Ppu::take_completed(Cycle now) {
  std::size_t completed = 0;
  while (!jobs_.empty()) {
    const Job& job = jobs_.front();
    if (job.drains ? phase_ != Phase::finished : job.ready > now + 1) break;
    phase_ = Phase::idle;
    jobs_.pop_front();
    ++completed;
  }
  return completed;
}

}  // namespace rebasis::sim::scnn
