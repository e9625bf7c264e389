// The runs of a comparison: which commands, which outputs, what each depends on.
#pragma once

#include <string>
#include <vector>

#include "arch/accelerator_file.h"
#include "cli/compare/kept_outputs.h"
#include "cli/compare/networks.h"
#include "cli/compare/request.h"

namespace rebasis::cli {

/// One command and its output file.
struct CompareStep {
  std::vector<std::string> arguments;  ///< of rebasis: "simulate", ...
  std::string output;
};

struct PlannedAccelerator {
  std::string name;      ///< of the preset, or of the file without folder and extension
  std::string argument;  ///< as the user gave it
  arch::AcceleratorFile file;
  std::string recipe_argument;  ///< what to give to `compress --recipe`; "" unknown
  std::string recipe;           ///< its name
  std::vector<std::string> sets;
  std::string
      retrained;  ///< the network re-trained for its compression, compressed in place of the compared one; "" none
};

struct PlannedTrace {
  std::string name;  ///< NETWORK.RECIPE
  std::string network;
  std::string path;
  CompareStep compress;  ///< without arguments when the user gave the trace
  OutputKey key;
};

struct PlannedRun {
  std::string network, accelerator, dram;
  std::size_t trace = 0;  ///< in ComparePlan::traces
  CompareStep simulate;
  std::string file;  ///< the output relative to the folder
};

struct ComparePlan {
  std::vector<std::string> networks;
  std::vector<PlannedAccelerator> accelerators;
  std::vector<std::string> drams;
  std::vector<PlannedTrace> traces;
  std::vector<PlannedRun> runs;
  std::vector<std::string> notes;
  std::string baseline, traffic_baseline;
};

/// Checks everything that can be checked before the first run: files, presets, recipes, names of memory models and
/// baselines.
[[nodiscard]] ComparePlan make_plan(const CompareRequest& request);

/// What the result of a run depends on, once its trace is there.
[[nodiscard]] OutputKey key_of(const PlannedRun& run, const ComparePlan& plan, const std::string& tool);

}  // namespace rebasis::cli
