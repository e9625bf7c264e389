#include "dse/study.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "arch/units.h"
#include "common/file.h"
#include "common/text/suggest.h"
#include "common/text/yaml.h"

namespace rebasis::dse {

namespace {

/// A map of the study whose keys are known; messages name the key.
class Section {
 public:
  Section(const YAML::Node& map, std::string name, const std::string& file)
      : map_(map), name_(std::move(name)), file_(file) {
    if (!map_.IsMap()) fail_input(where(map_), name_ + " is not a map; write KEY: VALUE");
  }
  void allow(const std::vector<std::string>& keys) const {
    for (const auto& pair : map_) {
      const std::string key = pair.first.Scalar();
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        fail_unknown_name(where(pair.first), "key of " + name_, key, keys);
    }
  }
  [[nodiscard]] YAML::Node node(const std::string& key) const { return map_[key]; }
  [[nodiscard]] bool has(const std::string& key) const { return map_[key].IsDefined(); }
  [[nodiscard]] SourceLocation where(const YAML::Node& node) const { return location_of(node, file_); }
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise = {}) const {
    const YAML::Node value = map_[key];
    if (!value.IsDefined()) return otherwise;
    if (!value.IsScalar()) fail_input(where(value), name_ + "." + key + " is not a single value");
    return value.Scalar();
  }
  /// In bytes, seconds or counts; at least `low`.
  [[nodiscard]] double number(const std::string& key, double otherwise, double low) const {
    if (!has(key)) return otherwise;
    const Value value = value_of(text(key));
    if (!value.number || *value.number < low)
      fail_input(where(map_[key]),
                 name_ + "." + key + " is not a number of at least " + std::to_string(low) + ": " + value.text);
    return *value.number;
  }
  [[nodiscard]] std::vector<std::string> list(const std::string& key) const {
    std::vector<std::string> values;
    const YAML::Node node = map_[key];
    if (!node.IsDefined()) return values;
    if (node.IsScalar()) return {node.Scalar()};
    if (!node.IsSequence()) fail_input(where(node), name_ + "." + key + " is not a list");
    for (const auto& item : node) {
      if (!item.IsScalar()) fail_input(where(item), "an entry of " + name_ + "." + key + " is not a single value");
      values.push_back(item.Scalar());
    }
    return values;
  }

