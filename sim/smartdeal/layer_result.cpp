#include "sim/smartdeal/layer_result.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/units.h"

namespace rebasis::sim::smartdeal {

arch::EnergyTable::Srams sram_geometry(const arch::SmartDealSpec& spec) {
  const auto bank = [](std::int64_t bytes, std::int64_t banks, std::int64_t total_port_bits) {
    const std::int64_t port = std::max<std::int64_t>(8, ceil_div(total_port_bits, banks));
    return arch::SramGeometry{static_cast<std::uint64_t>(bytes / banks), static_cast<std::uint32_t>(port)};
  };
  return {{"input_gb", bank(spec.input_gb_bytes, spec.input_gb_banks, spec.lane_bytes() * spec.dim_C * 8)},
          {"weight_buffer", bank(spec.weight_buffer_bytes, spec.weight_buffer_banks, spec.line_weight_bytes() * spec.dim_C * 8)},
          {"index_gb", bank(spec.index_gb_bytes, spec.index_gb_banks, spec.pairs_per_cycle * spec.dim_M * spec.dim_C)},
          {"output_gb", bank(spec.output_gb_bytes, spec.output_gb_banks, spec.output_gb_port_bits * spec.output_gb_banks)}};
}

CycleSplit average_line(const Counters& image) {
  if (image.mapped_lines == 0) return {{name(Cause::dram), static_cast<std::uint64_t>(image.cycles)}};
  struct Part {
    std::size_t cause;
    std::int64_t whole, remainder;
  };
  std::vector<Part> parts;
  std::int64_t left = image.cycles;
  for (std::size_t i = 0; i < image.lines.cycles.size(); ++i) {
    if (Cause{i} == Cause::idle) continue;  // lines without work
    parts.push_back({i, image.lines.cycles[i] / image.mapped_lines, image.lines.cycles[i] % image.mapped_lines});
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

LayerResultBuilder::LayerResultBuilder(const LayerData& layer, const Mapping& mapping, const arch::SmartDealSpec& spec,
                                       const arch::EnergyTable& energy, double dram_bytes_per_cycle)
    : layer_(layer), spec_(spec), energy_(energy), dram_bytes_per_cycle_(dram_bytes_per_cycle) {
  result_.name = layer.info.name;
  result_.op = layer.shape().depthwise() ? "depthwise" : layer.info.op;
  result_.encoding = layer.info.encoding;
  result_.shape = layer.shape();
  result_.synthetic = layer.synthetic;
  result_.images = 0;
  result_.mapping = mapping.describe();
  result_.statistics = layer.info.statistics;
}

void LayerResultBuilder::add(const Counters& image) {
  const auto add_account = [](Account& total, const Account& part) {
    std::transform(total.cycles.begin(), total.cycles.end(), part.cycles.begin(), total.cycles.begin(), std::plus<>());
  };
  std::map<std::string, std::uint64_t> actions;
  for (std::size_t i = 0; i < image.actions.size(); ++i) {
    sum_.actions[i] += image.actions[i];
    if (image.actions[i] != 0) actions[name(Action{i})] = image.actions[i];
  }
  sum_.cycles += image.cycles;
  sum_.effective_macs += image.effective_macs;
  sum_.mapped_lines += image.mapped_lines;
  for (const auto& [cause, cycles] : average_line(image)) result_.stalls[cause] += cycles;
  add_account(sum_.lines, image.lines);
  add_account(sum_.selectors, image.selectors);
  add_account(sum_.lanes, image.lanes);
  add_account(sum_.weight_ports, image.weight_ports);
  add_account(sum_.rebuild_engines, image.rebuild_engines);
  add_account(sum_.output_port, image.output_port);
  add_account(sum_.dma, image.dma);
  result_.dram.weights += image.dram.weights;
  result_.dram.basis += image.dram.basis;
  result_.dram.index += image.dram.index;
  result_.dram.inputs += image.dram.inputs;
  result_.dram.outputs += image.dram.outputs;
  double energy = 0;
  for (const auto& [component, pj] : energy_.price_all(actions, sram_geometry(spec_))) energy += pj;
  result_.per_image.push_back({static_cast<std::uint64_t>(image.cycles), energy, image.dram.total()});
  ++result_.images;
}

void LayerResultBuilder::add_blocks() {
  const auto lines = static_cast<std::uint64_t>(spec_.dim_M * spec_.dim_C);
  const auto add = [&](const char* block, std::uint64_t instances, const Account& account) {
    BlockAccount& entry = result_.blocks[block];
    entry.instances = instances;
    for (std::size_t i = 0; i < account.cycles.size(); ++i) {
      if (account.cycles[i] != 0) entry.causes[name(Cause{i})] = static_cast<std::uint64_t>(account.cycles[i]);
    }
  };
  add("pe_lines", lines, sum_.lines);
  add("index_selectors", static_cast<std::uint64_t>(spec_.dim_C), sum_.selectors);
  add("input_gb_lanes", static_cast<std::uint64_t>(spec_.dim_C), sum_.lanes);
  add("weight_ports", lines, sum_.weight_ports);
  add("rebuild_engines", lines * static_cast<std::uint64_t>(spec_.rebuild_engines), sum_.rebuild_engines);
  add("output_port", 1, sum_.output_port);
  add("dma", 1, sum_.dma);
}

void LayerResultBuilder::add_bounds() {
  const auto lines = static_cast<double>(spec_.dim_M * spec_.dim_C);
  const auto lanes = static_cast<double>(spec_.dim_C);
  const auto busy = [](const Account& account) { return static_cast<double>(account[Cause::busy]); };
  // Work divided by what does it. The DRAM's is the compulsory traffic: each tensor once.
  result_.bounds = {{"compute", busy(sum_.lines) / lines},
                    {"input_gb", busy(sum_.lanes) / lanes},
                    {"index_selector", busy(sum_.selectors) / lanes},
                    {"weight_port", busy(sum_.weight_ports) / lines},
                    {"rebuild_engines", busy(sum_.rebuild_engines) / (lines * static_cast<double>(spec_.clusters))},
                    {"output_port", busy(sum_.output_port)},
                    {"dram", static_cast<double>(compulsory_traffic(layer_, spec_).total() * result_.images) / dram_bytes_per_cycle_}};
}

LayerResult LayerResultBuilder::finish() {
  const std::int64_t lines = spec_.dim_M * spec_.dim_C;
  result_.cycles = static_cast<std::uint64_t>(sum_.cycles);
  result_.macs = static_cast<std::uint64_t>(layer_.shape().macs()) * result_.images;
  result_.effective_macs = sum_.effective_macs;
  for (std::size_t i = 0; i < sum_.actions.size(); ++i) {
    if (sum_.actions[i] != 0) result_.actions[name(Action{i})] = sum_.actions[i];
  }
  result_.energy_by_component_pj = energy_.price_all(result_.actions, sram_geometry(spec_));
  for (const auto& [component, pj] : result_.energy_by_component_pj) result_.energy_pj += pj;
  const double line_cycles = static_cast<double>(lines) * static_cast<double>(sum_.cycles);
  result_.pe_utilisation = static_cast<double>(sum_.lines[Cause::busy]) / line_cycles;
  const std::uint64_t steps = sum_[Action::digit_step] + sum_[Action::mac_operation];
  result_.mac_utilisation = static_cast<double>(steps) / (line_cycles * static_cast<double>(spec_.dim_F));
  result_.statistics["mapped_lines"] = static_cast<double>(sum_.mapped_lines) / static_cast<double>(result_.images);
  add_bounds();
  add_blocks();
  return std::move(result_);
}

}  // namespace rebasis::sim::smartdeal
