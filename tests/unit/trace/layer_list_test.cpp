#include "workloads/layer_list/layer_list.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "common/file.h"
#include "tests/support/errors.h"
#include "tests/support/sample_trace.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/io/npy.h"
#include "workloads/layer_list/quantise.h"
#include "workloads/trace/trace.h"

using namespace rebasis;

namespace {

template <class T>
void npy(const std::string& name, const Shape& shape, const std::vector<T>& values) {
  io::write_npy("lists/" + name, Tensor<T>(shape, values));
}

/// Builds lists/list.yaml with this text.
layer_list::BuildReport build(const std::string& text) {
  write_file("lists/list.yaml", text);
  return layer_list::build_trace("lists/list.yaml", "lists/out.trace", "1.2.3");
}

template <class T>
std::vector<T> values(const trace::TraceReader& reader, const std::string& name) {
  const auto span = reader.tensor(name).as<T>();
  return {span.begin(), span.end()};
}

/// Tensors that the tests below use.
void make_tensors() {
  std::filesystem::create_directories("lists");
  npy<std::int8_t>("w_int.npy", {2, 1, 1, 2}, {-128, 127, 3, -4});
  npy<std::int8_t>("w_ternary.npy", {2, 1, 1, 2}, {1, -1, 0, 0});
  npy<std::int32_t>("x_i32.npy", {1, 1, 1, 3}, {-32768, 32767, 256});
  npy<std::int32_t>("x_u16.npy", {1, 1, 1, 3}, {0, 65535, 256});
  npy<float>("w_float.npy", {2, 1, 1, 2}, {0.5F, -1.0F, 0.0F, 0.0F});
  npy<float>("scale.npy", {2}, {0.5F, 0.25F});
  npy<std::uint8_t>("x_u8.npy", {1, 1, 1, 3}, {0, 255, 7});
  npy<std::int64_t>("x_i64.npy", {1, 1, 1, 3}, {-5, 127, 7});
  npy<float>("x_float.npy", {1, 1, 1, 3}, {0.0F, 2.0F, 1.0F});
  npy<std::int32_t>("b_int.npy", {2}, {-7, 70000});
  npy<float>("b_float.npy", {2}, {1.0F, -2.0F});
  npy<float>("nan.npy", {2, 1, 1, 2}, {0.5F, std::numeric_limits<float>::quiet_NaN(), 0.0F, 0.0F});
  npy<std::int8_t>("fc_x.npy", {2, 4}, {-128, 127, 0, 1, 2, 3, -4, 5});
  npy<float>("ce.npy", {2, 2, 2}, {-0.5F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F, -0.5F});
  npy<std::int8_t>("ce_index.npy", {2, 2, 2}, {-1, 0, 0, 0, 0, 0, 2, -1});
  npy<std::int8_t>("basis.npy", {2, 1, 2, 2}, {64, 32, 0, 64, -128, 1, 2, 127});
  npy<float>("basis_float.npy", {2, 1, 2, 2}, {1.0F, 0.5F, 0.0F, 1.0F, -1.984375F, 0.015625F, 0.03125F, 1.984375F});
}

const std::string head = "network: mine\nlayers:\n";
const std::string provenance = "    weight_provenance: trained\n    activation_provenance: real\n";

}  // namespace

TEST_CASE("integers are stored as they are") {
  make_tensors();
  const auto report =
      build(head +
            "  - name: a\n    weights: w_int.npy\n    weight_scale: scale.npy\n    activations: x_u8.npy\n"
            "    activation_scale: 0.125\n    bias: b_int.npy\n    stride: [1, 2]\n    pads: [0, 1, 0, 2]\n" +
            provenance +
            "provenance:\n  script: mine.py\nauxiliary:\n  - {name: p, op: MaxPool, input_elements: 6, "
            "output_elements: 2, after: a}\n");
  CHECK(report.layers == 1);
  CHECK(report.notes.empty());
  const trace::TraceReader reader("lists/out.trace");
  const trace::LayerInfo& layer = reader.metadata().layers.at(0);
  CHECK(
      layer.shape ==
      LayerShape{
          .M = 2, .C = 1, .H = 1, .W = 3, .R = 1, .S = 2, .stride_h = 1, .stride_w = 2, .pad_left = 1, .pad_right = 2});
  CHECK(layer.op == "conv");
  CHECK(layer.activations.scale == 0.125);
  CHECK_FALSE(layer.activations.is_signed);
  CHECK(values<std::int8_t>(reader, "a/weights") == std::vector<std::int8_t>{-128, 127, 3, -4});
  CHECK(values<float>(reader, "a/weight_scale") == std::vector<float>{0.5F, 0.25F});
  CHECK(values<std::uint8_t>(reader, "a/activations") == std::vector<std::uint8_t>{0, 255, 7});
  CHECK(values<std::int32_t>(reader, "a/bias") == std::vector<std::int32_t>{-7, 70000});
  CHECK(reader.metadata().auxiliary.at(0).after == "a");
  const auto from = nlohmann::json::parse(reader.metadata().provenance);
  CHECK(from["notes"]["script"] == "mine.py");
  CHECK(from["tool"] == "rebasis 1.2.3");
  CHECK(from["files_sha256"].size() == 4);
  reader.verify_checksums();
  reader.check_layer(layer);
}

