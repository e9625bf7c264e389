// Random layers and layers of a trace.
#include "rtl/bench/smartdeal_case.h"

#include <algorithm>

#include "common/error.h"
#include "common/units.h"
#include "sim/core/reference_convolution.h"

namespace rebasis::rtl {

using namespace sim::smartdeal;

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

}  // namespace rebasis::rtl
