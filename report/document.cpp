#include "report/document.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>

#include "common/error.h"
#include "common/json.h"
#include "report/provenance.h"
#include "report/totals.h"

namespace rebasis::report {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

std::map<std::string, double> divided(const Counts& counts, double images) {
  std::map<std::string, double> out;
  for (const auto& [name, count] : counts) out[name] = static_cast<double>(count) / images;
  return out;
}

void check_accounting(const sim::LayerResult& layer) {
  std::uint64_t sum = 0;
  for (const auto& [cause, cycles] : layer.stalls) sum += cycles;
  if (sum != layer.cycles) {
    fail_internal("layer " + layer.name + ": the stall causes sum to " + std::to_string(sum) +
                  " cycles, not to the layer's " + std::to_string(layer.cycles));
  }
  bool finite =
      std::isfinite(layer.energy_pj) && std::isfinite(layer.pe_utilisation) && std::isfinite(layer.mac_utilisation);
  for (const auto& [component, energy] : layer.energy_by_component_pj) finite = finite && std::isfinite(energy);
  for (const auto& [name, value] : layer.statistics) finite = finite && std::isfinite(value);
  for (const sim::Bound& bound : layer.bounds) finite = finite && std::isfinite(bound.cycles);
  if (!finite) fail_internal("layer " + layer.name + ": a figure is not a finite number");
}

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  spread.min = *std::min_element(values.begin(), values.end());
  spread.max = *std::max_element(values.begin(), values.end());
  const double count = static_cast<double>(values.size());
  for (const double value : values) spread.mean += value / count;
  double variance = 0;
  for (const double value : values) variance += (value - spread.mean) * (value - spread.mean) / count;
  spread.standard_deviation = std::sqrt(variance);
  return spread;
}

/// Spread over images of the sum over `layers`; none unless every layer has the same number (> 1) of images.
std::optional<ImageSpread> spread_over_images(const std::vector<const sim::LayerResult*>& layers) {
  if (layers.empty() || layers.front()->per_image.size() < 2) return std::nullopt;
  const std::size_t images = layers.front()->per_image.size();
  std::vector<double> cycles(images), energy(images), dram(images);
  for (const sim::LayerResult* layer : layers) {
    if (layer->per_image.size() != images) return std::nullopt;
    for (std::size_t i = 0; i < images; ++i) {
      cycles[i] += static_cast<double>(layer->per_image[i].cycles);
      energy[i] += layer->per_image[i].energy_pj;
      dram[i] += static_cast<double>(layer->per_image[i].dram_bytes);
    }
  }
  return ImageSpread{spread_of(cycles), spread_of(energy), spread_of(dram)};
}

LayerFigures make_layer(const sim::LayerResult& in, double frequency_hz) {
  check_accounting(in);
  LayerFigures out;
  const double images = static_cast<double>(std::max<std::uint64_t>(in.images, 1));
  const auto mean = [&](std::uint64_t sum) { return static_cast<double>(sum) / images; };
  out.name = in.name;
  out.op = in.op;
  out.encoding = in.encoding;
  out.shape = in.shape;
  out.synthetic = in.synthetic;
  out.images = images;
  out.cycles = mean(in.cycles);
  out.macs = mean(in.macs);
  out.effective_macs = mean(in.effective_macs);
  out.energy_pj = in.energy_pj / images;
  out.dram = {mean(in.dram.weights), mean(in.dram.basis), mean(in.dram.index), mean(in.dram.inputs),
              mean(in.dram.outputs)};
  out.stalls = divided(in.stalls, images);
  out.actions = divided(in.actions, images);
  for (const auto& [component, energy] : in.energy_by_component_pj)
    out.energy_by_component_pj[component] = energy / images;
  for (const auto& [block, account] : in.blocks) {
    out.blocks[block] = {static_cast<double>(account.instances), divided(account.causes, images)};
  }
  out.pe_utilisation = in.pe_utilisation;
  out.mac_utilisation = in.mac_utilisation;
  out.mapping = in.mapping;
  for (const sim::Bound& bound : in.bounds) {
    const double cycles = bound.cycles / images;
    out.bounds[bound.name] = cycles;
    if (out.binding_bound.empty() || cycles > out.bound_cycles) {
      out.binding_bound = bound.name;
      out.bound_cycles = cycles;
    }
  }
  out.statistics = in.statistics;
  out.spread = spread_over_images({&in});
  derive_rates(out, frequency_hz);
  return out;
}

/// Sums a network's integer cycles before dividing, so that the totals of n images are exact whenever n divides them.
void exact_counts(Figures& totals, const std::vector<sim::LayerResult>& layers) {
  std::uint64_t cycles = 0;
  Counts stalls;
  const std::uint64_t images = layers.empty() ? 1 : std::max<std::uint64_t>(layers.front().images, 1);
  for (const sim::LayerResult& layer : layers) {
    if (std::max<std::uint64_t>(layer.images, 1) != images) return;
    cycles += layer.cycles;
    for (const auto& [cause, count] : layer.stalls) stalls[cause] += count;
  }
  totals.cycles = static_cast<double>(cycles) / static_cast<double>(images);
  totals.stalls = divided(stalls, static_cast<double>(images));
}

/// The JSON in `text` in one canonical form; what is not JSON is kept as a JSON string.
std::string one_line(const std::string& text) {
  const nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
  return to_line(parsed.is_discarded() ? nlohmann::json(text) : parsed);
}

}  // namespace

std::vector<std::pair<std::string, double>> by_tensor(const DramFigures& dram) {
  return {{"weights", dram.weights},
          {"basis", dram.basis},
          {"index", dram.index},
          {"inputs", dram.inputs},
          {"outputs", dram.outputs}};
}

Document make_document(const sim::Result& result) {
  if (!(result.frequency_hz > 0) || !std::isfinite(result.frequency_hz))
    fail_internal("the result has no clock frequency");
  Document document;
  document.network = result.network;
  document.provenance = current_provenance();
  document.provenance.command = result.command;
  // The path depends on where Rebasis or the user's files are; the name does not.
  const std::filesystem::path accelerator(result.accelerator);
  const bool is_file =
      accelerator.has_parent_path() || accelerator.extension() == ".yaml" || accelerator.extension() == ".yml";
  if (is_file) document.provenance.accelerator_file = result.accelerator;
  document.provenance.trace_file = result.trace_path;
  document.provenance.trace = one_line(result.trace_provenance);
  const auto roof = [](double value) { return std::isfinite(value) && value > 0 ? value : 0.0; };
  document.accelerator = {is_file ? accelerator.stem().string() : result.accelerator,
                          result.fidelity,
                          result.frequency_hz,
                          roof(result.peak_macs_per_cycle),
                          roof(result.dram_bytes_per_cycle),
                          result.dram_model,
                          result.energy_table,
                          result.parameters,
                          result.area};
  std::vector<const sim::LayerResult*> layers;
  std::vector<const LayerFigures*> figures;
  document.layers.reserve(result.layers.size());
  for (const sim::LayerResult& layer : result.layers) {
    figures.push_back(&document.layers.emplace_back(make_layer(layer, result.frequency_hz)));
    layers.push_back(&layer);
  }
  Figures& totals = document.totals = totals_of(figures, result.frequency_hz);
  exact_counts(totals, result.layers);
  totals.spread = spread_over_images(layers);
  derive_rates(totals, result.frequency_hz);
  document.notes = result.notes;
  document.unsupported = result.unsupported;
  return document;
}

}  // namespace rebasis::report