TEST_CASE("floats are quantised with a stated scale") {
  make_tensors();
  const auto report =
      build(head +
            "  - name: a\n    weights: w_float.npy\n    activations: x_float.npy\n    activation_scale: auto\n"
            "    activation_bits: 7\n    bias: b_float.npy\n" +
            provenance);
  CHECK(report.notes.size() == 2);
  const trace::TraceReader reader("lists/out.trace");
  // Filter 0: largest 1 -> scale 1/127; 0.5 * 127 = 63.5 -> 64 (ties to even). Filter 1 is zero: scale 1.
  CHECK(values<std::int8_t>(reader, "a/weights") == std::vector<std::int8_t>{64, -127, 0, 0});
  CHECK(values<float>(reader, "a/weight_scale") == std::vector<float>{1.0F / 127, 1.0F});
  // Largest 2 -> scale 2/127; 1 -> 63.5 -> 64.
  CHECK(values<std::uint8_t>(reader, "a/activations") == std::vector<std::uint8_t>{0, 127, 64});
  CHECK(reader.metadata().layers[0].activations.scale == doctest::Approx(2.0 / 127));
  // 1 / (1/127 * 2/127) = 8064.5; -2 / (1 * 2/127) = -127.
  CHECK(std::abs(values<std::int32_t>(reader, "a/bias")[0] - 8064.5) <= 0.51);
  CHECK(values<std::int32_t>(reader, "a/bias")[1] == -127);
}

TEST_CASE("wider integers that fit are taken, negative ones are signed") {
  make_tensors();
  build(head + "  - name: a\n    weights: w_int.npy\n    weight_scale: 2\n    activations: x_i64.npy\n" + provenance);
  const trace::TraceReader reader("lists/out.trace");
  CHECK(reader.metadata().layers[0].activations.is_signed);
  CHECK(values<std::int8_t>(reader, "a/activations") == std::vector<std::int8_t>{-5, 127, 7});
  CHECK(values<float>(reader, "a/weight_scale") == std::vector<float>{2.0F, 2.0F});
}

TEST_CASE("activations of 16 bits, integers and floats, signed and not") {
  make_tensors();
  const std::string rest = "    weights: w_int.npy\n    weight_scale: 2\n    activation_bits: 16\n" + provenance;
  build(head + "  - name: a\n    activations: x_i32.npy\n" + rest);
  {
    const trace::TraceReader reader("lists/out.trace");
    CHECK(reader.metadata().layers[0].activations.is_signed);
    CHECK(values<std::int16_t>(reader, "a/activations") == std::vector<std::int16_t>{-32768, 32767, 256});
  }
  build(head + "  - name: a\n    activations: x_u16.npy\n" + rest);
  {
    const trace::TraceReader reader("lists/out.trace");
    CHECK(reader.metadata().layers[0].activations.bits == 16);
    CHECK(values<std::uint16_t>(reader, "a/activations") == std::vector<std::uint16_t>{0, 65535, 256});
  }
  build(head + "  - name: a\n    activations: x_float.npy\n    activation_scale: auto\n" + rest);
  const trace::TraceReader reader("lists/out.trace");
  CHECK(values<std::uint16_t>(reader, "a/activations") == std::vector<std::uint16_t>{0, 65535, 32768});
}

