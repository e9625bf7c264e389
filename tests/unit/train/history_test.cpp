// The history of a run: complete after every epoch, the same after a kill, read by the report.
#include <doctest/doctest.h>

#include <filesystem>
#include <numeric>

#include "common/file.h"
#include "common/json.h"
#include "report/training.h"
#include "tests/support/errors.h"
#include "tests/support/tiny_training.h"
#include "workloads/train/history.h"

using namespace rebasis;
using namespace rebasis::test::tiny;

namespace {

const std::string text = std::string(plain) +
                         "validation: 0.2\nmethods:\n  - pe_groups: {group_channels: 1, keep_first_last: false}\n"
                         "  - ternary: {keep_first_last: false}\n";

const train::HistoryHeader header{"net.onnx", "t", "epochs: 6\n", "rebasis train", "1.0", 0.5, {{"", 0.25}}};

nlohmann::json parsed(const std::string& json) { return parse_json(json, "h.json"); }

}  // namespace

TEST_CASE("every epoch has its figures; the last one the distributions") {
  const Fixture network;
  const train::TrainResult result = trained(network, text);
  const nlohmann::json history = parsed(train::history_json(header, result.epochs, true));
  REQUIRE(history.at("epochs").size() == 6);
  for (const nlohmann::json& epoch : history.at("epochs")) {
    const nlohmann::json& metrics = epoch.at("metrics");
    CHECK(metrics.at("c_node/threshold").get<double>() > 0);
    CHECK(metrics.at("c_node/zero_weights").get<double>() >= 0);
    CHECK(metrics.at("compression").get<double>() >= 16);
    CHECK(epoch.at("validation").size() == 1);
  }
  const nlohmann::json& weights = history.at("distributions").at("c_node/weights");
  const auto counts = weights.at("counts").get<std::vector<std::int64_t>>();
  CHECK(counts.size() == 64);
  CHECK(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == 36);
  CHECK(weights.at("low").get<double>() < weights.at("mean").get<double>());
  CHECK(history.at("distributions").contains("c_node/group_norms"));
  CHECK(history.at("test").at("after").at("") == 0.25);
}

TEST_CASE("a killed run's history holds the epochs before, and goes on to the same text") {
  const Fixture network;
  const std::string file = "h." + std::to_string(getpid()) + ".json", checkpoint = file + ".ckpt";
  struct Killed {};
  train::TrainObserver observer;
  observer.history = [&](const std::vector<train::EpochReport>& epochs) {
    write_file(file, train::history_json(header, epochs, false));
    if (epochs.size() == 3) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(network.graph(), recipe(text), stripes(), checkpoint, observer), Killed);
  const nlohmann::json killed = parsed(read_file(file));
  CHECK(killed.at("epochs").size() == 3);
  CHECK_FALSE(killed.at("finished").get<bool>());
  const std::string whole = train::history_json(header, trained(network, text).epochs, true);
  CHECK(train::history_json(header, trained(network, text, checkpoint).epochs, true) == whole);
  CHECK(train::history_json(header, trained(network, text, checkpoint).epochs, true) == whole);  // of a finished run
  std::filesystem::remove(file);
  std::filesystem::remove(checkpoint);
}

TEST_CASE("masks, saliencies and learned steps survive a kill to the last bit") {
  const Fixture network;
  const std::string methods =
      std::string(plain) +
      "methods:\n  - prune: {sparsity: 0.5, until: 0.8, interval: 7, score: saliency, slimming: 0.01}\n"
      "  - quantise: {bits: 3, range: learned, first_last_bits: 3}\n";
  const std::string checkpoint = "m." + std::to_string(getpid()) + ".ckpt";
  struct Killed {};
  train::TrainObserver observer;
  observer.epoch = [](const train::EpochReport& report) {
    if (report.epoch == 3) throw Killed{};
  };
  CHECK_THROWS_AS((void)train::train(network.graph(), recipe(methods), stripes(), checkpoint, observer), Killed);
  const train::TrainResult whole = trained(network, methods), resumed = trained(network, methods, checkpoint);
  CHECK(same(whole, resumed));
  CHECK(whole.epochs.back().metrics.at("zero_weights") >= 0.5);
  std::filesystem::remove(checkpoint);
}

TEST_CASE("histories become a page; what is none is refused with its file") {
  const Fixture network;
  const std::string json = train::history_json(header, trained(network, text).epochs, true);
  CHECK(report::looks_like_training(json));
  const std::string page = report::to_html(
      {report::training_from_json(json, "a/naive.json"), report::training_from_json(json, "b/</script>.json")});
  CHECK(page.find("id=\"training\"") != std::string::npos);
  CHECK(page.find("\"label\":\"naive\"") != std::string::npos);
  CHECK(page.find("\"</script>") == std::string::npos);
  const auto refused = [](nlohmann::json changed, const std::string& key, const nlohmann::json& value) {
    changed[nlohmann::json::json_pointer(key)] = value;
    return test::bad_input([&] { (void)report::training_from_json(to_text(changed), "h.json"); });
  };
  const nlohmann::json good = parsed(json);
  CHECK(refused(good, "/schema/version", 2).find("newer") != std::string::npos);
  CHECK(refused(good, "/schema/name", "rebasis-result").starts_with("h.json"));
  for (const std::string key :
       {"/network", "/finished", "/epochs", "/epochs/0/loss", "/epochs/0/metrics", "/epochs/0/metrics/compression",
        "/distributions/c_node~1weights/counts", "/test/before"}) {
    CAPTURE(key);
    CHECK(refused(good, key, nlohmann::json::array({"x"})).starts_with("h.json"));
  }
  CHECK(test::bad_input([] { (void)report::training_from_json("{", "h.json"); }).starts_with("h.json"));
  CHECK(test::bad_input([] { (void)report::to_html(std::vector<report::TrainingHistory>{}); }).find("history") !=
        std::string::npos);
}
