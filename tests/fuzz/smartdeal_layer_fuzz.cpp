// A SmartDeal layer of a small shape whose tensors are the fuzzer's bytes: what check_layer accepts, the decoder
// decodes, and encoding that again gives the same bits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/support/memory_file.h"
#include "workloads/encode/smartdeal_form.h"
#include "workloads/trace/check_layer.h"
#include "workloads/trace/layer_limits.h"

using namespace rebasis;

namespace {

/// Hands out the fuzzer's bytes; zeros when they are used up.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), rest_(size) {}
  std::uint8_t next() {
    if (rest_ == 0) return 0;
    --rest_;
    return *data_++;
  }
  std::int64_t from(std::int64_t low, std::int64_t high) { return low + next() % (high - low + 1); }
  std::vector<std::uint8_t> take(std::size_t count) {
    std::vector<std::uint8_t> values(count);
    for (std::uint8_t& value : values) value = next();
    return values;
  }

 private:
  const std::uint8_t* data_;
  std::size_t rest_;
};

trace::LayerInfo make_layer(Bytes& bytes) {
  trace::LayerInfo layer;
  layer.name = "l";
  layer.op = "conv";
  layer.encoding = "smartdeal";
  layer.shape.M = bytes.from(1, 4);
  layer.shape.C = bytes.from(1, 6);
  layer.smartdeal.rows_are_kernel_rows = bytes.from(0, 1) == 1;
  layer.smartdeal.n = bytes.from(1, 5);
  if (layer.smartdeal.rows_are_kernel_rows) {
    layer.shape.R = bytes.from(1, 3);
    layer.shape.S = layer.shape.W = layer.smartdeal.n;
    layer.shape.H = layer.shape.R;
  }
  layer.smartdeal.rows = bytes.from(1, 18);
  layer.smartdeal.slice_rows = {layer.smartdeal.rows};
  int exponent = static_cast<int>(bytes.from(0, 20)) - 10;
  for (std::int64_t i = bytes.from(1, 8); i > 0; --i)
    layer.smartdeal.exponents.push_back(exponent += static_cast<int>(bytes.from(1, 3)));
  return layer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const trace::LayerInfo layer = make_layer(bytes);
  const trace::SmartDealInfo& info = layer.smartdeal;
  const auto small = [&] { return static_cast<std::size_t>(bytes.from(0, 40)); };
  const auto row_index = bytes.take(static_cast<std::size_t>((layer.shape.M * info.rows + 7) / 8));
  const auto element_index = bytes.take(small());
  const auto code_lengths = bytes.take(2 * info.exponents.size());
  std::vector<std::uint32_t> filter_bits;
  for (std::int64_t m = 0; m < layer.shape.M; ++m) filter_bits.push_back(bytes.next());
  const auto coefficients = bytes.take(small());
  const auto basis_size = static_cast<std::size_t>(layer.shape.M * info.n * info.n);
  std::vector<std::int8_t> basis, shift;
  for (std::size_t i = 0; i < basis_size; ++i) basis.push_back(static_cast<std::int8_t>(bytes.next()));
  for (std::int64_t m = 0; m < layer.shape.M; ++m) shift.push_back(static_cast<std::int8_t>(bytes.next()));

  const std::vector<std::uint8_t> activations(static_cast<std::size_t>(layer.shape.C * layer.shape.H * layer.shape.W));
  const auto length = [](const auto& values) { return Shape{static_cast<std::int64_t>(values.size())}; };
  const std::map<std::string, trace::TensorView> tensors{
      {"l/activations",
       {trace::DType::u8, {1, layer.shape.C, layer.shape.H, layer.shape.W}, std::as_bytes(std::span(activations))}},
      {"l/row_index", {trace::DType::u8, length(row_index), std::as_bytes(std::span(row_index))}},
      {"l/element_index", {trace::DType::u8, length(element_index), std::as_bytes(std::span(element_index))}},
      {"l/coefficients", {trace::DType::u8, length(coefficients), std::as_bytes(std::span(coefficients))}},
      {"l/code_lengths", {trace::DType::u8, length(code_lengths), std::as_bytes(std::span(code_lengths))}},
      {"l/filter_bits", {trace::DType::u32, length(filter_bits), std::as_bytes(std::span(filter_bits))}},
      {"l/basis", {trace::DType::i8, {layer.shape.M, 1, info.n, info.n}, std::as_bytes(std::span(basis))}},
      {"l/basis_shift", {trace::DType::i8, length(shift), std::as_bytes(std::span(shift))}}};
  const auto lookup = [&](const std::string& name) {
    const auto found = tensors.find(name);
    return found == tensors.end() ? nullptr : &found->second;
  };
  const bool checked = test::accepts([&] {
    trace::check_layer_info(layer, "fuzz");
    trace::check_tensors(trace::LayerTensors(layer, lookup, "fuzz"));
  });
  test::accepts([&] {
    const encode::EncodedView view{row_index, element_index, coefficients, code_lengths, filter_bits, basis, shift};
    const encode::SmartDealForm form = encode::decode(view, info, layer.shape, "l");
    (void)encode::rebuild(form, layer.shape);
    if (!checked) return;
    const encode::EncodedCoefficients again = encode::encode(form);
    if (again.row_index != row_index || again.element_index != element_index) std::abort();
  });
  return 0;
}