 private:
  YAML::Node map_;
  std::string name_;
  const std::string& file_;
};

/// A path of the study file starts at the file's folder.
std::string beside(const std::string& path, const std::string& file) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

/// The same for what may be the name of something that ships.
std::string name_or_path(const std::string& text, const std::string& file) {
  return text.find('/') != std::string::npos || text.ends_with(".yaml") ? beside(text, file) : text;
}

/// A workload is one of three kinds, each with its keys.
void check_kind(const Workload& workload) {
  const int kinds = static_cast<int>(!workload.trace.empty()) + static_cast<int>(!workload.network.empty()) +
                    static_cast<int>(!workload.synthetic.empty());
  if (kinds != 1) fail_input(workload.where, "a workload has a trace, a network or synthetic, one of them");
  const bool has_inputs = !workload.inputs.empty() || !workload.labels.empty();
  if (workload.network.empty() && has_inputs)
    fail_input(workload.where, "inputs and labels go with network: FILE.onnx");
  if (!workload.network.empty() && workload.inputs.empty())
    fail_input(workload.where, "a network needs inputs to make its trace; add inputs: FILE");
}

Workload parse_workload(const YAML::Node& node, const std::string& file) {
  const Section section(node, "a workload", file);
  section.allow({"name", "trace", "network", "inputs", "labels", "synthetic", "compress"});
  Workload workload;
  workload.where = location_of(node, file);
  workload.trace = beside(section.text("trace"), file);
  workload.network = beside(section.text("network"), file);
  workload.inputs = beside(section.text("inputs"), file);
  workload.labels = beside(section.text("labels"), file);
  workload.synthetic = name_or_path(section.text("synthetic"), file);
  workload.compress = section.list("compress");
  check_kind(workload);
  const std::string source = workload.trace + workload.network + workload.synthetic;  // two of them are empty
  workload.name = section.text("name", std::filesystem::path(source).stem().string());
  return workload;
}

std::vector<Workload> parse_workloads(const YAML::Node& list, const std::string& file) {
  std::vector<Workload> workloads;
  if (!list.IsDefined() || !list.IsSequence() || list.size() == 0)
    fail_input({file, 1}, "the study has no workloads; write workloads: [{trace: FILE}]");
  std::set<std::string> names;
  for (const auto& item : list) {
    workloads.push_back(parse_workload(item, file));
    if (!names.insert(workloads.back().name).second)
      fail_input(workloads.back().where, "two workloads are called " + workloads.back().name + "; give one a name");
  }
  return workloads;
}

void check_metric(const std::string& name, const SourceLocation& where) {
  std::vector<std::string> known;
  for (const Metric& metric : metrics()) known.push_back(metric.name);
  if (std::find(known.begin(), known.end(), name) == known.end()) fail_unknown_name(where, "metric", name, known);
}

/// "energy_pj", "minimise: energy_pj" or "maximise: accuracy".
std::vector<Objective> parse_objectives(const YAML::Node& list, const std::string& file) {
  std::vector<Objective> objectives;
  if (!list.IsDefined() || !list.IsSequence() || list.size() == 0)
    fail_input({file, 1}, "the study has no objectives; write objectives: [energy_pj, time_s]");
  for (const auto& item : list) {
    Objective objective;
    objective.where = location_of(item, file);
    if (item.IsScalar()) {
      objective.metric = item.Scalar();
    } else if (item.IsMap() && item.size() == 1 && item.begin()->second.IsScalar()) {
      const std::string direction = item.begin()->first.Scalar();
      if (direction != "minimise" && direction != "maximise")
        fail_unknown_name(objective.where, "direction", direction, {"maximise", "minimise"});
      objective.maximise = direction == "maximise";
      objective.metric = item.begin()->second.Scalar();
    } else {
      fail_input(objective.where, "an objective is METRIC, minimise: METRIC or maximise: METRIC");
    }
    check_metric(objective.metric, objective.where);
    for (const Objective& other : objectives) {
      if (other.metric == objective.metric) fail_input(objective.where, objective.metric + " is an objective twice");
    }
    objectives.push_back(objective);
  }
  return objectives;
}

std::vector<Expression> parse_constraints(const YAML::Node& list, const std::string& file) {
  std::vector<Expression> constraints;
  if (!list.IsDefined()) return constraints;
  if (!list.IsSequence()) fail_input(location_of(list, file), "constraints is not a list; write - accuracy >= 0.9");
  for (const auto& item : list) {
    if (!item.IsScalar()) fail_input(location_of(item, file), "a constraint is a formula, accuracy >= 0.9");
    constraints.emplace_back(item.Scalar(), location_of(item, file));
    for (const std::string& name : constraints.back().names()) check_metric(name, constraints.back().where());
  }
  return constraints;
}

StrategyChoice parse_strategy(const YAML::Node& node, const std::string& file) {
  StrategyChoice choice;
  if (!node.IsDefined()) return choice;
  choice.where = location_of(node, file);
  if (node.IsScalar()) {
    choice.name = node.Scalar();
  } else if (node.IsMap() && node.size() == 1) {
    choice.name = node.begin()->first.Scalar();
    if (!node.begin()->second.IsNull()) choice.options = arch::RawConfig::from_map(node.begin()->second, file);
  } else {
    fail_input(choice.where, "strategy is NAME or {NAME: {OPTION: VALUE}}");
  }
  return choice;
}

std::map<std::string, std::string> parse_settings(const YAML::Node& map, const std::string& file) {
  std::map<std::string, std::string> settings;
  if (!map.IsDefined()) return settings;
  const arch::RawConfig config = arch::RawConfig::from_map(map, file);
  for (const arch::ConfigEntry& entry : config.entries()) settings[entry.key] = entry.value;
  return settings;
}

void parse_limits(const Section& root, const std::string& file, Study& study) {
  if (root.has("budget")) {
    const Section budget(root.node("budget"), "budget", file);
    budget.allow({"points", "time"});
    study.budget.points = static_cast<std::int64_t>(budget.number("points", 0, 1));
    study.budget.seconds = budget.number("time", 0, 0);
  }
  if (root.has("limits")) {
    const Section limits(root.node("limits"), "limits", file);
    limits.allow({"time", "memory", "attempts"});
    study.limits.seconds = limits.number("time", study.limits.seconds, 0.001);
    study.limits.memory_bytes =
        static_cast<std::int64_t>(limits.number("memory", static_cast<double>(study.limits.memory_bytes), 1 << 20));
    study.limits.attempts =
        static_cast<std::int64_t>(limits.number("attempts", static_cast<double>(study.limits.attempts), 1));
  }
  study.seed = static_cast<std::int64_t>(root.number("seed", 1, 0));
}

void check_together(const Study& study) {
  const auto varies = [&](const std::string& name) {
    return std::any_of(study.space.dimensions.begin(), study.space.dimensions.end(),
                       [&](const Dimension& d) { return d.name == name; });
  };
  if (study.accelerator.empty() && !varies("accelerator"))
    fail_input({study.file, 1},
               "the study has no accelerator; write accelerator: smartdeal, or a dimension of that name");
  for (const Dimension& dimension : study.space.dimensions) {
    if (study.set.contains(dimension.name)) fail_input(dimension.where, dimension.name + " is a dimension and in set");
  }
  for (const Workload& workload : study.workloads) {
    if (!workload.trace.empty() && varies("recipe"))
      fail_input(workload.where,
                 "a trace is compressed already, so recipe cannot vary; give the network and its inputs");
  }
}

}  // namespace

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all{
      {"energy_pj", "pJ", "energy of all workloads", false},
      {"time_s", "s", "latency of all workloads, one after the other", false},
      {"cycles", "", "cycles of all workloads", false},
      {"edp", "pJ s", "energy x latency", false},
      {"dram_bytes", "B", "DRAM traffic", false},
      {"sram_bytes", "B", "capacity of all buffers", false},
      {"area_mm2", "mm2", "area of logic and SRAM at 28 nm", false},
      {"area_logic_mm2", "mm2", "area of logic at 28 nm", false},
      {"area_sram_mm2", "mm2", "area of SRAM at 28 nm", false},
      {"multipliers", "", "multipliers (8-bit, or bit-serial) of the array", false},
      {"pe_utilisation", "", "share of the array's cycles that do work", true},
      {"compressed_bytes", "B", "weights with all their overheads", false},
      {"accuracy", "", "share of the labelled inputs that the compressed network gets right", true},
  };
  return all;
}

