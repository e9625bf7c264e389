#include "sim/core/dense_layer.h"

#include "common/error.h"

namespace rebasis::sim {

std::optional<std::string> not_dense(const trace::LayerInfo& info) {
  if (info.encoding == "dense-int8") return std::nullopt;
  return "its weights are in the encoding " + info.encoding + "; this accelerator takes dense-int8 (recipes dense-int8, pruned-int8)";
}

DenseLayer load_dense_layer(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  if (const auto reason = not_dense(info)) fail_input(trace.path() + ": layer " + info.name + ": " + *reason);
  trace.check_layer(info);
  const auto values = trace.tensor(info.name + "/weights").as<std::int8_t>();
  return {info, {values.begin(), values.end()}, trace.has(info.name + "/bias")};
}

}  // namespace rebasis::sim
