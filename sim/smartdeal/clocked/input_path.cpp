#include "sim/smartdeal/clocked/input_path.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::smartdeal {

InputPath::InputPath(const Context& context, std::vector<PeSlice>& slices)
    : context_(context),
      slices_(slices),
      lanes_(static_cast<std::size_t>(context.mode.lanes)),
      zero_row_(static_cast<std::size_t>(context.shape.C * context.shape.H)),
      region_(static_cast<std::size_t>(context.mode.lines * context.mode.slices), -1),
      region_epoch_(region_.size(), -1) {
  for (Lane& lane : lanes_) lane.sent.resize(region_.size());
  for (std::int64_t c = 0; c < context.shape.C; ++c) {
    for (std::int64_t h = 0; h < context.shape.H; ++h) {
      const auto row = context.job.activations.row(c, h);
      zero_row_[static_cast<std::size_t>(c * context.shape.H + h)] =
          std::all_of(row.begin(), row.end(), [](std::uint8_t value) { return value == 0; }) ? 1 : 0;
    }
  }
}

std::int64_t InputPath::busy_lanes() const {
  return std::count_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) { return lane.port_busy_until > now_; });
}

void InputPath::evaluate(Cycle now, const BlockTimes& blocks, Counters& counters) {
  now_ = now;
  for (std::int64_t lane = 0; lane < context_.mode.lanes; ++lane) {
    if (lanes_[static_cast<std::size_t>(lane)].port_busy_until > now) counters.lanes[Cause::busy] += 1;
    grant(now, lane, blocks, counters);
    scan(now, lane, blocks, counters);
  }
}

void InputPath::commit() {
  passed_visible_ = context_.steps.size();
  for (const Lane& lane : lanes_) passed_visible_ = std::min(passed_visible_, lane.step);
}

void InputPath::grant(Cycle now, std::int64_t index, const BlockTimes& blocks, Counters& counters) {
  Lane& lane = lanes_[static_cast<std::size_t>(index)];
  if (!lane.selection || lane.selected_at > now) return;
  if (lane.port_busy_until > now) {
    counters.selectors[Cause::inputs] += 1;
    return;
  }
  if (lane.waiting_for == Lane::Waiting::port) {
    lane.port_free_at = now;
    lane.waiting_for = Lane::Waiting::basis;
  }
  if (lane.waiting_for == Lane::Waiting::basis) {
    if (!basis_ready(lane, lane.step, *lane.selection)) {
      counters.selectors[Cause::weights] += 1;
      counters.lanes[Cause::weights] += 1;
      return;
    }
    lane.basis_ready_at = now;
    lane.waiting_for = Lane::Waiting::room;
  }
  if (!room(lane, lane.step, *lane.selection)) {
    counters.selectors[Cause::imbalance] += 1;
    counters.lanes[Cause::imbalance] += 1;
    return;
  }
  send(now, lane, blocks, counters);
}

void InputPath::scan(Cycle now, std::int64_t index, const BlockTimes& blocks, Counters& counters) {
  Lane& lane = lanes_[static_cast<std::size_t>(index)];
  if (lane.selection || lane.step == context_.steps.size()) return;
  const TileStep& step = context_.steps[lane.step];
  if (step.block >= blocks.started.size() || blocks.started[step.block] > now) {
    const bool loaded = step.block < blocks.loaded.size() && blocks.loaded[step.block] <= now;
    counters.selectors[loaded ? Cause::weights : Cause::dram] += 1;
    return;
  }
  if (blocks.started[step.block] + context_.spec.index_latency > now) {
    counters.selectors[Cause::index] += 1;
    return;
  }
  if (lane.step > handed_over() + static_cast<std::size_t>(context_.spec.tiles_ahead())) {
    counters.selectors[Cause::imbalance] += 1;
    return;
  }
  if (!lane.listed) list_pairs(lane, index);
  counters.selectors[Cause::busy] += 1;
  const auto window = static_cast<std::size_t>(context_.spec.pairs_per_cycle);
  for (std::size_t i = 0; i < window && lane.position < lane.candidates.size(); ++i) {
    if (lane.position % window == 0) {  // the first pair of a word of the index
      if (i > 0 && context_.spec.index_window == "word") break;
      if (context_.layout.compressed)
        counters[Action::index_gb_read] += static_cast<std::uint64_t>(context_.spec.index_word_bytes());
    }
    const Candidate& candidate = lane.candidates[lane.position++];
    counters[Action::pair_examined] += static_cast<std::uint64_t>(candidate.last_slice - candidate.first_slice);
    if (!wanted(lane.step, candidate)) continue;
    lane.selection = candidate;
    lane.selected_at = now + 1;
    lane.requested = false;
    lane.waiting_for = Lane::Waiting::port;
    return;
  }
  if (lane.position < lane.candidates.size()) return;
  ++lane.step;  // past the tile
  lane.listed = false;
}

