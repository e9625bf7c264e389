// rebasis reuse: the redundancy of a trace's layers, and what reuse (TREC) gains on microcontrollers.
#include <fmt/format.h>
#include <fnmatch.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "common/text/suggest.h"
#include "report/text_layout.h"
#include "workloads/reuse/layer_reuse.h"

namespace rebasis::cli {
namespace {

struct MeasuredLayer {
  const trace::LayerInfo* info = nullptr;
  reuse::HashVectors vectors;
  std::vector<double> redundancy;  ///< of each batch size
};

struct Core {
  std::string name;
  reuse::Microcontroller machine;
};

class Reuse : public Command {
 public:
  std::string description() const override {
    return "For each convolution of a trace that reuses the products of similar inputs (pass 'reuse', docs/trec.md): "
           "its matrix (output positions x inputs of a filter x filters), the sub-vectors' length L, the hash vectors "
           "H, the redundancy ratio r_t = 1 - buckets / sub-vectors on the trace's activations, the range in which "
           "r_t can be for one image, and the predicted speed-up over the full convolution on microcontrollers.\n\n"
           "--batch lets consecutive images share buckets; r_t grows with it (a trace holds several images with "
           "--trace-images of 'rebasis compress'). --length and --hashes try other sub-vectors, with random hash "
           "vectors, on any dense-int8 trace.\n\n"
           "Presets of --microcontroller are YAML files in share/rebasis; docs/trec.md lists what each number is and "
           "where it comes from.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis reuse T.trace", "r_t and speed-up of each layer."},
            {"rebasis reuse T.trace --batch 1,4,16", "r_t against the batch size."},
            {"rebasis reuse T.trace --length 16 --hashes 8", "Other sub-vectors."},
            {"rebasis reuse T.trace --microcontroller cortex-m4-180mhz --set weights=sram --json reuse.json",
             "Another memory; cycles of every step, for scripts."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TRACE", path_, "The trace")->required();
    app.add_option("--layer", layer_, "Only layers whose name matches this pattern (*, ?, [abc])")->type_name("GLOB");
    app.add_option("--batch", batches_, "Images that share buckets; several sizes, divided by commas")
        ->delimiter(',')
        ->check(CLI::Range(1, 4096))
        ->type_name("SIZES");
    app.add_option("--length", replacement_.length, "L in the place of the trace's")->check(CLI::Range(1, 1 << 20));
    app.add_option("--hashes", replacement_.hashes, "H in the place of the trace's")->check(CLI::Range(1, 20));
    app.add_option("--seed", replacement_.seed, "Of random hash vectors, with --length or --hashes");
    app.add_option("--microcontroller", names_, "Name of a preset, or a YAML file; several, divided by commas")
        ->delimiter(',')
        ->type_name("NAMES");
    app.add_option("--set", settings_, "A number of the microcontrollers: key=value");
    app.add_option("--json", json_, "Write the figures as JSON")->type_name("FILE");
  }

  int run() override {
    if (names_.empty()) names_ = reuse::microcontroller_names();
    if (batches_.empty()) batches_ = {1};
    std::vector<Core> cores;
    for (const std::string& name : names_) cores.push_back({name, reuse::load_microcontroller(name, settings_)});
    const trace::TraceReader reader(path_);
    const std::vector<MeasuredLayer> layers = measure(reader);
    if (!json_.empty()) write_file(json_, to_text(figures(reader, layers, cores)));
    std::cout << table(layers, cores) << notes(reader);
    return 0;
  }

 private:
  [[nodiscard]] std::vector<MeasuredLayer> measure(const trace::TraceReader& reader) const {
    std::vector<MeasuredLayer> layers;
    std::vector<std::string> names;
    for (const trace::LayerInfo& info : reader.metadata().layers) {
      names.push_back(info.name);
      if (!layer_.empty() && fnmatch(layer_.c_str(), info.name.c_str(), 0) != 0) continue;
      const auto vectors = reuse::vectors_of(reader, info, replacement_);
      if (!vectors) continue;
      layers.push_back({&info, *vectors, {}});
      for (const std::int64_t batch : batches_)
        layers.back().redundancy.push_back(reuse::measure_layer(reader, info, *vectors, batch).redundancy());
    }
    if (layers.empty()) {
      const bool any = layer_.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                         return fnmatch(layer_.c_str(), name.c_str(), 0) == 0;
                       });
      fail_input({reader.path()}, any ? "has no convolution with reuse; compress with a recipe that has the pass "
                                        "reuse, or give --length and --hashes"
                                      : "has no layer " + in_quotes(layer_) + did_you_mean(layer_, names));
    }
    return layers;
  }

