#include "rtl/bench/smartdeal_case.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "common/error.h"
#include "common/units.h"
#include "sim/smartdeal/latencies.h"
#include "sim/smartdeal/pass_weights.h"

namespace rebasis::sim::smartdeal {

RegisterView::Line RegisterView::line(const PeLine& line, Cycle now) {
  Line view;
  view.fifo = line.fifo_.size();
  view.active = line.active_;
  if (!line.fifo_.empty()) {
    const Packet& item = *line.fifo_.front();
    const TapGroup& group = line.context_.groups[static_cast<std::size_t>(item.pair.group)];
    std::size_t tap = group.taps.size();
    for (const PeLine::Mac& mac : line.macs_) tap = std::min(tap, mac.tap);
    if (!line.active_) tap = 0;
    view.front_step = static_cast<std::int64_t>(item.step);
    view.front_region = item.region;
    view.front_taps = static_cast<std::int64_t>(group.taps.size() - tap);
    const WeightLayout& layout = line.context_.layout;
    const std::int64_t channel = item.pair.channel % line.context_.shape.channels_per_group();
    view.front_column = layout.channel_vectors ? channel % layout.n : group.taps[tap];
    view.front_shift = group.shifts[tap];
    view.front_complete = item.arrived <= now + 1;
    view.front_values = &item.values;
    for (const PeLine::Mac& mac : line.macs_) {
      if (line.active_) view.macs.push_back({mac.left > 0, mac.tap > tap, mac.digit});
    }
  }
  view.sums = line.sums_;
  view.held = line.rows_fetched_ - line.rows_released_;
  view.pending = static_cast<std::int64_t>(line.rows_.size()) - view.held;
  view.in_use = line.rows_started_ - line.rows_released_;
  view.row_left = line.port_left_;
  view.rebuild_left = line.rebuild_left_;
  for (std::int64_t i = 0; i < view.held; ++i) {
    const PeLine::Row& row = line.rows_[static_cast<std::size_t>(i)];
    view.rows.push_back({row.fetched && !row.rebuilt, row.rebuilt, &row.weights.front()});
  }
  view.basis_left = line.basis_left_;
  view.issued = line.issued_;
  view.loaded = line.loaded_;
  view.entered = line.entered_;
  view.requested = line.requested_;
  view.completed = line.completed_;
  view.basis_step = line.basis_step_;
  view.seen = line.epoch_ >= 0;
  view.basis_idle = line.basis_idle_visible_;
  return view;
}

std::optional<RegisterView::Request> RegisterView::request(const PeLine& line) {
  if (line.pending_epoch_ < 0) return std::nullopt;
  return Request{line.pending_epoch_ != line.epoch_, line.pending_request_,
                 line.context_.last_region(line.pending_step_)};
}

RegisterView::Selector RegisterView::selector(const InputPath& input, std::size_t lane) {
  const InputPath::Lane& view = input.lanes_[lane];
  return {view.step, view.listed ? view.position : 0, view.candidates.size(), view.selection.has_value(), view.listed};
}

std::int64_t RegisterView::sent(const InputPath& input, std::size_t lane) {
  std::int64_t sum = 0;
  for (const std::int64_t count : input.lanes_[lane].sent) sum += count;
  return sum;
}

std::vector<Candidate> RegisterView::pairs(const InputPath& input, std::size_t lane, std::size_t step) {
  const Context& context = input.context_;
  std::vector<Candidate> list;
  for_each_candidate(context.shape, context.layout, context.mode, static_cast<std::int64_t>(context.groups.size()),
                     context.block(step).pass, context.steps[step].tile, static_cast<std::int64_t>(lane),
                     [&](const Candidate& pair) { list.push_back(pair); });
  return list;
}

bool RegisterView::coefficient_bit(const InputPath& input, std::size_t step, const Candidate& pair) {
  return input.context_.slice_needs(step, 0, pair.row);
}

bool RegisterView::activation_bit(const InputPath& input, std::size_t step, const Candidate& pair) {
  return !input.zero_activations(input.context_.steps[step].tile, pair);
}

RegisterView::Port RegisterView::port(const InputPath& input, std::size_t lane, Cycle now) {
  const InputPath::Lane& view = input.lanes_[lane];
  const bool waits = view.selection && view.selected_at <= now;
  return {waits ? view.selection : std::nullopt, view.port_busy_until > now,
          view.waiting_for == InputPath::Lane::Waiting::room, view.step};
}

RegisterView::Decoder RegisterView::decoder(const HuffmanDecoders& decoders) {
  const HuffmanDecoders::Decoder& view = decoders.decoders_.front();
  Decoder result{view.in.has_value(), decoders.table_left_, -1, decoders.symbols_};
  const std::size_t exponents = decoders.context_.job.layer.info.smartdeal.exponents.size();
  if (view.in) result.next_symbol = static_cast<std::int64_t>(encode::symbol_of(view.expected[view.next], exponents));
  return result;
}

}  // namespace rebasis::sim::smartdeal

