#include "cli/compress/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/json.h"

namespace rebasis::cli {
namespace {

constexpr double kilo = 1e3;  // the paper's megabytes are 1e6 bytes: ResNet-50, 25.6 M weights of 4 bytes, is 102.40

/// Pruned over total parameters ("Spar."): zero coefficients of SmartDeal layers and zero weights of the others.
struct Zeros {
  double zeros = 0, elements = 0;
};

Zeros zeros_of(const compress::Layer& layer) {
  const double elements = layer.smartdeal ? static_cast<double>(layer.smartdeal->coefficients.size())
                                          : static_cast<double>(layer.shape.weights());
  return {elements * layer.statistics.at(layer.smartdeal ? "coefficient_sparsity" : "weight_value_sparsity"), elements};
}

struct Totals {
  encode::LayerSizes sizes;
  Zeros zeros;
  double weights = 0;
};

Totals totals_of(const compress::CompressReport& report) {
  Totals totals;
  for (std::size_t i = 0; i < report.model.layers.size(); ++i) {
    const compress::Layer& layer = report.model.layers[i];
    totals.sizes += report.sizes[i];
    const Zeros zeros = zeros_of(layer);
    totals.zeros.zeros += zeros.zeros;
    totals.zeros.elements += zeros.elements;
    totals.weights += static_cast<double>(layer.shape.weights());
  }
  return totals;
}

std::string kilobytes(std::uint64_t bytes) { return fmt::format("{:.1f}", static_cast<double>(bytes) / kilo); }
std::string percent(double fraction) { return fmt::format("{:.2f}", 100 * fraction); }

std::string accuracy_lines(const compress::CompressReport& report) {
  if (!report.accuracy_before && !report.output_error) {
    const bool trained = report.model.layers.front().weight_provenance == "trained";
    return fmt::format("SYNTHETIC {}activations: sizes and sparsities as below, no accuracy\n",
                       trained ? "" : "weights and ");
  }
  if (report.accuracy_before) {
    return fmt::format(
        "Top-1 over {} images: {} % before (32-bit floating point), {} % after (compressed, {}-bit activations)\n",
        report.images, percent(*report.accuracy_before), percent(*report.accuracy_after), report.activation_bits);
  }
  return fmt::format("No labels: the output differs by {:.3g} of its norm over {} image{}\n", *report.output_error,
                     report.images, report.images == 1 ? "" : "s");
}

/// A column of the table of parameters.
struct Column {
  std::string title;
  int width;
  std::uint64_t encode::LayerSizes::*part;
};

/// The parts that the recipe's encodings have: basis and coefficients, or 2-bit codes, or all.
std::vector<Column> columns_of(const encode::LayerSizes& sizes) {
  std::vector<Column> columns;
  if (sizes.codes == 0 || sizes.basis > 0)
    columns = {{"B", 9, &encode::LayerSizes::basis}, {"Ce", 9, &encode::LayerSizes::coefficients}};
  if (sizes.codes > 0) columns.push_back({"codes", 9, &encode::LayerSizes::codes});
  columns.insert(columns.end(), {{"index", 9, &encode::LayerSizes::index},
                                 {"tables", 8, &encode::LayerSizes::tables},
                                 {"int8", 9, &encode::LayerSizes::dense},
                                 {"bias", 8, &encode::LayerSizes::bias}});
  return columns;
}

std::string sizes_table(const std::string& recipe, const Totals& totals) {
  const std::vector<Column> columns = columns_of(totals.sizes);
  const double sparsity = totals.zeros.elements > 0 ? totals.zeros.zeros / totals.zeros.elements : 0;
  std::string head = fmt::format("{:<28} {:>7} {:>10}", "parameters (kB = 1000 bytes)", "CR", "Param.");
  std::string original = fmt::format("{:<28} {:>7} {:>10}", "32-bit floating point", "-", kilobytes(totals.sizes.fp32));
  std::string compressed = fmt::format("{:<28} {:>7.2f} {:>10}", recipe, encode::compression_rate(totals.sizes),
                                       kilobytes(totals.sizes.total()));
  for (const Column& column : columns) {
    head += fmt::format(" {:>{}}", column.title, column.width);
    original += fmt::format(" {:>{}}", "-", column.width);
    compressed += fmt::format(" {:>{}}", kilobytes(totals.sizes.*column.part), column.width);
  }
  return fmt::format("{} {:>7}\n{} {:>7}\n{} {:>7}\n", head, "Spar. %", original, "-", compressed, percent(sparsity));
}

/// Groups, zeros and weights of the ternary layers together.
struct Groups {
  std::size_t layers = 0;
  double groups = 0, used = 0, zeros = 0, weights = 0;
  [[nodiscard]] double sparsity() const { return 1 - used / groups; }
  /// Equation 2.8 of Yang's dissertation; infinite without a non-zero group.
  [[nodiscard]] double rate() const {
    return encode::group_compression_rate(static_cast<std::int64_t>(groups), static_cast<std::int64_t>(used));
  }
};

Groups groups_of(const compress::CompressReport& report) {
  Groups total;
  for (const compress::Layer& layer : report.model.layers) {
    if (!layer.ternary) continue;
    total.layers += 1;
    total.groups += layer.statistics.at("groups");
    total.used += layer.statistics.at("nonzero_groups");
    total.weights += static_cast<double>(layer.shape.weights());
    total.zeros += layer.statistics.at("weight_value_sparsity") * static_cast<double>(layer.shape.weights());
  }
  return total;
}

std::string ternary_line(const compress::CompressReport& report) {
  const Groups g = groups_of(report);
  if (g.layers == 0) return "";
  return fmt::format(
      "{} ternary layers: {} % of the weights and {} of {} groups ({} %) are zero; compression rate of their weights "
      "32 / ((1 - group sparsity) * 2 bits) = {:.2f}\n",
      g.layers, percent(g.zeros / g.weights), g.groups - g.used, g.groups, percent(g.sparsity()), g.rate());
}

std::string layer_rows(const compress::CompressReport& report) {
  const char* const units = groups_of(report).layers > 0 ? "groups" : "coeff";  // what the encoding leaves out whole
  std::size_t width = 5;
  for (const compress::Layer& layer : report.model.layers) width = std::max(width, layer.name.size());
  width = std::min<std::size_t>(width, 40);
  std::string text = fmt::format("{:<{}} {:<18} {:<10} {:>9} {:>7} {:>6} {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6} {:>6}\n",
                                 "layer", width, "shape", "encoding", "bytes", "CR", "error", "zero", "zero", "zero",
                                 "zero", "zero", "zero", "zero");
  text += fmt::format("{:<{}} {:<18} {:<10} {:>9} {:>7} {:>6} {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6} {:>6}\n", "", width,
                      "", "", "", "", "%", "weight", "rows", units, "input", "rows", "bits", "Booth");
  for (std::size_t i = 0; i < report.model.layers.size(); ++i) {
    const compress::Layer& layer = report.model.layers[i];
    const auto value = [&](const char* key) {
      const auto found = layer.statistics.find(key);
      return found == layer.statistics.end() ? std::string("-") : fmt::format("{:.1f}", 100 * found->second);
    };
    const LayerShape& s = layer.shape;
    text += fmt::format(
        "{:<{}} {:<18} {:<10} {:>9} {:>7.2f} {:>6} {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6} {:>6}\n",
        layer.name.substr(0, width), width, fmt::format("{}x{}x{}x{}", s.M, s.channels_per_group(), s.R, s.S),
        layer.int8 ? fmt::format("int{}", layer.int8->bits) : layer.encoding(), report.sizes[i].total(),
        encode::compression_rate(report.sizes[i]), value("weight_error"), value("weight_value_sparsity"),
        value("weight_row_sparsity"), value(layer.ternary ? "group_sparsity" : "coefficient_sparsity"),
        value("activation_value_sparsity"), value("activation_row_sparsity"), value("activation_bit_sparsity"),
        value("activation_booth_sparsity"));
  }
  return text;
}

std::string notes(const compress::CompressReport& report) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const compress::Layer& layer : report.model.layers) {
    if (!layer.note.empty()) by_reason[layer.note].push_back(layer.name);
  }
  std::string text;
  for (const auto& [reason, names] : by_reason) {
    text += fmt::format("Left alone: {} layer{} ({}{}): {}\n", names.size(), names.size() == 1 ? "" : "s", names[0],
                        names.size() > 1 ? ", ..." : "", reason);
  }
  return text;
}

