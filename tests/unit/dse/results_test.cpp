// From a store to columns, fronts, tables and texts.
#include "dse/results/results.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dse/results/summary.h"
#include "report/study/columns.h"
#include "report/study/page.h"
#include "report/study/tables.h"
#include "report/study/text.h"
#include "tests/support/errors.h"

using namespace rebasis;

namespace {

constexpr const char* study_text = R"(description: A small study
workloads: [{trace: a.trace}]
accelerator: smartdeal
space:
  size: [2 KiB, 16 KiB, 128 KiB]
  mode: [slow, fast]
objectives: [energy_pj, {maximise: accuracy}]
constraints: [accuracy >= 0.5]
)";

struct Entry {
  std::string size, mode;
  double energy = 0, accuracy = 0;
};

/// Done points for entries with an energy; a negative one is infeasible, 0 stays queued.
std::string filled(const std::string& path, const std::vector<Entry>& entries, const std::string& text = study_text) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  dse::Store store(path, dse::Store::Mode::write);
  const std::int64_t study = store.add_study("small", "/studies/small.yaml", text);
  for (const Entry& entry : entries) {
    const std::string settings = nlohmann::json{{"mode", entry.mode}, {"size", entry.size}}.dump();
    const auto ids = store.add_points(study, {{settings, settings, entry.energy < 0 ? "too large, by far" : ""}});
    if (entry.energy <= 0) continue;
    REQUIRE(store.claim(ids[0], "w", 60));
    dse::FinishedPoint point;
    point.metrics = {{"energy_pj", entry.energy}, {"accuracy", entry.accuracy}, {"synthetic", 1}};
    point.seconds = 0.5;
    REQUIRE(store.finish(ids[0], "w", point));
  }
  return path;
}

const std::vector<Entry> usual{{"128 KiB", "fast", 9e6, 0.9},  // 1: best accuracy
                               {"16 KiB", "slow", 4e6, 0.8},   // 2: front
                               {"2 KiB", "slow", 1e6, 0.4},    // 3: breaks the constraint
                               {"16 KiB", "fast", 5e6, 0.7},   // 4: dominated by 2
                               {"2 KiB", "fast", 3e6, 0.6},    // 5: best energy
                               {"128 KiB", "slow", -1, 0}};    // 6: infeasible

}  // namespace

TEST_CASE("columns: numbers ascend, texts follow the study, constraints and statuses are kept") {
  const auto results = dse::load_results(filled("r.store", usual));
  REQUIRE(results.size() == 6);
  CHECK(results.study.name == "small");
  CHECK(results.synthetic);
  REQUIRE(results.settings.size() == 2);
  CHECK(results.settings[0].name == "size");
  CHECK(results.settings[0].numeric);
  CHECK(results.settings[0].values[1].text == "16 KiB");
  CHECK(results.settings[0].codes == std::vector<std::uint32_t>{2, 1, 0, 1, 0, 2});
  CHECK(results.settings[1].values[0].text == "slow");
  CHECK(results.metrics.size() == 2);  // "synthetic" is a mark
  CHECK(std::isnan(results.metrics[0].values[5]));
  CHECK(results.admissible_rows() == std::vector<std::size_t>{0, 1, 3, 4});
  CHECK(results.count(dse::PointStatus::infeasible) == 1);
  CHECK(results.reasons[results.reason_codes[5]] == "too large, by far");
}

TEST_CASE("front, best points and hypervolume of a study that maximises") {
  const auto results = dse::load_results(filled("r.store", usual));
  const auto findings = dse::find(results);
  CHECK(findings.front == std::vector<std::size_t>{0, 1, 4});
  CHECK(findings.best == std::vector<std::optional<std::size_t>>{4, 0});
  CHECK(findings.box.ideal == std::vector<double>{3e6, -0.9});
  // In units of the box (6.6e6 pJ x 0.33): three steps of the staircase.
  const double by_hand = (6.6 * 0.03 + 5.6 * 0.2 + 0.6 * 0.1) / (6.6 * 0.33);
  CHECK(findings.volume == doctest::Approx(by_hand));
  CHECK(findings.history.back().evaluations == 5);
  CHECK(findings.history.back().volume == doctest::Approx(by_hand));
}

TEST_CASE("--where narrows by metrics and settings, and names what it does not know") {
  const std::string store = filled("r.store", usual);
  CHECK(dse::find(dse::load_results(store, {"", {"size <= 16 KiB"}})).front == std::vector<std::size_t>{1, 4});
  CHECK(dse::find(dse::load_results(store, {"", {"energy_pj > 3.5e6", "size < 100 KiB"}})).front ==
        std::vector<std::size_t>{1});
  CHECK(test::bad_input([&] {
          (void)dse::load_results(store, {"", {"sise < 3"}});
        }).find("names sise") != std::string::npos);
  CHECK(test::bad_input([&] {
          (void)dse::load_results(store, {"", {"mode == 1"}});
        }).find("names mode") != std::string::npos);
}

