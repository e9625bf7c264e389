// rebasis simulate: a trace on an accelerator.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "report/json.h"
#include "report/table.h"
#include "report/timeline.h"
#include "sim/accelerator.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {
namespace {

/// A folder of its own that goes when the object does.
class ScratchFolder {
 public:
  ScratchFolder() : path_((std::filesystem::temp_directory_path() / "rebasis-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) fail_input({path_}, "cannot make a scratch folder; TMPDIR must be writable");
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Simulate : public Command {
 public:
  std::string description() const override {
    return "Runs every layer of the trace on the accelerator, one input image after the other, and writes where the "
           "cycles, the energy "
           "and the DRAM bytes went. `rebasis report` renders the result.\n\n"
           "--fidelity fast (the default) and --fidelity clocked follow the same rules and give the same cycles, stall "
           "causes and action "
           "counts; clocked steps every cycle and computes every value, which takes about a hundred times longer. "
           "`rebasis verify` proves "
           "both on your own trace.\n\n"
           "--accelerator takes a preset's name (`rebasis list accelerators`) or a file; --set overrides one of its "
           "parameters "
           "(`rebasis list parameters smartdeal`).";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis simulate T.trace --accelerator smartdeal -o R.json", "Simulate, print a table, keep the result."},
            {"rebasis simulate T.trace --accelerator smartdeal --set input_gb.size=256KB --set dram.model=unlimited -o "
             "R.json",
             "A smaller input buffer, without the DRAM in the timing."},
            {"rebasis simulate T.trace --accelerator smartdeal --fidelity clocked --layers conv1 --vcd F.vcd -o R.json",
             "One layer, every cycle, with a waveform for GTKWave."},
            {"rebasis simulate T.trace --accelerator smartdeal --timeline F.json -o R.json",
             "A timeline for ui.perfetto.dev."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TRACE", trace_, "The trace (`rebasis compress`, `rebasis trace`)")->required();
    app.add_option("--subnet", subnet_, "A sub-net of a family of traces; TRACE#NAME names it as well");
    app.add_option("-a,--accelerator", accelerator_, "Preset or YAML file")->required();
    app.add_option("--set", sets_, "Override a parameter: key=value")->allow_extra_args(false);
    app.add_option("--fidelity", fidelity_, "fast or clocked")
        ->check(CLI::IsMember({"fast", "clocked"}))
        ->capture_default_str();
    app.add_option("--layers", layers_, "Only these layers")->delimiter(',')->allow_extra_args(false);
    app.add_option("--timeline", timeline_, "Write a timeline (Chrome trace events)");
    app.add_option("--vcd", vcd_, "Write a waveform; needs --fidelity clocked");
    app.add_option("-o,--output", output_, "Write the result as JSON");
  }

  int run() override {
    const auto accelerator = sim::make_accelerator(accelerator_, sets_);
    const trace::TraceReader trace(trace::subnet_path(trace_, subnet_));
    check_layer_names(trace);
    if (!vcd_.empty() && fidelity_ != "clocked")
      fail_input("--vcd needs --fidelity clocked; only clocked runs have values in every cycle");
    sim::SimulateOptions options;
    options.fidelity = fidelity_ == "clocked" ? sim::Fidelity::clocked : sim::Fidelity::fast;
    options.only_layers = layers_;
    std::vector<sim::TimelineEvent> events;
    if (!timeline_.empty()) options.timeline = &events;
    sim::Result result =
        vcd_.empty() ? simulate(*accelerator, trace, options) : simulate_with_waveform(*accelerator, trace, options);
    result.command = command_line();
    if (!timeline_.empty()) report::write_timeline(events, timeline_);
    if (!output_.empty()) report::write_result_json(result, output_);
    if (!Progress::quiet()) std::cout << report::to_table(report::make_document(result));
    return 0;
  }

 private:
  sim::Result simulate(sim::Accelerator& accelerator, const trace::TraceReader& trace,
                       sim::SimulateOptions& options) const {
    Progress progress("simulate", layers_.empty() ? trace.metadata().layers.size() : layers_.size());
    options.progress = [&](std::size_t, std::size_t, const std::string& layer) { progress.advance(1, layer); };
    return accelerator.simulate(trace, options);
  }

  /// SystemC writes its waveform as it runs, so it does so elsewhere: the user's file appears when it is complete.
  sim::Result simulate_with_waveform(sim::Accelerator& accelerator, const trace::TraceReader& trace,
                                     sim::SimulateOptions& options) const {
    AtomicFile target(vcd_);
    const ScratchFolder scratch;
    options.vcd = scratch.path() + "/waveform";
    sim::Result result = simulate(accelerator, trace, options);
    const MappedFile waveform(options.vcd + ".vcd");
    target.write(waveform.bytes());
    target.commit();
    return result;
  }

  void check_layer_names(const trace::TraceReader& trace) const {
    for (const std::string& wanted : layers_) {
      const auto& known = trace.metadata().layers;
      const bool found =
          std::any_of(known.begin(), known.end(), [&](const trace::LayerInfo& layer) { return layer.name == wanted; });
      if (!found) fail_input(trace_ + ": no layer '" + wanted + "'; `rebasis inspect " + trace_ + "` lists them");
    }
  }

  std::string trace_, subnet_, accelerator_, fidelity_ = "fast", timeline_, vcd_, output_;
  std::vector<std::string> sets_, layers_;
};

const RegisterCommand<Simulate> registration("simulate");

}  // namespace
}  // namespace rebasis::cli
