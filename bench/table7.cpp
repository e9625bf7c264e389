// Table 7 of Yang's dissertation: three layers of ResNet-20 with 9, 33 and 119 non-zero groups on the PE-wise ternary
// accelerator, with and without skipping. Prints the tables of docs/accelerators/pynq-z1-ternary.md.
#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "tests/support/pynq_ternary_case.h"

namespace {

using namespace rebasis;
using sim::Cause, sim::Cycle;

struct TableRow {
  const char* stage;
  std::int64_t channels, map, groups, nonzero;
  double measured;
  [[nodiscard]] double ideal() const { return static_cast<double>(groups) / static_cast<double>(nonzero); }
};
constexpr TableRow rows[] = {{"1", 16, 32, 16, 9, 1.56}, {"2", 32, 16, 64, 33, 1.69}, {"3", 64, 8, 256, 119, 1.73}};
constexpr int masks = 10;  // random places of the non-zero groups

/// Cycles of an average mask; causes are those of an average PE.
struct Cycles {
  double total = 0, start = 0, busy = 0, imbalance = 0, fill = 0, dram = 0, output = 0, weights = 0, index = 0;
};

Cycles run(const TableRow& row, arch::PynqTernarySpec spec, bool skip) {
  spec.skip_groups = skip;
  Cycles mean;
  for (int mask = 1; mask <= masks; ++mask) {
    test::Dice dice(static_cast<std::uint64_t>(mask));
    test::MappedCase layer(test::layer_with_groups(row.channels, row.map, row.nonzero, dice), spec);
    const sim::LayerRun result = layer.run_fast();
    const sim::Account& account = result.counters.blocks.front();
    const auto share = [&](Cause cause) {
      return static_cast<double>(account[cause]) / static_cast<double>(spec.pes) / masks;
    };
    mean.total += static_cast<double>(result.counters.cycles) / masks;
    mean.start += static_cast<double>(spec.host_start) / masks;
    mean.busy += share(Cause::busy);
    mean.imbalance += share(Cause::imbalance);
    mean.fill += share(Cause::fill_drain) - static_cast<double>(spec.host_start) / masks;
    mean.dram += share(Cause::dram);
    mean.output += share(Cause::output);
    mean.weights += share(Cause::weights);
    mean.index += share(Cause::index);
  }
  return mean;
}

double speed_up(const TableRow& row, const arch::PynqTernarySpec& spec) {
  return run(row, spec, false).total / run(row, spec, true).total;
}

void print_speed_ups(const arch::PynqTernarySpec& spec) {
  fmt::print(
      "| stage | groups | non-zero | ideal | modelled | measured |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (const TableRow& row : rows) {
    fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.2f} |\n", row.stage, row.groups, row.nonzero, row.ideal(),
               speed_up(row, spec), row.measured);
  }
}

void print_causes(const arch::PynqTernarySpec& spec) {
  struct Part {
    const char* name;
    double Cycles::*value;
  };
  constexpr Part parts[] = {{"computing", &Cycles::busy},
                            {"other PEs still computing", &Cycles::imbalance},
                            {"filling and draining", &Cycles::fill},
                            {"weights to registers", &Cycles::weights},
                            {"indexer", &Cycles::index},
                            {"loads from DRAM", &Cycles::dram},
                            {"stores and output path", &Cycles::output},
                            {"start by the host", &Cycles::start}};
  fmt::print(
      "\n| cycles | stage 1 reference | skipping | stage 2 reference | skipping | stage 3 reference | skipping |\n");
  fmt::print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  std::vector<Cycles> all;
  for (const TableRow& row : rows) {
    all.push_back(run(row, spec, false));
    all.push_back(run(row, spec, true));
  }
  const auto line = [&](const char* name, double Cycles::*value) {
    fmt::print("| {} |", name);
    for (const Cycles& cycles : all) fmt::print(" {:.0f} |", cycles.*value);
    fmt::print("\n");
  };
  for (const Part& part : parts) line(part.name, part.value);
  line("all", &Cycles::total);
  fmt::print("\n| without | stage 1 | stage 2 | stage 3 |\n| --- | ---: | ---: | ---: |\n");
  for (const Part& part : parts) {
    if (part.value == &Cycles::busy) continue;
    fmt::print("| {} |", part.name);
    for (std::size_t i = 0; i < all.size(); i += 2)
      fmt::print(" {:.2f} |", (all[i].total - all[i].*part.value) / (all[i + 1].total - all[i + 1].*part.value));
    fmt::print("\n");
  }
}

