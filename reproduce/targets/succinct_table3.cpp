#include <fmt/format.h>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  const Table table = measured_table("succinct");
  outcome.made_by = "Rows of vggsmall and resnet20: " + made_by(table);
  outcome.assumption =
      "which network the methods start from: the paper starts its own from OPQ's and takes the others from their "
      "papers; here all code the same weights";
  for (const auto& [label, name] :
       {std::pair{"ResNet-50", "resnet50"}, {"MobileNet-V2", "mobilenetv2"}, {"Small VGG-16", "vgg16-cifar10"}}) {
    const std::string row = std::string(label) + ", dense";
    const bool binary = std::string(name) == "mobilenetv2";  // 13.2 MB of 2^20 bytes
    outcome.rows.push_back(counted(row, "size", binary ? "MiB" : "MB",
                                   4 * counts_of(lab, name).parameters / (binary ? mebibyte : megabyte),
                                   published.value(row, "size")));
    const std::string ours = std::string(label) + ", succinct", opq = std::string(label) + ", OPQ";
    outcome.rows.push_back(counted(ours, "rate over that of OPQ, of the published values", "x",
                                   *published.value(ours, "rate") / *published.value(opq, "rate"),
                                   published.value(ours, "over_opq")));
    outcome.rows.push_back(missing(ours, "compression rate", "x", published.value(ours, "rate"),
                                   "no trained network of this shape and OPQ are here"));
  }
  std::string said;
  for (const char* const network : {"vggsmall", "resnet20"}) {
    const std::string row = fmt::format("{}, pruned 95 %, 4 bits", network);
    for (const auto& [column, label] : {std::pair{"rate_b", "succinct"},
                                        {"rate_a", "relative index (Deep Compression without its code)"},
                                        {"huffman", "Huffman codes of runs and values"},
                                        {"arithmetic", "context-adaptive arithmetic coding (DeepCABAC's manner)"}})
      outcome.rows.push_back(
          measured(row, std::string("compression rate, ") + label, "x", table.value(row, column), std::nullopt));
    said += fmt::format("{}{}: succinct {:.1f}, relative index {:.1f}, Huffman {:.1f}, arithmetic {:.1f}",
                        said.empty() ? "" : "; ", network, *table.value(row, "rate_b"), *table.value(row, "rate_a"),
                        *table.value(row, "huffman"), *table.value(row, "arithmetic"));
  }
  outcome.verdicts.push_back(
      {published.claim("best"), Holds::no,
       "on equal weights it takes the most bytes of four on one network and the second most on the other. " + said});
}

const TargetRegistration registration({"succinct-table3", 230, compute});

}  // namespace
}  // namespace rebasis::reproduce
