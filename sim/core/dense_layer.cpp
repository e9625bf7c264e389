#include "sim/core/dense_layer.h"

#include "common/error.h"

namespace rebasis::sim {

std::optional<std::string> not_dense(const trace::LayerInfo& info) {
  if (info.encoding == "dense-int8") return std::nullopt;
  return "its weights are in the encoding " + info.encoding +
         "; this accelerator takes dense-int8 (recipes dense-int8, pruned-int8)";
}

std::optional<std::string> too_wide(const trace::LayerInfo& info, std::int64_t bits, const std::string& parameter) {
  if (info.activations.bits <= bits) return std::nullopt;
  return "its activations have " + std::to_string(info.activations.bits) + " bits; " + parameter + " is " +
         std::to_string(bits);
}

DenseLayer load_dense_layer(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  if (const auto reason = not_dense(info)) fail_input(trace.path() + ": layer " + info.name + ": " + *reason);
  trace.check_layer(info);
  const auto values = trace.tensor(info.name + "/weights").as<std::int8_t>();
  return {info, {values.begin(), values.end()}, trace.has(info.name + "/bias")};
}

}  // namespace rebasis::sim
