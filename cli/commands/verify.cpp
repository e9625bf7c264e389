// rebasis verify: the proof, on the user's own trace and configuration.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "common/error.h"
#include "common/progress.h"
#include "sim/accelerator.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {
namespace {

class Verify : public Command {
 public:
  std::string description() const override {
    return "Runs each layer at both fidelities and compares\n"
           "  - every output of the clocked run with an integer convolution over the decoded weights and\n"
           "  - the cycles, the end of every output tile, every stall cause and every action count of the fast run "
           "with the clocked one.\n\n"
           "For the first thing that differs it names the layer, the tile, the cycle and the counter, and the exit "
           "status is 3.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis verify T.trace --accelerator smartdeal", "All layers and images."},
            {"rebasis verify T.trace --accelerator mine.yaml --set array.dim_F=16 --sample 3",
             "Three layers, spread over the network."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("TRACE", trace_, "The trace")->required();
    app.add_option("--subnet", subnet_, "A sub-net of a family of traces; TRACE#NAME names it as well");
    app.add_option("-a,--accelerator", accelerator_, "Preset or YAML file")->required();
    app.add_option("--set", sets_, "Override a parameter: key=value")->allow_extra_args(false);
    app.add_option("--sample", sample_, "Check N layers only; 0 checks all")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
  }

  int run() override {
    const auto accelerator = sim::make_accelerator(accelerator_, sets_);
    const trace::TraceReader trace(trace::subnet_path(trace_, subnet_));
    trace.verify_checksums();
    const std::size_t layers = trace.metadata().layers.size();
    Progress progress("verify", sample_ == 0 ? layers : std::min<std::size_t>(sample_, layers));
    sim::VerifyOptions options;
    options.sample = sample_;
    options.progress = [&](std::size_t, std::size_t, const std::string& layer) { progress.advance(1, layer); };
    const std::vector<sim::LayerVerdict> verdicts = accelerator->verify(trace, options);
    std::size_t different = 0;
    for (const sim::LayerVerdict& verdict : verdicts) {
      const bool equal = verdict.difference.empty();
      different += equal ? 0 : 1;
      std::cout << fmt::format("{:<40} image {:<3} {:>12} cycles {:>12} outputs  {}\n", verdict.layer, verdict.image,
                               verdict.cycles, verdict.outputs, equal ? "equal" : "DIFFERENT: " + verdict.difference);
    }
    std::cout << fmt::format("{} of {} checks equal: outputs = integer arithmetic, fast = clocked in every counter\n",
                             verdicts.size() - different, verdicts.size());
    return different == 0 ? 0 : static_cast<int>(Status::internal);
  }

 private:
  std::string trace_, subnet_, accelerator_;
  std::vector<std::string> sets_;
  std::size_t sample_ = 0;
};

const RegisterCommand<Verify> registration("verify");

}  // namespace
}  // namespace rebasis::cli