nlohmann::json sizes_json(const encode::LayerSizes& sizes) {
  return {{"total", sizes.total()}, {"basis", sizes.basis}, {"coefficients", sizes.coefficients},
          {"codes", sizes.codes},   {"index", sizes.index}, {"tables", sizes.tables},
          {"dense", sizes.dense},   {"bias", sizes.bias},   {"fp32", sizes.fp32}};
}

}  // namespace

std::string compress_text(const compress::CompressReport& report, const std::string& recipe) {
  const Totals totals = totals_of(report);
  std::string text = accuracy_lines(report);
  text += "\n" + sizes_table(recipe, totals) + ternary_line(report);
  return text + "\n" + layer_rows(report) + notes(report);
}

std::string compress_json(const compress::CompressReport& report, const std::string& recipe) {
  const Totals totals = totals_of(report);
  nlohmann::json json{{"network", report.model.name}, {"recipe", recipe}, {"images", report.images}};
  if (report.accuracy_before) {
    json["accuracy_before"] = *report.accuracy_before;
    json["accuracy_after"] = *report.accuracy_after;
  } else if (!report.output_error) {
    json["synthetic"] = true;
  } else {
    json["output_error"] = *report.output_error;
  }
  json["bytes"] = sizes_json(totals.sizes);
  json["compression_rate"] = encode::compression_rate(totals.sizes);
  json["sparsity"] = totals.zeros.elements > 0 ? totals.zeros.zeros / totals.zeros.elements : 0.0;
  json["activation_bits"] = report.activation_bits;
  if (const Groups groups = groups_of(report); groups.layers > 0) {
    json["ternary"] = {{"layers", groups.layers},
                       {"weight_sparsity", groups.zeros / groups.weights},
                       {"group_sparsity", groups.sparsity()}};
    if (groups.used > 0) json["ternary"]["compression_rate"] = groups.rate();
  }
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t i = 0; i < report.model.layers.size(); ++i) {
    const compress::Layer& layer = report.model.layers[i];
    const LayerShape& s = layer.shape;
    layers.push_back({{"name", layer.name},
                      {"op", layer.op},
                      {"weights", {s.M, s.channels_per_group(), s.R, s.S}},
                      {"encoding", layer.encoding()},
                      {"note", layer.note},
                      {"bytes", sizes_json(report.sizes[i])},
                      {"statistics", layer.statistics}});
  }
  json["layers"] = layers;
  return to_text(json);
}

}  // namespace rebasis::cli
