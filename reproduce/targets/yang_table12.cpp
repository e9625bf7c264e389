#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

const std::vector<std::string> accelerators{
    "sparse-tensor-core", "sparse-tensor-core-2of4", "cambricon-x", "scnn", "diannao", "bit-pragmatic"};

/// Seconds an image by accelerator, convolutions only.
std::map<std::string, double> times_of(Lab& lab, const std::string& recipe, const std::string& dram) {
  CompareSpec spec{{{"resnet18-cifar10", {recipe}, true}}, accelerators, {dram}};
  for (const std::string& accelerator : accelerators) spec.recipes[accelerator] = recipe;
  std::map<std::string, double> times;
  const nlohmann::json comparison = lab.compare(spec);
  for (const nlohmann::json& entry : comparison.at("entries")) {
    if (entry.at("totals").is_object())
      times[entry.at("accelerator").get<std::string>()] = entry.at("totals").at("time_s").get<double>();
  }
  return times;
}

struct Pattern {
  std::string row, recipe;
};
const std::vector<Pattern> patterns{{"2:4", "yang-table12-2of4"},
                                    {"3:4", "yang-table12-3of4"},
                                    {"7:8", "yang-table12-7of8"},
                                    {"15:16", "yang-table12-15of16"}};

/// The largest speed-up of each accelerator over its own dense run.
std::map<std::string, double> speed_ups(const Table& published, Lab& lab, const std::string& dram, Outcome* rows) {
  const std::map<std::string, double> dense = times_of(lab, "dense-int8", dram);
  std::map<std::string, double> largest;
  for (const Pattern& pattern : patterns) {
    for (const auto& [accelerator, time] : times_of(lab, pattern.recipe, dram)) {
      const double faster = dense.at(accelerator) / time;
      largest[accelerator] = std::max(largest[accelerator], faster);
      if (rows != nullptr)
        rows->rows.push_back(synthetic(pattern.row + ", " + accelerator, "speed-up over dense (published: GPU)", "x",
                                       faster, published.value(pattern.row, "speed_up"), true));
    }
  }
  return largest;
}

void measured_rows(const Table& published, Outcome& outcome) {
  const Table table = measured_table("alternating-sparse-training");
  outcome.made_by = "Accuracies: " + made_by(table);
  for (const Pattern& pattern : patterns) {
    for (const auto& [column, label] :
         {std::pair{"alone", "accuracy, trained alone"}, {"together", "accuracy, all in one run"}})
      outcome.rows.push_back(
          measured(pattern.row, label, "%", table.value(pattern.row, column), published.value(pattern.row, column)));
  }
  double most = 0;
  for (const Pattern& pattern : patterns)
    most = std::max(most, *table.value(pattern.row, "alone") - *table.value(pattern.row, "together"));
  outcome.verdicts.push_back({published.claim("accuracy"), Holds::partly,
                              fmt::format("up to {:.2f} points lost at 1/3.80 of the effort, after 112 steps for each "
                                          "sub-net; the dissertation loses up to 0.26 after 160 epochs",
                                          most)});
}

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption = "bandwidth: weights shrink with N:M, inputs and outputs do not";
  measured_rows(published, outcome);
  if (lab.quick()) return;
  const std::map<std::string, double> usual = speed_ups(published, lab, "lpddr4-3200-x32", &outcome);
  for (const char* const dram : {"ddr4-2400-x64", "unlimited"}) {
    for (const auto& [accelerator, value] : speed_ups(published, lab, dram, nullptr))
      outcome.sensitivity.push_back({"DRAM (usual: LPDDR4, 12.8 GB/s)", dram, "largest speed-up, " + accelerator, "x",
                                     value, usual.at(accelerator)});
  }
  const double best = std::max({usual.at("sparse-tensor-core"), usual.at("cambricon-x"), usual.at("scnn")});
  outcome.verdicts.push_back(
      {published.claim("speed"), best >= 2.2 ? Holds::yes : Holds::partly,
       fmt::format("on a GPU there; here up to {:.2f} times on an array that skips N of M, {:.2f} "
                   "when it knows only two of four; {:.2f} on Cambricon-X and {:.2f} on SCNN, "
                   "which skip single zero weights; {:.2f} on DianNao, which does not",
                   usual.at("sparse-tensor-core"), usual.at("sparse-tensor-core-2of4"), usual.at("cambricon-x"),
                   usual.at("scnn"), usual.at("diannao"))});
  outcome.notes.push_back(
      "A GPU's sparse tensor cores know one pattern, two zeros of four, as sparse-tensor-core-2of4 does, and double "
      "their "
      "operands at best. That the GPU gains more from 3:4 than from 2:4 cannot come from them, and is not explained "
      "here. "
      "Every accelerator runs the pruned 8-bit network; the dense one for the ratio is its own run.");
}

const TargetRegistration registration({"yang-table12", 150, compute});

}  // namespace
}  // namespace rebasis::reproduce
