// rebasis trace: bring your own tensors; join traces into a family.
#include <iostream>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/trace/join.h"
#include "common/error.h"
#include "common/progress.h"
#include "workloads/layer_list/layer_list.h"

namespace rebasis::cli {
namespace {

class TraceCommand : public Command {
 public:
  std::string description() const override {
    return "Builds a trace from LAYERS.yaml, a list of layers whose weights and inputs are NPY files, so that networks "
           "that were "
           "compressed with other tools can be simulated.\n\n"
           "Weights and inputs that are integers already are stored as they are; floats are quantised to 8 bits, with "
           "a scale that "
           "you give or that is printed. A layer may also be given in SmartDeal form, as coefficients and a basis. "
           "docs/bring-your-own.md lists the keys:\n\n"
           " network: my-network\n"
           " layers:\n"
           "   - name: conv1\n"
           "     weights: conv1_w.npy          # [M][C/groups][R][S], int8 or float\n"
           "     weight_scale: 0.01            # real weight = 0.01 * integer\n"
           "     activations: conv1_x.npy      # [N][C][H][W], uint8, int8 or float\n"
           "     pads: 1\n"
           "     weight_provenance: trained    # or synthetic\n"
           "     activation_provenance: real   # or synthetic\n\n"
           "'rebasis trace join' puts several traces of one network, such as the sub-nets of one training run, into "
           "one "
           "file, a family: tensors that are equal are stored once, and FAMILY.trace#NAME is one of them wherever a "
           "trace is asked for. A sub-net has the name of its file, or NAME=FILE gives it one; --pattern NAME=TEXT "
           "says what distinguishes it. Accuracy and sparsity come from the traces.";
  }

  std::vector<Example> examples() const override {
    return {
        {"rebasis trace LAYERS.yaml -o T.trace", "NPY files are looked for beside LAYERS.yaml."},
        {"rebasis inspect --check T.trace", "What came of it."},
        {"rebasis trace join dense=A.trace half=B.trace --pattern half=2:4 -o F.trace", "One file with two sub-nets."},
        {"rebasis simulate F.trace --subnet half --accelerator scnn", "One of them, simulated."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("LAYERS.yaml", words_, "The list of layers; or the word join and traces, FILE or NAME=FILE")
        ->required();
    app.add_option("--pattern", join_.patterns, "With join: NAME=TEXT, what distinguishes a sub-net, such as 2:4")
        ->allow_extra_args(false);
    app.add_option("--network", join_.network, "With join: the network's name [that of the first trace]");
    app.add_option("-o,--output", output_, "The trace to write")->required();
  }

  int run() override {
    if (words_.front() == "join") {
      join_.traces.assign(words_.begin() + 1, words_.end());
      std::cout << join_text(output_, join_family(join_, output_));
      return 0;
    }
    if (words_.size() > 1) fail_input("one list of layers makes a trace; 'rebasis trace join' takes several traces");
    if (!join_.patterns.empty() || !join_.network.empty())
      fail_input("--pattern and --network belong to 'rebasis trace join'");
    const layer_list::BuildReport report = layer_list::build_trace(words_.front(), output_, std::string(build_version));
    for (const std::string& note : report.notes) Progress::note(note);
    std::cout << output_ << ": " << report.layers << " layer" << (report.layers == 1 ? "" : "s") << "\n";
    return 0;
  }

 private:
  std::vector<std::string> words_;
  JoinRequest join_;
  std::string output_;
};

const RegisterCommand<TraceCommand> registration("trace");

}  // namespace
}  // namespace rebasis::cli
