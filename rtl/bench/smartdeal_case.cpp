#include "rtl/bench/smartdeal_case.h"

#include <algorithm>
#include <cstdlib>

#include "common/error.h"
#include "common/units.h"
#include "sim/core/reference_convolution.h"
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
    view.front_tap = static_cast<std::int64_t>(tap);
    view.front_shift = line.active_ ? line.shifted_ : 0;
    if (!line.rows_.empty())
      for (const auto& weights : line.rows_.front().weights) view.in_use_filled.push_back(weights.empty() ? 0 : 1);
    view.front_complete = item.arrived <= now + 1;
    view.front_values = &item.values;
    for (const PeLine::Mac& mac : line.macs_) {
      const int value =
          mac.left > 0 ? item.values[view.macs.size() + static_cast<std::size_t>(group.shifts[mac.tap])] : 0;
      if (line.active_)
        view.macs.push_back({mac.left > 0, mac.tap > tap, mac.digit, static_cast<std::int64_t>(mac.tap), value});
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
    view.rows.push_back({row.fetched && !row.rebuilt, row.rebuilt, &row.weights});
  }
  view.basis_left = line.basis_left_;
  view.issued = line.issued_;
  view.loaded = line.loaded_;
  view.entered = line.entered_;
  view.requested = line.requested_;
  view.completed = line.completed_;
  view.basis_step = line.basis_step_;
  view.filters = static_cast<std::int64_t>(line.context_.filters(line.basis_step_, line.slice_).size());
  view.seen = line.epoch_ >= 0;
  view.basis_idle = line.basis_idle_visible_;
  return view;
}

