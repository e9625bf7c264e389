#include "workloads/train/history.h"

#include "common/json.h"

namespace rebasis::train {
namespace {

using nlohmann::json;

json json_of(const Distribution& distribution) {
  return {{"low", distribution.low},
          {"high", distribution.high},
          {"counts", distribution.counts},
          {"mean", distribution.mean},
          {"deviation", distribution.deviation}};
}

json json_of(const EpochReport& epoch) {
  return {{"epoch", epoch.epoch},           {"loss", epoch.loss},
          {"accuracy", epoch.accuracy},     {"learning_rate", epoch.learning_rate},
          {"validation", epoch.validation}, {"metrics", epoch.metrics}};
}

json test_of(const HistoryHeader& header) {
  if (!header.tested_before) return nullptr;
  return {{"before", *header.tested_before}, {"after", header.tested_after}};
}

}  // namespace

std::string history_json(const HistoryHeader& header, const std::vector<EpochReport>& epochs, bool finished) {
  json rows = json::array(), distributions = json::object();
  for (const EpochReport& epoch : epochs) rows.push_back(json_of(epoch));
  if (!epochs.empty()) {
    for (const auto& [name, distribution] : epochs.back().distributions) distributions[name] = json_of(distribution);
  }
  return to_text({{"schema", {{"name", "rebasis-training"}, {"version", 1}}},
                  {"network", header.network},
                  {"recipe", header.recipe},
                  {"recipe_text", header.recipe_text},
                  {"provenance", {{"command", header.command}, {"tool_version", header.version}}},
                  {"finished", finished},
                  {"test", test_of(header)},
                  {"epochs", rows},
                  {"distributions", distributions}});
}

}  // namespace rebasis::train
