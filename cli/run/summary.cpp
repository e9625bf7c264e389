#include "cli/run/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/json.h"
#include "common/text/suggest.h"

namespace rebasis::cli {
namespace {

using nlohmann::json;

constexpr const char* sparsity_keys[] = {"activation_value_sparsity", "activation_row_sparsity",
                                         "activation_bit_sparsity", "activation_booth_sparsity"};

std::int64_t layer_macs(const graph::WeightLayer& layer) {
  // Each input element of a transposed convolution meets every tap once.
  if (layer.op == "convtranspose") return layer.shape.weights() * layer.shape.H * layer.shape.W;
  return layer.shape.macs();
}

std::string kernel_text(const graph::WeightLayer& layer) {
  const LayerShape& s = layer.shape;
  return fmt::format("{}x{}x{}x{}", s.M, s.channels_per_group(), s.R, s.S);
}

std::string layer_table(const RunSummary& summary) {
  std::size_t width = 5;
  for (const auto& layer : summary.layers) width = std::max(width, layer.name.size());
  const bool sparse = !summary.sparsity.empty();
  std::string text = fmt::format("{:<{}}  {:<13} {:>16} {:>11} {:>11} {:>14}", "layer", width, "operator", "weights",
                                 "input", "output", "MACs");
  if (sparse) text += fmt::format(" {:>7} {:>7} {:>7} {:>7} {:>7}", "codes", "zero", "rows", "bits", "digits");
  text += '\n';
  for (const auto& layer : summary.layers) {
    text += fmt::format("{:<{}}  {:<13} {:>16} {:>11} {:>11} {:>14}", layer.name, width, layer.op, kernel_text(layer),
                        fmt::format("{}x{}", layer.shape.H, layer.shape.W),
                        fmt::format("{}x{}", layer.output_rows, layer.output_columns), layer_macs(layer));
    if (sparse) {
      const trace::ActivationInfo& info = summary.activations.at(layer.name);
      text += fmt::format(" {:>7}", fmt::format("{}{}", info.is_signed ? "i" : "u", info.bits));
      for (const char* key : sparsity_keys)
        text += fmt::format(" {:>6.1f}%", 100 * summary.sparsity.at(layer.name).at(key));
    }
    text += '\n';
  }
  if (sparse)
    text +=
        "zero, rows, bits, digits: fractions of values, rows, bits and radix-4 Booth digits of the quantised inputs "
        "that are 0\n";
  return text;
}

std::string accuracy_text(double accuracy, std::int64_t images) {
  return fmt::format("{:.2f} % ({} of {} images)", 100 * accuracy, std::llround(accuracy * static_cast<double>(images)),
                     images);
}

std::string difference_text(const Difference& difference) {
  return fmt::format("{:.2e} of the largest value, {:.2e} of the element", difference.of_range, difference.element);
}

}  // namespace

Difference difference(const Tensor<float>& outputs, const Tensor<float>& reference) {
  if (outputs.shape != reference.shape)
    fail_input("the reference has another shape than the network's output; give the output of the same inputs");
  double range = 0;
  for (const float value : reference.values) range = std::max(range, std::abs(static_cast<double>(value)));
  Difference result;
  if (range == 0) range = 1;
  for (std::size_t i = 0; i < outputs.values.size(); ++i) {
    const double gap = std::abs(static_cast<double>(outputs.values[i]) - reference.values[i]);
    if (std::isnan(gap)) return {INFINITY, INFINITY};
    result.of_range = std::max(result.of_range, gap / range);
    result.element =
        std::max(result.element, gap / std::max(std::abs(static_cast<double>(reference.values[i])), range / 1000));
  }
  return result;
}

std::string summary_text(const RunSummary& summary) {
  std::int64_t weights = 0, macs = 0;
  for (const auto& layer : summary.layers) {
    weights += layer.shape.weights();
    macs += layer_macs(layer);
  }
  std::string text = fmt::format("network   {}\ninputs    {}, {} images\n\n{}\n", in_quotes(summary.network),
                                 in_quotes(summary.inputs), summary.images, layer_table(summary));
  text += fmt::format("layers    {} with {} weights, {} multiply-accumulates an image\n", summary.layers.size(),
                      weights, macs);
  if (summary.accuracy) text += "accuracy  " + accuracy_text(*summary.accuracy, summary.images) + "\n";
  if (summary.quantised_accuracy)
    text += "accuracy  " + accuracy_text(*summary.quantised_accuracy, summary.images) + " with quantised activations\n";
  if (summary.against_reference)
    text += "greatest difference from the reference      " + difference_text(*summary.against_reference) + "\n";
  if (summary.against_float)
    text += "greatest difference by quantised activations " + difference_text(*summary.against_float) + "\n";
  return text;
}

std::string summary_json(const RunSummary& summary) {
  json value{{"network", summary.network},
             {"sha256", summary.sha256},
             {"inputs", summary.inputs},
             {"images", summary.images},
             {"layers", json::array()}};
  for (const auto& layer : summary.layers) {
    json entry{{"name", layer.name}, {"op", layer.op}, {"weights", layer.shape.weights()}, {"macs", layer_macs(layer)}};
    if (const auto found = summary.sparsity.find(layer.name); found != summary.sparsity.end()) {
      entry["sparsity"] = found->second;
      const trace::ActivationInfo& info = summary.activations.at(layer.name);
      entry["activations"] = {{"signed", info.is_signed}, {"bits", info.bits}, {"scale", info.scale}};
    }
    value["layers"].push_back(std::move(entry));
  }
  if (summary.accuracy) value["accuracy"] = *summary.accuracy;
  if (summary.quantised_accuracy) value["quantised_accuracy"] = *summary.quantised_accuracy;
  if (summary.against_reference)
    value["difference"] = {{"of_range", summary.against_reference->of_range},
                           {"element", summary.against_reference->element}};
  return to_text(value);
}

}  // namespace rebasis::cli
