// What every rendering of a result starts from: figures per image, whatever number of images the trace held.
// sim::Result (sums over images) -> Document -> JSON, CSV, HTML, table; a result JSON reads back into a Document.
// The fields and their units are specified in docs/result-schema.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/result.h"

namespace rebasis::report {

inline constexpr const char* schema_name = "rebasis-result";
inline constexpr int schema_version = 1;

/// Variation over the images of a trace.
struct Spread {
  double min = 0;
  double max = 0;
  double mean = 0;
  double standard_deviation = 0;  ///< of the population: divided by the number of images
  bool operator==(const Spread&) const = default;
};

struct DramFigures {
  double weights = 0, basis = 0, index = 0, inputs = 0, outputs = 0;  ///< bytes
  [[nodiscard]] double total() const { return weights + basis + index + inputs + outputs; }
  bool operator==(const DramFigures&) const = default;
};

/// The tensor classes of DRAM traffic in the order in which they are shown, with their values in `dram`.
[[nodiscard]] std::vector<std::pair<std::string, double>> by_tensor(const DramFigures& dram);

struct BlockFigures {
  double instances = 0;
  std::map<std::string, double> causes;  ///< cause -> cycles, summed over the instances
  bool operator==(const BlockFigures&) const = default;
};

/// Spread of the figures that depend on the image; present when a trace holds several.
struct ImageSpread {
  Spread cycles, energy_pj, dram_bytes;
  bool operator==(const ImageSpread&) const = default;
};

/// What a layer and the whole network have in common; all of it is the mean over the images.
struct Figures {
  double cycles = 0;
  double time_s = 0;
  double macs = 0;            ///< of the dense layer
  double effective_macs = 0;  ///< computed ones
  double energy_pj = 0;
  DramFigures dram;
  std::map<std::string, double> stalls;                  ///< cause -> cycles; sums to `cycles`
  std::map<std::string, double> actions;                 ///< component.action -> count
  std::map<std::string, double> energy_by_component_pj;  ///< sums to `energy_pj`
  std::map<std::string, BlockFigures> blocks;
  double pe_utilisation = 0;   ///< 0..1
  double mac_utilisation = 0;  ///< 0..1
  double bound_cycles = 0;     ///< of a layer: its largest lower bound; of a network: the sum of these
  double effective_tops = 0;   ///< 2 * macs / time: dense operations, skipped ones included
  double tops_per_watt = 0;    ///< 2 * macs / energy
  bool synthetic = false;      ///< some weights or activations behind the figures are synthetic
  double images = 1;
  std::optional<ImageSpread> spread;
  bool operator==(const Figures&) const = default;
};

struct LayerFigures : Figures {
  std::string name;
  std::string op;
  std::string encoding;
  LayerShape shape;
  std::map<std::string, std::string> mapping;
  std::map<std::string, double> bounds;  ///< name -> cycles
  std::string binding_bound;             ///< name of the largest of `bounds`; empty without bounds
  std::map<std::string, double> statistics;
  bool operator==(const LayerFigures&) const = default;
};

/// Everything that may differ between two runs of equal input. No other block of a result file may.
struct Provenance {
  std::string tool_version;
  std::string time;  ///< UTC, ISO 8601
  std::string host;
  std::string command;
  std::string accelerator_file;  ///< path of the accelerator's file; empty for a name without a path
  std::string trace_file;
  std::string trace = "{}";  ///< provenance of the trace, JSON as text on one line
  bool operator==(const Provenance&) const = default;
};

struct AcceleratorFigures {
  std::string name;
  std::string fidelity;
  double frequency_hz = 0;
  double peak_macs_per_cycle = 0;   ///< 0: unknown
  double dram_bytes_per_cycle = 0;  ///< 0: unlimited or unknown
  std::string dram_model;
  std::string energy_table;
  std::map<std::string, std::string> parameters;  ///< printable, with unit
  arch::AreaBreakdown area;                       ///< without items: unknown
  bool operator==(const AcceleratorFigures&) const = default;
};

struct Document {
  std::string network;
  Provenance provenance;
  AcceleratorFigures accelerator;
  Figures totals;
  std::vector<LayerFigures> layers;
  std::vector<std::string> notes;
  std::vector<std::pair<std::string, std::string>> unsupported;  ///< layer, reason
  bool operator==(const Document&) const = default;
};

/// Divides by the images, adds up the totals and derives rates. Fails (internal error, naming the layer) when the
/// stall causes of a layer do not sum to its cycles or a figure is not finite. `provenance` has the trace file, the
/// trace's provenance and the command; time, host and version are those of this run.
[[nodiscard]] Document make_document(const sim::Result& result);

}  // namespace rebasis::report
