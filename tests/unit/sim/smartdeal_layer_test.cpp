// Layers of a trace that SmartDeal cannot run are refused when they are loaded.
#include <doctest/doctest.h>

#include <string>

#include "sim/smartdeal/layer_data.h"
#include "tests/support/errors.h"
#include "tests/support/sample_trace.h"

using namespace rebasis;

namespace {

std::string refusal(const std::string& path, std::size_t layer) {
  const trace::TraceReader reader(path);
  return test::bad_input([&] { (void)sim::smartdeal::load_layer(reader, reader.metadata().layers.at(layer)); });
}

}  // namespace

TEST_CASE("8-bit layers in both of its encodings are loaded") {
  test::write_sample_trace("sample.trace");
  CHECK(refusal("sample.trace", 0) == "(no error)");
  CHECK(refusal("sample.trace", 1) == "(no error)");
}

TEST_CASE("ternary weights are refused") {
  test::write_ternary_trace("ternary.trace");
  CHECK(refusal("ternary.trace", 0) ==
        "ternary.trace: layer \"ternary\": its weights are in the encoding ternary; SmartDeal takes smartdeal and "
        "dense-int8 (recipes smartdeal, dense-int8)");
}

TEST_CASE("16-bit activations are refused") {
  test::write_wide_trace("wide.trace");
  CHECK(refusal("wide.trace", 0) ==
        "wide.trace: layer \"conv1\": its activations have 16 bits; SmartDeal takes up to 8 (activations: {bits: 8} in "
        "the recipe)");
}
