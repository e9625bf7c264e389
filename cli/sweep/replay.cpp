#include "cli/sweep/replay.h"

#include <fmt/format.h>

#include <iostream>

#include "cli/command.h"
#include "common/error.h"
#include "common/file.h"
#include "dse/run/candidate.h"
#include "report/json.h"

namespace rebasis::cli {

namespace {

struct Stored {
  dse::Study study;
  dse::PointRow row;
};

Stored read(const dse::Store& store, std::int64_t point) {
  auto row = store.find(point);
  if (!row) fail_input("the store has no point " + std::to_string(point) + "; `rebasis report STORE` lists them");
  const std::vector<dse::StudyRow> studies = store.studies(point);
  if (studies.empty()) fail_input("point " + std::to_string(point) + " belongs to no study");
  return {dse::Study::parse(studies.front().text, studies.front().file), std::move(*row)};
}

/// The combination of the study that has these settings.
dse::Choice choice_of(const dse::Study& study, const dse::PointRow& row) {
  dse::Choice choice;
  for (const dse::Dimension& dimension : study.space.dimensions) {
    std::size_t index = 0;
    while (index < dimension.values.size() && dimension.values[index].text != row.settings.at(dimension.name)) ++index;
    if (index == dimension.values.size()) fail_input("the study has no value " + row.settings.at(dimension.name));
    choice.push_back(index);
  }
  return choice;
}

std::string simulate_command(const dse::Job& job, const dse::JobWorkload& workload) {
  std::string text =
      "rebasis simulate " + shell_quoted(workload.trace) + " --accelerator " + shell_quoted(job.accelerator);
  for (const std::string& setting : job.overrides) text += " --set " + shell_quoted(setting);
  if (!job.layers.empty()) text += " --layers";
  for (std::size_t i = 0; i < job.layers.size(); ++i) text += (i == 0 ? " " : ",") + shell_quoted(job.layers[i]);
  return text;
}

void print_point(const dse::PointRow& row, const dse::Job& job) {
  std::cout << fmt::format("point {}: {}{}{}\n", row.id, dse::to_text(row.status), row.reason.empty() ? "" : ": ",
                           row.reason);
  for (const auto& [name, value] : row.settings) std::cout << fmt::format("  {} = {}\n", name, value);
  for (const auto& [name, value] : row.metrics) std::cout << fmt::format("  {:<20} {}\n", name, value);
  for (const dse::JobWorkload& workload : job.workloads) std::cout << simulate_command(job, workload) << "\n";
  if (!row.log.empty()) std::cout << "log of its last attempt:\n" << row.log << "\n";
}

/// What of a replayed point is not as stored; empty: nothing.
std::string difference(const dse::Store& store, const dse::PointRow& row, const dse::FinishedPoint& again) {
  if (again.status != row.status) return std::string("status ") + dse::to_text(again.status);
  dse::FinishedPoint stored;
  stored.status = row.status;
  stored.reason = row.reason;
  stored.metrics = row.metrics;
  stored.energy = row.energy;
  stored.layers = store.layers(row.id);
  dse::FinishedPoint fresh = again;
  fresh.memos.clear();
  fresh.reused = 0;
  const std::string a = dse::to_line(stored), b = dse::to_line(fresh);
  if (a == b) return {};
  return "was " + a + "\nis  " + b;
}

}  // namespace

int replay(const dse::Store& store, const std::string& store_path, std::int64_t point, const std::string& result) {
  const Stored stored = read(store, point);
  dse::TraceShelf shelf;
  dse::Candidates candidates(stored.study, shelf, store_path + ".traces");
  const dse::Candidate candidate = candidates.make(choice_of(stored.study, stored.row));
  print_point(stored.row, candidate.job);
  if (candidate.key != stored.row.key)
    fail_input("what this point depends on (traces, presets, energy tables, or the program) is not what it was");
  const bool simulated = stored.row.status == dse::PointStatus::done ||
                         (stored.row.status == dse::PointStatus::infeasible && candidate.infeasible.empty());
  if (!simulated) return 0;
  if (!result.empty()) {
    if (candidate.job.workloads.size() != 1)
      fail_input("-o writes one result; this point has " + std::to_string(candidate.job.workloads.size()) +
                 " workloads, use the commands above");
    dse::FinishedPoint unused;
    report::write_result_json(
        dse::simulate(candidate.job, shelf.get(candidate.job.workloads.front().trace), "", unused), result);
    return 0;
  }
  const std::string differs = difference(store, stored.row, dse::evaluate(candidate.job, shelf, ""));
  std::cout << (differs.empty() ? "replayed: every figure is the same\n" : "replayed: DIFFERENT\n" + differs + "\n");
  return static_cast<int>(differs.empty() ? Status::done : Status::internal);
}

void export_accelerator(const dse::Store& store, std::int64_t point, const std::string& path) {
  const Stored stored = read(store, point);
  const dse::Design design =
      dse::Designs(stored.study).resolve(stored.study.space.point(choice_of(stored.study, stored.row)));
  if (!design.infeasible.empty()) fail_infeasible(design.infeasible);
  const bool is_file = design.accelerator.find('/') != std::string::npos || design.accelerator.ends_with(".yaml");
  std::string text = fmt::format("# Point {} of the study {}.\nbased_on: {}\n", point, stored.study.name,
                                 is_file ? std::filesystem::absolute(design.accelerator).string() : design.accelerator);
  if (!design.recipe.empty()) text += "recipe: " + design.recipe + "\n";
  std::map<std::string, std::string> values;
  for (const std::string& setting : design.overrides) {
    const std::size_t equals = setting.find('=');
    values[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  write_file(path, text + arch::to_yaml(values));
}

}  // namespace rebasis::cli
