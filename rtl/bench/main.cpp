// Runs a block's bench: PROGRAM [--cycles N] [--seed S] [--waveform FILE] [--coverage FILE]
//   --cycles    random cases until N cycles are reached; default: REBASIS_RTL_CYCLES, else 20000
//   --seed      of the first case (1)
//   --trace FILE [--layer NAME|N|all] [--image K]  layers of a network, whole, instead of random cases
//   --tiles N   only the first tiles of each layer (pe_slice)
//   --waveform  VCD of the first case; without it one is written to BLOCK.vcd when a case differs
//   --coverage  line and toggle counts for verilator_coverage
// Exits with 1 at the first difference and names its case, cycle and register.
#include <verilated.h>
#if VM_COVERAGE
#include <verilated_cov.h>
#endif

#include <cstdlib>
#include <iostream>
#include <string>

#include "rtl/bench/bench.h"

namespace {

struct Options {
  std::uint64_t cycles = 20000, seed = 1;
  std::string waveform, coverage;
  rebasis::rtl::NetworkRun network;
};

Options parse(int argc, char** argv) {
  Options options;
  if (const char* cycles = std::getenv("REBASIS_RTL_CYCLES")) options.cycles = std::stoull(cycles);
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--cycles") options.cycles = std::stoull(value);
    if (key == "--seed") options.seed = std::stoull(value);
    if (key == "--waveform") options.waveform = value;
    if (key == "--coverage") options.coverage = value;
    if (key == "--trace") options.network.trace = value;
    if (key == "--layer") options.network.layer = value;
    if (key == "--image") options.network.image = std::stoll(value);
    if (key == "--tiles") options.network.tiles = std::stoll(value);
  }
  return options;
}

/// Runs the case again with a waveform.
void record(rebasis::rtl::BlockBench& bench, std::uint64_t seed) {
  bench.open_waveform(bench.name() + ".vcd");
  try {
    bench.run_case(seed);
  } catch (const rebasis::rtl::Difference&) {  // known
  }
  bench.close_waveform();
}

/// Exit status.
int run_network(rebasis::rtl::BlockBench& bench, const Options& options) {
  const rebasis::rtl::NetworkRun& network = options.network;
  try {
    if (!options.waveform.empty()) bench.open_waveform(options.waveform);
    const std::uint64_t cycles = bench.run_network(network);
    if (!options.waveform.empty()) bench.close_waveform();
    std::cout << bench.name() << ": " << cycles << " cycles of " << network.trace << ", layer " << network.layer
              << ", no difference\n";
    return 0;
  } catch (const rebasis::rtl::Difference& difference) {
    std::cout << bench.name() << ": " << bench.case_in_words() << ", " << difference.what() << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "rtl_" << bench.name() << ": " << error.what() << '\n';
    return 2;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  Verilated::commandArgs(argc, argv);  // +mutant=N of rtl/mutants
  Verilated::traceEverOn(true);
  const auto bench = rebasis::rtl::make_bench();
  if (!options.network.trace.empty()) return run_network(*bench, options);
  std::uint64_t cycles = 0, seed = options.seed, cases = 0;
  if (!options.waveform.empty()) bench->open_waveform(options.waveform);
  for (; cycles < options.cycles; ++seed, ++cases) {
    try {
      cycles += bench->run_case(seed);
    } catch (const rebasis::rtl::Difference& difference) {
      std::cout << bench->name() << ": seed " << seed << ", " << difference.what() << "; waveform: " << bench->name()
                << ".vcd\n"
                << bench->case_in_words();
      if (!options.waveform.empty()) bench->close_waveform();
      record(*bench, seed);
      return 1;
    }
    if (cases == 0 && !options.waveform.empty()) {
      bench->close_waveform();
      std::cout << bench->case_in_words();
    }
  }
  std::cout << bench->name() << ": " << cycles << " cycles in " << cases << " cases, no difference\n";
#if VM_COVERAGE
  if (!options.coverage.empty()) Verilated::threadContextp()->coveragep()->write(options.coverage.c_str());
#endif
  return 0;
}
