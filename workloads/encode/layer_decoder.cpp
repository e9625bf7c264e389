#include "workloads/encode/layer_decoder.h"

#include "common/error.h"

namespace rebasis::encode {

namespace {

void require_encoding(const trace::TraceReader& reader, const trace::LayerInfo& layer, const std::string& needed) {
  if (layer.encoding == needed) return;
  fail_input(reader.path() + ": layer '" + layer.name + "' has encoding '" + layer.encoding + "'; '" + needed +
             "' is needed");
}

}  // namespace

EncodedView encoded_view(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  require_encoding(reader, layer, "smartdeal");
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

TernaryForm decode_ternary_layer(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  require_encoding(reader, layer, "ternary");
  const auto bytes = [&](const char* part) { return reader.tensor(layer.name + "/" + part).as<std::uint8_t>(); };
  TernaryForm form;
  form.info = layer.ternary;
  form.weights = decode_ternary(bytes("codes"), bytes("group_index"), layer.ternary, layer.shape, layer.name);
  const auto alpha = reader.tensor(layer.name + "/alpha").as<float>();
  if (alpha.size() != 1) fail_input(reader.path() + ": layer '" + layer.name + "': alpha needs one value");
  form.alpha = alpha[0];
  if (!reader.has(layer.name + "/channel_scale")) return form;
  const auto scale = reader.tensor(layer.name + "/channel_scale").as<float>();
  if (scale.size() != static_cast<std::size_t>(layer.shape.M))
    fail_input(reader.path() + ": layer '" + layer.name + "': channel_scale needs a value a filter");
  form.channel_scale.assign(scale.begin(), scale.end());
  return form;
}

std::vector<std::int32_t> integer_weights(const trace::TraceReader& reader, const trace::LayerInfo& layer) {
  if (layer.encoding == "smartdeal") {
    return rebuild(decode(encoded_view(reader, layer), layer.smartdeal, layer.shape, layer.name), layer.shape);
  }
  if (layer.encoding == "ternary") {
    const TernaryForm form = decode_ternary_layer(reader, layer);
    return {form.weights.begin(), form.weights.end()};
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
  if (layer.encoding == "ternary") return weight_units(decode_ternary_layer(reader, layer), layer.shape);
  const auto scales = reader.tensor(layer.name + "/weight_scale").as<float>();
  return {scales.begin(), scales.end()};
}

}  // namespace rebasis::encode
