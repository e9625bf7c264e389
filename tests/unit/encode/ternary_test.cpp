// Packing of ternary weights against bit strings worked out by hand, and what a decoder refuses.
#include "workloads/encode/ternary.h"

#include <doctest/doctest.h>

#include <cmath>

#include "../../support/errors.h"
#include "../../support/sample_trace.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/encode/sizes.h"

using namespace rebasis;
using namespace rebasis::encode;

namespace {

/// 1x1 layer, M 2, C 5, groups of 2 channels: 2, 2 and 1 channels.
struct Example {
  LayerShape shape;
  TernaryForm form;
  Example() {
    shape.M = 2;
    shape.C = 5;
    form.info.group_channels = 2;
    form.alpha = 0.5F;
    form.weights = {1, -1, 0, 0, -1,  //
                    0, 0,  0, 1, 0};
  }
};

std::string refused(const std::vector<std::uint8_t>& codes, const std::vector<std::uint8_t>& index) {
  const Example example;
  return test::bad_input([&] { (void)decode_ternary(codes, index, example.form.info, example.shape, "L"); });
}

}  // namespace

TEST_CASE("the bit strings are those of the trace's specification") {
  const Example example;
  const EncodedTernary encoded = encode::encode(example.form, example.shape);
  // Codes 01 11 00 00 | 11 00 00 00 | 01 00: the first weight in the two lowest bits.
  CHECK(encoded.codes == std::vector<std::uint8_t>{0b00001101, 0b00000011, 0b00000001});
  CHECK(encoded.group_index == std::vector<std::uint8_t>{0b00010101});  // 1 0 1 | 0 1 0
  CHECK(decode_ternary(encoded.codes, encoded.group_index, example.form.info, example.shape, "L") ==
        example.form.weights);
}

TEST_CASE("sizes in bits count the codes of non-zero groups only") {
  const Example example;
  const auto flags = group_flags(example.form.weights, example.form.info, example.shape);
  CHECK(flags == std::vector<std::uint8_t>{1, 0, 1, 0, 1, 0});
  const TernaryBits bits = ternary_bits(flags, example.form.info, example.shape);
  CHECK(bits.groups == 6);
  CHECK(bits.nonzero_groups == 3);
  CHECK(bits.all_codes == 20);
  CHECK(bits.kept_codes == 2 * (2 + 1 + 2));
  CHECK(bits.index == 6);
}

TEST_CASE("equation 2.8 with the group sparsities of tables 3 and 5") {
  CHECK(group_compression_rate(100, 100) == 16);
  CHECK(group_compression_rate(100, 75) == doctest::Approx(21.3).epsilon(0.002));  // ResNet-18: 25 %, 21.3
  CHECK(group_compression_rate(100, 57) == doctest::Approx(28.1).epsilon(0.002));  // ResNet-32: 43 %, 28.1
  CHECK(std::isinf(group_compression_rate(4, 0)));
}

TEST_CASE("units are alpha times the channel scale") {
  Example example;
  CHECK(weight_units(example.form, example.shape) == std::vector<double>{0.5, 0.5});
  example.form.channel_scale = {2.0F, 0.25F};
  CHECK(weight_units(example.form, example.shape) == std::vector<double>{1.0, 0.125});
}

TEST_CASE("what is damaged is refused") {
  const std::vector<std::uint8_t> codes{0b00001101, 0b00000011, 0b00000001}, index{0b00010101};
  CHECK(refused(codes, index) == "(no error)");
  CHECK(refused({0b00001110, 0b00000011, 0b00000001}, index).find("code is 10") != std::string::npos);
  CHECK(refused({0b00001101, 0b00000011, 0b00010001}, index).find("padding of the ternary codes") != std::string::npos);
  CHECK(refused({0b00001101, 0b00000011}, index).find("needs 3") != std::string::npos);
  CHECK(refused(codes, {0b00010111}).find("does not agree") != std::string::npos);
  CHECK(refused(codes, {0b01010101}).find("does not agree") != std::string::npos);
  CHECK(refused(codes, {}).find("does not agree") != std::string::npos);
  CHECK(refused({}, {}).find("needs 3") != std::string::npos);
}

TEST_CASE("a ternary layer of a trace is decoded and sized") {
  test::write_ternary_trace("ternary.trace");
  const trace::TraceReader reader("ternary.trace");
  const trace::LayerInfo& layer = reader.metadata().layers[0];
  reader.check_layer(layer);
  CHECK(integer_weights(reader, layer) == test::ternary_weights());
  CHECK(encode::weight_units(reader, layer) == std::vector<double>{0.5, 0.25});
  const LayerSizes sizes = layer_sizes(reader, layer);
  CHECK(sizes.codes == 3);  // 6 + 3 weights of the two non-zero groups, 18 bits
  CHECK(sizes.index == 1);
  CHECK(sizes.tables == 4 + 8);
  CHECK(sizes.bias == 8);
  CHECK(sizes.total() == 3 + 1 + 12 + 8);
  const trace::LayerInfo dense = test::dense_layer();
  CHECK(test::bad_input([&] { (void)decode_ternary_layer(reader, dense); }).find("'ternary' is needed") !=
        std::string::npos);
}