void InputPath::list_pairs(Lane& lane, std::int64_t index) {
  lane.candidates.clear();
  for_each_candidate(context_.shape, context_.layout, context_.mode, static_cast<std::int64_t>(context_.groups.size()),
                     context_.block(lane.step).pass, context_.steps[lane.step].tile, index,
                     [&](const Candidate& candidate) { lane.candidates.push_back(candidate); });
  lane.position = 0;
  lane.last_row = lane.last_slice = -1;
  lane.listed = true;
}

std::size_t InputPath::handed_over() const {
  std::size_t tiles = context_.steps.size();
  for (const PeSlice& slice : slices_) tiles = std::min(tiles, slice.tiles_handed_off());
  return tiles;
}

bool InputPath::wanted(std::size_t step, const Candidate& candidate) const {
  if (zero_activations(context_.steps[step].tile, candidate)) return false;
  for (std::int64_t slice = candidate.first_slice; slice < candidate.last_slice; ++slice) {
    if (context_.slice_needs(step, slice, candidate.row)) return true;
  }
  return false;
}

int InputPath::activation(const Tile& tile, const Candidate& candidate, std::int64_t entry) const {
  const TapGroup& group = context_.groups[static_cast<std::size_t>(candidate.group)];
  const LayerShape& shape = context_.shape;
  const std::int64_t column =
      shape.stride_w * (tile.index * context_.spec.dim_F + group.first_shift + entry) + group.phase - shape.pad_left;
  return context_.job.activations.at(candidate.channel, candidate.h, column);
}

bool InputPath::zero_activations(const Tile& tile, const Candidate& candidate) const {
  if (context_.spec.skip_activations == "off") return false;
  if (context_.spec.skip_activations == "row") {
    return zero_row_[static_cast<std::size_t>(candidate.channel * context_.shape.H + candidate.h)] != 0;
  }
  const TapGroup& group = context_.groups[static_cast<std::size_t>(candidate.group)];
  for (const std::int64_t shift : group.shifts) {
    for (std::int64_t f = 0; f < tile.width; ++f) {
      if (activation(tile, candidate, f + shift) != 0) return false;
    }
  }
  return true;
}

/// True when every line that the pair concerns has the basis; asks the lines for it otherwise.
bool InputPath::basis_ready(Lane& lane, std::size_t step, const Candidate& candidate) {
  const std::int64_t region = context_.region(step, candidate.row);
  const std::int64_t epoch = context_.steps[step].weight_epoch;
  if (region < 0) return true;
  const auto first = static_cast<std::size_t>(candidate.line * context_.mode.slices + candidate.first_slice);
  if (region_epoch_[first] == epoch && region <= region_[first]) return true;
  bool ready = true;
  for (std::int64_t s = candidate.first_slice; s < candidate.last_slice; ++s) {
    PeLine& line = slices_[static_cast<std::size_t>(s)].line(candidate.line);
    if (!lane.requested) line.request_region(step, region);
    ready = ready && line.loaded_region(epoch) >= region && line.basis_idle();
  }
  lane.requested = true;
  return ready;
}

bool InputPath::room(const Lane& lane, std::size_t step, const Candidate& candidate) const {
  for (std::int64_t s = candidate.first_slice; s < candidate.last_slice; ++s) {
    if (!context_.slice_needs(step, s, candidate.row)) continue;
    const std::int64_t completed = slices_[static_cast<std::size_t>(s)].line(candidate.line).completed();
    if (lane.sent[static_cast<std::size_t>(candidate.line * context_.mode.slices + s)] - completed >=
        context_.spec.fifo_rows)
      return false;
  }
  return true;
}

