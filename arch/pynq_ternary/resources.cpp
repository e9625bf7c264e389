#include "arch/pynq_ternary/resources.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "common/error.h"
#include "common/units.h"

namespace rebasis::arch {

namespace {

using Spec = PynqTernarySpec;

constexpr std::int64_t activation_bits = 16, accumulator_bits = 32;
constexpr std::int64_t product_bits = 32;        // 16 x 16
constexpr std::int64_t stages_outside_tree = 6;  // 2 of the buffer's read, window, lanes, 2 of the accumulator
// 7-series block RAM (UG473): 18 Kbit as 1024 x 18, 36 Kbit as 1024 x 36 or, with one port each way, 512 x 72.
constexpr std::int64_t words_18 = 1024, words_36 = 1024, words_72 = 512, wide_port_bits = 64;
// Allowances: no structure of ours to count. Of the order of Xilinx' own 64-bit AXI master and AXI-Lite slave.
constexpr FpgaResources axi_port{900, 1200, 2, 0}, control{1000, 1200, 0, 0}, address_generator{300, 200, 0, 0};

/// LUTs of an n:1 multiplexer of one bit: a LUT6 selects one of four.
std::int64_t multiplexer_luts(std::int64_t inputs) { return ceil_div<std::int64_t>(inputs - 1, 3); }

/// Adders of a binary tree: a LUT and carry a bit of the sum (UG474); a register behind each level that ends a stage.
FpgaResources adder_tree(std::int64_t operands, std::int64_t bits, std::int64_t stages) {
  std::int64_t levels = 0;
  for (std::int64_t n = operands; n > 1; n = ceil_div<std::int64_t>(n, 2)) ++levels;
  FpgaResources tree;
  std::int64_t n = operands, stage = 0;
  for (std::int64_t level = 1; level <= levels; ++level) {
    tree.luts += n / 2 * (bits + level);
    n = ceil_div<std::int64_t>(n, 2);
    if (level * stages / levels > stage || level == levels) {
      stage = level * stages / levels;
      tree.ffs += n * (bits + level);
    }
  }
  return tree;
}

FpgaResources pes(const Spec& spec) {
  const std::int64_t lanes = spec.lanes();
  FpgaResources one =
      adder_tree(lanes, spec.mac() ? product_bits : activation_bits, spec.pe_depth - stages_outside_tree);
  if (spec.mac()) {
    one.dsps += lanes;  // 16 x 16 fits the 25 x 18 multiplier; the product stays in its P register
  } else {
    one.luts +=
        lanes * activation_bits;  // x, -x or 0: a LUT a bit, the two's complement's 1 enters as the tree's carries
    one.ffs += lanes * activation_bits;
  }
  one.ffs += lanes * spec.weight_bits() * (spec.weight_prefetch ? 3 : 2);  // next, in use, with the lanes' stage
  one += {accumulator_bits, 2 * accumulator_bits, 0, 0};  // the sum waits a cycle while the accumulator is read
  return {one.luts * spec.pes, one.ffs * spec.pes, one.bram36 * spec.pes, one.dsps * spec.pes};
}

FpgaResources window(const Spec& spec) {
  // K_h row banks are rotated into place; K_w columns are held.
  FpgaResources needs{spec.pe_channels * spec.pe_rows * activation_bits * multiplexer_luts(spec.pe_rows),
                      spec.lanes() * activation_bits, 0, 0};
  needs += address_generator;
  return needs;
}

FpgaResources indexer(const Spec& spec) {
  if (!spec.skip_groups) return {24, 24, 0, 0};                               // a counter
  return {spec.pes * (4 * spec.groups_per_cycle + 24), spec.pes * 40, 0, 0};  // priority chain and position of each PE
}

FpgaResources weight_loader(const Spec& spec) {
  return {ceil_div<std::int64_t>(spec.lanes() * spec.weight_bits(), spec.weight_port_bits) * spec.pes + 100,
          spec.weight_port_bits + 64, 0, 0};
}

FpgaResources output_path(const Spec& spec) {
  const std::int64_t lane_luts = 60 + accumulator_bits * multiplexer_luts(spec.pes);  // rounding, saturation; PE's bank
  return {spec.output_lanes * lane_luts, spec.output_lanes * 100,
          ceil_div<std::int64_t>(spec.output_lanes * activation_bits, wide_port_bits),
          spec.output_lanes * 2};  // 32 x 16: two multipliers of 25 x 18
}

FpgaResources mac_engine(const Spec& spec) {
  if (spec.engine_dsps == 0) return {};
  // The sums leave through a shift chain of 32 bits (two bits a LUT).
  return {300 + spec.engine_dsps * accumulator_bits / 2, 200 + spec.engine_dsps * accumulator_bits, 0,
          spec.engine_dsps};
}

std::int64_t input_blocks(const Spec& spec) {
  const std::int64_t banks = spec.pe_channels * spec.pe_rows;
  const std::int64_t words = ceil_div(spec.input_buffer_bytes / Spec::activation_bytes, banks);
  return ceil_div<std::int64_t>(banks * ceil_div(words, words_18), 2);
}

std::int64_t weight_blocks(const Spec& spec) {
  const std::int64_t columns = ceil_div(spec.weight_port_bits, wide_port_bits);
  return columns * ceil_div(ceil_div<std::int64_t>(spec.weight_buffer_bytes, 8 * columns), words_72);
}

std::int64_t output_blocks(const Spec& spec) {
  const std::int64_t words = ceil_div(spec.output_buffer_bytes / Spec::accumulator_bytes, spec.pes);
  return spec.pes * ceil_div(words, words_36);
}

struct Kind {
  const char* name;
  std::int64_t FpgaResources::*need;
  std::int64_t FpgaDevice::*have;
};
constexpr Kind kinds[] = {{"LUT", &FpgaResources::luts, &FpgaDevice::luts},
                          {"FF", &FpgaResources::ffs, &FpgaDevice::ffs},
                          {"BRAM36", &FpgaResources::bram36, &FpgaDevice::bram36},
                          {"DSP48E1", &FpgaResources::dsps, &FpgaDevice::dsps}};

bool fits(const Spec& spec) {
  const FpgaResources needs = total_resources(spec);
  return std::all_of(std::begin(kinds), std::end(kinds),
                     [&](const Kind& kind) { return needs.*kind.need <= spec.device.*kind.have; });
}

/// The largest value of one parameter, from `from` downwards, at which the design fits.
std::optional<std::string> smaller(const Spec& spec, const char* key, std::int64_t Spec::*field, std::int64_t least,
                                   std::int64_t step) {
  Spec candidate = spec;
  while (candidate.*field > least) {
    candidate.*field = step == 0 ? std::max(least, candidate.*field / 2) : std::max(least, candidate.*field - step);
    if (fits(candidate)) return std::string(key) + " " + std::to_string(candidate.*field);
  }
  return std::nullopt;
}

std::string what_would_fit(const Spec& spec) {
  std::string list;
  const auto offer = [&](const std::optional<std::string>& change) {
    if (change) list += (list.empty() ? "" : " or ") + *change;
  };
  offer(smaller(spec, "array.pes", &Spec::pes, 1, 1));
  offer(smaller(spec, "mac_engine.dsps", &Spec::engine_dsps, 0, 1));
  offer(smaller(spec, "pe.channels", &Spec::pe_channels, 1, 1));
  offer(smaller(spec, "input_buffer.size", &Spec::input_buffer_bytes,
                spec.pe_channels * spec.pe_rows * Spec::activation_bytes, 0));
  offer(smaller(spec, "weight_buffer.size", &Spec::weight_buffer_bytes, 64, 0));
  offer(smaller(spec, "output_buffer.size", &Spec::output_buffer_bytes, 4 * spec.pes, 0));
  return list.empty() ? "no single change of its parts makes it fit" : list + " would fit";
}

}  // namespace

FpgaResources& FpgaResources::operator+=(const FpgaResources& other) {
  luts += other.luts;
  ffs += other.ffs;
  bram36 += other.bram36;
  dsps += other.dsps;
  return *this;
}

std::vector<ResourceItem> estimate_resources(const PynqTernarySpec& spec) {
  const auto ports = spec.axi_ports;
  return {{"PEs", pes(spec)},
          {"window", window(spec)},
          {"indexer", indexer(spec)},
          {"weight loader", weight_loader(spec)},
          {"output path", output_path(spec)},
          {"MAC engine", mac_engine(spec)},
          {"input buffer", {0, 0, input_blocks(spec), 0}},
          {"weight buffer", {0, 0, weight_blocks(spec), 0}},
          {"output buffer", {0, 0, output_blocks(spec), 0}},
          {"AXI ports and DMA", {axi_port.luts * ports, axi_port.ffs * ports, axi_port.bram36 * ports, 0}},
          {"control", control}};
}

FpgaResources total_resources(const PynqTernarySpec& spec) {
  FpgaResources sum;
  for (const ResourceItem& item : estimate_resources(spec)) sum += item.needs;
  return sum;
}

void require_fits(const PynqTernarySpec& spec) {
  const FpgaResources needs = total_resources(spec);
  std::string missing;
  for (const Kind& kind : kinds) {
    if (needs.*kind.need <= spec.device.*kind.have) continue;
    missing += (missing.empty() ? "" : ", ") + std::to_string(needs.*kind.need) + " " + kind.name + " of " +
               std::to_string(spec.device.*kind.have);
  }
  if (!missing.empty())
    fail_infeasible("the design does not fit the FPGA: it needs " + missing + "; " + what_would_fit(spec));
}

std::string describe_resources(const PynqTernarySpec& spec) {
  const FpgaResources needs = total_resources(spec);
  std::string text;
  for (const Kind& kind : kinds) {
    const std::int64_t need = needs.*kind.need, have = spec.device.*kind.have;
    const std::string percent = have == 0 ? "" : " (" + std::to_string(100 * need / have) + " %)";
    text += (text.empty() ? "" : ", ") + std::string(kind.name) + " " + std::to_string(need) + " of " +
            std::to_string(have) + percent;
  }
  return text;
}

}  // namespace rebasis::arch
