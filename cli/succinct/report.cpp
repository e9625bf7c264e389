#include "cli/succinct/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/encode/coders/coder.h"

namespace rebasis::cli {
namespace {

using succinct::FormResult, succinct::LayerResult, succinct::NetworkResult;

/// a, b and the dense reference of one line of the paper's tables.
struct Comparison {
  std::int64_t parameters = 0;
  FormResult dense, ordinary, succinct;

  [[nodiscard]] double dense_bytes() const { return 4.0 * static_cast<double>(parameters); }
  [[nodiscard]] double rate(const FormResult& form) const {
    return ratio(dense_bytes(), static_cast<double>(form.bytes));
  }
  [[nodiscard]] double speedup(const FormResult& form) const { return ratio(dense.run_s, form.run_s); }
  [[nodiscard]] double rate_improved() const { return ratio(rate(succinct), rate(ordinary)); }
  [[nodiscard]] double speedup_improved() const { return ratio(speedup(succinct), speedup(ordinary)); }

 private:
  static double ratio(double a, double b) { return b > 0 ? a / b : 0; }
};

const FormResult& form_of(const LayerResult& layer, const std::string& name) {
  return *std::ranges::find(layer.forms, name, &FormResult::name);
}

Comparison compare(const LayerResult& layer, const std::string& ordinary) {
  return {layer.parameters, form_of(layer, succinct::dense_name), form_of(layer, ordinary),
          form_of(layer, succinct::succinct_name)};
}

std::int64_t all_parameters(const NetworkResult& result) {
  std::int64_t sum = 0;
  for (const LayerResult& layer : result.layers) sum += layer.parameters;
  return sum;
}

Comparison compare(const NetworkResult& result, const std::string& ordinary) {
  Comparison comparison{all_parameters(result), total(result, succinct::dense_name), total(result, ordinary),
                        total(result, succinct::succinct_name)};
  comparison.succinct.bytes = result.succinct.total();
  return comparison;
}

std::string comparison_columns(const Comparison& c) {
  return fmt::format("{:>9.0f} {:>17} {:>13} {:>6.2f} {:>9.1f} {:>13} {:>6.2f}\n", c.dense_bytes(),
                     fmt::format("{}/{}", c.ordinary.bytes, c.succinct.bytes),
                     fmt::format("{:.2f}/{:.2f}", c.rate(c.ordinary), c.rate(c.succinct)), c.rate_improved(),
                     1e6 * c.dense.run_s, fmt::format("{:.2f}/{:.2f}", c.speedup(c.ordinary), c.speedup(c.succinct)),
                     c.speedup_improved());
}

std::string layer_table(const NetworkResult& result, const std::string& ordinary) {
  std::size_t width = 5;
  for (const LayerResult& layer : result.layers) width = std::max(width, layer.name.size());
  std::string text =
      fmt::format("{:<{}} {:>9} {:>6} {:>4} {:>10} {:>7} {:<20} {:>9} {:>17} {:>13} {:>6} {:>9} {:>13} {:>6}\n",
                  "layer", width, "weights", "zeros", "bits", "MACs", "FPr", "RAS", "32 bit, B", "size a/b, B",
                  "CR a/b", "impr.", "dense, us", "speed-up a/b", "impr.");
  std::int64_t nonzeros = 0, macs = 0;
  for (const LayerResult& layer : result.layers) {
    nonzeros += layer.nonzeros;
    macs += layer.macs;
    text += fmt::format("{:<{}} {:>9} {:>5.1f}% {:>4} {:>10} {:>7.1f} {:<20} ", layer.name, width, layer.parameters,
                        100.0 * (1.0 - static_cast<double>(layer.nonzeros) / static_cast<double>(layer.parameters)),
                        layer.bits, layer.macs, layer.macs_per_parameter(), name_of(layer.type));
    text += comparison_columns(compare(layer, ordinary));
  }
  const std::int64_t parameters = all_parameters(result);
  text += fmt::format("{:<{}} {:>9} {:>5.1f}% {:>4} {:>10} {:>7.1f} {:<20} ", "total", width, parameters,
                      100.0 * (1.0 - static_cast<double>(nonzeros) / static_cast<double>(parameters)), "", macs,
                      static_cast<double>(macs) / static_cast<double>(parameters), "");
  return text + comparison_columns(compare(result, ordinary));
}

std::string form_table(const NetworkResult& result) {
  const Comparison reference = compare(result, succinct::dense_name);
  std::string text = fmt::format("{:<26} {:>10} {:>7} {:>11} {:>10} {:>13} {:>9}\n", "form", "bytes", "CR",
                                 "scratch, B", "fetch, us", "inference, us", "speed-up");
  for (const FormResult& form : result.layers.front().forms) {
    const FormResult sum = total(result, form.name);
    text += fmt::format("{:<26} {:>10} {:>7.2f} {:>11} {:>10.1f} {:>13.1f} {:>9.2f}\n", sum.name, sum.bytes,
                        reference.rate(sum), sum.scratch, 1e6 * sum.read_s, 1e6 * sum.run_s, reference.speedup(sum));
  }
  return text;
}

nlohmann::json json_of(const FormResult& form) {
  return {{"form", form.name},
          {"bytes", form.bytes},
          {"scratch_bytes", form.scratch},
          {"fetch_s", form.read_s},
          {"inference_s", form.run_s}};
}

nlohmann::json json_of(const Comparison& c) {
  return {{"bytes_32_bit", c.dense_bytes()},
          {"bytes", {c.ordinary.bytes, c.succinct.bytes}},
          {"compression_rate", {c.rate(c.ordinary), c.rate(c.succinct)}},
          {"compression_rate_improved", c.rate_improved()},
          {"dense_s", c.dense.run_s},
          {"speedup", {c.speedup(c.ordinary), c.speedup(c.succinct)}},
          {"speedup_improved", c.speedup_improved()}};
}

nlohmann::json json_of(const LayerResult& layer, const std::string& ordinary) {
  nlohmann::json json = json_of(compare(layer, ordinary));
  json["name"] = layer.name;
  json["weights"] = layer.parameters;
  json["nonzeros"] = layer.nonzeros;
  json["bits"] = layer.bits;
  json["macs"] = layer.macs;
  json["macs_per_weight"] = layer.macs_per_parameter();
  json["ras"] = name_of(layer.type);
  for (const FormResult& form : layer.forms) json["forms"].push_back(json_of(form));
  return json;
}

}  // namespace

std::string succinct_tables(const NetworkResult& result) {
  const std::string ordinary = best_ordinary(result);
  const double tree_bytes = static_cast<double>(result.succinct.total());
  const auto share = [&](std::uint64_t bytes) { return 100.0 * static_cast<double>(bytes) / tree_bytes; };
  return fmt::format("{}: a = {}, b = succinct; block-wise from {} MACs per weight on; one thread, shortest of {}\n\n",
                     result.network, ordinary, result.options.threshold, result.options.repeats) +
         layer_table(result, ordinary) + "\n" + form_table(result) +
         fmt::format(
             "\nstructure: {} bytes = wavelet bits {:.1f} % + rank support {:.1f} % + symbols and nodes {:.1f} %\n"
             "operands and delimiters: {} symbols of {} kinds, {:.2f} levels an access; values of tuples: {} of "
             "{} kinds, {:.2f} levels\n",
             result.succinct.total(), share(result.succinct.wavelet), share(result.succinct.rank),
             share(result.succinct.tables), result.main_symbols, result.main_alphabet, result.main_levels,
             result.value_symbols, result.value_alphabet, result.value_levels);
}

nlohmann::json succinct_json(const NetworkResult& result) {
  const std::string ordinary = best_ordinary(result);
  nlohmann::json json = {{"schema", "rebasis-succinct-1"},
                         {"network", result.network},
                         {"trace", result.trace},
                         {"ordinary_form", ordinary},
                         {"threshold", result.options.threshold},
                         {"image", result.options.image},
                         {"repeats", result.options.repeats}};
  json["totals"] = json_of(compare(result, ordinary));
  for (const FormResult& form : result.layers.front().forms) {
    json["totals"]["forms"].push_back(json_of(total(result, form.name)));
  }
  json["structure"] = {{"wavelet_bytes", result.succinct.wavelet}, {"rank_bytes", result.succinct.rank},
                       {"table_bytes", result.succinct.tables},    {"symbols", result.main_symbols},
                       {"alphabet", result.main_alphabet},         {"levels", result.main_levels},
                       {"value_symbols", result.value_symbols},    {"value_alphabet", result.value_alphabet},
                       {"value_levels", result.value_levels}};
  for (const LayerResult& layer : result.layers) json["layers"].push_back(json_of(layer, ordinary));
  return json;
}

}  // namespace rebasis::cli