TEST_CASE("a store with nothing done has an empty front, and its page and texts say so") {
  const auto results = dse::load_results(filled("r.store", {{"2 KiB", "slow", -1, 0}, {"2 KiB", "fast", 0, 0}}));
  const auto findings = dse::find(results);
  CHECK(findings.front.empty());
  CHECK(report::study_summary(results, findings).find("there is no front") != std::string::npos);
  CHECK(report::study_page(results, findings).find("id=\"study\"") != std::string::npos);
  CHECK(test::bad_input([&] { (void)report::best_points(results, findings); }).find("no point") != std::string::npos);
  CHECK(dse::find(dse::load_results(filled("r.store", {}))).history.empty());
}

TEST_CASE("studies of a store are told apart; the last is the default") {
  const std::string path = filled("r.store", usual);
  {
    dse::Store store(path, dse::Store::Mode::write);
    const auto other = store.add_study("other", "/studies/other.yaml", study_text);
    (void)store.add_points(other, {{"k", R"({"size": "2 KiB"})", ""}});
  }
  CHECK(dse::load_results(path).size() == 1);
  CHECK(dse::load_results(path, {"small", {}}).size() == 6);
  CHECK(dse::load_results(path, {"1", {}}).others == std::vector<std::string>{"other (2)"});
  CHECK(test::bad_input([&] {
          (void)dse::load_results(path, {"smal", {}});
        }).find("small (1), other (2)") != std::string::npos);
}

TEST_CASE("CSV: one type a column, texts quoted where they must be") {
  const auto results = dse::load_results(filled("r.store", usual));
  std::istringstream csv(report::study_csv(results, dse::find(results)));
  std::vector<std::string> lines;
  for (std::string line; std::getline(csv, line);) lines.push_back(line);
  REQUIRE(lines.size() == 7);
  CHECK(lines[0] == "id,status,reason,attempts,seconds,admissible,front,size,mode,energy_pj,accuracy\r");
  CHECK(lines[1] == "1,done,,1,0.5,1,1,131072,fast,9000000,0.9\r");
  CHECK(lines[3] == "3,done,,1,0.5,0,0,2048,slow,1000000,0.4\r");
  CHECK(lines[6] == "6,infeasible,\"too large, by far\",0,0,0,0,131072,slow,,\r");
}

TEST_CASE("JSON lines hold settings as written and metrics as numbers") {
  const auto results = dse::load_results(filled("r.store", usual));
  std::istringstream lines(report::study_jsonl(results, dse::find(results)));
  std::string line;
  std::getline(lines, line);
  const auto first = nlohmann::json::parse(line);
  CHECK(first["settings"]["size"] == "128 KiB");
  CHECK(first["metrics"]["energy_pj"] == 9e6);
  CHECK(first["front"] == true);
}

TEST_CASE("the summary counts reasons and shows the front; --best names the replay command") {
  const auto results = dse::load_results(filled("r.store", usual));
  const auto findings = dse::find(results);
  const std::string text = report::study_summary(results, findings);
  CHECK(text.find("6 points: 5 done, 1 infeasible") != std::string::npos);
  CHECK(text.find("4 of those done meet the constraints") != std::string::npos);
  CHECK(text.find("       1  too large, by far") != std::string::npos);
  CHECK(text.find("SYNTHETIC") != std::string::npos);
  CHECK(report::best_points(results, findings).find("least energy_pj: point 5") != std::string::npos);
  CHECK(report::best_points(results, findings).find("rebasis sweep --point 1 r.store") != std::string::npos);
}

TEST_CASE("two studies in one box: coverage, shares of the joint front; other objectives are refused") {
  const auto a = dse::load_results(filled("a.store", usual));
  const auto b = dse::load_results(filled("b.store", {{"2 KiB", "slow", 2e6, 0.6}, {"16 KiB", "slow", 8e6, 0.7}}));
  const auto found = dse::compare(a, b);
  CHECK(found.a_covers_b == doctest::Approx(0.5));      // 2 beats the second
  CHECK(found.b_covers_a == doctest::Approx(1.0 / 3));  // the first beats 5
  CHECK(found.together == 3);
  CHECK(found.from_a == 2);
  CHECK(found.from_b == 1);
  CHECK(found.volume_a < 1);
  CHECK(dse::compare(a, a).volume_a == dse::find(a).volume);
  std::string other = study_text;
  other.replace(other.find("{maximise: accuracy}"), 20, "accuracy");
  const auto c = dse::load_results(filled("c.store", usual, other));
  CHECK(test::bad_input([&] { (void)dse::compare(a, c); }).find("objectives") != std::string::npos);
}

TEST_CASE("columns of a page: base64 and the smallest type") {
  CHECK(report::base64("") == "");
  CHECK(report::base64("f") == "Zg==");
  CHECK(report::base64("fo") == "Zm8=");
  CHECK(report::base64("foobar") == "Zm9vYmFy");
  CHECK(report::coded_column({1, dse::no_value}) == nlohmann::json{{"type", "u8"}, {"data", "Af8="}});
  CHECK(report::coded_column({255})["type"] == "u16");
  CHECK(report::coded_column({65535})["type"] == "u32");
  const auto few = report::number_column({2.5, NAN, 2.5});
  CHECK(few["values"] == nlohmann::json{2.5});
  CHECK(few["codes"]["data"] == "AP8A");
}
