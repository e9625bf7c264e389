// Traces: a table of layers, or the same as JSON.
#include <fmt/format.h>

#include <cstring>

#include "cli/inspect/inspector.h"
#include "cli/inspect/text_table.h"
#include "cli/inspect/trace_extract.h"
#include "cli/inspect/trace_family.h"
#include "cli/inspect/trace_figures.h"
#include "common/json.h"
#include "common/text/suggest.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {
namespace {

using nlohmann::json;

struct Summary {
  std::vector<TraceLayerFigures> layers;
  encode::LayerSizes sizes;
  std::uint64_t activation_bytes = 0;
  std::int64_t macs = 0;
  bool synthetic = false;
};

Summary summarise(const trace::TraceReader& reader) {
  Summary summary;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    summary.layers.push_back(layer_figures(reader, layer));
    const TraceLayerFigures& figures = summary.layers.back();
    summary.sizes += figures.sizes;
    summary.activation_bytes += figures.activation_bytes;
    summary.macs += layer.shape.macs();
    summary.synthetic = summary.synthetic || figures.synthetic;
  }
  return summary;
}

std::string provenance_label(const trace::LayerInfo& layer) {
  const bool weights = layer.weight_provenance == "synthetic";
  const bool activations = layer.activations.provenance == "synthetic";
  if (weights && activations) return "SYNTHETIC";
  if (weights) return "SYNTHETIC weights";
  return activations ? "SYNTHETIC inputs" : "";
}

std::string stride_and_padding(const LayerShape& s) {
  std::string text =
      s.stride_h == s.stride_w ? fmt::format("/{}", s.stride_h) : fmt::format("/{}x{}", s.stride_h, s.stride_w);
  if (s.groups > 1) text += fmt::format(" g{}", s.groups);
  if (s.dilation_h > 1 || s.dilation_w > 1) text += fmt::format(" d{}x{}", s.dilation_h, s.dilation_w);
  return text;
}

std::string encoding_label(const trace::LayerInfo& layer, const TraceLayerFigures& figures) {
  if (layer.encoding == "smartdeal") return fmt::format("smartdeal n={}", layer.smartdeal.n);
  if (layer.encoding == "ternary")
    return fmt::format("ternary C_g={} groups=0: {}", layer.ternary.group_channels, percent(figures.group_sparsity));
  return layer.encoding;
}

std::string layer_table(const trace::Metadata& metadata, const Summary& summary) {
  TextTable table({"layer", "op", "MxCxRxS", "stride", "input", "output", "encoding", "weights", "rate", "weights=0",
                   "rows=0", "inputs", "inputs=0", ""});
  for (std::size_t i = 0; i < metadata.layers.size(); ++i) {
    const trace::LayerInfo& layer = metadata.layers[i];
    const TraceLayerFigures& f = summary.layers[i];
    const LayerShape& s = layer.shape;
    table.add(
        {layer.name, layer.op, times({s.M, s.channels_per_group(), s.R, s.S}), stride_and_padding(s), times({s.H, s.W}),
         times({s.E(), s.F()}), encoding_label(layer, f), readable_bytes(static_cast<double>(f.sizes.total())),
         fmt::format("{:.1f}x", encode::compression_rate(f.sizes)), percent(f.weight_sparsity), percent(f.row_sparsity),
         fmt::format("{}{}", layer.activations.is_signed ? "i" : "u", layer.activations.bits),
         percent(f.activation_sparsity), provenance_label(layer)});
  }
  return table.text();
}

/// Scalars of the provenance, one a line; the recipe's text and lists are left to --json.
std::string provenance_lines(const std::string& provenance) {
  std::string text;
  const json members = parse_json(provenance, "provenance");
  for (const auto& [key, value] : members.items()) {
    const std::string line = value.is_string() ? value.get<std::string>() : to_line(value);
    const bool short_enough = line.size() <= 100 && line.find('\n') == std::string::npos;
    const std::string shown = short_enough ? printable(line) : "(see --json)";
    text += fmt::format("  {:<20} {}\n", printable(key), shown);
  }
  return text;
}

json sizes_json(const encode::LayerSizes& s) {
  return {{"coefficients", s.coefficients},
          {"basis", s.basis},
          {"codes", s.codes},
          {"index", s.index},
          {"tables", s.tables},
          {"dense", s.dense},
          {"bias", s.bias},
          {"total", s.total()},
          {"original_fp32", s.fp32}};
}

