#include <fmt/format.h>

#include <algorithm>

#include "reproduce/targets/rows.h"

namespace rebasis::reproduce {
namespace {

const std::vector<std::pair<std::string, std::string>> networks{
    {"ResNet-50", "resnet50"}, {"ResNet-101", "resnet101"}, {"VGG-16", "vgg16"}, {"DeiT-B", "deit-b"}};

void compute(const Table& published, Lab& lab, Outcome& outcome) {
  const Table table = measured_table("succinct");
  outcome.made_by = "Rows of vggsmall and resnet20: " + made_by(table);
  outcome.assumption =
      "how unevenly a quantiser uses its levels: trained step sizes use them evenly, and then nothing is left to code";
  for (const auto& [label, name] : networks) {
    const double parameters = counts_of(lab, name).parameters;
    for (const char* const bits : {"8", "4", "2"}) {
      const std::string row = fmt::format("{}, {} bits", label, bits);
      outcome.rows.push_back(counted(row, "a: all weights packed", "MB", parameters * std::stod(bits) / 8 / 1e6,
                                     published.value(row, "size_a")));
    }
  }
  double least = 9, most = 0, faster = 0;
  for (const char* const network : {"vggsmall", "resnet20"}) {
    for (const char* const bits : {"8", "4", "2"}) {
      const std::string row = fmt::format("{}, {} bits", network, bits),
                        theirs = fmt::format("ResNet-50, {} bits", bits);
      for (const auto& [column, label] : {std::pair{"rate_b", "compression rate (published: ResNet-50)"},
                                          {"improved", "a / b, size (published: ResNet-50)"},
                                          {"speed_b", "speed-up over dense (published: ResNet-50)"},
                                          {"faster", "speed of b over a (published: ResNet-50)"}})
        outcome.rows.push_back(measured(row, label, "x", table.value(row, column), published.value(theirs, column)));
      least = std::min(least, *table.value(row, "improved"));
      most = std::max(most, *table.value(row, "improved"));
      faster = std::max(faster, *table.value(row, "faster"));
    }
  }
  outcome.verdicts.push_back(
      {published.claim("smaller"), most >= 1.14 ? Holds::partly : Holds::no,
       fmt::format("{:.2f} to {:.2f} times: quantisers with learned steps use their levels evenly, the entropy is "
                   "close to the width; the structure's rank support takes the rest",
                   least, most)});
  outcome.verdicts.push_back({published.claim("faster"), Holds::no,
                              fmt::format("at most {:.2f} times as fast as packed weights on a CPU: every weight costs "
                                          "several rank queries, and there is little to skip",
                                          faster)});
}

const TargetRegistration registration({"succinct-table2", 220, compute});

}  // namespace
}  // namespace rebasis::reproduce
