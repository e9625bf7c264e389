#include "sim/smartdeal/fast.h"

#include <algorithm>
#include <limits>

#include "common/error.h"
#include "common/units.h"
#include "sim/smartdeal/fast_run.h"
#include "sim/smartdeal/latencies.h"
#include "sim/smartdeal/settle.h"

namespace rebasis::sim::smartdeal {

FastRun::FastRun(const LayerJob& job, const DramPort& port)
    : job_(job),
      spec_(job.spec),
      shape_(job.layer.shape()),
      layout_(job.layer.layout),
      mode_(mode_of(shape_, spec_)),
      dma_({spec_.dma_request_bytes, spec_.dma_outstanding}, dma_channels, port),
      output_(spec_, shape_, job.mapping, dma_, out_.counters),
      decoders_(mode_, spec_),
      lines_(static_cast<std::size_t>(mode_.lines),
             LineBank(static_cast<std::size_t>(mode_.slices),
                      {static_cast<std::size_t>(spec_.fifo_rows), static_cast<std::size_t>(spec_.row_latches),
                       static_cast<Time>(spec_.weight_buffer_latency), static_cast<Time>(spec_.release_latency)})),
      lanes_(static_cast<std::size_t>(mode_.lanes)),
      region_(static_cast<std::size_t>(mode_.lines * mode_.slices), -1),
      basis_(region_.size(), -1),
      lane_row_(lanes_.size()),
      engines_(static_cast<std::size_t>(spec_.rebuild_engines / mode_.clusters)),
      row_bytes_(row_bytes(layout_, spec_)),
      basis_cycles_(basis_fetch_cycles(layout_, spec_)) {
  const auto slices = static_cast<std::size_t>(mode_.slices);
  slices_ = {std::vector<Time>(slices), std::vector<Time>(slices), std::vector<Time>(slices), 0};
}

Time FastRun::time(Cycle cycle) {
  if (cycle > std::numeric_limits<Time>::max() / 2)
    fail_input("a layer runs for more than 2^30 cycles; split it or raise the bandwidth");
  return static_cast<Time>(cycle);
}

LayerRun FastRun::run() {
  const auto& blocks = job_.mapping.blocks;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, blocks.size()); ++i) issue_load(i, 0);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    start_block(i);
    for (std::int64_t tile = blocks[i].first_tile; tile < blocks[i].last_tile; ++tile) run_tile(blocks[i], tile);
  }
  finish();
  return std::move(out_);
}

void FastRun::issue_load(std::size_t index, Cycle at) {
  const Block& block = job_.mapping.blocks[index];
  dma_.issue(load_channel, block.loads, false, at, block.coded != nullptr);
  load_issued_.push_back(at);
}

Time FastRun::begin_scan(Time since) {
  Account& selectors = out_.counters.selectors;
  const Time loaded = std::max(since, block_loaded_);
  const Time ready = std::max(loaded, block_ready_);
  const Time indexed = std::max(ready, block_ready_ + static_cast<Time>(spec_.index_latency));
  const Time begin = std::max(indexed, tile_open_);
  selectors[Cause::dram] += loaded - since;
  selectors[Cause::weights] += ready - loaded;
  selectors[Cause::index] += indexed - ready;
  selectors[Cause::imbalance] += begin - indexed;
  return begin;
}

void FastRun::start_block(std::size_t index) {
  const Block& block = job_.mapping.blocks[index];
  block_index_ = index;
  const Time previous = block_ready_;
  block_ready_ = time(output_.finish_load(index));
  if (block.new_weights) switch_weights(index);
  block_loaded_ = std::max(previous, block_ready_ + block_start_latency);  // blocks start in order
  const Cycle decoded = decoders_.load(
      block, load_issued_[index], [&](std::uint64_t bytes) { return dma_.arrival(load_channel, index, bytes); },
      out_.counters.decoders);
  block_ready_ = std::max(block_loaded_, time(decoded) + block_start_latency);
}

