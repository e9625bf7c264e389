#include "cli/reproduce/lab.h"

#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "cli/compare/processes.h"
#include "common/data_dir.h"
#include "common/error.h"
#include "common/file.h"
#include "common/json.h"
#include "common/progress.h"
#include "common/sha256.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

std::string short_hash(const OutputKey& key) { return sha256(key.text()).substr(0, 10); }

std::string as_typed(const std::vector<std::string>& arguments) {
  std::string line = "rebasis";
  for (const std::string& word : arguments) line += " " + shell_quoted(word);
  return line;
}

/// Throws with the child's own message and status.
void require(const ProcessOutcome& outcome, const std::vector<std::string>& arguments,
             bool infeasible_is_fine = false) {
  if (outcome.status == 0 || (infeasible_is_fine && outcome.status == static_cast<int>(Status::infeasible))) return;
  std::string message = outcome.errors.substr(0, 2000);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  throw Error(static_cast<Status>(std::clamp(outcome.status, 1, static_cast<int>(Status::internal))),
              as_typed(arguments) + ": status " + std::to_string(outcome.status) + ": " + message);
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_input(folder + ": " + error.message() + "; -o needs a folder that can be written");
}

/// Writes `text` to FOLDER/HASH/NAME.yaml unless it is there.
std::string text_file(const std::string& folder, const std::string& name, const std::string& text) {
  const std::string directory = folder + "/" + sha256(text).substr(0, 10), path = directory + "/" + name + ".yaml";
  make_folder(directory);
  if (!fs::exists(path)) write_file(path, text);
  return path;
}

/// A shipped file or a text of one's own, in a key and as an argument.
std::string file_or_name(OutputKey& key, const std::string& what, const std::string& name, const std::string& text,
                         const std::string& shipped, const std::string& folder) {
  key.add(what, name);
  if (text.empty()) {
    key.add_file(what + " file", data_path(shipped + "/" + name + ".yaml"));
    return name;
  }
  key.add(what + " text", text);
  return text_file(folder, name, text);
}

}  // namespace

ProcessLab::ProcessLab(LabOptions options)
    : options_(std::move(options)), program_sha256_(sha256_of_file(options_.program)) {
  for (const char* part :
       {"/kept/traces", "/kept/recipes", "/kept/networks", "/kept/statistics", "/kept/comparisons", "/kept/results"})
    make_folder(options_.folder + part);
}

nlohmann::json ProcessLab::network(const std::string& name) {
  if (const auto found = networks_.find(name); found != networks_.end()) return found->second;
  const std::vector<std::string> arguments{"networks", "show", name, "--json"};
  run_processes(options_.program, {arguments}, 1, [&](std::size_t, const ProcessOutcome& outcome) {
    require(outcome, arguments);
    networks_[name] = parse_json(outcome.output, name);
  });
  return networks_.at(name);
}

ProcessLab::Trace ProcessLab::plan(const reproduce::TraceSpec& spec) const {
  const std::string work = options_.folder + "/kept";
  Trace trace;
  trace.key.add("program", program_sha256_);
  const std::string network =
      file_or_name(trace.key, "network", spec.network, spec.network_text, "workloads/networks", work + "/networks");
  trace.recipe =
      file_or_name(trace.key, "recipe", spec.recipe.name, spec.recipe.text, "workloads/recipes", work + "/recipes");
  trace.arguments = {"networks", "trace", network, "--recipe", trace.recipe, "--json"};
  trace.key.add("fully connected", spec.with_fc ? "yes" : "no");
  if (!spec.with_fc) trace.arguments.emplace_back("--without-fc");
  if (spec.statistics.empty()) {
    trace.key.add_file("statistics", data_path("workloads/statistics/measured.yaml"));
  } else {
    trace.key.add("statistics", spec.statistics);
    trace.arguments.insert(trace.arguments.end(),
                           {"--statistics", text_file(work + "/statistics", "statistics", spec.statistics)});
  }
  trace.path = work + "/traces/" + spec.network + "." + spec.recipe.name + "." + short_hash(trace.key) + ".trace";
  trace.arguments.insert(trace.arguments.end(), {"-o", trace.path, "--quiet"});
  return trace;
}

void ProcessLab::make(const std::vector<Trace>& traces) {
  std::vector<Trace> pending;
  for (const Trace& trace : traces) {
    const bool planned = std::ranges::any_of(pending, [&](const Trace& one) { return one.path == trace.path; });
    if (!planned && !(is_kept(trace.path, trace.key) && fs::exists(trace.path + ".json"))) pending.push_back(trace);
  }
  if (pending.empty()) return;
  std::vector<std::vector<std::string>> commands;
  for (const Trace& trace : pending) {
    forget(trace.path);
    commands.push_back(trace.arguments);
  }
  Progress progress("reproduce: compress", pending.size());
  run_processes(options_.program, commands, options_.jobs, [&](std::size_t index, const ProcessOutcome& outcome) {
    require(outcome, commands[index]);
    write_file(pending[index].path + ".json", outcome.output);
    keep(pending[index].path, pending[index].key);
    progress.advance(1, fs::path(pending[index].path).stem().string());
  });
}