std::optional<RegisterView::Request> RegisterView::request(const PeLine& line) {
  if (line.pending_epoch_ < 0) return std::nullopt;
  return Request{line.pending_epoch_ != line.epoch_, line.pending_request_,
                 line.context_.last_region(line.pending_step_),
                 static_cast<std::int64_t>(line.context_.filters(line.pending_step_, line.slice_).size())};
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

/// Short layers without dilation, for lanes and decoders.
LayerShape plain_shape(test::Dice& dice) {
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

LayerShape shape_of(test::Dice& dice) {
  LayerShape shape;
  const std::int64_t kind = dice.between(0, 7);
  shape.M = dice.between(1, 3);
  shape.C = dice.between(1, 8);
  if (kind == 0) {  // fully connected; the longer ones in chunks of channels
    shape.H = shape.W = 1;
    shape.C = dice.pick<std::int64_t>({dice.between(1, 40), dice.between(1, 40), dice.between(80, 200)});
    shape.M = dice.between(1, 7);
    return shape;
  }
  shape.H = dice.between(1, 7);
  shape.W = dice.between(1, 12);
  if (kind == 7 && dice.chance(0.3)) {  // many tiles, many regions
    shape.M = shape.C = 1;
    shape.H = dice.between(8, 40);
    shape.W = dice.between(16, 40);
  }
  shape.stride_h = shape.stride_w = dice.pick<std::int64_t>({1, 1, 1, 1, 2, 2, 3, 5});
  if (kind == 1) return shape;  // 1 x 1
  shape.S = dice.pick<std::int64_t>({1, 2, 3, 3, 4, 5, 6, 7});
  shape.R = dice.pick<std::int64_t>({1, 3, shape.S});
  shape.pad_top = shape.pad_bottom = dice.between(0, shape.R / 2);
  shape.pad_left = shape.pad_right = dice.between(0, shape.S / 2);
  shape.dilation_w = dice.pick<std::int64_t>({1, 1, 1, 2, 3, 5});
  shape.dilation_h = dice.pick<std::int64_t>({1, 1, 2});
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
  for (std::int64_t e = 0; e < exponents; ++e) {  // at most 7 above the first
    info.exponents.push_back(exponent);
    const std::int64_t room = 3 - exponent - (exponents - e - 1);
    exponent += 1 + static_cast<int>(dice.between(0, std::max<std::int64_t>(0, room)));
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

arch::SmartDealSpec spec_of(std::int64_t dim_C) {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.dim_M = 1;
  spec.dim_C = dim_C;
  spec.dim_F = dim_F;
  spec.precision_bits = instance.precision;
  spec.max_kernel = max_S;
  spec.input_gb_banks = 2 * dim_C;
  spec.fifo_rows = instance.fifo_rows;
  spec.shift_places = instance.shift_places;
  spec.mac_sync = instance.lead == 0 ? "weight" : instance.lead + 1 >= max_S ? "row" : "lead";
  spec.mac_lead = instance.lead;
  spec.clusters = instance.clusters;
  spec.row_latches = instance.latches;
  spec.rebuild_engines = instance.engines;
  spec.rebuild_terms = instance.terms;
  spec.weight_buffer_latency = instance.read_latency;
  spec.release_latency = instance.release_latency;
  return spec;
}

/// What the random layers vary.
void vary(arch::SmartDealSpec& spec, test::Dice& dice, Variety variety) {
  spec.weight_buffer_bytes = dice.pick<std::int64_t>({96, 192, 512, 4096});
  spec.input_gb_bytes = spec.index_gb_bytes = 32768;
  spec.skip_activations = dice.pick<std::string>({"row", "segment", "off"});
  spec.slice_sync = dice.pick<std::string>({"slice", "slice", "array"});
  if (variety == Variety::lines) return;
  spec.clusters = 1;
  spec.weight_buffer_bytes = dice.pick<std::int64_t>({512, 4096});
}

Requantisation random_scale(test::Dice& dice, bool signed_results) {
  Requantisation scale;
  scale.bias = static_cast<std::int32_t>(dice.between(-(1 << 20), 1 << 20));
  if (dice.chance(0.1)) scale.bias = dice.chance(0.5) ? INT32_MAX : INT32_MIN;
  scale.multiplier = static_cast<std::uint16_t>(dice.between(0, 65535));
  scale.shift = static_cast<int>(dice.chance(0.7) ? dice.between(16, 32) : dice.between(0, 47));
  if (dice.chance(0.3)) {  // results that do not saturate, and ties
    scale.bias = static_cast<std::int32_t>(dice.between(-100, 100));
    scale.multiplier = static_cast<std::uint16_t>(dice.between(1, 3));
    scale.shift = static_cast<int>(dice.between(1, 12));
  }
  scale.signed_results = signed_results;
  return scale;
}

void finish_case(SmartDealCase& made, trace::TensorView view, std::int64_t image) {
  made.image.emplace(view, made.layer.shape(), image);
  made.mapping = map_layer(made.layer, made.spec, {16, 10});
  made.costs.emplace(made.layer, *made.image, made.spec);
  made.job.emplace(LayerJob{made.layer, *made.image, made.mapping, *made.costs, made.spec, false});
}

/// Tile and region numbers are as wide as the layer needs, at most as the instance has.
bool fits(const SmartDealCase& made) {
  const Context context(*made.job);
  return std::all_of(context.steps.begin(), context.steps.end(), [&](const TileStep& step) {
    const auto index = static_cast<std::size_t>(&step - context.steps.data());
    return step.resident_tiles < (1 << instance.tile_bits) &&
           (!made.layer.layout.compressed || context.last_region(index) + 1 < (1 << instance.region_bits));
  });
}

}  // namespace

std::unique_ptr<SmartDealCase> smartdeal_case(test::Dice& dice, std::int64_t dim_C, Variety variety) {
  for (;;) {
    auto made = std::make_unique<SmartDealCase>();
    LayerData& layer = made->layer;
    layer.info.shape = variety == Variety::lines ? shape_of(dice) : plain_shape(dice);
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
    made->spec = spec_of(dim_C);
    vary(made->spec, dice, variety);
    const bool signed_results = dice.chance(0.5);
    for (std::int64_t m = 0; m < layer.shape().M; ++m) made->scales.push_back(random_scale(dice, signed_results));
    trace::TensorView view;
    view.dtype = made->is_signed ? trace::DType::i8 : trace::DType::u8;
    view.bytes = std::as_bytes(std::span(made->values));
    try {
      finish_case(*made, view, 0);
    } catch (const Error&) {  // the buffers are too small for it
      continue;
    }
    if (variety == Variety::lanes && made->mapping.chunks > 1) continue;
    if (fits(*made)) return made;
  }
}

std::vector<std::int64_t> reference(const SmartDealCase& layer) {
  const std::vector<std::int32_t> weights =
      layer.layer.layout.compressed
          ? encode::rebuild(layer.layer.form, layer.layer.shape())
          : std::vector<std::int32_t>(layer.layer.original.begin(), layer.layer.original.end());
  return sim::reference_convolution(layer.layer.shape(), weights, [&](std::int64_t c, std::int64_t h, std::int64_t w) {
    return layer.image->at(c, h, w);
  });
}

std::unique_ptr<SmartDealCase> trace_case(const trace::TraceReader& trace, const trace::LayerInfo& info,
                                          std::int64_t image, std::int64_t dim_C) {
  auto made = std::make_unique<SmartDealCase>();
  LayerData& layer = made->layer;
  layer = load_layer(trace, info);
  layer.decode_values();
  if (layer.layout.n > max_S || layer.shape().S > max_S)
    fail_infeasible("rows of more than " + std::to_string(max_S) + " weights");
  made->spec = spec_of(dim_C);
  const trace::TensorView view = trace.tensor(info.name + "/activations");
  made->is_signed = view.dtype == trace::DType::i8;
  finish_case(*made, view, image);
  if (!fits(*made)) fail_infeasible("too many tiles or regions for the instance's counters");
  // Real scales, and results that use the range: the largest output of the layer becomes 255.
  const std::vector<std::int64_t> sums = reference(*made);
  std::vector<double> weight_scale;
  if (layer.layout.compressed) {
    weight_scale = encode::weight_units(layer.form);
  } else {
    const auto stored = trace.tensor(info.name + "/weight_scale").as<float>();
    weight_scale.assign(stored.begin(), stored.end());
  }
  std::vector<std::int32_t> bias(static_cast<std::size_t>(info.shape.M));
  if (layer.has_bias) {
    const auto values = trace.tensor(info.name + "/bias").as<std::int32_t>();
    bias.assign(values.begin(), values.end());
  }
  const std::size_t outputs = sums.size() / bias.size();
  double largest = 0;
  for (std::size_t i = 0; i < sums.size(); ++i)
    largest = std::max(largest, static_cast<double>(sums[i] + bias[i / outputs]) * weight_scale[i / outputs]);
  for (std::size_t m = 0; m < bias.size(); ++m)
    made->scales.push_back(requantisation(largest > 0 ? 255.0 * weight_scale[m] / largest : 1.0, bias[m], false));
  return made;
}

std::string SmartDealCase::in_words() const {
  const LayerShape& s = layer.shape();
  const auto text = [](const char* what, std::int64_t value) { return what + std::to_string(value); };
  return layer.info.encoding + text(": M ", s.M) + text(", C ", s.C) + text(", H ", s.H) + text(", W ", s.W) +
         text(", R ", s.R) + text(", S ", s.S) + text(", stride ", s.stride_w) + text(", dilation ", s.dilation_w) +
         text(", padding ", s.pad_left) + text(", groups ", s.groups) + text(", n ", layer.layout.n) +
         text(", bases ", layer.layout.bases) + (is_signed ? ", signed\n" : ", unsigned\n");
}

SliceModel::SliceModel(const SmartDealCase& random, test::Dice& dice, bool stalls)
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
      lane_stall_(stalls ? dice.pick<double>({0, 0.2, 0.7}) : 0),
      block_stall_(stalls ? dice.pick<double>({0, 0.5, 0.9}) : 0),
      output_stall_(stalls ? dice.pick<double>({0, 0.5, 0.95}) : 0),
      sync_stall_(stalls ? dice.pick<double>({0, 0.5, 0.9}) : 0),
      feeds_(inputs.size()) {
  for (Feed& feed : feeds_) {
    feed.words.assign(static_cast<std::size_t>(instance.read_latency), 0);
    feed.carried.assign(static_cast<std::size_t>(context.mode.clusters * dim_F), 0);
  }
}

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
  emits = tile < context.steps.size() && context.block(tile).emits;
  final_sums = tile < context.steps.size() && context.block(tile).last_chunk;
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
  slice.evaluate(now, passed, all_done, counters);
  hand_over = View::step(slice) != tile;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const View::Line after = View::line(slice.line(static_cast<std::int64_t>(i)), now);
    const View::Line& old = before[i];
    acts[i].row_read = old.row_left != after.row_left || old.pending != after.pending;
    acts[i].basis_read = old.basis_left != after.basis_left || old.issued != after.issued;
    acts[i].completing = old.completed != after.completed;
    acts[i].working = after.active || acts[i].completing;
    std::vector<std::int64_t>& carried = feeds_[i].carried;
    if (hand_over && emits) std::fill(carried.begin(), carried.end(), 0);
    if (hand_over && !emits)
      std::transform(carried.begin(), carried.end(), old.sums.begin(), carried.begin(), std::plus<>());
    std::int64_t word = 0x5A5A5A5A;  // nothing was read: anything
    if (acts[i].row_read) word = row_word(feeds_[i]);
    if (acts[i].basis_read) {
      if (old.basis_left == 0) feeds_[i].basis_region = old.issued;
      word = basis_word(i);
    }
    feeds_[i].words.push_back(word);
  }
  output();
}

std::int64_t SliceModel::weight_word(std::size_t line) {
  const std::int64_t word = feeds_[line].words.front();
  feeds_[line].words.pop_front();
  return word;
}

std::vector<std::int64_t> SliceModel::sums(std::size_t line) const {
  std::vector<std::int64_t> sums = View::line(slices.front().line(static_cast<std::int64_t>(line)), now - 1).sums;
  const std::vector<std::int64_t>& carried = feeds_[line].carried;
  std::transform(sums.begin(), sums.end(), carried.begin(), sums.begin(), std::plus<>());
  return sums;
}

void SliceModel::output() {
  auto& fifo = slices.front().outputs();
  out.reset();
  out_pop = false;
  if (fifo.empty() || fifo.front().ready > now) return;
  out = fifo.front();
  if (dice_.chance(output_stall_)) return;
  out_pop = true;
  fifo.pop_front();
  slices.front().output_drained();
}

void SliceModel::collect_inputs() {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    collect_line(inputs[i], feeds_[i], slices.front().line(static_cast<std::int64_t>(i)));
}

void SliceModel::collect_line(LineInputs& in, Feed& feed, const PeLine& line) {
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
    const std::vector<std::int64_t> all = filters(packet->step);
    for (std::size_t f = 0; f < all.size(); ++f)
      if (!context.row_is_zero(all[f], packet->pair.row)) in.filters |= std::int64_t{1} << f;
    feed.packets.push_back(packet);
    if (packet->new_row) feed.rows.push_back(packet);
  }
  if (!feed.packets.empty()) {  // the last beat is in the FIFO at `arrived`
    const Packet& packet = *feed.packets.front();
    const std::int64_t element = layer.spec.element_bytes(), bytes = layer.spec.lane_bytes();
    const std::int64_t all = static_cast<std::int64_t>(packet.values.size()) * element;
    const std::int64_t beat = now - (packet.arrived - ceil_div(all, bytes));
    if (beat >= 0) {
      in.data = true;
      in.data_last = now + 1 == packet.arrived;
      in.bytes.assign(static_cast<std::size_t>(bytes), 0xA5);  // beyond the segment: never used
      for (std::int64_t b = 0; b < bytes && beat * bytes + b < all; ++b) {
        const std::int64_t at = beat * bytes + b;
        const int value = packet.values[static_cast<std::size_t>(at / element)];
        in.bytes[static_cast<std::size_t>(b)] = static_cast<std::uint8_t>(value >> (8 * (at % element)));
      }
      if (in.data_last) feed.packets.pop_front();
    }
  }
  in.request = View::request(line);
  in.entering = View::entering(line) + 1;
}

