// rebasis trace: bring your own tensors.
#include <iostream>

#include "cli/build_info.h"
#include "cli/command.h"
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
           "     activation_provenance: real   # or synthetic";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis trace LAYERS.yaml -o T.trace", "NPY files are looked for beside LAYERS.yaml."},
            {"rebasis inspect --check T.trace", "What came of it."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("LAYERS.yaml", list_, "The list of layers")->required();
    app.add_option("-o,--output", output_, "The trace to write")->required();
  }

  int run() override {
    const layer_list::BuildReport report = layer_list::build_trace(list_, output_, std::string(build_version));
    for (const std::string& note : report.notes) Progress::note(note);
    std::cout << output_ << ": " << report.layers << " layer" << (report.layers == 1 ? "" : "s") << "\n";
    return 0;
  }

 private:
  std::string list_;
  std::string output_;
};

const RegisterCommand<TraceCommand> registration("trace");

}  // namespace
}  // namespace rebasis::cli