void FastRun::switch_weights(std::size_t index) {
  const Block& block = job_.mapping.blocks[index];
  for (std::size_t s = 0; s < slices_.gate.size(); ++s) {
    block_ready_ = std::max(block_ready_, slices_.gate[s]);
    for (LineBank& line : lines_) block_ready_ = std::max(block_ready_, line.finish_basis(s));
  }
  std::fill(region_.begin(), region_.end(), -1);
  std::fill(basis_.begin(), basis_.end(), -1);
  const auto key = std::pair(block.pass.first_filter, block.pass.first_unit);
  pass_ = &weights_.try_emplace(key, job_.layer, spec_, mode_, block.pass).first->second;
  resident_tiles_ = 0;
  std::int64_t tiles = 0;
  for (std::size_t i = index; i < job_.mapping.blocks.size() && (i == index || !job_.mapping.blocks[i].new_weights);
       ++i) {
    tiles += job_.mapping.blocks[i].last_tile - job_.mapping.blocks[i].first_tile;
  }
  const std::int64_t bases = pass_->bases();
  last_region_ = bases <= static_cast<std::int64_t>(engines_) ? bases - 1 : tiles * bases - 1;
}

void FastRun::run_tile(const Block& block, std::int64_t tile_index) {
  const Tile tile = tile_at(shape_, spec_.dim_F, tile_index);
  selectors_end_ = 0;
  const auto ahead = static_cast<std::size_t>(spec_.tiles_ahead());
  tile_open_ = gates_.size() > ahead ? gates_[gates_.size() - 1 - ahead] : 0;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    lane_row_[lane] = {-1, -1};
    run_lane(block, tile, lane);
  }
  end_tile(block, tile, tile_index);
  ++resident_tiles_;
}

void FastRun::run_lane(const Block& block, const Tile& tile, std::size_t lane) {
  std::int64_t position = 0, scanned = 0;  // pairs examined, and when the last scan ended
  const bool words = spec_.index_window == "word";
  // Cycles from the end of the last scan to the `position`-th pair.
  const auto scan_cycles = [&] {
    const std::int64_t window = spec_.pairs_per_cycle;
    return static_cast<Time>(words && position > scanned ? (position - 1) / window - scanned / window + 1
                                                         : ceil_div(position - scanned, window));
  };
  const auto groups = static_cast<std::int64_t>(job_.costs.groups().size());
  Counters& counters = out_.counters;
  std::uint64_t examined_slices = 0;
  for_each_candidate(shape_, layout_, mode_, groups, block.pass, tile, static_cast<std::int64_t>(lane),
                     [&](const Candidate& candidate) {
                       ++position;
                       examined_slices += static_cast<std::uint64_t>(candidate.last_slice - candidate.first_slice);
                       if (job_.costs.skipped(candidate.group, candidate.channel, candidate.h, tile.index)) return;
                       const std::uint16_t* const fetch = pass_->fetch(candidate.row);
                       const bool wanted =
                           mode_.depthwise ? fetch[candidate.first_slice] != 0 : pass_->sums(candidate.row).lines != 0;
                       if (!wanted) return;
                       deliver(candidate, tile, lane, scan_cycles());
                       scanned = position;
                     });
  Lane& state = lanes_[lane];
  const Time scan = std::max(1, scan_cycles());  // passing the tile's end takes a cycle
  counters.selectors[Cause::busy] += scan;
  state.selector_free = begin_scan(state.selector_free) + scan;
  selectors_end_ = std::max(selectors_end_, state.selector_free);
  counters[Action::pair_examined] += examined_slices;
  if (layout_.compressed) {
    const auto read = static_cast<std::uint64_t>(ceil_div(position, spec_.pairs_per_cycle));
    counters[Action::index_gb_read] += read * static_cast<std::uint64_t>(spec_.index_word_bytes());
  }
}

std::int64_t FastRun::region_of(std::int64_t row) const {
  const std::int64_t bases = pass_->bases();
  const std::int64_t basis = pass_->basis(row);
  return bases <= static_cast<std::int64_t>(engines_) ? basis : resident_tiles_ * bases + basis;
}