/// The word of the oldest row announced: rows of its filters one after the other.
std::int64_t SliceModel::row_word(Feed& feed) {
  const Packet& packet = *feed.rows.front();
  const WeightLayout& layout = context.layout;
  const std::vector<std::int64_t> all = filters(packet.step);
  while (context.row_is_zero(all[feed.row_filter], packet.pair.row)) ++feed.row_filter;
  const std::int64_t filter = all[feed.row_filter];
  std::vector<std::uint8_t> bytes(32);
  const auto n = static_cast<std::size_t>(layout.n);
  const auto position = static_cast<std::size_t>((filter * layout.rows + packet.pair.row) * layout.n);
  const std::size_t bits = static_cast<std::size_t>(layout.row_bits / layout.n);
  const auto element = static_cast<std::size_t>(layer.spec.element_bytes());
  for (std::size_t k = 0; k < n; ++k) {
    if (!layout.compressed) {
      for (std::size_t b = 0; b < element; ++b)
        bytes[k * element + b] = static_cast<std::uint8_t>(layer.layer.original[position + k] >> (8 * b));
      continue;
    }
    const int coefficient = layer.layer.form.coefficients[position + k];
    if (coefficient == 0) continue;
    const unsigned field = 1U | (coefficient < 0 ? 2U : 0U) | static_cast<unsigned>(std::abs(coefficient) - 1) << 2U;
    for (std::size_t b = 0; b < bits; ++b) {
      const std::size_t at = k * bits + b;
      if (((field >> b) & 1U) != 0) bytes[at / 8] |= static_cast<std::uint8_t>(1U << (at % 8));
    }
  }
  const auto port = static_cast<std::size_t>(layer.spec.line_weight_bytes());
  std::int64_t word = 0;
  for (std::size_t b = 0; b < port; ++b)
    word |= std::int64_t{bytes[static_cast<std::size_t>(feed.row_beat) * port + b]} << (8 * b);
  if (++feed.row_beat == ceil_div(row_bytes(layout, layer.spec), layer.spec.line_weight_bytes())) {
    feed.row_beat = 0;
    ++feed.row_filter;
    while (feed.row_filter < all.size() && context.row_is_zero(all[feed.row_filter], packet.pair.row))
      ++feed.row_filter;
    if (feed.row_filter == all.size()) {
      feed.row_filter = 0;
      feed.rows.pop_front();
    }
  }
  return word;
}