TEST_CASE("weights of -1, 0 and 1 with a group size are ternary") {
  make_tensors();
  const std::string start = head + "  - name: a\n    weights: w_ternary.npy\n    group_channels: 16\n" + provenance +
                            "    activations: x_u8.npy\n    bias: b_float.npy\n";
  build(start + "    weight_scale: 0.5\n");
  {
    const trace::TraceReader reader("lists/out.trace");
    const trace::LayerInfo& layer = reader.metadata().layers[0];
    CHECK(layer.encoding == "ternary");
    CHECK(layer.ternary.group_channels == 16);
    CHECK(values<std::uint8_t>(reader, "a/codes") == std::vector<std::uint8_t>{0b00001101});
    CHECK(values<std::uint8_t>(reader, "a/group_index") == std::vector<std::uint8_t>{0b01});
    CHECK(values<float>(reader, "a/alpha") == std::vector<float>{0.5F});
    CHECK_FALSE(reader.has("a/channel_scale"));
    CHECK(values<std::int32_t>(reader, "a/bias") == std::vector<std::int32_t>{2, -4});
    CHECK(encode::integer_weights(reader, layer) == std::vector<std::int32_t>{1, -1, 0, 0});
  }
  build(start + "    weight_scale: scale.npy\n");
  const trace::TraceReader reader("lists/out.trace");
  CHECK(encode::weight_units(reader, reader.metadata().layers[0]) == std::vector<double>{0.5, 0.25});
  CHECK(values<std::int32_t>(reader, "a/bias") == std::vector<std::int32_t>{2, -8});
}

TEST_CASE("a SmartDeal form in any of its notations gives the sample's weights") {
  make_tensors();
  std::string form;
  SUBCASE("powers of two") { form = "      coefficients: ce.npy\n      basis: basis.npy\n      basis_shift: 6\n"; }
  SUBCASE("exponent indexes") {
    form =
        "      coefficients: ce_index.npy\n      exponents: [-1, 0]\n      basis: basis.npy\n      basis_shift: 6\n    "
        "  slice_rows: [2]\n";
  }
  SUBCASE("real basis") { form = "      coefficients: ce.npy\n      basis: basis_float.npy\n"; }
  build(head + "  - name: fc/2\n    op: fc\n    activations: fc_x.npy\n" + provenance + "    smartdeal:\n" + form);
  const trace::TraceReader reader("lists/out.trace");
  const trace::LayerInfo& layer = reader.metadata().layers.at(0);
  CHECK(layer.images == 2);
  CHECK(layer.smartdeal.exponents == std::vector<int>{-1, 0});
  auto expected = test::smartdeal_weights();
  if (form.find("basis_float") != std::string::npos) {
    // -1.984375 is the only difference: -127 instead of -128 in units of 2^-6, twice as much in units of 2^-7.
    expected[6] += 2;
  }
  CHECK(encode::integer_weights(reader, layer) == expected);
  CHECK(encode::weight_units(reader, layer) == std::vector<double>{1.0 / 128, 1.0 / 128});
}