std::int64_t InputPath::read_segment(const Tile& tile, const Candidate& candidate, Counters& counters) const {
  const arch::SmartDealSpec& spec = context_.spec;
  const LayerShape& shape = context_.shape;
  const TapGroup& group = context_.groups[static_cast<std::size_t>(candidate.group)];
  const std::int64_t element = spec.element_bytes(), bytes = (tile.width + group.span) * element;
  const std::int64_t offset = spec.input_gb_row_start == "padding" ? shape.pad_left : 0;
  std::int64_t cycles = 0;
  for (std::int64_t begin = 0; begin < bytes; begin += spec.lane_bytes()) {
    std::vector<std::int64_t> places;  // in the row, of the elements of this beat
    for (std::int64_t byte = begin; byte < std::min(begin + spec.lane_bytes(), bytes); ++byte) {
      const std::int64_t column = shape.stride_w * (tile.index * spec.dim_F + group.first_shift + byte / element) +
                                  group.phase - shape.pad_left;
      if (column < 0 || column >= shape.W) continue;
      const std::int64_t place = column + offset;
      places.push_back((spec.input_gb_columns == "by_phase" ? place / shape.stride_w : place) * element);
    }
    std::vector<std::int64_t> accesses(static_cast<std::size_t>(spec.lane_banks()));  // of each bank
    if (!places.empty()) {
      const std::int64_t end = (places.back() + element - 1) / spec.input_word_bytes();
      for (std::int64_t word = places.front() / spec.input_word_bytes(); word <= end; ++word) {
        ++accesses[static_cast<std::size_t>(word % spec.lane_banks())];
        counters[Action::input_gb_read] += static_cast<std::uint64_t>(spec.input_word_bytes());
      }
    }
    cycles += std::max<std::int64_t>(1, *std::max_element(accesses.begin(), accesses.end()));
  }
  return cycles;
}

void InputPath::send(Cycle now, Lane& lane, const BlockTimes& blocks, Counters& counters) {
  auto packet = std::make_shared<Packet>();
  packet->pair = *lane.selection;
  packet->step = lane.step;
  packet->new_row = lane.last_row != packet->pair.row || lane.last_slice != packet->pair.first_slice;
  packet->region = context_.region(lane.step, packet->pair.row);
  const Tile& tile = context_.steps[lane.step].tile;
  const std::int64_t entries = tile.width + context_.groups[static_cast<std::size_t>(packet->pair.group)].span;
  for (std::int64_t entry = 0; entry < entries; ++entry) {
    packet->values.push_back(static_cast<std::int16_t>(activation(tile, packet->pair, entry)));
  }
  const std::size_t block = context_.steps[lane.step].block;
  packet->block_loaded = blocks.loaded[block];
  packet->block_ready = blocks.started[block];
  packet->selected = lane.selected_at;
  packet->port_free = lane.port_free_at;
  packet->basis_ready = lane.basis_ready_at;
  packet->granted = now;
  lane.port_busy_until = now + read_segment(tile, packet->pair, counters);
  packet->arrived = lane.port_busy_until + context_.spec.input_gb_latency;
  counters.lanes[Cause::busy] += 1;  // this cycle; the port counts the others
  lane.last_row = packet->pair.row;
  lane.last_slice = packet->pair.first_slice;
  lane.selection.reset();

  for (std::int64_t s = packet->pair.first_slice; s < packet->pair.last_slice; ++s) {
    const auto i = static_cast<std::size_t>(packet->pair.line * context_.mode.slices + s);
    PeLine& line = slices_[static_cast<std::size_t>(s)].line(packet->pair.line);
    const std::int64_t epoch = context_.steps[lane.step].weight_epoch;
    if (packet->region >= 0 && (region_epoch_[i] != epoch || packet->region > region_[i])) {
      line.enter_region(packet->region);
      region_[i] = packet->region;
      region_epoch_[i] = epoch;
    }
    if (!context_.slice_needs(lane.step, s, packet->pair.row)) continue;
    ++lane.sent[i];
    line.announce(packet);
  }
}

}  // namespace rebasis::sim::smartdeal