struct Change {
  const char* name;
  std::function<void(arch::PynqTernarySpec&)> apply;
};

std::vector<Change> changes() {
  using S = arch::PynqTernarySpec;
  return {{"(default)", [](S&) {}},
          {"pe.depth 7", [](S& s) { s.pe_depth = 7; }},
          {"pe.depth 40", [](S& s) { s.pe_depth = 40; }},
          {"axi.ports 1", [](S& s) { s.axi_ports = 1; }},
          {"axi.ports 4", [](S& s) { s.axi_ports = 4; }},
          {"axi.latency 0", [](S& s) { s.axi_latency = 0; }},
          {"axi.latency 100", [](S& s) { s.axi_latency = 100; }},
          {"clock.frequency 50 MHz", [](S& s) { s.frequency_hz = 50e6; }},
          {"clock.frequency 200 MHz", [](S& s) { s.frequency_hz = 200e6; }},
          {"buffers.overlap false", [](S& s) { s.overlap = false; }},
          {"buffers.overlap false, axi.ports 1", [](S& s) { s.overlap = false, s.axi_ports = 1; }},
          {"mapper.objective latency", [](S& s) { s.objective = "latency"; }},
          {"pe.weight_prefetch false", [](S& s) { s.weight_prefetch = false; }},
          {"weight_buffer.port 32 bits", [](S& s) { s.weight_port_bits = 32; }},
          {"weights.bits 16", [](S& s) { s.ternary_bits = 16; }},
          {"weights.bits 16, stored_groups all", [](S& s) { s.ternary_bits = 16, s.stored_groups = "all"; }},
          {"weights.stored_groups all", [](S& s) { s.stored_groups = "all"; }},
          {"indexer.groups_per_cycle 16", [](S& s) { s.groups_per_cycle = 16; }},
          {"output.lanes 1", [](S& s) { s.output_lanes = 1; }},
          {"host.start 0", [](S& s) { s.host_start = 0; }},
          {"host.start 2000 (20 us)", [](S& s) { s.host_start = 2000; }},
          {"host.start 10000 (100 us)", [](S& s) { s.host_start = 10000; }},
          {"array.pes 2", [](S& s) { s.pes = 2; }},
          {"array.pes 4", [](S& s) { s.pes = 4; }},
          {"dram.model unlimited", [](S& s) { s.dram_model = "unlimited"; }}};
}

void print_sensitivity(const arch::PynqTernarySpec& base) {
  fmt::print("\n| change | stage 1 | stage 2 | stage 3 |\n| --- | ---: | ---: | ---: |\n");
  for (const Change& change : changes()) {
    arch::PynqTernarySpec spec = base;
    change.apply(spec);
    fmt::print("| {} |", change.name);
    for (const TableRow& row : rows) {
      try {
        fmt::print(" {:.2f} |", speed_up(row, spec));
      } catch (const Error&) {
        fmt::print(" - |");
      }
    }
    fmt::print("\n");
  }
  fmt::print("| board (Table 7) | 1.56 | 1.69 | 1.73 |\n| ideal | 1.78 | 1.94 | 2.15 |\n");
}

}  // namespace

int main() {
  const arch::PynqTernarySpec spec = test::board_spec();
  print_speed_ups(spec);
  print_causes(spec);
  print_sensitivity(spec);
}
