// The MAC engine, cycle by cycle: one multiplier a filter, one product a filter and turn.
#include <algorithm>
#include <deque>

#include "sim/pynq_ternary/clocked/core.h"
#include "sim/pynq_ternary/names.h"

namespace rebasis::sim::pynq_ternary {

namespace {

using Spec = arch::PynqTernarySpec;

class EngineCore : public Core {
 public:
  EngineCore(const Job& job, const Activations& image) : Core(job, image) {
    counters_.working = 1;
    begin(0);
  }
  [[nodiscard]] std::string state() const override {
    return "MAC engine at position " + std::to_string(position_) + ", filters from " + std::to_string(filter_) +
           ", tap " + std::to_string(tap_);
  }
  [[nodiscard]] std::vector<int> probes() const override {
    return {0, 0, 0, static_cast<int>(tap_), entered_ ? 1 : 0, output_path_.busy() ? 1 : 0};
  }

 protected:
  void evaluate_block(std::size_t shell) override;
  bool finish_cycle() override;

 private:
  struct Sum {
    std::int64_t filter, e, f, value;
    Cycle left;  ///< stages
  };
  void begin(std::size_t step);
  void turn();
  void multiply();
  void next_filters();
  void arrive();
  [[nodiscard]] std::int64_t filters() const { return std::min(spec_.engine_dsps, tile_.filters.size() - filter_); }
  [[nodiscard]] std::int64_t taps() const { return tile_.channels.size() * job_.shape().R * job_.shape().S; }
  [[nodiscard]] std::int64_t positions() const {
    return tile_.groups.size() * tile_.rows.size() * tile_.columns.size();
  }

  ConvTile tile_;
  bool entered_ = false, finished_ = false;
  Cycle draining_ = 0;          ///< cycles since the last product left the multipliers
  std::int64_t position_ = 0;   ///< convolution group, output row and column
  std::int64_t filter_ = 0;     ///< first of the block, from the tile's first
  std::int64_t tap_ = 0;        ///< products a multiplier has done
  std::int64_t read_bits_ = 0;  ///< of this tap's weights
  std::int64_t left_ = 0;       ///< sums of the block before that have not left their multipliers' registers
  Cause cause_ = Cause::fill_drain;
  std::vector<std::int64_t> sums_;
  std::deque<Sum> leaving_;
};

void EngineCore::begin(std::size_t step) {
  if (step == job_.steps.steps.size()) return;
  tile_ = step_at(step).tile;
  entered_ = finished_ = false;
  draining_ = 0;
  position_ = filter_ = tap_ = read_bits_ = left_ = 0;
  sums_.assign(static_cast<std::size_t>(filters()), 0);
}

void EngineCore::arrive() {
  for (Sum& sum : leaving_) --sum.left;
  while (!leaving_.empty() && leaving_.front().left <= 0) {
    const Sum& sum = leaving_.front();
    output(sum.filter, sum.e, sum.f) += sum.value;
    count(accumulate, 1);
    count(output_read, Spec::accumulator_bytes);
    count(output_write, Spec::accumulator_bytes);
    leaving_.pop_front();
  }
}

void EngineCore::evaluate_block(std::size_t shell) {
  if (shell != engine_shell) return;
  arrive();
  if (active()) turn();
}

void EngineCore::turn() {
  if (!entered_) {
    entered_ = true;
    cause_ = Cause::fill_drain;
    return;
  }
  if (finished_) {
    ++draining_;
    cause_ = Cause::fill_drain;
    return;
  }
  ++left_;  // one sum a cycle moves out while this block multiplies
  if (tap_ == taps()) {
    cause_ = Cause::output;
  } else {
    read_bits_ += spec_.weight_port_bits;
    const bool complete = read_bits_ >= filters() * Spec::engine_weight_bits;
    cause_ = complete ? Cause::busy : Cause::weights;
    if (complete) multiply();
  }
  if (tap_ == taps() && left_ >= filters()) next_filters();
}

void EngineCore::multiply() {
  const LayerShape& shape = job_.shape();
  const std::int64_t group = tile_.groups.first + position_ / (tile_.rows.size() * tile_.columns.size());
  const std::int64_t e = tile_.rows.first + position_ / tile_.columns.size() % tile_.rows.size();
  const std::int64_t f = tile_.columns.first + position_ % tile_.columns.size();
  const std::int64_t c = tile_.channels.first + tap_ / (shape.R * shape.S), r = tap_ / shape.S % shape.R,
                     s = tap_ % shape.S;
  const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
  const std::int64_t w = f * shape.stride_w + s * shape.dilation_w - shape.pad_left;
  const std::int64_t value = image_.at(group * shape.channels_per_group() + c, h, w);
  const std::int64_t first = group * shape.filters_per_group() + tile_.filters.first + filter_;
  for (std::int64_t i = 0; i < filters(); ++i)
    sums_[static_cast<std::size_t>(i)] += value * job_.layer.code(first + i, c, r, s);
  if (h >= 0 && h < shape.H && w >= 0 && w < shape.W) count(input_read, Spec::activation_bytes);
  count(weight_read, filters());
  count(dsp_mac, filters());
  counters_.effective_macs += static_cast<std::uint64_t>(filters());
  read_bits_ = 0;
  if (++tap_ < taps()) return;
  for (std::int64_t i = 0; i < filters(); ++i)
    leaving_.push_back({first + i, e, f, sums_[static_cast<std::size_t>(i)], spec_.engine_depth - 1});
}

void EngineCore::next_filters() {
  tap_ = left_ = 0;
  filter_ += filters();
  if (filter_ >= tile_.filters.size()) {
    filter_ = 0;
    if (++position_ == positions()) finished_ = true;
  }
  sums_.assign(static_cast<std::size_t>(filters()), 0);
}

bool EngineCore::finish_cycle() {
  ++counters_.blocks[engines][cause_];
  counters_.blocks[engines][Cause::idle] += spec_.pes - 1;
  for (const Block block : {indexer, weight_loader, window_registers}) ++counters_.blocks[block][Cause::idle];
  const bool consumed = finished_ && draining_ == spec_.engine_depth - 1;
  if (consumed) begin(step() + 1);
  return consumed;
}

}  // namespace

std::unique_ptr<Core> make_engine_core(const Job& job, const Activations& image) {
  return std::make_unique<EngineCore>(job, image);
}

}  // namespace rebasis::sim::pynq_ternary
