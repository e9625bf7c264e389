// Encoding, decoding and rebuilding of a SmartDeal layer against hand-worked values and a naive oracle.
#include "workloads/encode/smartdeal_form.h"

#include <doctest/doctest.h>

#include <functional>

#include "../../support/errors.h"
#include "../../support/sample_trace.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/encode/sizes.h"

using namespace rebasis;
using namespace rebasis::encode;

namespace {

/// 1x1 layer, M 2, C 5, n 2: rows 3 (one zero-padded element), slices of 2 and 1 rows, P = {-3, 0}.
struct Example {
  LayerShape shape;
  SmartDealForm form;
  Example() {
    shape.M = 2;
    shape.C = 5;
    form.info.n = 2;
    form.info.rows = 3;
    form.info.slice_rows = {2, 1};
    form.info.rows_are_kernel_rows = false;
    form.info.exponents = {-3, 0};
    form.filters = 2;
    form.coefficients = {1, -2, 0,  0, 2, 2,   // filter 0: [2^-3, -1], [0, 0], [1, 1]
                         0, 2,  -1, 0, 0, 0};  // filter 1: [0, 1], [-2^-3, 0], [0, 0]
    form.basis = {10, 1, 2, -7, 100, 50, 25, 12, 3, 4, 5, 6, 7, 8, 9, 10};
    form.basis_shift = {4, 6};
  }
  [[nodiscard]] EncodedView view(const EncodedCoefficients& encoded) const {
    return {encoded.row_index, encoded.element_index, encoded.coefficients, encoded.code_lengths, encoded.filter_bits,
            form.basis,        form.basis_shift};
  }
};

}  // namespace

TEST_CASE("rebuilt weights, worked out by hand") {
  const Example example;
  // In units of 2^-3: 2^-3 is 1, 1 is 8. Filter 0 row 0: 1 * [10, 1] - 8 * [2, -7] = [-6, 57]; row 1: 0; row 2: 8 *
  // [100 + 25, ..].
  CHECK(rebuild(example.form, example.shape) == std::vector<std::int32_t>{-6, 57, 0, 0, 1000, 8 * 5, 8 * 6, -3, -4, 0});
  CHECK(weight_units(example.form) == std::vector<double>{1.0 / 128, 1.0 / 512});
}

TEST_CASE("the bit strings are those of the trace's specification") {
  const Example example;
  const EncodedCoefficients encoded = encode::encode(example.form);
  CHECK(encoded.row_index == std::vector<std::uint8_t>{0b00011101});      // rows 1 0 1 | 1 1 0
  CHECK(encoded.element_index == std::vector<std::uint8_t>{0b01101111});  // 11 11 | 01 10, first bit lowest
  // Symbols: 2^-3 twice as 0 (+) and 2 (-): once each; 2^0: + three times (symbol 1), - once (symbol 3).
  CHECK(encoded.code_lengths == std::vector<std::uint8_t>{3, 1, 3, 2});
  // Codewords: 1 -> 0, 3 -> 10, 0 -> 110, 2 -> 111. Filter 0: 110 10 0 0; filter 1: 0 111.
  CHECK(encoded.coefficients == std::vector<std::uint8_t>{0b00001011, 0b00000111});
  CHECK(encoded.filter_bits == std::vector<std::uint32_t>{7, 4});
  const SmartDealForm decoded = decode(example.view(encoded), example.form.info, example.shape, "example");
  CHECK(decoded.coefficients == example.form.coefficients);
  CHECK(decoded.basis == example.form.basis);
}

TEST_CASE("damaged bit strings are refused by name") {
  const Example example;
  const EncodedCoefficients good = encode::encode(example.form);
  const auto message = [&](const std::function<void(EncodedCoefficients&)>& damage) {
    EncodedCoefficients bad = good;
    damage(bad);
    return test::bad_input([&] { (void)decode(example.view(bad), example.form.info, example.shape, "example"); });
  };
  CHECK(message([](auto& e) { e.row_index.push_back(0); }).find("row_index") != std::string::npos);
  CHECK(message([](auto& e) { e.element_index.pop_back(); }).find("element") != std::string::npos);
  CHECK(message([](auto& e) { e.element_index[0] = 0b01100111; }).find("filter 0") != std::string::npos);
  CHECK(message([](auto& e) { e.element_index[0] = 0b01101100; }).find("no element") != std::string::npos);
  CHECK(message([](auto& e) { e.coefficients.pop_back(); }).find("too early") != std::string::npos);
  CHECK(message([](auto& e) { e.coefficients.push_back(0); }).find("coefficients") != std::string::npos);
  CHECK(message([](auto& e) { e.coefficients[1] |= 0x80; }).find("padding") != std::string::npos);
  CHECK(message([](auto& e) { e.filter_bits[1] = 5; }).find("filter 1") != std::string::npos);
  CHECK(message([](auto& e) { e.code_lengths = {1, 1, 1, 1}; }).find("Kraft") != std::string::npos);
}

TEST_CASE("a layout that cannot hold the weights or overflows is refused") {
  const Example example;
  const auto message = [&](const std::function<void(trace::SmartDealInfo&)>& change) {
    trace::SmartDealInfo info = example.form.info;
    change(info);
    return test::bad_input([&] { check_layout(info, example.shape, "example"); });
  };
  CHECK(message([](auto&) {}) == "(no error)");
  CHECK(message([](auto& i) { i.slice_rows = {2, 2}; }).find("sum") != std::string::npos);
  CHECK(message([](auto& i) { i.exponents = {0, -3}; }).find("ascend") != std::string::npos);
  CHECK(message([](auto& i) { i.exponents = {-20, 20}; }).find("span") != std::string::npos);
  CHECK(message([](auto& i) { i.n = 17; }).find("17") != std::string::npos);
  CHECK(message([](auto& i) {
          i.rows = 2;
          i.slice_rows = {2};
        }).find("hold") != std::string::npos);
  CHECK(message([](auto& i) { i.rows_are_kernel_rows = true; }).find("hold") != std::string::npos);
}

TEST_CASE("the largest shift leaves the sum of n terms inside 32 bits") {
  CHECK(max_shift(3) == 22);  // 3 * 128 * 2^22 = 1.61e9 < 2^31 <= 3 * 128 * 2^23
  CHECK(max_shift(11) == 20);
  CHECK(max_shift(16) == 19);  // 16 * 128 * 2^20 is 2^31
}

TEST_CASE("a layer of a trace decodes to its weights, and its sizes are those of its tensors") {
  const std::string path = "sample.trace";
  test::write_sample_trace(path);
  const trace::TraceReader reader(path);
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    std::uint64_t bytes = 0;
    for (const std::string& name : reader.tensor_names()) {
      if (name.starts_with(layer.name + "/") && name != layer.name + "/activations")
        bytes += reader.tensor(name).bytes.size();
    }
    CHECK(layer_sizes(reader, layer).total() == bytes);
    CHECK(integer_weights(reader, layer).size() == static_cast<std::size_t>(layer.shape.weights()));
    CHECK(weight_units(reader, layer).size() == static_cast<std::size_t>(layer.shape.M));
  }
  const SmartDealWeights decoded = decode_layer(reader, test::smartdeal_layer());
  CHECK(decoded.weights == test::smartdeal_weights());
  CHECK(decoded.row_nonzeros == std::vector<std::uint8_t>{1, 0, 0, 2});
}
