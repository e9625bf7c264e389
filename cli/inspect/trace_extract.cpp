#include "cli/inspect/trace_extract.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "cli/inspect/text_table.h"
#include "common/error.h"
#include "common/text/suggest.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/io/npy.h"

namespace rebasis::cli {
namespace {

constexpr std::array parts{"activations",   "bias",         "weights",      "weight_scale", "row_index",
                           "element_index", "coefficients", "code_lengths", "filter_bits",  "basis",
                           "basis_shift",   "codes",        "group_index",  "alpha",        "channel_scale"};

const trace::LayerInfo& find_layer(const trace::TraceReader& reader, const std::string& name) {
  std::vector<std::string> names;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
  }
  fail_input({reader.path()}, "has no layer " + in_quotes(name) + did_you_mean(name, names));
}

std::string file_name(const std::string& layer) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  std::string text;
  for (const char c : layer) text += plain.find(c) == std::string_view::npos ? '_' : c;
  if (text.starts_with(".")) text[0] = '_';
  return text.substr(0, 150);
}

class Extraction {
 public:
  Extraction(const std::string& layer, const std::string& folder)
      : prefix_((std::filesystem::path(folder) / file_name(layer)).string()) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) fail_input({folder}, "cannot make the folder: " + error.message());
  }

  template <class T>
  void write(const std::string& part, const Shape& shape, std::span<const T> values) {
    const std::string path = prefix_ + "." + part + ".npy";
    const Tensor<T> tensor(shape, {values.begin(), values.end()});
    io::write_npy(path, tensor);
    report_ += path + "  " + io::type_name(tensor) + " " + times(shape) + "\n";
  }

  void write(const std::string& part, const trace::TensorView& view) {
    using trace::DType;
    switch (view.dtype) {
      case DType::u8:
        return write(part, view.shape, view.as<std::uint8_t>());
      case DType::i8:
        return write(part, view.shape, view.as<std::int8_t>());
      case DType::u16:
        return write(part, view.shape, view.as<std::uint16_t>());
      case DType::i16:
        return write(part, view.shape, view.as<std::int16_t>());
      case DType::i32:
        return write(part, view.shape, view.as<std::int32_t>());
      case DType::u32:
        return write(part, view.shape, view.as<std::uint32_t>());
      case DType::f32:
        return write(part, view.shape, view.as<float>());
      default:
        fail_internal("a layer's tensor has a type that layers do not use");
    }
  }

  [[nodiscard]] const std::string& report() const { return report_; }

 private:
  std::string prefix_;
  std::string report_;
};

/// The weights that the bit strings hold, and what one unit is worth.
void write_weights(Extraction& extraction, const trace::TraceReader& reader, const trace::LayerInfo& layer,
                   std::span<const std::int32_t> weights) {
  const LayerShape& s = layer.shape;
  const std::vector<double> units = encode::weight_units(reader, layer);
  extraction.write<std::int32_t>("decoded_weights", {s.M, s.channels_per_group(), s.R, s.S}, weights);
  extraction.write<double>("weight_unit", {s.M}, units);
}

void write_decoded(Extraction& extraction, const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  const LayerShape& s = layer.shape;
  const encode::SmartDealWeights decoded = encode::decode_layer(reader, layer);
  extraction.write<std::int8_t>("decoded_coefficients", {s.M, layer.smartdeal.rows, layer.smartdeal.n},
                                decoded.form.coefficients);
  write_weights(extraction, reader, layer, decoded.weights);
}

}  // namespace

std::string extract_layer(const trace::TraceReader& reader, const std::string& layer, const std::string& folder) {
  const trace::LayerInfo& info = find_layer(reader, layer);
  reader.check_layer(info);
  Extraction extraction(layer, folder);
  for (const char* part : parts) {
    const std::string name = layer + "/" + part;
    if (reader.has(name)) extraction.write(part, reader.tensor(name));
  }
  if (info.encoding == "smartdeal") write_decoded(extraction, reader, info);
  if (info.encoding == "ternary") write_weights(extraction, reader, info, encode::integer_weights(reader, info));
  return extraction.report();
}

}  // namespace rebasis::cli
