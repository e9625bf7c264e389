#include "sim/pynq_ternary/layer.h"

#include "workloads/encode/layer_decoder.h"

namespace rebasis::sim::pynq_ternary {

std::optional<std::string> why_unsupported(const trace::LayerInfo& info, const arch::PynqTernarySpec& spec) {
  if (info.encoding == "ternary") return std::nullopt;
  if (info.encoding != "dense-int8")
    return "its weights are in the encoding " + info.encoding +
           "; the accelerator takes ternary and dense-int8 (recipe ternary-pe)";
  if (spec.mac() || spec.engine_dsps > 0) return std::nullopt;
  return "its weights are not ternary and there is no MAC engine; set mac_engine.dsps";
}

TernaryLayer load_ternary_layer(const trace::TraceReader& trace, const trace::LayerInfo& info) {
  TernaryLayer layer{info, {}, trace.has(info.name + "/bias") ? 4 : 0};
  if (layer.ternary()) {
    encode::TernaryForm form = encode::decode_ternary_layer(trace, info);
    if (!form.channel_scale.empty()) layer.bytes_per_filter += 4;
    layer.codes = std::move(form.weights);
  } else {
    trace.check_layer(info);
    const auto values = trace.tensor(info.name + "/weights").as<std::int8_t>();
    layer.codes.assign(values.begin(), values.end());
  }
  return layer;
}

}  // namespace rebasis::sim::pynq_ternary