  [[nodiscard]] std::string table(const std::vector<MeasuredLayer>& layers, const std::vector<Core>& cores) const {
    report::Row header{"layer", "matrix", "L", "H"};
    for (const std::int64_t batch : batches_)
      header.push_back(batches_.size() == 1 ? "r_t" : fmt::format("r_t, batch {}", batch));
    header.insert(header.end(), {"least", "most"});
    for (const Core& core : cores) header.push_back(core.name);
    std::vector<report::Row> rows{header};
    for (const MeasuredLayer& layer : layers) {
      const reuse::Work work = reuse::work_of(layer.info->shape, layer.vectors, layer.redundancy[0]);
      const reuse::Range range = reuse::possible_redundancy(work.rows, work.hashes);
      report::Row row{report::shortened(layer.info->name, 32),
                      fmt::format("{}{}x{}x{}", work.groups > 1 ? fmt::format("{} of ", work.groups) : "", work.rows,
                                  work.depth, work.filters),
                      std::to_string(work.length), std::to_string(work.hashes)};
      for (const double redundancy : layer.redundancy) row.push_back(fmt::format("{:.4f}", redundancy));
      row.push_back(fmt::format("{:.4f}", range.least));
      row.push_back(fmt::format("{:.4f}", range.most));
      for (const Core& core : cores) row.push_back(fmt::format("{:.2f}x", reuse::speedup(work, core.machine)));
      rows.push_back(row);
    }
    return report::aligned(rows);
  }

  [[nodiscard]] std::string notes(const trace::TraceReader& reader) const {
    bool synthetic = false;
    for (const trace::LayerInfo& layer : reader.metadata().layers)
      synthetic = synthetic || layer.activations.provenance != "real" || layer.weight_provenance != "trained";
    std::string text = fmt::format(
        "least, most: what r_t can be for one image. Speed-up over the full convolution, predicted from r_t of {} "
        "image{} sharing buckets (docs/trec.md).",
        batches_[0], batches_[0] == 1 ? "" : "s");
    if (synthetic) text += " SYNTHETIC weights or activations: r_t says nothing of a trained network.";
    return report::wrapped(text, 100) + "\n";
  }

  [[nodiscard]] nlohmann::json figures(const trace::TraceReader& reader, const std::vector<MeasuredLayer>& layers,
                                       const std::vector<Core>& cores) const {
    nlohmann::json rows = nlohmann::json::array();
    for (const MeasuredLayer& layer : layers) {
      const reuse::Work work = reuse::work_of(layer.info->shape, layer.vectors, layer.redundancy[0]);
      const reuse::Range range = reuse::possible_redundancy(work.rows, work.hashes);
      nlohmann::json row{{"name", layer.info->name},
                         {"groups", work.groups},
                         {"rows", work.rows},
                         {"depth", work.depth},
                         {"filters", work.filters},
                         {"length", work.length},
                         {"hashes", work.hashes},
                         {"least_redundancy", range.least},
                         {"most_redundancy", range.most},
                         {"speedup_by_operations", reuse::speedup_by_operations(work)},
                         {"redundancy", nlohmann::json::array()},
                         {"microcontrollers", nlohmann::json::object()}};
      for (std::size_t i = 0; i < batches_.size(); ++i)
        row["redundancy"].push_back({{"batch", batches_[i]}, {"ratio", layer.redundancy[i]}});
      for (const Core& core : cores) {
        const reuse::Steps full = reuse::full_cycles(work, core.machine);
        const reuse::Steps shared = reuse::reuse_cycles(work, core.machine);
        row["microcontrollers"][core.name] = {{"full_cycles", by_step(full)},
                                              {"reuse_cycles", by_step(shared)},
                                              {"full_s", reuse::total(full) / core.machine.clock},
                                              {"reuse_s", reuse::total(shared) / core.machine.clock},
                                              {"speedup", reuse::total(full) / reuse::total(shared)}};
      }
      rows.push_back(std::move(row));
    }
    return {{"schema", {{"name", "rebasis-reuse"}, {"version", 1}}},
            {"trace", reader.path()},
            {"network", reader.metadata().network},
            {"layers", rows}};
  }

  static nlohmann::json by_step(const reuse::Steps& steps) {
    nlohmann::json values = nlohmann::json::object();
    for (const auto& [name, value] : steps) values[name] = value;
    return values;
  }

  std::string path_, layer_, json_;
  std::vector<std::int64_t> batches_;
  reuse::Replacement replacement_;
  std::vector<std::string> names_, settings_;
};

const RegisterCommand<Reuse> registration("reuse");

}  // namespace
}  // namespace rebasis::cli