namespace rebasis::rtl {

using namespace sim::smartdeal;
using View = RegisterView;

namespace {

LayerShape shape_of(test::Dice& dice) {
  LayerShape shape;
  const std::int64_t kind = dice.between(0, 7);
  shape.M = dice.between(1, 4);
  shape.C = dice.between(1, 10);
  if (kind == 0) {  // fully connected
    shape.H = shape.W = 1;
    shape.C = dice.between(1, 40);
    return shape;
  }
  shape.H = dice.between(1, 9);
  shape.W = dice.between(1, 14);
  shape.stride_h = shape.stride_w = dice.pick<std::int64_t>({1, 1, 2});
  if (kind == 1) return shape;  // 1 x 1
  shape.S = dice.pick<std::int64_t>({1, 2, 3, 3, 4, 5, 6, 7});
  shape.R = dice.pick<std::int64_t>({1, 3, shape.S});
  shape.pad_top = shape.pad_bottom = dice.between(0, shape.R / 2);
  shape.pad_left = shape.pad_right = dice.between(0, shape.S / 2);
  if (kind == 2) {  // depthwise
    shape.groups = shape.C = dice.between(2, 6);
    shape.M = shape.C;
  }
  return shape;
}

void fill_compressed(LayerData& layer, test::Dice& dice) {
  const LayerShape& shape = layer.info.shape;
  auto& info = layer.info.smartdeal;
  info.rows_are_kernel_rows = shape.R > 1 || shape.S > 1;
  info.n = info.rows_are_kernel_rows ? shape.S : dice.between(2, 7);
  info.rows =
      info.rows_are_kernel_rows ? shape.channels_per_group() * shape.R : ceil_div(shape.channels_per_group(), info.n);
  const std::int64_t part = dice.pick<std::int64_t>({1, 2, 5, 12, 192});
  for (std::int64_t row = 0; row < info.rows; row += part) info.slice_rows.push_back(std::min(part, info.rows - row));
  const std::int64_t exponents = dice.between(1, 8);
  int exponent = -4;
  for (std::int64_t e = 0; e < exponents; ++e) {
    info.exponents.push_back(exponent);
    exponent += exponents <= 4 ? static_cast<int>(dice.between(1, 2)) : 1;
  }
  layer.form.info = info;
  layer.form.filters = shape.M;
  layer.form.coefficients.resize(static_cast<std::size_t>(shape.M * info.rows * info.n));
  const double row_density = dice.pick<double>({0.3, 0.9, 1.0}), density = dice.pick<double>({0.3, 0.7, 1.0});
  for (std::int64_t row = 0; row < shape.M * info.rows; ++row) {
    if (!dice.chance(row_density)) continue;
    for (std::int64_t k = 0; k < info.n; ++k) {
      if (!dice.chance(density)) continue;
      const std::int64_t value = dice.between(1, exponents);
      layer.form.coefficients[static_cast<std::size_t>(row * info.n + k)] =
          static_cast<encode::Coefficient>(dice.chance(0.5) ? value : -value);
    }
  }
  layer.form.basis.resize(static_cast<std::size_t>(shape.M) * info.slice_rows.size() *
                          static_cast<std::size_t>(info.n * info.n));
  const bool extreme = dice.chance(0.1);
  for (auto& element : layer.form.basis) element = static_cast<std::int8_t>(extreme ? -128 : dice.between(-128, 127));
  layer.form.basis_shift.assign(static_cast<std::size_t>(shape.M), 6);
  const auto encoded = encode::encode(layer.form);
  layer.filter_coefficient_bits.assign(encoded.filter_bits.begin(), encoded.filter_bits.end());
  layer.code_lengths = encoded.code_lengths;
}

void fill_activations(SmartDealCase& made, test::Dice& dice) {
  const LayerShape& shape = made.layer.shape();
  made.is_signed = dice.chance(0.5);
  made.values.resize(static_cast<std::size_t>(shape.C * shape.H * shape.W));
  const std::int64_t corner = dice.between(0, 11);
  const double density = dice.pick<double>({0.3, 0.8, 1.0}), row_density = dice.pick<double>({0.5, 1.0});
  for (std::int64_t row = 0; row < shape.C * shape.H; ++row) {
    if (corner > 2 && !dice.chance(row_density)) continue;
    for (std::int64_t w = 0; w < shape.W; ++w) {
      std::uint8_t& value = made.values[static_cast<std::size_t>(row * shape.W + w)];
      if (corner == 1) value = 0xFF;  // all ones: 255 or -1; corner 0: all zeros
      if (corner == 2) value = 0x80;  // -128 or 128
      if (corner > 2 && dice.chance(density)) value = static_cast<std::uint8_t>(dice.between(0, 255));
    }
  }
}

arch::SmartDealSpec spec_of(test::Dice& dice, std::int64_t dim_C) {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.dim_M = 1;
  spec.dim_C = dim_C;
  spec.dim_F = dim_F;
  spec.max_kernel = max_S;
  spec.clusters = 1;
  spec.input_gb_banks = 2 * dim_C;
  spec.weight_buffer_bytes = dice.pick<std::int64_t>({512, 4096});
  spec.input_gb_bytes = spec.index_gb_bytes = 32768;
  spec.skip_activations = dice.pick<std::string>({"row", "segment", "off"});
  return spec;
}

}  // namespace

std::unique_ptr<SmartDealCase> smartdeal_case(test::Dice& dice, std::int64_t dim_C) {
  for (;;) {
    auto made = std::make_unique<SmartDealCase>();
    LayerData& layer = made->layer;
    layer.info.shape = shape_of(dice);
    if (layer.shape().E() < 1 || layer.shape().F() < 1) continue;
    layer.info.name = "random";
    layer.info.op = "conv";
    layer.info.encoding = dice.chance(0.75) ? "smartdeal" : "dense-int8";
    if (layer.info.encoding == "smartdeal") {
      fill_compressed(layer, dice);
    } else {
      layer.original.resize(static_cast<std::size_t>(layer.shape().weights()));
      const bool extreme = dice.chance(0.1);
      for (auto& weight : layer.original) weight = static_cast<std::int8_t>(extreme ? -128 : dice.between(-128, 127));
    }
    layer.layout = layout_of(layer.info);
    layer.nonzeros = count_nonzeros(layer);
    fill_activations(*made, dice);
    made->spec = spec_of(dice, dim_C);
    trace::TensorView view;
    view.dtype = made->is_signed ? trace::DType::i8 : trace::DType::u8;
    view.bytes = std::as_bytes(std::span(made->values));
    made->image.emplace(view, layer.shape(), 0);
    try {
      made->mapping = map_layer(layer, made->spec, {16, 10});
    } catch (const Error&) {  // the buffers are too small for it
      continue;
    }
    if (made->mapping.chunks > 1) continue;
    made->costs.emplace(layer, *made->image, made->spec);
    made->job.emplace(LayerJob{layer, *made->image, made->mapping, *made->costs, made->spec, false});
    return made;
  }
}

std::string SmartDealCase::in_words() const {
  const LayerShape& s = layer.shape();
  const auto text = [](const char* what, std::int64_t value) { return what + std::to_string(value); };
  return layer.info.encoding + text(": M ", s.M) + text(", C ", s.C) + text(", H ", s.H) + text(", W ", s.W) +
         text(", R ", s.R) + text(", S ", s.S) + text(", stride ", s.stride_w) + text(", padding ", s.pad_left) +
         text(", groups ", s.groups) + text(", n ", layer.layout.n) + text(", bases ", layer.layout.bases) +
         (is_signed ? ", signed\n" : ", unsigned\n");
}

SliceModel::SliceModel(const SmartDealCase& random, test::Dice& dice)
    : inputs(static_cast<std::size_t>(random.spec.dim_C)),
      acts(inputs.size()),
      stalled(inputs.size()),
      layer(random),
      context(*random.job),
      slices([&] {
        std::vector<PeSlice> made;
        made.emplace_back(context, 0);
        return made;
      }()),
      input(context, slices),
      dice_(dice),
      lane_stall_(dice.pick<double>({0, 0.2, 0.7})),
      block_stall_(dice.pick<double>({0, 0.5, 0.9})),
      output_stall_(dice.pick<double>({0, 0.5, 0.95})),
      feeds_(inputs.size()) {}

bool SliceModel::finished() const {
  return View::step(slices.front()) == context.steps.size() && slices.front().basis_idle() &&
         View::occupied(slices.front()) == 0;
}

/// Rule 31, with random delays.
void SliceModel::start_blocks() {
  const std::size_t next = started.size();
  if (next == layer.mapping.blocks.size() || dice_.chance(block_stall_)) return;
  if (layer.mapping.blocks[next].new_weights && next > 0) {
    std::size_t first = 0;
    while (context.steps[first].block != next) ++first;
    if (slices.front().tiles_handed_off() < first || !slices.front().basis_idle()) return;
  }
  started.push_back(now + 1);
}

void SliceModel::evaluate() {
  PeSlice& slice = slices.front();
  tile = View::step(slice);
  passed = input.passed();
  std::vector<View::Line> before;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    before.push_back(View::line(slice.line(static_cast<std::int64_t>(i)), now - 1));
    acts[i].finished = slice.line(static_cast<std::int64_t>(i)).finished(tile);
  }
  start_blocks();
  const bool stall = dice_.chance(lane_stall_);
  std::fill(stalled.begin(), stalled.end(), stall ? 1 : 0);
  if (!stall) input.evaluate(now, {started, started}, counters);
  collect_inputs();
  slice.evaluate(now, passed, 0, counters);
  hand_over = View::step(slice) != tile;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const View::Line after = View::line(slice.line(static_cast<std::int64_t>(i)), now);
    const View::Line& old = before[i];
    acts[i].row_read = old.row_left != after.row_left || old.pending != after.pending;
    acts[i].basis_read = old.basis_left != after.basis_left || old.loaded != after.loaded;
    acts[i].completing = old.completed != after.completed;
    acts[i].working = after.active || acts[i].completing;
  }
  output();
}