/// The multicast waits until every slice of the lane has the basis of the new region; returns when.
Time FastRun::enter_basis_region(const Candidate& candidate, Time at) {
  LineBank& line = lines_[static_cast<std::size_t>(candidate.line)];
  const std::int64_t region = region_of(candidate.row);
  Time all = at;
  for (std::int64_t s = candidate.first_slice; s < candidate.last_slice; ++s) {
    const auto slice = static_cast<std::size_t>(s);
    const auto i = static_cast<std::size_t>(candidate.line * mode_.slices + s);
    Time ready = line.finish_basis(slice);
    const std::int64_t cycles = basis_cycles_ * pass_->filters_of(s);
    while (basis_[i] < region) {
      ++basis_[i];
      const Time port_free = ready - static_cast<Time>(spec_.weight_buffer_latency);  // reads follow each other
      line.start_basis(slice, std::max({line.done()[slice], at + signal_latency, port_free}),
                       static_cast<Time>(cycles));
      ready = line.finish_basis(slice);
      count_basis(s, 1);
    }
    region_[i] = region;
    all = std::max(all, ready);
  }
  return all;
}

/// The other rebuild engine may take the next basis once the line is done with the region before.
void FastRun::prefetch_basis(const Candidate& candidate, Time at) {
  LineBank& line = lines_[static_cast<std::size_t>(candidate.line)];
  for (std::int64_t s = candidate.first_slice; s < candidate.last_slice; ++s) {
    const auto slice = static_cast<std::size_t>(s);
    const auto i = static_cast<std::size_t>(candidate.line * mode_.slices + s);
    const std::int64_t target = std::min(last_region_, region_[i] + static_cast<std::int64_t>(engines_) - 1);
    if (target <= basis_[i]) continue;
    const std::int64_t fetched = target - basis_[i];
    const std::int64_t cycles = basis_cycles_ * pass_->filters_of(s) * fetched;
    basis_[i] = target;
    line.start_basis(slice, std::max(line.done()[slice], at + signal_latency), static_cast<Time>(cycles));
    count_basis(s, fetched);
  }
}

void FastRun::deliver(const Candidate& candidate, const Tile& tile, std::size_t lane, Time scan) {
  Lane& state = lanes_[lane];
  Counters& counters = out_.counters;
  const TapGroup& group = job_.costs.groups()[static_cast<std::size_t>(candidate.group)];
  const ItemCost& cost = job_.costs.at(candidate.group, candidate.channel, candidate.h, tile.index);
  LineBank& line = lines_[static_cast<std::size_t>(candidate.line)];
  const std::uint16_t* const fetch = pass_->fetch(candidate.row);
  const auto first = static_cast<std::size_t>(candidate.first_slice),
             last = static_cast<std::size_t>(candidate.last_slice);
  const bool new_row = lane_row_[lane] != std::pair(candidate.row, candidate.first_slice);
  lane_row_[lane] = {candidate.row, candidate.first_slice};

  ItemTimes item;
  item.block_loaded = block_loaded_;
  item.block_ready = block_ready_;
  item.selected = begin_scan(state.selector_free) + scan;
  item.port_free = std::max(item.selected, state.port_free);
  const bool crossing =
      layout_.compressed &&
      region_of(candidate.row) > region_[static_cast<std::size_t>(candidate.line * mode_.slices) + first];
  item.basis_ready = crossing ? enter_basis_region(candidate, item.port_free) : item.port_free;
  item.granted = std::max(item.basis_ready, line.room(fetch, first, last));
  if (crossing) prefetch_basis(candidate, item.granted);
  const std::int64_t entries = tile.width + group.span;
  const PortCost& port = job_.costs.port(candidate.group, tile.index);
  const Time sent = item.granted + port.cycles;
  item.arrived = sent + static_cast<Time>(spec_.input_gb_latency);
  item.cycles = cost.cycles;
  counters.selectors[Cause::busy] += scan;
  counters.selectors[Cause::inputs] += item.port_free - item.selected;
  counters.selectors[Cause::weights] += item.basis_ready - item.port_free;
  counters.selectors[Cause::imbalance] += item.granted - item.basis_ready;
  counters.lanes[Cause::busy] += port.cycles;
  counters[Action::input_gb_read] +=
      static_cast<std::uint64_t>(port.words) * static_cast<std::uint64_t>(spec_.input_word_bytes());
  counters.lanes[Cause::weights] += item.basis_ready - item.port_free;
  counters.lanes[Cause::imbalance] += item.granted - item.basis_ready;
  state.selector_free = item.granted;
  state.port_free = sent;
  line.consume(item, fetch, pass_->rebuild(candidate.row), new_row, slices_, first, last, waits_);
  if (mode_.depthwise) {
    const std::int64_t nonzeros = job_.layer.nonzeros[static_cast<std::size_t>(
        (job_.mapping.blocks[block_index_].pass.first_filter + candidate.first_slice) * layout_.rows + candidate.row)];
    const RowSums sums{1, 1, fetch[first], pass_->rebuild(candidate.row)[first], static_cast<std::int32_t>(nonzeros)};
    count_item(candidate, cost, sums, entries, tile.width, new_row);
  } else {
    count_item(candidate, cost, pass_->sums(candidate.row), entries, tile.width, new_row);
  }
}

