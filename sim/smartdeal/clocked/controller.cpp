#include "sim/smartdeal/clocked/controller.h"

#include <algorithm>

#include "sim/smartdeal/latencies.h"

namespace rebasis::sim::smartdeal {

Controller::Controller(const Context& context, const std::vector<PeSlice>& slices, Dma& dma,
                       const HuffmanDecoders& decoders)
    : context_(context), slices_(slices), dma_(dma), decoders_(decoders) {
  const auto& blocks = context.job.mapping.blocks;
  std::size_t step = 0;
  for (const Block& block : blocks) {
    first_step_.push_back(step);
    step += static_cast<std::size_t>(block.last_tile - block.first_tile);
  }
  first_step_.push_back(step);
  for (std::size_t i = 0; i < std::min<std::size_t>(2, blocks.size()); ++i) issue_load(i, 0);
}

void Controller::issue_load(std::size_t block, Cycle at) {
  const Block& next = context_.job.mapping.blocks[block];
  dma_.issue(load_channel, next.loads, false, at, next.coded != nullptr);
  load_issued_.push_back(at);
}

std::size_t Controller::all_done() const {
  std::size_t done = context_.steps.size();
  for (const PeSlice& slice : slices_) done = std::min(done, slice.tiles_done());
  return done;
}

std::size_t Controller::all_handed_off() const {
  std::size_t done = context_.steps.size();
  for (const PeSlice& slice : slices_) done = std::min(done, slice.tiles_handed_off());
  return done;
}

bool Controller::loaded(Cycle now, std::size_t block) const {
  if (dma_.done(load_channel, block) > now) return false;
  if (!context_.job.mapping.blocks[block].new_weights) return true;
  // The weight banks change hands: nothing of the old weights is in use.
  return all_handed_off() >= first_step_[block] &&
         std::all_of(slices_.begin(), slices_.end(), [](const PeSlice& slice) { return slice.basis_idle(); });
}

void Controller::evaluate(Cycle now, std::size_t passed) {
  const auto& blocks = context_.job.mapping.blocks;
  const std::size_t done = std::min(all_done(), passed);
  while (finished_blocks_ < blocks.size() && first_step_[finished_blocks_ + 1] <= done) {
    if (finished_blocks_ + 2 < blocks.size()) issue_load(finished_blocks_ + 2, now + signal_latency);
    ++finished_blocks_;
  }
  while (started_.size() < blocks.size() && started_.size() < finished_blocks_ + 2 && loaded(now, started_.size())) {
    if (loaded_.size() == started_.size()) loaded_.push_back(now + block_start_latency);
    if (decoders_.done(started_.size()) > now) break;
    started_.push_back(now + block_start_latency);
  }
}

void Controller::commit() {
  started_visible_ = started_;
  loaded_visible_ = loaded_;
}

}  // namespace rebasis::sim::smartdeal
