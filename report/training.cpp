#include "report/training.h"

#include <filesystem>

#include "common/error.h"
#include "common/json.h"
#include "report/html_page.h"
#include "report/schema.h"

namespace rebasis::report {
namespace {

using nlohmann::json;

constexpr const char* schema_name = "rebasis-training";
constexpr std::int64_t schema_version = 1;
constexpr std::size_t most_epochs = 100'000, most_parts = 4096;
constexpr std::int64_t largest_count = std::int64_t{1} << 40;

void check_epoch(const json& value, const std::string& file) {
  const JsonObject epoch(value, file + ": an epoch");
  (void)epoch.integer("epoch", 1, static_cast<std::int64_t>(most_epochs));
  for (const char* figure : {"loss", "accuracy", "learning_rate"}) (void)epoch.number(figure);
  for (const json& accuracy : epoch.array("validation", most_epochs)) {
    if (!accuracy.is_number()) epoch.fail("\"validation\" holds what is no number");
  }
  const JsonObject metrics = epoch.object("metrics");
  for (const auto& [name, figure] : epoch.at("metrics").items()) (void)metrics.number(name);
}

void check_distribution(const JsonObject& distribution) {
  for (const char* figure : {"low", "high", "mean", "deviation"}) (void)distribution.number(figure);
  if (distribution.integers("counts", 0, largest_count, most_parts).empty()) distribution.fail("\"counts\" is empty");
}

void check_test(const JsonObject& history) {
  if (history.at("test").is_null()) return;
  const JsonObject test = history.object("test"), after = test.object("after");
  (void)test.number("before");
  for (const auto& [name, accuracy] : test.at("after").items()) (void)after.number(name);
}

}  // namespace

bool looks_like_training(const std::string& text) { return has_schema(text, schema_name); }

TrainingHistory training_from_json(const std::string& text, const std::string& file) {
  const json parsed = parse_json(text, file);
  const JsonObject history(parsed, file);
  const JsonObject schema = history.object("schema");
  (void)schema.one_of("name", {schema_name});
  if (schema.integer("version", 1, largest_count) > schema_version)
    history.fail("was written by a newer Rebasis; this one reads version 1 of training histories");
  for (const char* key : {"network", "recipe", "recipe_text"}) (void)history.text(key);
  const JsonObject provenance = history.object("provenance");
  for (const char* key : {"command", "tool_version"}) (void)provenance.text(key);
  (void)history.boolean("finished");
  check_test(history);
  for (const json& epoch : history.array("epochs", most_epochs)) check_epoch(epoch, file);
  const JsonObject distributions = history.object("distributions");
  for (const auto& [name, value] : history.at("distributions").items()) check_distribution(distributions.object(name));
  return {std::filesystem::path(file).stem().string(), to_line(parsed)};
}

std::string to_html(const std::vector<TrainingHistory>& histories) {
  if (histories.empty()) fail_input("there is no training history to report on; give the file of at least one");
  std::string data = "[";
  for (const TrainingHistory& history : histories) {
    data += (data.size() > 1 ? "," : "") + std::string("{\"label\":") + to_line(json(history.label)) +
            ",\"history\":" + history.json + "}";
  }
  const std::string title = histories.size() > 1 ? std::to_string(histories.size()) + " training runs"
                                                 : "training, " + histories.front().label;
  return html_page("Rebasis: " + title, "training", data + "]");
}

}  // namespace rebasis::report