std::vector<nlohmann::json> ProcessLab::compress(const std::vector<reproduce::TraceSpec>& specs) {
  std::vector<Trace> traces;
  for (const reproduce::TraceSpec& spec : specs) traces.push_back(plan(spec));
  make(traces);
  std::vector<nlohmann::json> answers;
  for (const Trace& trace : traces)
    answers.push_back(parse_json(read_file(trace.path + ".json"), trace.path + ".json"));
  return answers;
}

nlohmann::json ProcessLab::compare(const reproduce::CompareSpec& spec) {
  std::vector<Trace> traces;
  for (const reproduce::TraceSpec& one : spec.traces) traces.push_back(plan(one));
  OutputKey key;
  std::vector<std::string> arguments{"compare"};
  const auto option = [&](const std::string& name, const std::string& value) {
    arguments.insert(arguments.end(), {name, value});
    key.add(name, value);
  };
  for (const Trace& trace : traces) {
    arguments.push_back(trace.path);
    key.add("trace", trace.key.text());
  }
  for (const std::string& accelerator : spec.accelerators) {
    option("--accelerators", accelerator);
    const fs::path preset = data_path("arch/presets/" + accelerator + ".yaml");
    key.add_file("preset", preset.string());
  }
  for (const std::string& dram : spec.drams) option("--dram", dram);
  for (const std::string& set : spec.sets) option("--set", set);
  for (const auto& [accelerator, recipe] : spec.recipes) {
    const auto found = std::ranges::find_if(
        spec.traces, [&, &name = recipe](const reproduce::TraceSpec& one) { return one.recipe.name == name; });
    if (found == spec.traces.end()) fail_internal("no trace with the recipe " + recipe);
    option("--recipe", accelerator + "=" + traces[static_cast<std::size_t>(found - spec.traces.begin())].recipe);
  }
  key.add_file("energy", data_path("arch/energy/tables/smartdeal-28nm.yaml"));
  const std::string folder = options_.folder + "/kept/comparisons/" + spec.traces.at(0).network + "." + short_hash(key);
  const std::string file = folder + "/comparison.json";
  if (const auto found = comparisons_.find(file); found != comparisons_.end()) return found->second;
  if (!is_kept(file, key)) {
    make(traces);
    make_folder(folder);
    forget(file);
    arguments.insert(arguments.end(), {"-o", folder, "-j", std::to_string(options_.jobs), "--quiet"});
    run_processes(options_.program, {arguments}, 1, [&](std::size_t, const ProcessOutcome& outcome) {
      require(outcome, arguments, true);
      keep(file, key);
    });
  }
  return comparisons_[file] = parse_json(read_file(file), file);
}

std::vector<nlohmann::json> ProcessLab::simulate(const std::vector<reproduce::SimulateSpec>& specs) {
  struct Run {
    std::string file;
    OutputKey key;
    std::vector<std::string> arguments;
  };
  std::vector<Run> runs;
  std::vector<Trace> traces;
  for (const reproduce::SimulateSpec& spec : specs) {
    const Trace trace = plan(spec.trace);
    Run run;
    run.key.add("trace", trace.key.text());
    run.key.add("accelerator", spec.accelerator);
    run.key.add_file("preset", data_path("arch/presets/" + spec.accelerator + ".yaml"));
    for (const char* const table : {"smartdeal-28nm", "smartdeal-65nm"})
      run.key.add_file("energy", data_path(std::string("arch/energy/tables/") + table + ".yaml"));
    run.arguments = {"simulate", trace.path, "--accelerator", spec.accelerator};
    for (const std::string& set : spec.sets) {
      run.key.add("set", set);
      run.arguments.insert(run.arguments.end(), {"--set", set});
    }
    run.file = options_.folder + "/kept/results/" + spec.trace.network + "." + short_hash(run.key) + ".json";
    run.arguments.insert(run.arguments.end(), {"-o", run.file, "--quiet"});
    const bool planned = std::ranges::any_of(runs, [&](const Run& one) { return one.file == run.file; });
    if (!planned && !is_kept(run.file, run.key)) traces.push_back(trace);
    runs.push_back(std::move(run));
  }
  make(traces);
  std::vector<std::vector<std::string>> commands;
  std::vector<const Run*> pending;
  for (const Run& run : runs) {
    if (is_kept(run.file, run.key) ||
        std::ranges::any_of(pending, [&](const Run* one) { return one->file == run.file; }))
      continue;
    forget(run.file);
    pending.push_back(&run);
    commands.push_back(run.arguments);
  }
  if (!pending.empty()) {
    Progress progress("reproduce: simulate", pending.size());
    run_processes(options_.program, commands, options_.jobs, [&](std::size_t index, const ProcessOutcome& outcome) {
      require(outcome, commands[index]);
      keep(pending[index]->file, pending[index]->key);
      progress.advance(1, fs::path(pending[index]->file).stem().string());
    });
  }
  std::vector<nlohmann::json> results;
  for (const Run& run : runs) results.push_back(parse_json(read_file(run.file), run.file));
  return results;
}

}  // namespace rebasis::cli