void SliceModel::output() {
  auto& fifo = slices.front().outputs();
  out_sums.reset();
  out_pop = false;
  if (fifo.empty() || fifo.front().ready > now) return;
  out_sums = fifo.front().sums;
  if (dice_.chance(output_stall_)) return;
  out_pop = true;
  fifo.pop_front();
  slices.front().output_drained();
}

void SliceModel::collect_inputs() {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const PeLine& line = slices.front().line(static_cast<std::int64_t>(i));
    LineInputs& in = inputs[i];
    Feed& feed = feeds_[i];
    in = {};
    for (const PacketPtr& packet : View::incoming(line)) {
      const TapGroup& group = context.groups[static_cast<std::size_t>(packet->pair.group)];
      const std::int64_t channel = packet->pair.channel % context.shape.channels_per_group();
      in.item = true;
      in.new_row = packet->new_row;
      in.tile = static_cast<std::int64_t>(packet->step);
      in.region = packet->region + 1;
      in.taps = static_cast<std::int64_t>(group.taps.size());
      in.column = context.layout.channel_vectors ? channel % context.layout.n : group.taps.front();
      in.width = context.steps[packet->step].tile.width;
      feed.segments.push_back(packet);
      if (packet->new_row) feed.rows.push_back(packet);
    }
    if (!feed.segments.empty()) {  // its beats end in the cycle before it counts as arrived
      const auto bytes = static_cast<std::size_t>(layer.spec.lane_bytes());
      const std::vector<std::int16_t>& values = feed.segments.front()->values;
      const auto left = static_cast<std::size_t>(feed.segments.front()->arrived - now),
                 beats = ceil_div(values.size(), bytes);
      in.data = left <= beats;
      in.data_first = left == beats;
      in.data_last = left == 1;
      in.bytes.assign(bytes, 0xA5);  // beyond the segment: never used
      for (std::size_t b = 0; in.data && b < bytes && (beats - left) * bytes + b < values.size(); ++b)
        in.bytes[b] = static_cast<std::uint8_t>(values[(beats - left) * bytes + b]);
      if (in.data_last) feed.segments.pop_front();
    }
    in.request = View::request(line);
    in.entering = View::entering(line) + 1;
  }
}

