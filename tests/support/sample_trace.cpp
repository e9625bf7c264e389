#include "tests/support/sample_trace.h"

#include <span>

namespace rebasis::test {
namespace {

template <class T>
void add(trace::TraceWriter& writer, const std::string& name, const Shape& shape, const std::vector<T>& values) {
  writer.add(name, shape, std::span<const T>(values));
}

std::vector<std::uint8_t> counting(std::size_t count) {
  std::vector<std::uint8_t> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<std::uint8_t>(i * 7 % 256));
  return values;
}

std::vector<std::int8_t> signed_counting(std::size_t count) {
  std::vector<std::int8_t> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<std::int8_t>(static_cast<int>(i * 37 % 256) - 128));
  return values;
}

}  // namespace

trace::LayerInfo dense_layer() {
  trace::LayerInfo layer;
  layer.name = "conv1";
  layer.op = "conv";
  layer.shape = {
      .M = 2, .C = 3, .H = 4, .W = 5, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  layer.encoding = "dense-int8";
  layer.activations = {.is_signed = false, .bits = 8, .scale = 0.25, .provenance = "real"};
  layer.images = 2;
  layer.statistics = {{"activation_sparsity", 0.5}};
  return layer;
}

trace::LayerInfo smartdeal_layer() {
  trace::LayerInfo layer;
  layer.name = "fc/2";
  layer.op = "fc";
  layer.shape = {.M = 2, .C = 4};
  layer.encoding = "smartdeal";
  layer.weight_provenance = "synthetic";
  layer.activations = {.is_signed = true, .bits = 8, .scale = 0.5, .provenance = "real"};
  layer.smartdeal = {.n = 2, .rows = 2, .slice_rows = {2}, .rows_are_kernel_rows = false, .exponents = {-1, 0}};
  layer.images = 2;
  return layer;
}

// Filter 0: row 0 = -0.5 * (64, 32) = (-32, -16) in units of 2^-6, so (-64, -32) in units of 2^-7; hence the integer
// rule sum of sign * basis << (P[e] - P[0]) gives -(64, 32). Filter 1: row 1 = 1 * (-128, 1) - 0.5 * (2, 127), so
// 2 * (-128, 1) - (2, 127) = (-258, -125).
std::vector<std::int32_t> smartdeal_weights() { return {-64, -32, 0, 0, 0, 0, -258, -125}; }

trace::LayerInfo ternary_layer() {
  trace::LayerInfo layer;
  layer.name = "ternary";
  layer.op = "conv";
  layer.shape = {.M = 2, .C = 3, .H = 1, .W = 3, .R = 1, .S = 3};
  layer.encoding = "ternary";
  layer.activations = {.is_signed = false, .bits = 16, .scale = 0.001, .provenance = "real"};
  layer.ternary.group_channels = 2;
  return layer;
}

// Groups of two channels: channels 0 and 1 (six weights), channel 2 (three). Filter 0 has no weight in its second
// group.
std::vector<std::int32_t> ternary_weights() {
  return {1, 0, -1, 0, 0, 1, 0,  0, 0,  //
          0, 0, 0,  0, 0, 0, -1, 0, 1};
}

void write_ternary_trace(const std::string& path) {
  trace::TraceWriter writer;
  add<std::uint16_t>(writer, "ternary/activations", {1, 3, 1, 3}, {0, 1, 255, 256, 1000, 32767, 32768, 65534, 65535});
  add<std::int32_t>(writer, "ternary/bias", {2}, {5, -6});
  // 01 00 11 00 | 00 01 00 00 | 00 00 00 00 | 00 00 00 11 | 00 01, the first code lowest.
  add<std::uint8_t>(writer, "ternary/codes", {5}, {0b00110001, 0b00000100, 0, 0b11000000, 0b00000100});
  add<std::uint8_t>(writer, "ternary/group_index", {1}, {0b1001});  // 1 0 | 0 1
  add<float>(writer, "ternary/alpha", {1}, {0.5F});
  add<float>(writer, "ternary/channel_scale", {2}, {1.0F, 0.5F});
  trace::Metadata metadata;
  metadata.network = "ternary sample";
  metadata.layers = {ternary_layer()};
  writer.write(path, metadata);
}

void write_wide_trace(const std::string& path) {
  trace::TraceWriter writer;
  trace::LayerInfo layer = dense_layer();
  layer.shape = {.M = 2, .C = 3, .H = 1, .W = 2};
  layer.activations = {.is_signed = true, .bits = 16, .scale = 0.25, .provenance = "real"};
  layer.images = 1;
  add<std::int16_t>(writer, "conv1/activations", {1, 3, 1, 2}, {-32768, 32767, 0, -1, 256, 300});
  add<std::int8_t>(writer, "conv1/weights", {2, 3, 1, 1}, {1, -2, 3, -4, 5, -6});
  add<float>(writer, "conv1/weight_scale", {2}, {0.5F, 0.125F});
  trace::Metadata metadata;
  metadata.network = "wide sample";
  metadata.layers = {layer};
  writer.write(path, metadata);
}

trace::Metadata sample_metadata() {
  trace::Metadata metadata;
  metadata.network = "sample";
  metadata.layers = {dense_layer(), smartdeal_layer()};
  metadata.auxiliary = {
      {.name = "pool", .op = "MaxPool", .input_elements = 40, .output_elements = 8, .fused = false, .after = "conv1"}};
  metadata.provenance = R"({"tool":"a test"})";
  return metadata;
}

void add_sample_tensors(trace::TraceWriter& writer) {
  add<std::uint8_t>(writer, "conv1/activations", {2, 3, 4, 5}, counting(120));
  add<std::int32_t>(writer, "conv1/bias", {2}, {-7, 70000});
  add<std::int8_t>(writer, "conv1/weights", {2, 3, 3, 3}, signed_counting(54));
  add<float>(writer, "conv1/weight_scale", {2}, {0.5F, 0.125F});

  add<std::int8_t>(writer, "fc/2/activations", {2, 4, 1, 1}, {-128, 127, 0, 1, 2, 3, -4, 5});
  // Symbols: 0 = 2^-1, 1 = 2^0, 2 = -2^-1, 3 = -2^0. Non-zeros: filter 0: symbol 2; filter 1: symbols 1 and 2.
  // Lengths {0, 1, 1, 0}: symbol 1 is code 0, symbol 2 is code 1. Bits: 1 | 0 1.
  add<std::uint8_t>(writer, "fc/2/row_index", {1}, {0b1001});      // [M][rows] = 1 0 | 0 1
  add<std::uint8_t>(writer, "fc/2/element_index", {1}, {0b1101});  // row 0 of filter 0: 1 0; row 1 of filter 1: 1 1
  add<std::uint8_t>(writer, "fc/2/coefficients", {1}, {0b101});    // 1, 0, 1
  add<std::uint8_t>(writer, "fc/2/code_lengths", {4}, {0, 1, 1, 0});
  add<std::uint32_t>(writer, "fc/2/filter_bits", {2}, {1, 2});
  add<std::int8_t>(writer, "fc/2/basis", {2, 1, 2, 2}, {64, 32, 0, 64, -128, 1, 2, 127});
  add<std::int8_t>(writer, "fc/2/basis_shift", {2}, {6, 6});
}

void write_sample_trace(const std::string& path) {
  trace::TraceWriter writer;
  add_sample_tensors(writer);
  writer.write(path, sample_metadata());
}

}  // namespace rebasis::test
