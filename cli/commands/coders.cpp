// rebasis coders: the weights of a trace with every lossless coder.
#include <fnmatch.h>

#include <algorithm>
#include <iostream>

#include "cli/coders/render.h"
#include "cli/command.h"
#include "common/error.h"
#include "common/file.h"
#include "workloads/encode/coders/coder.h"

namespace rebasis::cli {
namespace {

/// The layers whose names match the pattern, in order; at least one.
std::vector<const trace::LayerInfo*> matching(const trace::TraceReader& reader, const std::string& pattern) {
  std::vector<const trace::LayerInfo*> layers;
  std::vector<std::string> names;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    names.push_back(layer.name);
    if (pattern.empty() || fnmatch(pattern.c_str(), layer.name.c_str(), 0) == 0) layers.push_back(&layer);
  }
  if (layers.empty()) {
    fail_input({reader.path()},
               "has no layer " + in_quotes(pattern) + did_you_mean(pattern, names) + "; `rebasis inspect` lists them");
  }
  return layers;
}

class Coders : public Command {
 public:
  std::string description() const override {
    std::string text =
        "Codes the weights of every layer of a trace with every lossless coder, decodes them again, compares, and "
        "prints the exact sizes: bytes of each layer, and in total bytes, bits a value, how many times smaller than "
        "the dense form and than 32-bit floats, and what the best coder for each layer would give.\n\n"
        "What is coded: the integer weights, a row a filter; of a layer in SmartDeal form its coefficients, a row a "
        "coefficient row. Scales and basis matrices stay as they are in the trace and count where it says so. A "
        "value of the dense form has as many bits as the layer was quantised to. docs/coders.md has the layout of "
        "each coder.\n\n"
        "--json and --csv write every figure, with each size divided into its parts. The coders:\n\n";
    for (const auto& [name, item] : encode::CoderRegistry::global().items()) {
      text += " " + name + std::string(name.size() < 15 ? 15 - name.size() : 1, ' ') + item.summary + "\n";
    }
    return text;
  }

  std::vector<Example> examples() const override {
    return {{"rebasis coders T.trace", "The sizes of all layers."},
            {"rebasis coders T.trace --sort --time", "The smallest first, with the speed of coding and decoding."},
            {"rebasis coders T.trace --layer 'layer1*' --coders huffman,arithmetic", "Some layers, some coders."},
            {"rebasis coders T.trace --json coders.json --csv coders.csv", "For scripts."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TRACE", path_, "The trace")->required();
    app.add_option("--layer", layer_, "Only layers whose name matches this pattern (*, ?, [abc])")->type_name("GLOB");
    app.add_option("--coders", coders_, "Only these coders, divided by commas")->delimiter(',')->type_name("NAMES");
    app.add_flag("--sort", sort_, "The coder with the smallest total first, instead of by name");
    app.add_flag("--time", time_, "Measure the time of encoding and decoding");
    app.add_option("--json", json_, "Write the figures as JSON")->type_name("FILE");
    app.add_option("--csv", csv_, "Write a row a layer and coder")->type_name("FILE");
  }

  int run() override {
    CoderReport report;
    report.coders = chosen_coders();
    const trace::TraceReader reader(path_);
    const std::vector<const trace::LayerInfo*> layers = matching(reader, layer_);
    report.trace = path_;
    report.network = reader.metadata().network;
    report.timed = time_;
    {
      Progress progress("coders", layers.size() * report.coders.size());
      report.layers = measure_coders(reader, layers, report.coders, time_, progress);
    }
    if (sort_) sort_by_size(report);
    if (!json_.empty()) write_file(json_, coders_json(report));
    if (!csv_.empty()) write_file(csv_, coders_csv(report));
    std::cout << coders_text(report);
    return 0;
  }

 private:
  /// All, or those asked for, each once, in the order of their names.
  [[nodiscard]] std::vector<std::string> chosen_coders() const {
    const auto& registry = encode::CoderRegistry::global();
    if (coders_.empty()) return registry.names();
    std::vector<std::string> chosen = coders_;
    for (const std::string& name : chosen) (void)registry.at(name);
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    return chosen;
  }

  std::string path_, layer_, json_, csv_;
  std::vector<std::string> coders_;
  bool sort_ = false, time_ = false;
};

const RegisterCommand<Coders> registration("coders");

}  // namespace
}  // namespace rebasis::cli
