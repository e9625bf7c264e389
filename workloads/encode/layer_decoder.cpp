#include "workloads/encode/layer_decoder.h"

#include "common/error.h"

namespace rebasis::encode {

EncodedView encoded_view(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  if (layer.encoding != "smartdeal") {
    fail_input(reader.path() + ": layer '" + layer.name + "' has encoding '" + layer.encoding +
               "'; 'smartdeal' is needed");
  }
  const auto bytes = [&](const char* part) { return reader.tensor(layer.name + "/" + part).as<std::uint8_t>(); };
  const auto integers = [&](const char* part) { return reader.tensor(layer.name + "/" + part).as<std::int8_t>(); };
  return EncodedView{bytes("row_index"),
                     bytes("element_index"),
                     bytes("coefficients"),
                     bytes("code_lengths"),
                     reader.tensor(layer.name + "/filter_bits").as<std::uint32_t>(),
                     integers("basis"),
                     integers("basis_shift")};
}

std::vector<std::uint8_t> count_row_nonzeros(const SmartDealForm& form) {
  const std::size_t n = static_cast<std::size_t>(form.info.n);
  std::vector<std::uint8_t> counts(form.coefficients.size() / n, 0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    int count = 0;
    for (std::size_t k = 0; k < n; ++k) count += form.coefficients[i * n + k] != 0 ? 1 : 0;
    counts[i] = static_cast<std::uint8_t>(count);
  }
  return counts;
}

SmartDealWeights decode_layer(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  SmartDealWeights decoded;
  decoded.form = decode(encoded_view(reader, layer), layer.smartdeal, layer.shape, layer.name);
  decoded.weights = rebuild(decoded.form, layer.shape);
  decoded.row_nonzeros = count_row_nonzeros(decoded.form);
  return decoded;
}

std::vector<std::int32_t> integer_weights(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  if (layer.encoding == "smartdeal") {
    return rebuild(decode(encoded_view(reader, layer), layer.smartdeal, layer.shape, layer.name), layer.shape);
  }
  const auto values = reader.tensor(layer.name + "/weights").as<std::int8_t>();
  if (values.size() != static_cast<std::size_t>(layer.shape.weights())) {
    fail_input(reader.path() + ": layer '" + layer.name + "': weights do not match the shape");
  }
  return {values.begin(), values.end()};
}

std::vector<double> weight_units(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  if (layer.encoding == "smartdeal") {
    SmartDealForm form;
    form.info = layer.smartdeal;
    check_layout(form.info, layer.shape, layer.name);
    const auto shifts = reader.tensor(layer.name + "/basis_shift").as<std::int8_t>();
    form.basis_shift.assign(shifts.begin(), shifts.end());
    return weight_units(form);
  }
  const auto scales = reader.tensor(layer.name + "/weight_scale").as<float>();
  return {scales.begin(), scales.end()};
}

}  // namespace rebasis::encode
