// Tables of published values, outcomes in their formats, and targets over a lab with known answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "common/error.h"
#include "reproduce/bar_chart.h"
#include "reproduce/render.h"
#include "reproduce/target.h"

using namespace rebasis;
using namespace rebasis::reproduce;

namespace {

std::string message_of(const std::string& text) {
  try {
    (void)parse_table(text, "t.yaml");
  } catch (const Error& error) {
    CHECK(error.status() == Status::bad_input);
    return error.what();
  }
  return "";
}

Outcome sample() {
  Outcome outcome;
  outcome.name = "paper-table1";
  outcome.source = "Paper, Table 1";
  outcome.title = "A | title";
  outcome.rows.push_back({"a", "size", "MB", 2.0 / 3, 0.5, Origin::synthetic, Origin::none, ""});
  outcome.rows.push_back({"b", "size", "MB", std::nullopt, 7, Origin::none, Origin::none, "missing: no board"});
  outcome.verdicts.push_back({"smaller", Holds::partly, "by a third"});
  outcome.sensitivity.push_back({"DRAM", "none", "speed", "x", 3, 2});
  outcome.figures.push_back({"f.svg", "F", "<svg/>"});
  outcome.notes = {"note"};
  return outcome;
}

/// A ResNet-50 of one convolution and one fully connected layer; nothing can be compressed or simulated.
class TinyLab : public Lab {
 public:
  [[nodiscard]] bool quick() const override { return true; }
  [[nodiscard]] nlohmann::json network(const std::string& /*name*/) override {
    return nlohmann::json::parse(R"({"parameters": 1000, "macs": 5000, "layers": [
      {"name": "conv1", "op": "conv", "weights": [4, 3, 3, 3], "input": [3, 8, 8], "output": [4, 4, 4], "macs": 1728},
      {"name": "fc", "op": "fc", "weights": [10, 64, 1, 1], "input": [64, 1, 1], "output": [10, 1, 1], "macs": 640}]})");
  }
  [[nodiscard]] std::vector<nlohmann::json> compress(const std::vector<TraceSpec>& /*specs*/) override {
    fail_internal("not here");
  }
  [[nodiscard]] nlohmann::json compare(const CompareSpec& /*spec*/) override { fail_internal("not here"); }
  [[nodiscard]] std::vector<nlohmann::json> simulate(const std::vector<SimulateSpec>& /*specs*/) override {
    fail_internal("not here");
  }
};

}  // namespace

TEST_CASE("a table: numbers are columns with units, the rest are texts") {
  const Table table = parse_table(
      "title: T\nsource: S\nunits: {size: MB}\nclaims: [{id: c, text: is small}]\n"
      "rows:\n  - {row: a, size: 1.5, network: net}\n  - {row: b}\n",
      "t.yaml");
  CHECK(table.value("a", "size") == 1.5);
  CHECK(!table.value("b", "size").has_value());
  CHECK(!table.value("c", "size").has_value());
  CHECK(table.find("a")->texts.at("network") == "net");
  CHECK(table.claim("c") == "is small");
  CHECK_THROWS_AS((void)table.unit("rate"), Error);
}

TEST_CASE("what is wrong in a table is said with its line") {
  const std::string head = "title: T\nunits: {size: MB}\n";
  CHECK(message_of(head + "rows:\n  - {row: a, rate: 2}\n").starts_with("t.yaml:4: column 'rate' has no unit"));
  CHECK(message_of(head + "rows:\n  - {row: a}\n  - {row: a}\n").starts_with("t.yaml:5: row 'a' occurs twice"));
  CHECK(message_of(head + "colour: red\nrows: []\n").starts_with("t.yaml:3: unknown key 'colour'"));
  CHECK(message_of(head).find("'rows' must be a list") != std::string::npos);
  CHECK(message_of("title: T\nrows: []\n").find("'units' must be a map") != std::string::npos);
  CHECK(message_of(head + "rows: [3]\n").find("a row is a map") != std::string::npos);
}