TEST_CASE("what does not fit is named with its line, and no trace appears") {
  make_tensors();
  std::filesystem::remove("lists/out.trace");
  const std::string name = "  - name: a\n";
  const std::string x = "    activations: x_u8.npy\n";
  const std::string w = "    weights: w_int.npy\n    weight_scale: 1\n";
  const std::string fc =
      head + "  - name: f\n    op: fc\n    activations: fc_x.npy\n" + provenance + "    smartdeal:\n";
  struct Case {
    std::string text;
    std::string message;
  };
  const std::vector<Case> cases{
      {"", "list.yaml: the layer list must be a map"},
      {"network: a\n", "list.yaml:1: the list needs at least one layer"},
      {"network: a\nlayer: []\n", "list.yaml:2: unknown key 'layer' in the layer list; did you mean 'layers'?"},
      {head + "  - 3\n", "list.yaml:3: a layer must be a map"},
      {head + name + w + x, "list.yaml:3: a layer needs 'weight_provenance'"},
      {head + name + w + x + "    weight_provenance: real\n",
       "list.yaml:7: 'weight_provenance' is 'real'; possible: trained, synthetic"},
      {head + name + provenance + w, "list.yaml:3: a layer needs 'activations'"},
      {head + name + provenance + x, "list.yaml:3: a layer needs either 'weights' or 'smartdeal'"},
      {head + name + provenance + x + "    weights: none.npy\n", "list.yaml:7: weights: lists/none.npy: cannot open"},
      {head + name + provenance + x + "    weights: list.yaml\n",
       "list.yaml:7: weights: lists/list.yaml: not an .npy file"},
      {head + name + provenance + x + "    weights: w_int.npy\n",
       "list.yaml:7: weights are integers: give 'weight_scale'"},
      {head + name + provenance + x + "    weights: nan.npy\n",
       "list.yaml:7: weights: a value is infinite or not a number"},
      {head + name + provenance + x + "    weights: x_u8.npy\n    weight_scale: 1\n",
       "list.yaml:7: weights: the value 255 lies outside -128 to 127"},
      {head + name + provenance + x + "    weights: fc_x.npy\n",
       "list.yaml:7: weights: a tensor [M][C/groups][R][S] is needed"},
      {head + name + provenance + x + w + "    groups: 3\n", "list.yaml:7: weights: 1 channels a filter and 3 groups"},
      {head + name + provenance + x + w + "    stride: 0\n",
       "list.yaml:9: 'stride' is '0'; an integer from 1 to 1024 is needed"},
      {head + name + provenance + x + w + "    stride: [1, 2, 3]\n",
       "list.yaml:9: 'stride' needs one number or a list of 2"},
      {head + name + provenance + x + w + "    pads: two\n", "list.yaml:9: 'pads' is 'two'"},
      {head + name + provenance + x + w + "    dilation: 9\n",
       "list.yaml:3: a layer of the list: layer \"a\": has no output"},
      {head + name + provenance + x + w + "    bias: scale.npy\n    activation_scale: 1e-30\n",
       "list.yaml:9: bias: value 0 does not fit 32 bits"},
      {head + name + provenance + x + w + "    bias: w_int.npy\n",
       "list.yaml:9: bias: the shape is [2][1][1][2]; [M] = [2] is needed"},
      {head + name + provenance + w + "    activations: x_float.npy\n",
       "list.yaml:8: activations are floats: give 'activation_scale'"},
      {head + name + provenance + w + x + "    activation_scale: -1\n",
       "list.yaml:9: 'activation_scale' must be positive"},
      {head + name + provenance + w + x + "    activation_bits: 7\n",
       "list.yaml:8: activations: the value 255 lies outside 0 to 127"},
      {head + name + provenance + w + x + "    group_channels: 4\n",
       "list.yaml:6: weights: the value -128 lies outside -1 to 1"},
      {head + name + provenance + w + x + "    group_channels: 0\n", "'group_channels' is '0'"},
      {head + name + provenance + w + x + "    activation_bits: 17\n", "'activation_bits' is '17'"},
      {head + name + provenance + w + x + name + provenance + w + x, "list.yaml:9: two layers are named 'a'"},
      {fc + "      coefficients: basis_float.npy\n      basis: basis.npy\n",
       "list.yaml:9: coefficients: a tensor [M][rows][n] is needed"},
      {fc + "      coefficients: ce_index.npy\n      basis: basis.npy\n",
       "list.yaml:9: coefficients are integers: give 'exponents'"},
      {fc + "      coefficients: ce_index.npy\n      exponents: [1]\n      basis: basis.npy\n",
       "list.yaml:9: coefficients: the value 2 lies outside -1 to 1"},
      {fc + "      coefficients: ce_index.npy\n      exponents: [1, 1]\n      basis: basis.npy\n      basis_shift: 6\n",
       "exponents must ascend"},
      {fc + "      coefficients: ce.npy\n      basis: basis.npy\n",
       "list.yaml:10: the basis is integer: give 'basis_shift'"},
      {fc + "      coefficients: ce.npy\n      basis: basis.npy\n      basis_shift: 6\n      slice_rows: [1, 2]\n",
       "list.yaml:12: slice_rows sum to 3"},
      {fc + "      coefficients: ce.npy\n      basis: basis.npy\n      basis_shift: 6\n      slice_rows: [1, 1]\n",
       "list.yaml:10: basis: the shape is [2][1][2][2]; [M][slices][n][n] = [2][2][2][2] is needed"},
  };
  for (const Case& one : cases) {
    const std::string said = test::bad_input([&] { build(one.text); });
    CHECK_MESSAGE(said.find(one.message) != std::string::npos, one.message << " <- " << said);
    CHECK_MESSAGE(said.find("lists/") != std::string::npos, one.message << " <- " << said);
    CHECK_FALSE(std::filesystem::exists("lists/out.trace"));
  }
}

TEST_CASE("a basis is rounded with as many fraction bits as fit") {
  const auto fixed = layer_list::quantise_basis(Tensor<float>({3, 1, 1, 1}, {127.4F, 127.6F, 0.0F}));
  CHECK(fixed.shift == std::vector<std::int8_t>{0, -1, 0});
  CHECK(fixed.values == std::vector<std::int8_t>{127, 64, 0});
}