json layer_json(const trace::LayerInfo& layer, const TraceLayerFigures& f) {
  const LayerShape& s = layer.shape;
  json value{{"name", layer.name},
             {"op", layer.op},
             {"encoding", layer.encoding},
             {"images", layer.images},
             {"shape",
              {{"M", s.M},
               {"C", s.C},
               {"H", s.H},
               {"W", s.W},
               {"R", s.R},
               {"S", s.S},
               {"E", s.E()},
               {"F", s.F()},
               {"stride", {s.stride_h, s.stride_w}},
               {"dilation", {s.dilation_h, s.dilation_w}},
               {"pads", {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}},
               {"groups", s.groups}}},
             {"macs", s.macs()},
             {"bytes", sizes_json(f.sizes)},
             {"compression_rate", encode::compression_rate(f.sizes)},
             {"weight_sparsity", f.weight_sparsity},
             {"row_sparsity", f.row_sparsity},
             {"group_sparsity", f.group_sparsity},
             {"activations",
              {{"signed", layer.activations.is_signed},
               {"bits", layer.activations.bits},
               {"scale", layer.activations.scale},
               {"bytes", f.activation_bytes},
               {"sparsity", f.activation_sparsity},
               {"provenance", layer.activations.provenance}}},
             {"weight_provenance", layer.weight_provenance},
             {"statistics", layer.statistics}};
  if (layer.encoding == "smartdeal") {
    const trace::SmartDealInfo& d = layer.smartdeal;
    value["smartdeal"] = {{"n", d.n},
                          {"rows", d.rows},
                          {"slice_rows", d.slice_rows},
                          {"rows_are_kernel_rows", d.rows_are_kernel_rows},
                          {"exponents", d.exponents}};
  }
  if (layer.encoding == "ternary") value["ternary"] = {{"group_channels", layer.ternary.group_channels}};
  return value;
}

class TraceInspector : public Inspector {
 public:
  bool recognises(std::span<const std::byte> content) const override {
    constexpr std::string_view start = "{\"";
    return content.size() > 10 && std::memcmp(content.data() + 8, start.data(), start.size()) == 0 &&
           content[7] == std::byte{0};
  }

  std::string describe(const InspectRequest& request) const override {
    const trace::TraceLocation location = trace::locate_trace(request.path);
    if (location.subnet.empty() && !trace::list_subnets(location.file).empty()) return describe_family(request);
    const trace::TraceReader reader(request.path);
    if (request.check) check_trace(reader);
    const Summary summary = summarise(reader);
    return request.json ? json_text(reader, summary, request) : text(reader, summary, request);
  }

  std::string extract(const std::string& path, const std::string& layer, const std::string& folder) const override {
    return extract_layer(trace::TraceReader(path), layer, folder);
  }

 private:
  static std::string text(const trace::TraceReader& reader, const Summary& summary, const InspectRequest& request) {
    const trace::Metadata& metadata = reader.metadata();
    std::string text = fmt::format("trace of {}, {} layers, {} image{}, {:.3f} GMAC an image\n",
                                   in_quotes(metadata.network), metadata.layers.size(), metadata.layers[0].images,
                                   metadata.layers[0].images == 1 ? "" : "s", static_cast<double>(summary.macs) * 1e-9);
    if (summary.synthetic) text += "SYNTHETIC: some weights or inputs are not from a trained network on real data\n";
    text += "\n" + layer_table(metadata, summary) + "\n";
    text += fmt::format(
        "weights {} (coefficients {}, basis {}, codes {}, index {}, tables {}, dense {}, bias {}), {:.1f}x smaller "
        "than 32-bit "
        "floats\n",
        readable_bytes(static_cast<double>(summary.sizes.total())),
        readable_bytes(static_cast<double>(summary.sizes.coefficients)),
        readable_bytes(static_cast<double>(summary.sizes.basis)),
        readable_bytes(static_cast<double>(summary.sizes.codes)),
        readable_bytes(static_cast<double>(summary.sizes.index)),
        readable_bytes(static_cast<double>(summary.sizes.tables)),
        readable_bytes(static_cast<double>(summary.sizes.dense)),
        readable_bytes(static_cast<double>(summary.sizes.bias)), encode::compression_rate(summary.sizes));
    text += fmt::format("inputs of the layers {}; {} auxiliary layers (pooling, additions, ...)\n",
                        readable_bytes(static_cast<double>(summary.activation_bytes)), metadata.auxiliary.size());
    const std::string provenance = provenance_lines(metadata.provenance);
    if (!provenance.empty()) text += "provenance\n" + provenance;
    if (request.check)
      text += fmt::format("checked: {} tensors match their checksums, {} layers decode\n", reader.tensor_names().size(),
                          metadata.layers.size());
    return text;
  }

  static std::string json_text(const trace::TraceReader& reader, const Summary& summary,
                               const InspectRequest& request) {
    const trace::Metadata& metadata = reader.metadata();
    json value{{"kind", "trace"},
               {"file", request.path},
               {"schema_version", trace::schema_version},
               {"network", metadata.network},
               {"synthetic", summary.synthetic},
               {"macs", summary.macs},
               {"bytes", sizes_json(summary.sizes)},
               {"compression_rate", encode::compression_rate(summary.sizes)},
               {"activation_bytes", summary.activation_bytes},
               {"provenance", parse_json(metadata.provenance, request.path + ": provenance")},
               {"checked", request.check},
               {"layers", json::array()},
               {"auxiliary", json::array()}};
    for (std::size_t i = 0; i < metadata.layers.size(); ++i)
      value["layers"].push_back(layer_json(metadata.layers[i], summary.layers[i]));
    for (const trace::AuxiliaryInfo& a : metadata.auxiliary) {
      value["auxiliary"].push_back({{"name", a.name},
                                    {"op", a.op},
                                    {"input_elements", a.input_elements},
                                    {"output_elements", a.output_elements},
                                    {"fused", a.fused},
                                    {"after", a.after}});
    }
    return to_text(value);
  }
};

const InspectorRegistration registration("trace", "trace", [] { return std::make_unique<TraceInspector>(); });

}  // namespace
}  // namespace rebasis::cli
