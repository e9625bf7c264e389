// What a simulation returns. Plain data; report/ renders it. The names in the JSON are in docs/result-schema.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/area/breakdown.h"
#include "workloads/layer_shape.h"

namespace rebasis::sim {

/// One tensor class of DRAM traffic each (the brief's `dram_bytes`), reads and writes together.
struct DramBytes {
  std::uint64_t weights = 0;  ///< coefficients with their code tables, or original weights
  std::uint64_t basis = 0;
  std::uint64_t index = 0;
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;  ///< outputs and spilled partial sums
  [[nodiscard]] std::uint64_t total() const { return weights + basis + index + inputs + outputs; }
  bool operator==(const DramBytes&) const = default;
};

/// cause -> cycles. Causes: busy, weights, inputs, index, output, dram, imbalance, fill_drain.
using CycleSplit = std::map<std::string, std::uint64_t>;

/// A block of the block diagram: `instances` copies, each cycle of each copy has exactly one cause, so
/// the causes sum to instances * cycles of the layer.
struct BlockAccount {
  std::uint64_t instances = 0;
  CycleSplit causes;
  bool operator==(const BlockAccount&) const = default;
};

/// A lower bound on the cycles of the layer and what sets it.
struct Bound {
  std::string name;  ///< compute, input_gb, weight_port, index, output_path, dram, ...
  double cycles = 0;
};

/// Cycles of one image of a trace with several.
struct ImageResult {
  std::uint64_t cycles = 0;
  double energy_pj = 0;
  std::uint64_t dram_bytes = 0;
};

struct LayerResult {
  std::string name;
  std::string op;  ///< conv, fc, depthwise, or the operator of an auxiliary layer
  std::string encoding;
  LayerShape shape;
  bool synthetic = false;  ///< weights or activations are synthetic
  // Sums over the images of the trace; report/ divides by `images`.
  std::uint64_t images = 1;
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;            ///< dense multiply-accumulates
  std::uint64_t effective_macs = 0;  ///< those actually computed (non-skipped rows)
  DramBytes dram;
  CycleSplit stalls;  ///< cycles of an average PE line among those with work; sums to `cycles`
  std::map<std::string, BlockAccount> blocks;
  std::map<std::string, std::uint64_t> actions;  ///< "component.action" -> count
  std::map<std::string, double> energy_by_component_pj;
  double energy_pj = 0;
  double pe_utilisation = 0;                   ///< busy line cycles / all line cycles
  double mac_utilisation = 0;                  ///< MAC-cycles that process a digit / all MAC-cycles
  std::map<std::string, std::string> mapping;  ///< loop order, tile sizes, passes: printable
  std::vector<Bound> bounds;                   ///< all lower bounds; the largest binds
  std::map<std::string, double> statistics;    ///< sparsity etc., from the trace
  std::vector<ImageResult> per_image;
};

struct Result {
  std::string accelerator;  ///< preset or file
  std::string fidelity;     ///< fast or clocked
  double frequency_hz = 1e9;
  double peak_macs_per_cycle = 0;   ///< roof of computed MACs a cycle when every MAC needs one; 0: unknown
  double dram_bytes_per_cycle = 0;  ///< roof of the DRAM (DramModel::peak_bytes_per_cycle); 0 or infinite: unlimited
  std::string network;
  std::string dram_model;
  std::map<std::string, std::string> parameters;  ///< every resolved parameter, printable with unit
  std::string trace_path;
  std::string trace_provenance = "{}";  ///< JSON object as text
  std::string command;                  ///< the command line
  std::string energy_table;             ///< name and source
  arch::AreaBreakdown area;             ///< without items: unknown
  std::vector<LayerResult> layers;
  std::vector<std::pair<std::string, std::string>> unsupported;  ///< layer, reason
  std::vector<std::string> notes;                                ///< warnings and labels that every rendering shows
};

/// One slice of the timeline (Perfetto / chrome://tracing).
struct TimelineEvent {
  std::string track;  ///< block
  std::string name;
  std::uint64_t begin_cycle = 0;
  std::uint64_t end_cycle = 0;
};

}  // namespace rebasis::sim
