// rebasis compare: several accelerators on the same networks, each with the compression that it was made for.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <thread>

#include "cli/command.h"
#include "cli/compare/execute.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "report/comparison.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

/// Two comparisons in one folder would overwrite each other's files. The lock ends with the process.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : file_(open((folder + "/.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
    if (file_ < 0)
      fail_input(folder + ": " + std::string(std::strerror(errno)) + "; -o needs a folder that can be written");
    if (flock(file_, LOCK_EX | LOCK_NB) != 0)
      fail_input(folder + ": another comparison is running in this folder; wait for it, or give another -o");
  }
  ~FolderLock() { close(file_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

class Compare : public Command {
 public:
  std::string description() const override {
    return "Runs every accelerator on every network with every memory, and writes a table, comparison.json, "
           "comparison.csv and the page "
           "comparison.html, which opens offline. The charts have the layout of Fig. 8, 9 and 10 of the SmartDeal "
           "paper: energy "
           "efficiency and speed-up over a baseline, DRAM accesses over SmartDeal.\n\n"
           "Each accelerator gets the compression that it was made for: the key 'recipe' of its file, or --recipe. A "
           "network (.onnx) is "
           "compressed once a recipe; of traces that are given, each accelerator runs the one with its recipe, or else "
           "one that is noted "
           "in the output. Traces of one network are recognised by the network's name and checksum.\n\n"
           "The same for all: networks, images, memory, layers. Each accelerator keeps its own clock, array, buffers "
           "and mapping. A layer "
           "that one accelerator cannot run counts for none, and is listed. Fully connected layers do not count "
           "without --include-fc, as "
           "in the paper; operators between layers do, with the same traffic for all.\n\n"
           "The work is done by other commands of rebasis, in processes of their own; commands.txt lists them. What is "
           "in the folder from "
           "an earlier run and depends on the same things is kept, so that an interrupted comparison goes on where it "
           "was. A run that "
           "fails is shown as such; the others go on.";
  }

  std::vector<Example> examples() const override {
    return {{"rebasis compare net.onnx --accelerators smartdeal,mine.yaml --inputs images.npy -o comparison",
             "Two designs on one network, compressed as each needs it."},
            {"rebasis compare a.onnx b.onnx --accelerators smartdeal,diannao,cambricon-x,scnn,bit-pragmatic --inputs "
             "t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz --mean 0.2860 --std 0.3530 -o comparison",
             "The comparison of the paper on two networks, with accuracies."},
            {"rebasis compare net.onnx --accelerators smartdeal,pynq-z1-ternary --retrained "
             "pynq-z1-ternary=net-ternary.onnx --inputs images.npy -o comparison",
             "The ternary accelerator runs the network that 'rebasis train' made ternary."},
            {"rebasis compare net.smartdeal.trace net.dense.trace --accelerators smartdeal,diannao --dram "
             "lpddr4-3200-x32,unlimited -o comparison",
             "On traces that are there already, with and without the memory."},
            {"rebasis compare net.smartdeal.trace --accelerators smartdeal,mine.yaml --set mine:array.dim_M=32 --dram "
             "bandwidth:2,bandwidth:8,bandwidth:32 -o comparison",
             "A parameter of one accelerator, and a sweep of the memory's bandwidth in GB/s."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("FILE", request_.files, "Networks (.onnx) and traces")->required();
    app.add_option("-a,--accelerators", request_.accelerators, "Presets or YAML files, divided by commas")
        ->delimiter(',')
        ->required();
    app.add_option("-o,--output", request_.folder, "Folder of the comparison")->required();
    app.add_option("--dram", request_.drams,
                   "Memory models, divided by commas; bandwidth:8 is one of 8 GB/s. The first is the main one "
                   "[lpddr4-3200-x32,ddr4-2400-x64,ddr3-1066-x16]")
        ->delimiter(',');
    app.add_option("--baseline", request_.baseline,
                   "What energy efficiency and speed-up are relative to [diannao, or else the first]");
    app.add_option("--traffic-baseline", request_.traffic_baseline,
                   "What DRAM accesses are relative to [smartdeal, or else the first]");
    app.add_flag("--include-fc", request_.include_fc, "Fully connected layers count");
    app.add_flag("--exclude-operators", request_.exclude_operators,
                 "Operators between layers (pooling, residual additions) do not count");
    app.add_option("--recipe", request_.recipes, "The compression of an accelerator: ACCELERATOR=RECIPE");
    app.add_option("--retrained", request_.retrained,
                   "A network re-trained for an accelerator's compression, compressed in place of NETWORK: "
                   "ACCELERATOR=NETWORK.onnx");
    app.add_option("--set", request_.sets, "Override a parameter: key=value for all, ACCELERATOR:key=value for one");
    app.add_option("--energy", request_.energy, "An energy table for all [each accelerator's own]");
    app.add_option("--fidelity", request_.fidelity, "fast or clocked")->check(CLI::IsMember({"fast", "clocked"}));
    app.add_option("--inputs", request_.inputs, "Images for networks: an .npy or IDX file, or a folder of images");
    app.add_option("--labels", request_.labels, "Class of each image: IDX, .npy or text");
    for (const char* option :
         {"--mean", "--std", "--scale", "--limit", "--calibration-images", "--trace-images", "--batch"})
      app.add_option(option, compress_values_[option], std::string("As of 'rebasis compress'"));
    app.add_option("-j,--jobs", request_.jobs, "Simulations at a time; 0: one a core")->check(CLI::Range(0, 4096));
    app.add_flag("--fresh", request_.fresh, "Run everything again, whatever the folder holds");
  }

  int run() override {
    if (request_.drams.empty()) request_.drams = {"lpddr4-3200-x32", "ddr4-2400-x64", "ddr3-1066-x16"};
    for (const auto& [option, value] : compress_values_) {
      if (!value.empty()) request_.compress_options.insert(request_.compress_options.end(), {option, value});
    }
    const ComparePlan plan = make_plan(request_);
    make_folders();
    const FolderLock lock(request_.folder);
    const std::size_t jobs = request_.jobs > 0 ? request_.jobs : std::max(1U, std::thread::hardware_concurrency());
    const CompareOutcome outcome = execute(plan, jobs, request_.fresh);
    tell(plan, outcome);
    const bool complete = write(plan, outcome);
    return outcome.status() == 0 && !complete ? static_cast<int>(Status::infeasible) : outcome.status();
  }

 private:
  void make_folders() const {
    for (const char* part : {"", "/traces", "/results"}) {
      std::error_code error;
      fs::create_directories(request_.folder + part, error);
      if (error)
        fail_input(request_.folder + part + ": " + error.message() + "; -o needs a folder that can be written");
    }
  }

  static void tell(const ComparePlan& plan, const CompareOutcome& outcome) {
    std::size_t kept = 0;
    for (const auto* list : {&outcome.traces, &outcome.runs}) {
      for (const StepOutcome& step : *list) kept += step.kept ? 1 : 0;
    }
    if (kept > 0) Progress::note(std::to_string(kept) + " outputs of an earlier run are kept (--fresh runs all again)");
    const auto failed = [](const CompareStep& step, const StepOutcome& result) {
      if (result.status != 0)
        std::cerr << "rebasis: " << as_typed(step) << "\n  status " << result.status << ": " << result.message << "\n";
    };
    for (std::size_t i = 0; i < plan.traces.size(); ++i) failed(plan.traces[i].compress, outcome.traces[i]);
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
      if (outcome.traces[plan.runs[i].trace].status == 0) failed(plan.runs[i].simulate, outcome.runs[i]);
    }
  }

  /// False when an entry has no figures.
  bool write(const ComparePlan& plan, const CompareOutcome& outcome) const {
    report::Comparison comparison = report::make_comparison(
        read_outcome(plan, outcome),
        {plan.baseline, plan.traffic_baseline, request_.include_fc, !request_.exclude_operators});
    comparison.provenance.command = command_line();
    std::string commands;
    for (const PlannedTrace& trace : plan.traces) {
      if (!trace.compress.arguments.empty()) comparison.commands.push_back(as_typed(trace.compress));
    }
    for (const PlannedRun& run : plan.runs) comparison.commands.push_back(as_typed(run.simulate));
    for (const std::string& command : comparison.commands) commands += command + "\n";
    // All are rendered before one is written.
    const std::string json = to_json(comparison), csv = comparison_csv(comparison), html = to_html(comparison);
    write_file(request_.folder + "/commands.txt", commands);
    write_file(request_.folder + "/comparison.json", json);
    write_file(request_.folder + "/comparison.csv", csv);
    write_file(request_.folder + "/comparison.html", html);
    if (!Progress::quiet()) std::cout << to_table(comparison) << std::flush;
    Progress::note("the page: " + request_.folder + "/comparison.html");
    return std::all_of(comparison.entries.begin(), comparison.entries.end(),
                       [](const report::ComparisonEntry& entry) { return entry.state == report::RunState::done; });
  }

  CompareRequest request_;
  std::map<std::string, std::string> compress_values_;
};

const RegisterCommand<Compare> registration("compare");

}  // namespace
}  // namespace rebasis::cli
