#include <fmt/format.h>

#include <map>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

/// Time of the layers of each weight shape, by accelerator.
using Times = std::map<std::string, std::map<std::string, double>>;

Times times_of(Lab& lab, const std::vector<std::string>& sets, const std::string& dram) {
  std::map<std::string, std::string> shape_of;
  for (const LayerCounts& layer : counts_of(lab, "resnet20").layers) shape_of[layer.name] = layer.shape;
  CompareSpec spec{
      {{"resnet20", {"ternary-pe-table7"}, true}}, {"pynq-z1-ternary", "pynq-z1-ternary-reference"}, {dram}};
  spec.recipes["pynq-z1-ternary-reference"] = spec.recipes["pynq-z1-ternary"] = "ternary-pe-table7";
  spec.sets = sets;
  Times times;
  const nlohmann::json comparison = lab.compare(spec);
  for (const nlohmann::json& entry : comparison.at("entries")) {
    for (const nlohmann::json& layer : entry.at("layers")) {
      const auto shape = shape_of.find(layer.at("name").get<std::string>());
      if (shape != shape_of.end())
        times[shape->second][entry.at("accelerator").get<std::string>()] += layer.at("time_s").get<double>();
    }
  }
  return times;
}

double speed_up(const Times& times, const std::string& shape) {
  return times.at(shape).at("pynq-z1-ternary-reference") / times.at(shape).at("pynq-z1-ternary");
}

void sensitivity(const Table& published, Lab& lab, Outcome& outcome, const Times& usual) {
  struct Setting {
    std::string assumption, setting, dram;
    std::vector<std::string> sets;
  };
  const std::string ddr3 = "ddr3-1066-x16";
  for (const Setting& one : std::vector<Setting>{
           {"start of a layer by the host", "no time", ddr3, {"host.start=0"}},
           {"start of a layer by the host", "20 us", ddr3, {"host.start=2000"}},
           {"DRAM", "costs no time", "unlimited", {}},
           {"mapping minimises (usual: DRAM bytes)", "estimated time", ddr3, {"mapper.objective=latency"}}}) {
    const Times times = times_of(lab, one.sets, one.dram);
    for (const TableRow& row : published.rows)
      outcome.sensitivity.push_back({one.assumption, one.setting, row.name, "x", speed_up(times, row.texts.at("layer")),
                                     speed_up(usual, row.texts.at("layer"))});
  }
}

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption =
      "what else than passes a layer on the board costs: the dissertation describes neither pipeline nor buffers nor "
      "ports; the model loads a layer's inputs before its first pass";
  const Times times = times_of(lab, {}, "ddr3-1066-x16");
  std::string said;
  bool close = true;
  for (const TableRow& row : published.rows) {
    const double ideal = row.values.at("total") / row.values.at("groups"),
                 ours = speed_up(times, row.texts.at("layer"));
    outcome.rows.push_back(
        counted(row.name, "speed-up if a group were all that costs time", "x", ideal, row.values.at("speed_up")));
    outcome.rows.push_back(synthetic(row.name, "speed-up", "x", ours, row.values.at("speed_up"), true));
    said += fmt::format("{}{:.2f} ({:.2f} published, {:.2f} ideal)", said.empty() ? "" : ", ", ours,
                        row.values.at("speed_up"), ideal);
    close = close && ours > 1.4;
  }
  outcome.verdicts.push_back(
      {published.claim("speed"), close ? Holds::yes : Holds::partly,
       said + "; the board loses more to work that does not shrink than the model knows of, most in stage 3"});
  outcome.notes.push_back(
      "Means over all layers of ResNet-20 on CIFAR maps that have a stage's weight shape; which groups are zero is "
      "random.");
  outcome.notes.push_back(
      "Two corrections of the model were made with this table in view (docs/accelerators/pynq-z1-ternary.md says "
      "which).");
  if (!lab.quick()) sensitivity(published, lab, outcome, times);
}

const TargetRegistration registration({"yang-table7", 140, compute});

}  // namespace
}  // namespace rebasis::reproduce
