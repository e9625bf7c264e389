// rebasis dynamic: sub-nets of a network, switched at run time by a governor under a scripted budget.
#include <iostream>

#include "cli/command.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "report/dynamic/dynamic.h"
#include "workloads/trace/family.h"

namespace rebasis::cli {
namespace {

class Dynamic : public Command {
 public:
  std::string description() const override {
    return "Simulates every sub-net of a family of traces (rebasis trace join) on the accelerator, runs every switch "
           "between them through its DMA and memory, and then plays a script: frames that arrive, and a limit on the "
           "latency or the power of each that changes over time. For each frame a governor chooses the sub-net.\n\n"
           " hysteresis   the most accurate sub-net that fits; down at once, up after it has fitted for a while\n"
           " oracle       knows the whole script: the best that any governor could do\n"
           " fixed        one sub-net for all frames\n\n"
           "The script is YAML (docs/dynamic-inference.md):\n\n"
           " duration: 2 s\n"
           " rate: 30 Hz                      # frames that arrive\n"
           " budget:\n"
           "   - {from: 0 s, latency: 10 ms}\n"
           "   - {from: 1 s, latency: 4 ms, power: 200 mW}\n"
           " governors: [hysteresis, oracle, fixed: {subnet: dense}]\n"
           " hardware: {switch.residence: storage, storage.bandwidth: 250 MB/s}\n\n"
           "Without governors, the registered ones play with their defaults. --hardware overrides a value of "
           "`hardware`, --set a parameter of the accelerator.";
  }

  std::vector<Example> examples() const override {
    return {
        {"rebasis dynamic F.trace --accelerator scnn --budget SCRIPT.yaml -o R.json", "All governors of the script."},
        {"rebasis dynamic F.trace --accelerator cambricon-x --budget SCRIPT.yaml --governor hysteresis --html R.html",
         "One governor, with a page of charts."},
        {"rebasis dynamic F.trace --accelerator scnn --budget SCRIPT.yaml --hardware switch.residence=storage "
         "--hardware switch.reload=patch",
         "Sub-nets that do not run are in flash; patches are read from there."}};
  }

  void configure(CLI::App& app) override {
    app.add_option("FAMILY", measure_.family, "The family of traces (`rebasis trace join`)")->required();
    app.add_option("-a,--accelerator", measure_.accelerator, "Preset or YAML file")->required();
    app.add_option("--budget", script_, "The script, a YAML file")->required();
    app.add_option("--governor", governors_, "Only this governor, with the script's options for it")
        ->allow_extra_args(false);
    app.add_option("--subnet", measure_.subnets, "Only this sub-net; several")->allow_extra_args(false);
    app.add_option("--set", measure_.overrides, "Override a parameter of the accelerator: key=value")
        ->allow_extra_args(false);
    app.add_option("--hardware", hardware_, "Override a value of the script's hardware: key=value")
        ->allow_extra_args(false);
    app.add_option("--fidelity", fidelity_, "fast or clocked")
        ->check(CLI::IsMember({"fast", "clocked"}))
        ->capture_default_str();
    app.add_option("--jobs", measure_.jobs, "Sub-nets simulated at a time")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    app.add_option("--html", html_, "Write a page with the timeline and the curves");
    app.add_option("--svg", svg_, "Write the timeline of the first governor");
    app.add_option("-o,--output,--json", output_, "Write the result as JSON");
  }

  int run() override {
    report::DynamicReport report;
    report.scenario = dynamic::load_scenario(script_, hardware_);
    const std::vector<dynamic::GovernorChoice> governors = chosen(report.scenario);
    measure_.hardware = report.scenario.hardware;
    measure_.clocked = fidelity_ == "clocked";
    report.family = measure_.family;
    report.script = script_;
    report.fidelity = fidelity_;
    {
      Progress progress("dynamic", std::max<std::size_t>(1, trace_count()));
      report.measured = dynamic::measure(measure_, [&](const std::string& subnet) { progress.advance(1, subnet); });
    }
    for (const dynamic::GovernorChoice& governor : governors)
      report.runs.push_back(dynamic::run_timeline(report.measured.family, report.scenario, governor));
    if (!output_.empty()) write_file(output_, report::dynamic_json(report, command_line()));
    if (!html_.empty()) write_file(html_, report::dynamic_page(report));
    if (!svg_.empty()) write_file(svg_, report::timeline_svg(report));
    if (!Progress::quiet()) std::cout << report::dynamic_text(report);
    return 0;
  }

 private:
  [[nodiscard]] std::size_t trace_count() const {
    return measure_.subnets.empty() ? trace::list_subnets(measure_.family).size() : measure_.subnets.size();
  }

  [[nodiscard]] std::vector<dynamic::GovernorChoice> chosen(const dynamic::Scenario& scenario) const {
    if (governors_.empty()) return scenario.governors;
    std::vector<dynamic::GovernorChoice> all;
    for (const std::string& name : governors_) {
      (void)dynamic::GovernorRegistry::global().at(name, {"--governor"});
      dynamic::GovernorChoice choice{name, {}, {}};
      for (const dynamic::GovernorChoice& listed : scenario.governors) {
        if (listed.name == name) choice = listed;
      }
      all.push_back(std::move(choice));
    }
    return all;
  }

  dynamic::MeasureRequest measure_;
  std::vector<std::string> governors_, hardware_;
  std::string script_, fidelity_ = "fast", html_, svg_, output_;
};

const RegisterCommand<Dynamic> registration("dynamic");

}  // namespace
}  // namespace rebasis::cli
