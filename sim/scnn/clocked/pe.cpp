#include "sim/scnn/clocked/pe.h"

#include "common/error.h"

namespace rebasis::sim::scnn {

Pe::Pe(const LayerShape& shape, const Mapping& mapping, const Activations& image, const arch::ScnnSpec& spec)
    : shape_(shape),
      mapping_(mapping),
      image_(image),
      spec_(spec),
      rows_(row_axis(shape)),
      columns_(column_axis(shape)),
      residues_(used_residues(shape)) {
  const auto banks = static_cast<std::size_t>(spec.banks), entries = static_cast<std::size_t>(spec.bank_entries);
  accumulators_.assign(static_cast<std::size_t>(spec.accumulator_buffers), {banks, std::vector<std::int64_t>(entries)});
  pending_.resize(banks);
  queues_.resize(banks);
}

std::vector<std::uint8_t> Pe::compress(std::int64_t channel, std::int64_t residue, std::size_t& size) const {
  std::vector<std::int32_t> dense;
  for (const std::int64_t h : inputs_of(rows_, row_->inputs, residue / shape_.stride_w)) {
    for (const std::int64_t w : inputs_of(columns_, column_->inputs, residue % shape_.stride_w))
      dense.push_back(image_.at(channel, h, w));
  }
  size = dense.size();
  encode::ZeroRunFormat format = format_of(spec_);
  format.value_bits = 32;  // any activation, signed or not; the sizes that count are those of the configured width
  return encode::pack(encode::encode_zero_runs(dense, format), size, format);
}

void Pe::enter_tile(const PlanarTile& tile, const Slice* row, const Slice* column) {
  tile_ = &tile;
  row_ = row;
  column_ = column;
  iaram_.clear();
  iaram_sizes_.clear();
  wanted_.assign(static_cast<std::size_t>(shape_.C) * residues_.size(), false);
  if (row == nullptr) return;
  for (std::int64_t c = 0; c < shape_.C; ++c) {
    for (std::size_t residue = 0; residue < residues_.size(); ++residue) {
      std::size_t size = 0;
      iaram_.push_back(compress(c, residues_[residue], size));
      iaram_sizes_.push_back(size);
      encode::ZeroRunFormat format = format_of(spec_);
      format.value_bits = 32;
      wanted_[static_cast<std::size_t>(c) * residues_.size() + residue] =
          !encode::unpack(iaram_.back(), size, format, true).values.empty();
    }
  }
}

bool Pe::wants(std::int64_t channel, std::size_t residue) const {
  return wanted_[static_cast<std::size_t>(channel) * residues_.size() + residue];
}

void Pe::begin(std::int64_t first_filter, std::size_t buffer, bool clear, const std::vector<BusSegment>& segments) {
  first_filter_ = first_filter;
  buffer_ = buffer;
  clear_ = clear;
  segments_left_ = 0;
  for (const BusSegment& segment : segments) segments_left_ += wants(segment.channel, segment.residue) ? 1 : 0;
  fifo_.clear();
  freed_ = freed_shown_ = 0;
}

std::vector<std::vector<Pe::Activation>> Pe::fetch(const BusSegment& segment) const {
  const std::size_t block = static_cast<std::size_t>(segment.channel) * residues_.size() + segment.residue;
  const std::int64_t residue = residues_[segment.residue];
  const auto hs = inputs_of(rows_, row_->inputs, residue / shape_.stride_w),
             ws = inputs_of(columns_, column_->inputs, residue % shape_.stride_w);
  encode::ZeroRunFormat format = format_of(spec_);
  format.value_bits = 32;
  const encode::ZeroRunBlock stored = encode::unpack(iaram_[block], iaram_sizes_[block], format, true);
  std::vector<std::vector<Activation>> vectors;
  std::size_t position = 0;
  for (std::size_t i = 0; i < stored.values.size(); ++i, ++position) {
    position += stored.runs[i];
    if (i % static_cast<std::size_t>(spec_.activations_I) == 0) vectors.emplace_back();
    vectors.back().push_back({hs[position / ws.size()], ws[position % ws.size()], stored.values[i]});
  }
  return vectors;
}

void Pe::receive(const BroadcastLane::Shown& bus, PeCounts& counts) {
  if (bus.segment == nullptr || !wants(bus.segment->channel, bus.segment->residue)) return;
  if (bus.first == 0) fifo_.push_back({bus.segment, 0});
  fifo_.back().received = bus.last;
  for (std::size_t v = bus.first; v < bus.last; ++v) {
    counts.bits.fifo_write += bus.segment->vectors[v].size() * static_cast<std::size_t>(spec_.stored_bits());
  }
}

void Pe::evaluate(const BroadcastLane::Shown& bus, PeCounts& counts) {
  if (clear_) {  // the buffer has been drained when the step begins
    for (auto& bank : accumulators_[buffer_]) bank.assign(bank.size(), 0);
    clear_ = false;
  }
  receive(bus, counts);
  const bool already = in_step_;
  const bool working = already || multiply(counts);
  if (working && !already)
    ++counts.account[Cause::busy];
  else if (working)
    ++counts.account[Cause::output];
  else if (segments_left_ > 0)
    ++counts.account[Cause::weights];
  else if (waiting_ > 0)
    ++counts.account[Cause::output];
  else
    ++counts.account[Cause::imbalance];
  serve_banks(counts);
  if (in_step_ && pending_products_ == 0) finish_step();
}

bool Pe::multiply(PeCounts& counts) {
  if (fifo_.empty()) return false;
  const Held& held = fifo_.front();
  if (weight_vector_ >= held.received) return false;
  if (activation_vector_ == 0 && weight_vector_ == 0) vectors_ = fetch(*held.segment);
  const auto bits = static_cast<std::size_t>(spec_.stored_bits());
  const auto& activations = vectors_[activation_vector_];
  const auto& weights = held.segment->vectors[weight_vector_];
  if (weight_vector_ == 0) counts.bits.inputs += activations.size() * bits;
  counts.bits.fifo_read += weights.size() * bits;
  in_step_ = true;
  for (const Activation& activation : activations) {
    for (const BusWeight& weight : weights) {
      if (activation.value == 0 || weight.value == 0) continue;  // placeholders are gated
      ++counts.products;
      route(activation, weight, counts);
    }
  }
  return true;
}

void Pe::route(const Activation& activation, const BusWeight& weight, PeCounts& counts) {
  const std::int64_t down = activation.h + shape_.pad_top - weight.r * shape_.dilation_h,
                     across = activation.w + shape_.pad_left - weight.s * shape_.dilation_w;
  if (down % shape_.stride_h != 0 || across % shape_.stride_w != 0)
    fail_internal("SCNN multiplied operands of different residues");
  const std::int64_t e = down / shape_.stride_h, f = across / shape_.stride_w;
  const bool lands = down >= 0 && across >= 0 && e >= tile_->rows.first && e < tile_->rows.last &&
                     f >= tile_->columns.first && f < tile_->columns.last;
  if (!lands) return;
  const AccumulatorLayout& layout = mapping_.layout;
  const std::int64_t address = (weight.filter - first_filter_) * layout.filter + (e - row_->reach.first) * layout.row +
                               (f - column_->reach.first) * layout.column;
  pending_[static_cast<std::size_t>(address % spec_.banks)].push_back(
      {static_cast<std::size_t>(address / spec_.banks), static_cast<std::int64_t>(activation.value) * weight.value});
  ++pending_products_;
  ++counts.landed;
}

void Pe::serve_banks(PeCounts& counts) {
  for (std::size_t b = 0; b < queues_.size(); ++b) {
    while (!pending_[b].empty() && queues_[b].size() < static_cast<std::size_t>(spec_.bank_queue)) {
      queues_[b].push_back(pending_[b].front());
      pending_[b].pop_front();
      --pending_products_;
      ++waiting_;
    }
    if (queues_[b].empty()) continue;
    const Product product = queues_[b].front();
    queues_[b].pop_front();
    --waiting_;
    ++counts.served;
    accumulators_[buffer_][b].at(product.entry) += product.value;
  }
}

void Pe::finish_step() {
  in_step_ = false;
  if (++weight_vector_ < fifo_.front().segment->vectors.size()) return;
  weight_vector_ = 0;
  if (++activation_vector_ < vectors_.size()) return;
  activation_vector_ = 0;
  freed_ += static_cast<std::int64_t>(fifo_.front().segment->vectors.size());
  fifo_.pop_front();
  --segments_left_;
}

std::int64_t& Pe::sum(std::size_t buffer, std::int64_t address) {
  return accumulators_[buffer][static_cast<std::size_t>(address % spec_.banks)].at(
      static_cast<std::size_t>(address / spec_.banks));
}

}  // namespace rebasis::sim::scnn
