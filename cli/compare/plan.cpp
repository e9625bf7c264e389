#include "cli/compare/plan.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "arch/energy/energy_table.h"
#include "common/error.h"
#include "common/sha256.h"
#include "common/text/suggest.h"
#include "sim/core/dram.h"
#include "workloads/compress/recipe.h"

namespace rebasis::cli {
namespace {

namespace fs = std::filesystem;

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".yaml") || text.ends_with(".yml");
}
std::string name_of(const std::string& preset_or_file) {
  return is_path(preset_or_file) ? fs::path(preset_or_file).stem().string() : preset_or_file;
}

/// A name as a part of a file's name.
std::string file_part(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    out += plain ? c : '-';
  }
  return out;
}

std::vector<std::string> names_of(const std::vector<PlannedAccelerator>& accelerators) {
  std::vector<std::string> names;
  for (const PlannedAccelerator& accelerator : accelerators) names.push_back(accelerator.name);
  return names;
}

PlannedAccelerator* named(std::vector<PlannedAccelerator>& accelerators, const std::string& name) {
  for (PlannedAccelerator& accelerator : accelerators) {
    if (accelerator.name == name) return &accelerator;
  }
  return nullptr;
}

void check_name(const std::string& option, const std::string& name,
                const std::vector<PlannedAccelerator>& accelerators) {
  const std::vector<std::string> known = names_of(accelerators);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    fail_input(option + ": " + in_quotes(name) + " is not compared" + did_you_mean(name, known) +
               "; the compared accelerators are " + joined(known));
  }
}

/// Calls use(accelerator, value) for each "ACCELERATOR=VALUE" of an option.
template <class Use>
void for_each_choice(const std::string& option, const std::string& what, const std::vector<std::string>& choices,
                     std::vector<PlannedAccelerator>& accelerators, const Use& use) {
  for (const std::string& choice : choices) {
    const std::size_t equals = choice.find('=');
    if (equals == std::string::npos || equals + 1 == choice.size())
      fail_input(option + " " + choice + ": write ACCELERATOR=" + what);
    check_name(option, choice.substr(0, equals), accelerators);
    use(*named(accelerators, choice.substr(0, equals)), choice.substr(equals + 1));
  }
}

std::vector<PlannedAccelerator> read_accelerators(const CompareRequest& request) {
  std::vector<PlannedAccelerator> accelerators;
  for (const std::string& argument : request.accelerators) {
    const std::string name = name_of(argument);
    if (named(accelerators, name) != nullptr)
      fail_input("--accelerators: two are called " + in_quotes(name) + "; rename one of the files");
    PlannedAccelerator accelerator{name, argument, arch::load_accelerator_file(argument), "", "", {}, ""};
    accelerator.recipe_argument = accelerator.file.recipe;
    accelerators.push_back(std::move(accelerator));
  }
  for_each_choice(
      "--recipe", "RECIPE", request.recipes, accelerators,
      [](PlannedAccelerator& accelerator, const std::string& recipe) { accelerator.recipe_argument = recipe; });
  for_each_choice("--retrained", "NETWORK.onnx", request.retrained, accelerators,
                  [](PlannedAccelerator& accelerator, const std::string& network) { accelerator.retrained = network; });
  for (PlannedAccelerator& accelerator : accelerators) {
    if (!accelerator.recipe_argument.empty()) accelerator.recipe = name_of(accelerator.recipe_argument);
  }
  return accelerators;
}

/// A re-trained network stands for one network; with several it would not be known for which.
void check_retrained(const CompareRequest& request, const std::vector<ComparedNetwork>& networks) {
  if (request.retrained.empty()) return;
  if (networks.size() != 1 || networks.front().onnx.empty())
    fail_input("--retrained " + request.retrained.front() +
               ": needs exactly one network, an .onnx file, to stand in for");
}

/// "NAME:key=value" is for one accelerator; a key has no colon.
void distribute_sets(const CompareRequest& request, std::vector<PlannedAccelerator>& accelerators) {
  for (const std::string& assignment : request.sets) {
    const std::size_t equals = assignment.find('=');
    const std::size_t colon = assignment.find(':');
    if (equals == std::string::npos) fail_input("--set " + assignment + ": write key=value or ACCELERATOR:key=value");
    const bool for_one = colon != std::string::npos && colon < equals;
    const std::string key = assignment.substr(for_one ? colon + 1 : 0, equals - (for_one ? colon + 1 : 0));
    if (key.starts_with("dram.model"))
      fail_input("--set " + assignment + ": all accelerators get the same memory; give it with --dram");
    if (for_one) {
      check_name("--set", assignment.substr(0, colon), accelerators);
      named(accelerators, assignment.substr(0, colon))->sets.push_back(assignment.substr(colon + 1));
    } else {
      for (PlannedAccelerator& accelerator : accelerators) accelerator.sets.push_back(assignment);
    }
  }
  if (request.energy.empty()) return;
  for (PlannedAccelerator& accelerator : accelerators) accelerator.sets.push_back("energy=" + request.energy);
}

