#include "cli/coders/render.h"
#include "common/json.h"
#include "report/csv_table.h"

namespace rebasis::cli {
namespace {

using nlohmann::json;

constexpr const char* schema_name = "rebasis-coders";
constexpr int schema_version = 1;

double ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b);
}

/// What the sizes are relative to.
struct Whole {
  std::uint64_t values, uncoded_bytes, fp32_bytes, dense_bytes;
  double dense_bits;
};

json size_json(const CodedSize& size, const Whole& whole) {
  json out{{"bytes", size.bytes},
           {"bits", size.bits},
           {"bits_per_value", 8 * ratio(size.bytes, whole.values)},
           {"ratio_to_dense", ratio(whole.dense_bytes, size.bytes)},
           {"ratio_to_float32", ratio(whole.fp32_bytes, size.bytes + whole.uncoded_bytes)}};
  if (size.encode_s > 0) out["encode_mb_per_s"] = whole.dense_bits / 8e6 / size.encode_s;
  if (size.decode_s > 0) out["decode_mb_per_s"] = whole.dense_bits / 8e6 / size.decode_s;
  return out;
}

json sizes_json(const std::map<std::string, CodedSize>& sizes, const Whole& whole) {
  json out = json::object();
  for (const auto& [name, size] : sizes) out[name] = size_json(size, whole);
  return out;
}

json layer_json(const LayerSizesByCoder& layer) {
  const Whole whole{layer.values, layer.uncoded_bytes, layer.fp32_bytes(), layer.dense_bytes(),
                    static_cast<double>(layer.values) * layer.bits};
  return {{"name", layer.name},
          {"encoding", layer.encoding},
          {"weight_provenance", layer.synthetic ? "synthetic" : "trained"},
          {"rows", layer.rows},
          {"columns", layer.columns},
          {"bits", layer.bits},
          {"values", layer.values},
          {"zeros", layer.zeros},
          {"weights", layer.weights},
          {"uncoded_bytes", layer.uncoded_bytes},
          {"float32_bytes", layer.fp32_bytes()},
          {"dense_bytes", layer.dense_bytes()},
          {"best", layer.best()},
          {"coders", sizes_json(layer.coders, whole)}};
}

}  // namespace

std::string coders_json(const CoderReport& report) {
  const CoderTotals totals = total_of(report.layers);
  const Whole whole{totals.values, totals.uncoded_bytes, totals.fp32_bytes, totals.dense_bytes, totals.dense_bits};
  json layers = json::array();
  for (const LayerSizesByCoder& layer : report.layers) layers.push_back(layer_json(layer));
  std::map<std::string, CodedSize> coders = totals.coders;
  const json best = size_json(coders.at(best_of_each), whole);
  coders.erase(best_of_each);
  return to_text({{"schema", {{"name", schema_name}, {"version", schema_version}}},
                  {"trace", report.trace},
                  {"network", report.network},
                  {"layers", layers},
                  {"totals",
                   {{"values", totals.values},
                    {"zeros", totals.zeros},
                    {"weights", totals.weights},
                    {"uncoded_bytes", totals.uncoded_bytes},
                    {"float32_bytes", totals.fp32_bytes},
                    {"dense_bytes", totals.dense_bytes},
                    {"best_in", totals.best_in},
                    {"best_of_each_layer", best},
                    {"coders", sizes_json(coders, whole)}}}});
}

std::string coders_csv(const CoderReport& report) {
  report::CsvTable table;
  for (const LayerSizesByCoder& layer : report.layers) {
    const double dense_bits = static_cast<double>(layer.values) * layer.bits;
    for (const std::string& name : report.coders) {
      const CodedSize& size = layer.coders.at(name);
      table.start_row();
      table.set_text("network", report.network);
      table.set_text("layer", layer.name);
      table.set_text("encoding", layer.encoding);
      table.set_text("coder", name);
      table.set("rows", static_cast<double>(layer.rows));
      table.set("columns", static_cast<double>(layer.columns));
      table.set("bits", layer.bits);
      table.set("values", static_cast<double>(layer.values));
      table.set("zeros", static_cast<double>(layer.zeros));
      table.set("weights", static_cast<double>(layer.weights));
      table.set("bytes", static_cast<double>(size.bytes));
      table.set("dense_bytes", static_cast<double>(layer.dense_bytes()));
      table.set("uncoded_bytes", static_cast<double>(layer.uncoded_bytes));
      table.set("float32_bytes", static_cast<double>(layer.fp32_bytes()));
      table.set("is_best", name == layer.best() ? 1.0 : 0.0);
      table.set_text("weight_provenance", layer.synthetic ? "synthetic" : "trained");
      if (!report.timed) continue;
      table.set("encode_mb_per_s", size.encode_s > 0 ? dense_bits / 8e6 / size.encode_s : 0.0);
      table.set("decode_mb_per_s", size.decode_s > 0 ? dense_bits / 8e6 / size.decode_s : 0.0);
    }
  }
  return table.text();
}

}  // namespace rebasis::cli
