// Accelerators side by side on the same networks: results -> Comparison -> JSON, CSV, HTML, table.
// The layout is that of Fig. 8, 9 and 10 of the SmartDeal paper; the fields are specified in docs/result-schema.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/document.h"

namespace rebasis::report {

inline constexpr const char* comparison_schema_name = "rebasis-comparison";
inline constexpr int comparison_schema_version = 1;

/// A compressed network, and what the compression did to it.
struct ComparedTrace {
  std::string name;  ///< unique in a comparison
  std::string network;
  std::string recipe;                     ///< "" when the trace does not say
  double images = 1;                      ///< traced ones
  std::optional<double> accuracy_images;  ///< images behind the accuracies
  std::optional<double> accuracy_before;  ///< top-1, 0..1, 32-bit floating point
  std::optional<double> accuracy_after;   ///< compressed
  std::optional<double> output_error;     ///< without labels: norm of the outputs' difference over their norm
  double bytes = 0;                       ///< of all parameters in the trace
  double fp32_bytes = 0;                  ///< of the original
  double sparsity = 0;                    ///< 0..1, zero weights (SmartDeal: zero coefficients) of all
  bool synthetic = false;
  bool operator==(const ComparedTrace&) const = default;
};

enum class RunState { done, infeasible, failed };
[[nodiscard]] std::string to_string(RunState state);

/// One accelerator on one network with one DRAM, as it was run.
struct ComparedRun {
  std::string network, accelerator, dram;
  std::string trace;  ///< name of a ComparedTrace; "" when it could not be made
  RunState state = RunState::done;
  std::string message;      ///< why it is not done
  std::string result_file;  ///< relative to the comparison's folder
  std::optional<Document> result;
};

struct ComparisonOptions {
  std::string baseline;           ///< accelerator that energy efficiency and speed-up are relative to
  std::string traffic_baseline;   ///< the same of DRAM accesses (Fig. 9: SmartDeal itself)
  bool include_fc = false;        ///< fully-connected layers count (the paper leaves them out)
  bool include_operators = true;  ///< operators between layers that only move data count
};

/// Everything that is compared. The orders of the lists are those in which things are shown.
struct ComparisonInput {
  std::vector<std::string> networks, accelerators, drams;  ///< the first DRAM is the main one
  std::vector<ComparedTrace> traces;
  std::vector<ComparedRun> runs;  ///< one each of networks x accelerators x drams
  std::vector<std::string> notes;
};

/// A layer that no total counts.
struct LeftOut {
  std::string network, layer;
  std::string accelerator;  ///< because of which; "" for a rule that holds for all
  std::string reason;
  bool operator==(const LeftOut&) const = default;
};

/// Relative to the baselines, on the same network with the same DRAM; none where either has no result.
struct Normalised {
  std::optional<double> energy_efficiency;  ///< energy of the baseline / energy: higher is better
  std::optional<double> dram_accesses;      ///< bytes / bytes of the traffic baseline: lower is better
  std::optional<double> speed_up;           ///< time of the baseline / time: higher is better
  bool operator==(const Normalised&) const = default;
};

struct ComparedLayer {
  std::string name, op;
  bool counted = true;
  double macs = 0;  ///< of the dense layer; 0: an operator that only moves data
  double time_s = 0, energy_pj = 0, dram_bytes = 0;
};

struct ComparisonEntry {
  std::string network, accelerator, dram, trace;
  RunState state = RunState::done;
  std::string message, result_file;
  Figures totals;  ///< of the counted layers
  Normalised normalised;
  std::vector<ComparedLayer> layers;
};

/// What holds for an accelerator whatever the network.
struct ComparedAccelerator {
  AcceleratorFigures figures;               ///< of its first result; only the name without any
  std::vector<std::string> recipes;         ///< of the traces that it ran
  std::map<std::string, Normalised> means;  ///< DRAM -> geometric means over the networks
};

struct ComparedDram {
  std::string name;
  std::optional<double> bytes_per_s;  ///< peak; none: unlimited, or nothing ran
};

struct Comparison {
  Provenance provenance;
  std::vector<std::string> commands;  ///< every command that was run for it; printed in `provenance`
  ComparisonOptions options;
  std::vector<std::string> networks;
  std::vector<ComparedAccelerator> accelerators;
  std::vector<ComparedDram> drams;
  std::vector<ComparedTrace> traces;
  std::vector<ComparisonEntry> entries;  ///< in the order of the runs
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;
  bool synthetic = false;

  /// Null when there is none.
  [[nodiscard]] const ComparisonEntry* find(const std::string& network, const std::string& accelerator,
                                            const std::string& dram) const;
  [[nodiscard]] const ComparedTrace* find_trace(const std::string& name) const;
  /// Of an accelerator; without items when it has no result.
  [[nodiscard]] const arch::AreaBreakdown& area(const std::string& accelerator) const;
};

/// The geometric mean; none without values or when one of them is missing or not positive.
[[nodiscard]] std::optional<double> geometric_mean(const std::vector<std::optional<double>>& values);

/// Counts, for each network, the layers that every accelerator with a result ran; adds them up and normalises. An
/// accelerator that runs less than half of a network's MACs is infeasible on it, and leaves no layer out for the
/// others. `options` name accelerators of the comparison. Provenance is that of this run, without command and commands.
[[nodiscard]] Comparison make_comparison(ComparisonInput input, const ComparisonOptions& options);

[[nodiscard]] std::string to_json(const Comparison& comparison);
/// One row an accelerator, network and DRAM. What is not there is blank.
[[nodiscard]] std::string comparison_csv(const Comparison& comparison);
/// One self-contained page, as of results (report/html.h).
[[nodiscard]] std::string to_html(const Comparison& comparison);
/// For a terminal.
[[nodiscard]] std::string to_table(const Comparison& comparison);

}  // namespace rebasis::report