void FastRun::end_tile(const Block& block, const Tile& tile, std::int64_t tile_index) {
  const std::int64_t active = pass_->slices();
  tile_end_ = selectors_end_;
  for (std::int64_t s = 0; s < active; ++s) {
    const auto slice = static_cast<std::size_t>(s);
    Time done = std::max(selectors_end_, slices_.gate[slice]);
    for (const LineBank& line : lines_) done = std::max(done, line.done()[slice]);
    slices_.done[slice] = done;
    tile_end_ = std::max(tile_end_, done);
  }
  if (tile_index + 1 == block.last_tile && block_index_ + 2 < job_.mapping.blocks.size()) {
    // This block's buffers are free. The DMA is told before the outputs drain: it may have time for it in between.
    issue_load(block_index_ + 2, tile_end_ + load_issue_latency);
  }
  std::vector<Cycle> handoffs(static_cast<std::size_t>(active));
  for (std::int64_t s = 0; s < active; ++s) {
    const auto slice = static_cast<std::size_t>(s);
    if (spec_.slice_sync == "array") slices_.done[slice] = tile_end_ + signal_latency;
    slices_.handoff[slice] = block.emits ? std::max(slices_.done[slice], time(output_.room(s))) : slices_.done[slice];
    slices_.gate[slice] = slices_.handoff[slice] + handoff_cycles;
    slices_.latest_gate = std::max(slices_.latest_gate, slices_.gate[slice]);
    handoffs[slice] = slices_.handoff[slice];
  }
  gates_.push_back(slices_.latest_gate);
  if (block.emits) output_.push(block, tile, *pass_, std::move(handoffs));
  if (!job_.keep_tiles) return;
  if (block.emits) emitted_.push_back(out_.tiles.size());
  out_.tiles.push_back({static_cast<std::int64_t>(block_index_), tile_index, block_ready_, tile_end_, tile_end_});
}

void FastRun::finish() {
  Time end = std::max(time(output_.finish()), tile_end_);
  for (std::size_t s = 0; s < slices_.gate.size(); ++s) {
    end = std::max(end, slices_.gate[s]);
    for (LineBank& line : lines_) end = std::max(end, line.finish_basis(s));
  }
  for (std::size_t i = 0; i < emitted_.size(); ++i) out_.tiles[emitted_[i]].drained = output_.drained()[i];
  Counters& counters = out_.counters;
  counters.cycles = end;
  close_lines(end);
  settle_static_counters(counters, job_, dma_);
}

LayerRun run_fast(const LayerJob& job, const DramPort& port) { return FastRun(job, port).run(); }

}  // namespace rebasis::sim::smartdeal
