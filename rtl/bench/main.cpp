// Runs a block's bench; --help says how. Exits with 1 at the first difference and names its case, cycle and register.
#include <verilated.h>
#if VM_COVERAGE
#include <verilated_cov.h>
#endif

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "rtl/bench/bench.h"

namespace {

struct Options {
  std::uint64_t cycles = 20000, seed = 1;
  std::string waveform, coverage;
  rebasis::rtl::NetworkRun network;
};

void configure(CLI::App& app, Options& options) {
  app.add_option("--cycles", options.cycles, "Random cases until so many cycles are reached")->capture_default_str();
  app.add_option("--seed", options.seed, "Of the first case")->capture_default_str();
  app.add_option("--trace", options.network.trace, "Layers of this trace instead of random cases")->type_name("FILE");
  app.add_option("--layer", options.network.layer, "A name, a number or 'all'")->capture_default_str();
  app.add_option("--image", options.network.image, "Of the trace")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--tiles", options.network.tiles, "Only the first tiles of each layer (PE slice)")
      ->check(CLI::PositiveNumber);
  app.add_option("--waveform", options.waveform,
                 "VCD of the first case; without it one is written to BLOCK.vcd when a case differs");
  app.add_option("--coverage", options.coverage, "Line and toggle counts, for verilator_coverage");
}

/// What is for the bench: words that begin with + are for the RTL (rtl/mutants).
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 wants them backwards
    if (*argv[i] != '+') words.emplace_back(argv[i]);
  }
  return words;
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
  Options options;
  CLI::App app("Compares the RTL of a block with the clocked model, cycle by cycle (docs/rtl.md)");
  configure(app, options);
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
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