/// Matrix by matrix of the regions, in each filter by filter.
std::int64_t SliceModel::basis_word(std::size_t line) {
  Feed& feed = feeds_[line];
  const View::Line view = View::line(slices.front().line(static_cast<std::int64_t>(line)), now);
  const WeightLayout& layout = context.layout;
  const std::vector<std::int64_t> all = filters(view.basis_step);
  const std::int64_t first_row = context.block(view.basis_step).pass.first_unit * layout.rows_per_unit;
  const std::int64_t basis = layout.basis_of_row[static_cast<std::size_t>(first_row)] +
                             (feed.basis_region + 1) % context.bases(view.basis_step);
  const std::int64_t element = layer.spec.element_bytes(), port = layer.spec.line_weight_bytes();
  const std::int64_t matrix = (all[feed.basis_filter] * layout.bases + basis) * layout.n * layout.n;
  std::int64_t word = 0;
  for (std::int64_t b = 0; b < port; ++b) {
    const std::int64_t at = feed.basis_beat * port + b;
    int value = 0x5A;  // an odd basis leaves the last element unused
    if (at / element < layout.n * layout.n)
      value = layer.layer.form.basis[static_cast<std::size_t>(matrix + at / element)];
    word |= static_cast<std::int64_t>(static_cast<std::uint8_t>(value >> (8 * (at % element)))) << (8 * b);
  }
  if (++feed.basis_beat == basis_fetch_cycles(layout, layer.spec)) {
    feed.basis_beat = 0;
    if (++feed.basis_filter == all.size()) {
      feed.basis_filter = 0;
      ++feed.basis_region;
    }
  }
  return word;
}

void SliceModel::commit() {
  input.commit();
  slices.front().commit();
  // Other slices may take longer: what all have finished is this slice's count, or still the one before.
  const std::size_t done = std::min(slices.front().tiles_done(), input.passed());
  if (done > all_done && !dice_.chance(sync_stall_)) all_done = done;
  ++now;
}

}  // namespace rebasis::rtl
