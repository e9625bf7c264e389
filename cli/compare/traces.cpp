#include "cli/compare/traces.h"

#include <nlohmann/json.hpp>

#include "cli/inspect/trace_figures.h"
#include "workloads/trace/trace.h"

namespace rebasis::cli {
namespace {

std::optional<double> number_in(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

void add_provenance(const std::string& text, report::ComparedTrace& out) {
  const nlohmann::json provenance = nlohmann::json::parse(text, nullptr, false);
  if (!provenance.is_object()) return;
  if (const auto recipe = provenance.find("recipe"); recipe != provenance.end() && recipe->is_string())
    out.recipe = recipe->get<std::string>();
  out.accuracy_before = number_in(provenance, "accuracy_before");
  out.accuracy_after = number_in(provenance, "accuracy_after");
  if (out.accuracy_after) out.accuracy_images = number_in(provenance, "images");
  out.output_error = number_in(provenance, "output_error");
}

/// What the sparsity is a share of: coefficients of a SmartDeal layer, weights of another.
double elements_of(const trace::LayerInfo& layer) {
  return layer.encoding == "smartdeal" ? static_cast<double>(layer.shape.M * layer.smartdeal.rows * layer.smartdeal.n)
                                       : static_cast<double>(layer.shape.weights());
}

}  // namespace

report::ComparedTrace describe_trace(const std::string& name, const std::string& network, const std::string& path) {
  const trace::TraceReader reader(path);
  report::ComparedTrace out;
  out.name = name;
  out.network = network;
  add_provenance(reader.metadata().provenance, out);
  encode::LayerSizes sizes;
  double zeros = 0, elements = 0;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    const TraceLayerFigures figures = layer_figures(reader, layer);
    sizes += figures.sizes;
    zeros += figures.weight_sparsity * elements_of(layer);
    elements += elements_of(layer);
    out.synthetic = out.synthetic || figures.synthetic;
    out.images = static_cast<double>(layer.images);
  }
  out.bytes = static_cast<double>(sizes.total());
  out.fp32_bytes = static_cast<double>(sizes.fp32);
  out.sparsity = elements > 0 ? zeros / elements : 0;
  return out;
}

}  // namespace rebasis::cli
