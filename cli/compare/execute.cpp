#include "cli/compare/execute.h"

#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "cli/compare/processes.h"
#include "cli/compare/traces.h"
#include "common/error.h"
#include "common/file.h"
#include "common/progress.h"
#include "report/json.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

struct Work {
  const CompareStep* step = nullptr;
  OutputKey key;
  StepOutcome* outcome = nullptr;
  std::string label;
};

/// "rebasis: " goes from the start; blanks and what is beyond a screenful from the end.
std::string message_of(std::string errors) {
  constexpr std::size_t most = 2000;
  constexpr std::string_view prefix = "rebasis: ";
  if (errors.starts_with(prefix)) errors.erase(0, prefix.size());
  if (errors.size() > most) errors = errors.substr(0, most) + " ...";
  const std::size_t end = errors.find_last_not_of(" \n\r\t");
  errors.resize(end == std::string::npos ? 0 : end + 1);
  return errors;
}

std::string own_program() {
  std::error_code error;
  const fs::path self = fs::canonical("/proc/self/exe", error);
  if (error) fail_internal("/proc/self/exe: " + error.message());
  return self.string();
}

void finish(const Work& work, const ProcessOutcome& process) {
  work.outcome->status = process.status;
  work.outcome->message = message_of(process.errors);
  if (process.status != 0 && work.outcome->message.empty())
    work.outcome->message = "ended with status " + std::to_string(process.status) + " and no message";
  if (process.status != 0) return;
  // What `compress` says belongs to its trace; a quiet simulation says nothing.
  if (!process.output.empty())
    write_file(fs::path(work.step->output).replace_extension(".txt").string(), process.output);
  keep(work.step->output, work.key);
}

/// Those of `all` whose outputs are not there yet, in order.
std::vector<Work> pending(std::vector<Work> all, bool fresh) {
  std::erase_if(all, [&](const Work& work) {
    work.outcome->kept = !fresh && is_kept(work.step->output, work.key);
    return work.outcome->kept;
  });
  return all;
}

void run_all(const std::vector<Work>& works, std::size_t at_once, const std::string& label) {
  if (works.empty()) return;
  std::vector<std::vector<std::string>> commands;
  for (const Work& work : works) {
    forget(work.step->output);
    std::vector<std::string> words = work.step->arguments;
    words.emplace_back("--quiet");
    commands.push_back(std::move(words));
  }
  Progress progress(label, works.size());
  run_processes(own_program(), commands, at_once, [&](std::size_t index, const ProcessOutcome& outcome) {
    finish(works[index], outcome);
    progress.advance(1, works[index].label + (outcome.status == 0 ? "" : ": failed"));
  });
}

report::RunState state_of(int status) {
  if (status == 0) return report::RunState::done;
  return status == static_cast<int>(Status::infeasible) ? report::RunState::infeasible : report::RunState::failed;
}

}  // namespace

int CompareOutcome::status() const {
  int worst = 0;
  for (const auto* list : {&traces, &runs}) {
    for (const StepOutcome& outcome : *list)
      worst = std::max(worst, std::min(outcome.status, static_cast<int>(Status::internal)));
  }
  return worst;
}

CompareOutcome execute(const ComparePlan& plan, std::size_t jobs, bool fresh) {
  CompareOutcome outcome;
  outcome.traces.resize(plan.traces.size());
  outcome.runs.resize(plan.runs.size());
  std::vector<Work> compressions;
  for (std::size_t i = 0; i < plan.traces.size(); ++i) {
    const PlannedTrace& trace = plan.traces[i];
    if (!trace.compress.arguments.empty())
      compressions.push_back({&trace.compress, trace.key, &outcome.traces[i], trace.name});
  }
  run_all(pending(std::move(compressions), fresh), 1, "compare: compress");

  const std::string tool = tool_fingerprint();
  std::vector<Work> simulations;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const PlannedRun& run = plan.runs[i];
    const StepOutcome& trace = outcome.traces[run.trace];
    if (trace.status != 0) {
      outcome.runs[i] = {trace.status, false, "compress: " + trace.message};
      continue;
    }
    simulations.push_back({&run.simulate, key_of(run, plan, tool), &outcome.runs[i],
                           run.accelerator + " on " + run.network + ", " + run.dram});
  }
  run_all(pending(std::move(simulations), fresh), jobs, "compare: simulate");
  return outcome;
}

std::string as_typed(const CompareStep& step) {
  std::string line = "rebasis";
  for (const std::string& word : step.arguments) line += " " + shell_quoted(word);
  return line;
}

report::ComparisonInput read_outcome(const ComparePlan& plan, const CompareOutcome& outcome) {
  report::ComparisonInput input;
  input.networks = plan.networks;
  input.drams = plan.drams;
  input.notes = plan.notes;
  for (const PlannedAccelerator& accelerator : plan.accelerators) input.accelerators.push_back(accelerator.name);
  for (std::size_t i = 0; i < plan.traces.size(); ++i) {
    if (outcome.traces[i].status == 0)
      input.traces.push_back(describe_trace(plan.traces[i].name, plan.traces[i].network, plan.traces[i].path));
  }
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const PlannedRun& run = plan.runs[i];
    report::ComparedRun compared{run.network,
                                 run.accelerator,
                                 run.dram,
                                 plan.traces[run.trace].name,
                                 state_of(outcome.runs[i].status),
                                 outcome.runs[i].message,
                                 "",
                                 std::nullopt};
    if (compared.state == report::RunState::done) {
      compared.result_file = run.file;
      compared.result = report::read_result_json(run.simulate.output);
    }
    input.runs.push_back(std::move(compared));
  }
  return input;
}

}  // namespace rebasis::cli