Study Study::load(const std::string& path) { return parse(read_file(path), path); }

Study Study::parse(const std::string& text, const std::string& file) {
  const YAML::Node node = parse_yaml(text, file);
  if (!node.IsMap()) fail_input({file, 1}, "a study is a map; write workloads: [...]");
  const Section root(node, "the study", file);
  root.allow({"description", "workloads", "accelerator", "recipe", "set", "layers", "space", "let", "derived", "where",
              "aggregate", "objectives", "constraints", "strategy", "budget", "limits", "seed"});
  Study study;
  study.name = std::filesystem::path(file).stem().string();
  study.file = file;
  study.text = text;
  study.description = root.text("description");
  study.workloads = parse_workloads(root.node("workloads"), file);
  study.accelerator = root.text("accelerator");
  study.recipe = root.text("recipe");
  study.set = parse_settings(root.node("set"), file);
  study.layers = root.list("layers");
  study.space = Space::parse(node, file);
  study.aggregate = root.text("aggregate", "sum");
  const std::vector<std::string> aggregates{"sum", "mean", "geomean", "max"};
  if (std::find(aggregates.begin(), aggregates.end(), study.aggregate) == aggregates.end())
    fail_unknown_name(root.where(root.node("aggregate")), "aggregate", study.aggregate, aggregates);
  study.objectives = parse_objectives(root.node("objectives"), file);
  study.constraints = parse_constraints(root.node("constraints"), file);
  study.strategy = parse_strategy(root.node("strategy"), file);
  parse_limits(root, file, study);
  check_together(study);
  return study;
}

}  // namespace rebasis::dse