std::vector<std::string> dram_settings(const std::string& dram) {
  const std::size_t colon = dram.find(':');
  if (colon == std::string::npos) return {"dram.model=" + dram};
  return {"dram.model=" + dram.substr(0, colon), "dram.bandwidth=" + dram.substr(colon + 1) + " GB/s"};
}

void check_drams(const std::vector<std::string>& drams) {
  std::vector<std::string> known;
  for (const auto& [name, description] : sim::dram_models()) known.push_back(name);
  std::set<std::string> seen;
  for (const std::string& dram : drams) {
    const std::string model = dram.substr(0, dram.find(':'));
    if (std::find(known.begin(), known.end(), model) == known.end())
      fail_unknown_name({"--dram"}, "memory model", model, known);
    if (model != dram && model != "bandwidth")
      fail_input("--dram " + dram + ": only the model bandwidth takes a rate; write bandwidth:GB_PER_S");
    if (!seen.insert(dram).second) fail_input("--dram: " + dram + " is given twice");
  }
}

std::string chosen_baseline(const std::string& option, const std::string& asked, const std::string& usual,
                            const std::vector<PlannedAccelerator>& accelerators) {
  if (!asked.empty()) {
    check_name(option, asked, accelerators);
    return asked;
  }
  const std::vector<std::string> known = names_of(accelerators);
  return std::find(known.begin(), known.end(), usual) != known.end() ? usual : known.front();
}

class Planner {
 public:
  Planner(const CompareRequest& request, ComparePlan& plan)
      : request_(request), plan_(plan), tool_(tool_fingerprint()) {}

  void add(const ComparedNetwork& network) {
    for (PlannedAccelerator& accelerator : plan_.accelerators) {
      const TraceChoice choice = choose_trace(network, accelerator.name, accelerator.recipe);
      if (!choice.note.empty()) plan_.notes.push_back(choice.note);
      const std::size_t trace =
          choice.given != nullptr ? given(network, *choice.given) : compressed(network, accelerator);
      for (const std::string& dram : plan_.drams) add_run(network, accelerator, dram, trace);
    }
  }

 private:
  std::size_t given(const ComparedNetwork& network, const GivenTrace& trace) {
    return insert({network.name + "." + (trace.recipe.empty() ? fs::path(trace.path).stem().string() : trace.recipe),
                   network.name,
                   trace.path,
                   {},
                   {}});
  }

  std::size_t compressed(const ComparedNetwork& network, const PlannedAccelerator& accelerator) {
    if (request_.inputs.empty()) fail_input(network.onnx + ": is compressed on real inputs; give them with --inputs");
    PlannedTrace trace;
    const bool retrained = !accelerator.retrained.empty();
    const std::string source = retrained ? accelerator.retrained : network.onnx;
    if (retrained)
      plan_.notes.push_back(accelerator.name + " runs " + source + ", re-trained for its compression, in place of " +
                            network.onnx);
    trace.name = (retrained ? fs::path(source).stem().string() : network.name) + "." + accelerator.recipe;
    trace.network = network.name;
    trace.path = request_.folder + "/traces/" + file_part(trace.name) + ".trace";
    trace.compress.output = trace.path;
    auto& words = trace.compress.arguments;
    words = {"compress", source, "--recipe", accelerator.recipe_argument, "--inputs", request_.inputs};
    if (!request_.labels.empty()) words.insert(words.end(), {"--labels", request_.labels});
    words.insert(words.end(), request_.compress_options.begin(), request_.compress_options.end());
    trace.key.add("tool", tool_);
    for (const std::string& word : request_.compress_options) trace.key.add("option", word);
    trace.key.add("network", retrained ? sha256_of_file(source) : network.sha256);
    trace.key.add("recipe", accelerator.recipe + "\n" + recipe_text(accelerator.recipe_argument));
    trace.key.add("inputs", inputs_fingerprint(request_.inputs));
    if (!request_.labels.empty()) trace.key.add("labels", inputs_fingerprint(request_.labels));
    words.insert(words.end(), {"-o", trace.path});
    return insert(std::move(trace));
  }

