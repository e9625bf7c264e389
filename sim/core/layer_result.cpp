#include "sim/core/layer_result.h"

#include <algorithm>

namespace rebasis::sim {

CycleSplit average_copy(const Counters& image) {
  if (image.working == 0) return {{name(Cause::dram), static_cast<std::uint64_t>(image.cycles)}};
  struct Part {
    std::size_t cause;
    std::int64_t whole, remainder;
  };
  std::vector<Part> parts;
  std::int64_t left = image.cycles;
  const Account& account = image.blocks.front();
  for (std::size_t i = 0; i < account.cycles.size(); ++i) {
    if (Cause{i} == Cause::idle) continue;  // copies without work
    parts.push_back({i, account.cycles[i] / image.working, account.cycles[i] % image.working});
    left -= parts.back().whole;
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.remainder > b.remainder; });
  CycleSplit split;
  for (const Part& part : parts) {
    split[name(Cause{part.cause})] = static_cast<std::uint64_t>(part.whole + (left > 0 ? 1 : 0));
    if (left > 0) --left;
  }
  return split;
}

LayerResultBuilder::LayerResultBuilder(const LayerPlan& plan, Pricing pricing)
    : plan_(plan), pricing_(std::move(pricing)), sum_(pricing_.names) {
  const trace::LayerInfo& info = plan.info();
  result_.name = info.name;
  result_.op = info.shape.depthwise() ? "depthwise" : info.op;
  result_.encoding = info.encoding;
  result_.shape = info.shape;
  result_.synthetic = info.weight_provenance == "synthetic" || info.activations.provenance == "synthetic";
  result_.images = 0;
  result_.mapping = plan.describe();
  result_.statistics = info.statistics;
  for (const auto& [key, value] : plan.statistics()) result_.statistics[key] = value;
}

std::map<std::string, std::uint64_t> LayerResultBuilder::actions_of(const Counters& counters) const {
  std::map<std::string, std::uint64_t> actions;
  for (std::size_t i = 0; i < counters.actions.size(); ++i) {
    if (counters.actions[i] != 0) actions[pricing_.names.actions[i]] += counters.actions[i];
  }
  return actions;
}

void LayerResultBuilder::add(const Counters& image) {
  sum_.cycles += image.cycles;
  sum_.effective_macs += image.effective_macs;
  sum_.working += image.working;
  for (std::size_t i = 0; i < image.actions.size(); ++i) sum_.actions[i] += image.actions[i];
  for (std::size_t i = 0; i < image.blocks.size(); ++i) sum_.blocks[i] += image.blocks[i];
  for (const auto& [cause, cycles] : average_copy(image)) result_.stalls[cause] += cycles;
  result_.dram.weights += image.dram.weights;
  result_.dram.basis += image.dram.basis;
  result_.dram.index += image.dram.index;
  result_.dram.inputs += image.dram.inputs;
  result_.dram.outputs += image.dram.outputs;
  double energy = 0;
  for (const auto& [component, pj] : pricing_.energy.price_all(actions_of(image), pricing_.srams)) energy += pj;
  result_.per_image.push_back({static_cast<std::uint64_t>(image.cycles), energy, image.dram.total()});
  ++result_.images;
}

void LayerResultBuilder::add_blocks() {
  for (std::size_t b = 0; b < sum_.blocks.size(); ++b) {
    BlockAccount& entry = result_.blocks[pricing_.names.blocks[b].name];
    entry.instances = pricing_.names.blocks[b].instances;
    const Account& account = sum_.blocks[b];
    for (std::size_t i = 0; i < account.cycles.size(); ++i) {
      if (account.cycles[i] != 0) entry.causes[name(Cause{i})] = static_cast<std::uint64_t>(account.cycles[i]);
    }
  }
}

void LayerResultBuilder::add_bounds() {
  const auto images = static_cast<std::int64_t>(result_.images);
  result_.bounds = plan_.bounds(sum_, images);
  if (pricing_.names.decoder) {
    const std::size_t block = pricing_.names.blocks.size() - 2;
    result_.bounds.push_back(
        {pricing_.names.blocks[block].name, static_cast<double>(sum_.blocks[block][Cause::busy]) /
                                                static_cast<double>(pricing_.names.blocks[block].instances)});
  }
  const double compulsory = static_cast<double>(plan_.compulsory_traffic().total()) * static_cast<double>(images);
  result_.bounds.push_back({"dram", compulsory / pricing_.dram_bytes_per_cycle});
}

LayerResult LayerResultBuilder::finish() {
  result_.cycles = static_cast<std::uint64_t>(sum_.cycles);
  result_.macs = static_cast<std::uint64_t>(plan_.info().shape.macs()) * result_.images;
  result_.effective_macs = sum_.effective_macs;
  result_.actions = actions_of(sum_);
  result_.energy_by_component_pj = pricing_.energy.price_all(result_.actions, pricing_.srams);
  for (const auto& [component, pj] : result_.energy_by_component_pj) result_.energy_pj += pj;
  const auto copies = static_cast<double>(pricing_.names.blocks.front().instances);
  result_.pe_utilisation =
      static_cast<double>(sum_.blocks.front()[Cause::busy]) / (copies * static_cast<double>(sum_.cycles));
  result_.mac_utilisation = plan_.mac_utilisation(sum_);
  for (const auto& [key, value] : plan_.measured(sum_)) result_.statistics[key] = value;
  add_bounds();
  add_blocks();
  return std::move(result_);
}

}  // namespace rebasis::sim
