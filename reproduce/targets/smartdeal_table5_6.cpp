#include <fmt/format.h>

#include <algorithm>

#include "common/data_dir.h"
#include "common/error.h"
#include "common/file.h"
#include "reproduce/targets/smartdeal_sizes.h"

namespace rebasis::reproduce {
namespace {

/// The shipped network with the classes of CIFAR-100.
std::string with_classes(const std::string& network, const std::string& classes) {
  std::string text = read_file(data_path("workloads/networks/" + network + ".yaml"));
  const std::string before = "{linear: 10,", after = "{linear: " + classes + ",";
  const std::size_t at = text.find(before);
  if (at == std::string::npos) fail_internal(network + ": no last layer of 10 classes");
  return text.replace(at, before.size(), after);
}

struct Case {
  std::string label, network, data, structured;  ///< recipe of SS
};

Recipe unstructured() {
  return {"smartdeal",
          "description: one pass of SmartDeal as in appendix E-B of the paper, without row sparsity\n"
          "passes:\n  - smartdeal: {threshold_scale: weight, threshold: 0.007, layers: [{op: fc, leave: true}]}\n"};
}

void add_case(const Table& published, Lab& lab, Outcome& outcome, const Case& one) {
  const std::string text = one.data == "CIFAR-100" ? with_classes(one.network, "100") : "";
  TraceSpec plain{one.network, unstructured(), true}, structured{one.network, {one.structured}, true};
  plain.network_text = structured.network_text = text;
  const std::vector<nlohmann::json> compressed = lab.compress({plain, structured});
  const SmartDealSize sd = size_of(compressed[0]), ss = size_of(compressed[1]);
  const std::string name = one.label + ", " + one.data;
  outcome.rows.push_back(
      counted(name + ", VA", "size", "MiB", sd.original / mebibyte, published.value(name + ", VA", "size")));
  for (const char* const task : {"fine-tuning", "adaptation"}) {
    const std::string row = name + ", " + task;
    outcome.rows.push_back(
        synthetic(row + ", SD", "size", "MiB", sd.total / mebibyte, published.value(row + ", SD", "size")));
    outcome.rows.push_back(
        synthetic(row + ", SS", "size", "MiB", ss.total / mebibyte, published.value(row + ", SS", "size")));
  }
}

void measured_rows(Outcome& outcome) {
  const Table table = measured_table("smartdeal-training");
  outcome.made_by = "Rows of ResNet-20: " + made_by(table);
  for (const char* const task : {"fine-tuning", "adaptation"}) {
    for (const char* const method : {"VA", "SD", "SS"}) {
      const std::string row = std::string(task) + ", " + method;
      outcome.rows.push_back(measured("ResNet-20, Fashion-MNIST, " + row, "size", "MB", table.value(row, "size"), {}));
    }
  }
}

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  outcome.assumption =
      "how many coefficients the paper's theta of 0.007 makes zero: the tables give no sparsity; on synthetic weights "
      "fewer are";
  measured_rows(outcome);
  for (const char* const row : {"VA", "SD", "SS"})
    outcome.rows.push_back(missing(std::string("energy efficiency, ") + row, "efficiency", "x", std::nullopt,
                                   "no training accelerator is modelled"));
  if (lab.quick()) return;
  const std::vector<Case> cases{{"ResNet18", "resnet18-cifar10", "CIFAR-10", "smartdeal-resnet18-cifar10"},
                                {"ResNet18", "resnet18-cifar10", "CIFAR-100", "smartdeal-resnet18-cifar100"},
                                {"MobileNetV2", "mobilenetv2-cifar10", "CIFAR-10", "smartdeal-mobilenetv2-cifar10"},
                                {"MobileNetV2", "mobilenetv2-cifar10", "CIFAR-100", "smartdeal-mobilenetv2-cifar100"}};
  for (const Case& one : cases) add_case(published, lab, outcome, one);
  double most = 0;
  const auto size = [&](const std::string& row) {
    for (const Row& one : outcome.rows) {
      if (one.name == row && one.quantity == "size") return *one.ours;
    }
    fail_internal("no row " + row);
  };
  for (const Case& one : cases) {
    const std::string name = one.label + ", " + one.data;
    most = std::max(most, size(name + ", VA") / size(name + ", fine-tuning, SS"));
  }
  outcome.verdicts.push_back(
      {published.claim("size"), most > 10.56 ? Holds::yes : Holds::partly,
       fmt::format("up to {:.1f} times smaller here; the table has up to {:.1f} (ResNet18, CIFAR-10, adaptation, SS). "
                   "Measured on ResNet-20: 7.9 (SD) and 9.2 (SS) times",
                   most, 42.59 / 2.34)});
}

const TargetRegistration registration({"smartdeal-table5-6", 40, compute});

}  // namespace
}  // namespace rebasis::reproduce