  std::size_t insert(PlannedTrace trace) {
    for (std::size_t i = 0; i < plan_.traces.size(); ++i) {
      if (plan_.traces[i].path == trace.path && plan_.traces[i].name == trace.name) {
        if (plan_.traces[i].key.text() != trace.key.text())
          fail_input("two recipes are called " + in_quotes(trace.name) + "; rename one of their files");
        return i;
      }
    }
    plan_.traces.push_back(std::move(trace));
    return plan_.traces.size() - 1;
  }

  void add_run(const ComparedNetwork& network, const PlannedAccelerator& accelerator, const std::string& dram,
               std::size_t trace) {
    PlannedRun run{network.name, accelerator.name, dram, trace, {}, {}};
    run.file =
        "results/" + file_part(network.name) + "." + file_part(accelerator.name) + "." + file_part(dram) + ".json";
    run.simulate.output = request_.folder + "/" + run.file;
    auto& words = run.simulate.arguments;
    words = {"simulate", plan_.traces[trace].path, "--accelerator", accelerator.argument};
    for (const std::string& assignment : dram_settings(dram)) words.insert(words.end(), {"--set", assignment});
    for (const std::string& assignment : accelerator.sets) words.insert(words.end(), {"--set", assignment});
    if (request_.fidelity != "fast") words.insert(words.end(), {"--fidelity", request_.fidelity});
    words.insert(words.end(), {"-o", run.simulate.output});
    plan_.runs.push_back(std::move(run));
  }

  const std::string& recipe_text(const std::string& recipe) {
    const auto [place, is_new] = recipes_.try_emplace(recipe);
    if (is_new) place->second = compress::Recipe::load(recipe).text();
    return place->second;
  }

  const std::string& inputs_fingerprint(const std::string& path) {
    const auto [place, is_new] = fingerprints_.try_emplace(path);
    if (is_new) {
      OutputKey key;
      key.add_file("", path);
      place->second = key.text();
      std::erase(place->second, '\n');
    }
    return place->second;
  }

  const CompareRequest& request_;
  ComparePlan& plan_;
  std::string tool_;
  std::map<std::string, std::string> recipes_, fingerprints_;
};

void check_outputs(const ComparePlan& plan) {
  std::set<std::string> outputs;
  for (const PlannedRun& run : plan.runs) {
    if (!outputs.insert(run.file).second)
      fail_input(run.file + " would hold two results; rename a network or an accelerator");
  }
}

}  // namespace

ComparePlan make_plan(const CompareRequest& request) {
  ComparePlan plan;
  plan.accelerators = read_accelerators(request);
  distribute_sets(request, plan.accelerators);
  check_drams(request.drams);
  plan.drams = request.drams;
  plan.baseline = chosen_baseline("--baseline", request.baseline, "diannao", plan.accelerators);
  plan.traffic_baseline =
      chosen_baseline("--traffic-baseline", request.traffic_baseline, "smartdeal", plan.accelerators);
  const std::vector<ComparedNetwork> networks = read_networks(request.files);
  check_retrained(request, networks);
  Planner planner(request, plan);
  for (const ComparedNetwork& network : networks) {
    plan.networks.push_back(network.name);
    planner.add(network);
  }
  check_outputs(plan);
  return plan;
}

OutputKey key_of(const PlannedRun& run, const ComparePlan& plan, const std::string& tool) {
  OutputKey key;
  key.add("tool", tool);
  key.add("trace", fingerprint(plan.traces[run.trace].path));
  const auto accelerator = std::find_if(plan.accelerators.begin(), plan.accelerators.end(),
                                        [&](const PlannedAccelerator& one) { return one.name == run.accelerator; });
  // Everything of the command but where its files are.
  const auto& words = run.simulate.arguments;
  for (std::size_t i = 3; i + 2 < words.size(); ++i) key.add("option", words[i]);
  const arch::AcceleratorFile file = arch::load_accelerator_file(accelerator->argument, accelerator->sets);
  key.add("model", file.model);
  for (const arch::ConfigEntry& entry : file.config.entries()) key.add("parameter", entry.key + "=" + entry.value);
  key.add("energy", file.energy_table + "\n" +
                        (file.energy_table.empty() ? "" : arch::EnergyTable::load(file.energy_table).describe()));
  return key;
}

}  // namespace rebasis::cli