TEST_CASE("every target has a published table whose claims it judges, and names are told apart") {
  std::set<std::string> names;
  for (const Target& target : targets()) {
    CHECK(names.insert(target.name).second);
    const Table published = published_table(target.name);
    CHECK_MESSAGE(!published.source.empty(), target.name);
    CHECK_MESSAGE(!published.reading.empty(), target.name);
    CHECK_MESSAGE(!published.claims.empty(), target.name);
    CHECK_MESSAGE(!published.rows.empty(), target.name);
  }
  CHECK(names.size() >= 19);
  const std::vector<Target> yang = chosen_targets({"yang"});
  CHECK(yang.size() == 8);
  CHECK(std::ranges::all_of(yang, [](const Target& target) { return target.name.starts_with("yang-"); }));
  CHECK(chosen_targets({"yang-table1"}).size() == 1);  // not Table 12 or 16
  CHECK_THROWS_AS((void)chosen_targets({"table1"}), Error);
}

TEST_CASE("an outcome survives JSON; numbers keep six digits") {
  const Outcome before = sample();
  const Outcome after = from_json(to_json(before), "f.json");
  CHECK(to_json(after) == to_json(before));
  CHECK(after.rows[0].ours == 0.666667);
  CHECK(!after.rows[1].ours.has_value());
  CHECK(after.rows[0].ratio() == doctest::Approx(4.0 / 3).epsilon(1e-5));
  CHECK(!after.rows[1].ratio().has_value());
  CHECK(after.verdicts[0].holds == Holds::partly);
  CHECK_THROWS_AS((void)from_json("{\"target\": 3}", "f.json"), Error);
  CHECK_THROWS_AS((void)from_json("[]", "f.json"), Error);
}

TEST_CASE("a number that drifts, a row that is new and a value that vanishes are differences; fewer rows are none") {
  const Outcome kept = sample();
  Outcome now = kept;
  CHECK(differences(now, kept).empty());
  now.rows[0].ours = 2.0 / 3 * (1 + 5e-5);
  CHECK(differences(now, kept).empty());
  now.rows[0].ours = 2.0 / 3 * (1 + 2e-4);
  CHECK(differences(now, kept).size() == 1);
  now.rows[0].ours = std::nullopt;
  now.rows[1].published = 8;
  CHECK(differences(now, kept).size() == 2);
  now.rows[0].name = "c";
  CHECK(differences(now, kept).at(0).find("not among the kept rows") != std::string::npos);
  now.rows.clear();
  CHECK(differences(now, kept).empty());
}

TEST_CASE("Markdown: bars in cells are escaped, missing numbers say so") {
  const std::string page = to_markdown({sample()}, "figures/");
  CHECK(page.find("| b (missing: no board) | size | missing | 7.00 | - | MB |") != std::string::npos);
  CHECK(page.find("| a | size | 0.67 | 0.50 | 1.33 | MB | synthetic | - |") != std::string::npos);
  CHECK(page.find("![F](figures/f.svg)") != std::string::npos);
  CHECK(page.find("| [Paper, Table 1](#paper-table1) | smaller | **partly** | by a third |") != std::string::npos);
}

TEST_CASE("formulas of Yang's Table 16 over a network counted by hand") {
  TinyLab lab;
  const Outcome outcome = reproduce::reproduce(chosen_targets({"yang-table16"}).at(0), lab);
  const auto row = std::ranges::find_if(outcome.rows, [](const Row& one) { return one.name == "resnet50"; });
  REQUIRE(row != outcome.rows.end());
  // conv: 4*3*9 weights, batch norm 2*4; fc: 64*10 + 10.
  CHECK(*row->ours == doctest::Approx((108 + 8 + 650) / 1e6));
  // Inputs 3*8*8 and 64; the batch norm's and the ReLU's inputs, 4*4*4 each.
  CHECK(*(row + 1)->ours == doctest::Approx((192 + 64 + 64 + 64) / 1e6));
}

TEST_CASE("a chart draws a bar a value, none where there is none, and escapes texts") {
  const std::string svg = to_svg({"A < B", "x", "below", {"g1", "g2"}, {"s"}, {{2.0, std::nullopt}}, {{3.0, "line"}}});
  CHECK(svg.find("A &lt; B") != std::string::npos);
  CHECK(svg.find(">2.00</text>") != std::string::npos);
  CHECK(svg.find(">n/a</text>") != std::string::npos);
  CHECK(svg.find("stroke-dasharray") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
}
