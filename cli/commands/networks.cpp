// rebasis networks: the networks of the papers.
#include <tbb/global_control.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/compress/report.h"
#include "cli/compress/stage_progress.h"
#include "cli/networks/export.h"
#include "cli/networks/show.h"
#include "common/file.h"
#include "workloads/compress/recipe.h"
#include "workloads/network_spec/network.h"
#include "workloads/synthetic/network_trace.h"

namespace rebasis::cli {
namespace {

class Networks : public Command {
 public:
  std::string description() const override {
    return "Networks of the papers as readable YAML files: every layer with its shortcuts, gates and joins, without "
           "weights. NETWORK is a name (see 'list') or a YAML file of your own; docs/networks.md describes the "
           "keys.\n\n"
           " list     all networks with parameters and multiply-accumulates\n"
           " show     one network: its layers, and its counts beside the published ones\n"
           " export   the network as ONNX with synthetic weights or zeros, to load trained weights into\n"
           " trace    a trace with synthetic weights and activations, compressed by a recipe\n\n"
           "Synthetic weights and activations are random with a seed and follow the statistics of trained networks "
           "(docs/networks.md, with the fit). Whatever is computed from them is labelled SYNTHETIC.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis networks list", "What there is."},
            {"rebasis networks show resnet50", "Its layers; its parameters and MACs beside the published ones."},
            {"rebasis networks export resnet20 -o resnet20.onnx", "A file to load trained weights into."},
            {"rebasis networks trace vgg11 --recipe smartdeal --without-fc -o vgg11.trace",
             "Convolutions only, as in the SmartDeal paper's figures 8 to 10."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("ACTION", action_, "list, show, export or trace")
        ->required()
        ->check(CLI::IsMember({"list", "show", "export", "trace"}));
    app.add_option("NETWORK", network_, "Name of a network, or a YAML file; not with list");
    app.add_option("--recipe", recipe_, "trace: name of a shipped recipe, or a YAML file");
    app.add_option("--seed", trace_.seed, "trace, export: of the random weights and activations");
    app.add_option("--images", trace_.images, "trace: images in the trace")->check(CLI::Range(1, 4096));
    app.add_flag("--without-fc", without_fc_, "trace: leave fully-connected layers out");
    app.add_option("--weights", weights_, "export: synthetic or zeros")->check(CLI::IsMember({"synthetic", "zeros"}));
    app.add_option("--statistics", statistics_, "trace, export: a file in place of the measured statistics");
    app.add_option("--threads", threads_, "trace: threads of the decomposition; 0: one a core. The result is the same")
        ->check(CLI::Range(0, 1024));
    app.add_option("-o,--output", trace_.output, "trace, export: the file to write");
    CLI::Option* json = app.add_flag("--json", json_, "Print JSON");
    app.add_flag("--markdown", markdown_, "list: print Markdown")->excludes(json);
  }

  int run() override {
    if (action_ == "list") {
      std::cout << list();
      return 0;
    }
    if (network_.empty()) fail_input("'" + action_ + "' needs a NETWORK; 'rebasis networks list' shows them");
    if (action_ == "show") {
      const networks::Network network = networks::load_network(network_);
      std::cout << (json_ ? network_json(network) : network_text(network));
      return 0;
    }
    if (trace_.output.empty()) fail_input("'" + action_ + "' needs -o FILE");
    if (action_ == "export") {
      std::cout << export_network({network_, weights_, statistics_, trace_.seed, trace_.output});
      return 0;
    }
    return trace();
  }

 private:
  [[nodiscard]] std::string list() const {
    if (!network_.empty()) fail_input("'list' lists all; 'rebasis networks show " + network_ + "' shows one");
    std::vector<networks::Network> all;
    for (const std::string& name : networks::network_names()) all.push_back(networks::load_network(name));
    return json_ ? networks_json(all) : markdown_ ? networks_markdown(all) : networks_text(all);
  }

  int trace() {
    if (recipe_.empty()) fail_input("'trace' needs --recipe; 'rebasis list recipes' shows them");
    { const AtomicFile can_be_written(trace_.output); }  // found out now, not after the work
    const compress::Recipe recipe = compress::Recipe::load(recipe_);
    const networks::Network network = networks::load_network(network_);
    const synthetic::Statistics statistics =
        statistics_.empty() ? synthetic::shipped_statistics() : synthetic::load_statistics(statistics_);
    std::optional<tbb::global_control> limit;
    if (threads_ > 0) limit.emplace(tbb::global_control::max_allowed_parallelism, threads_);
    trace_.with_fc = !without_fc_;
    trace_.tool_version = std::string(build_version);
    trace_.command = command_line();
    StageProgress progress;
    const compress::CompressReport report = synthetic::write_network_trace(
        network, recipe, statistics, trace_,
        [&](std::string_view stage, double fraction, std::string_view step) { progress.show(stage, fraction, step); });
    std::cout << (json_ ? compress_json(report, recipe.name()) : compress_text(report, recipe.name()));
    return 0;
  }

  std::string action_, network_, recipe_, statistics_, weights_ = "synthetic";
  synthetic::TraceRequest trace_;
  std::size_t threads_ = 0;
  bool without_fc_ = false, json_ = false, markdown_ = false;
};

const RegisterCommand<Networks> registration("networks");

}  // namespace
}  // namespace rebasis::cli