std::int64_t SliceModel::row_word(std::size_t line) {
  Feed& feed = feeds_[line];
  const Packet& packet = *feed.rows.front();
  const WeightLayout& layout = context.layout;
  const std::int64_t filter = context.filters(packet.step, 0).front();
  std::vector<std::uint8_t> bytes(16);
  const auto n = static_cast<std::size_t>(layout.n);
  const auto position = static_cast<std::size_t>((filter * layout.rows + packet.pair.row) * layout.n);
  const std::size_t width = static_cast<std::size_t>(layout.row_bits / layout.n);
  for (std::size_t k = 0; k < n; ++k) {
    if (!layout.compressed) {
      bytes[k] = static_cast<std::uint8_t>(layer.layer.original[position + k]);
      continue;
    }
    const int coefficient = layer.layer.form.coefficients[position + k];
    if (coefficient == 0) continue;
    const unsigned field = 1U | (coefficient < 0 ? 2U : 0U) | static_cast<unsigned>(std::abs(coefficient) - 1) << 2U;
    for (std::size_t b = 0; b < width; ++b) {
      const std::size_t at = k * width + b;
      if (((field >> b) & 1U) != 0) bytes[at / 8] |= static_cast<std::uint8_t>(1U << (at % 8));
    }
  }
  const auto at = static_cast<std::size_t>(2 * feed.row_beat);
  const std::int64_t beats = ceil_div(row_bytes(layout, layer.spec), layer.spec.line_weight_bytes());
  if (++feed.row_beat == beats) {
    feed.row_beat = 0;
    feed.rows.pop_front();
  }
  return bytes[at] | bytes[at + 1] << 8;
}

std::int64_t SliceModel::basis_word(std::size_t line) {
  const View::Line view = View::line(slices.front().line(static_cast<std::int64_t>(line)), now);
  const WeightLayout& layout = context.layout;
  Feed& feed = feeds_[line];
  const std::int64_t filter = context.filters(view.basis_step, 0).front();
  const std::int64_t first_row = context.block(view.basis_step).pass.first_unit * layout.rows_per_unit;
  const std::int64_t basis =
      layout.basis_of_row[static_cast<std::size_t>(first_row)] + view.issued % context.bases(view.basis_step);
  const auto at = static_cast<std::size_t>((filter * layout.bases + basis) * layout.n * layout.n + 2 * feed.basis_beat);
  const auto& stored = layer.layer.form.basis;
  const bool last = ++feed.basis_beat == basis_fetch_cycles(layout, layer.spec);
  const bool half = last && layout.n % 2 == 1;
  if (last) feed.basis_beat = 0;
  return static_cast<std::uint8_t>(stored[at]) | (half ? 0x5A00 : static_cast<std::uint8_t>(stored[at + 1]) << 8);
}

void SliceModel::commit() {
  input.commit();
  slices.front().commit();
  ++now;
}

}  // namespace rebasis::rtl
