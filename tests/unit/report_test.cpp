// Result -> Document -> JSON and CSV: hand-computed figures, round trips, and what the reader must refuse.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/error.h"
#include "report/csv.h"
#include "report/document.h"
#include "report/json.h"
#include "report/table.h"
#include "tests/support/sample_result.h"

using namespace rebasis;
using nlohmann::json;

namespace {

/// Two images, two layers, numbers small enough to check by hand.
sim::Result tiny() {
  sim::Result result;
  result.accelerator = "toy";
  result.fidelity = "clocked";
  result.frequency_hz = 2e9;
  result.network = "tiny";
  sim::LayerResult a;
  a.name = "a";
  a.op = "conv";
  a.shape.M = 2;
  a.images = 2;
  a.cycles = 30;
  a.macs = 400;
  a.effective_macs = 100;
  a.dram = {2, 4, 6, 8, 10};
  a.stalls = {{"busy", 20}, {"dram", 10}};
  a.actions = {{"mac.digit", 7}};
  a.energy_by_component_pj = {{"mac", 5.0}, {"dram", 3.0}};
  a.energy_pj = 8;
  a.pe_utilisation = 0.5;
  a.bounds = {{"compute", 20}, {"dram", 28}};
  a.per_image = {{10, 3.0, 12}, {20, 5.0, 18}};
  sim::LayerResult b = a;
  b.name = "b";
  b.cycles = 10;
  b.stalls = {{"busy", 9}, {"imbalance", 1}};
  b.pe_utilisation = 0.9;
  b.per_image = {{6, 3.0, 12}, {4, 5.0, 18}};
  b.synthetic = true;
  result.layers = {a, b};
  return result;
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(report::from_json(text, "r.json"));
  } catch (const Error& error) {
    CHECK(error.status() == Status::bad_input);
    return error.what();
  }
  return {};
}

/// The sample as JSON with one change.
template <class Change>
std::string changed(Change change) {
  json value = json::parse(report::to_json(report::make_document(tiny())));
  change(value);
  return value.dump();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

}  // namespace

TEST_CASE("figures are means over the images and totals add up") {
  const report::Document document = report::make_document(tiny());
  const report::LayerFigures& a = document.layers[0];
  CHECK(a.cycles == 15);
  CHECK(a.time_s == doctest::Approx(7.5e-9));
  CHECK(a.macs == 200);
  CHECK(a.stalls.at("dram") == 5);
  CHECK(a.dram.total() == 15);
  CHECK(a.actions.at("mac.digit") == 3.5);
  CHECK(a.energy_pj == 4);
  CHECK(a.binding_bound == "dram");
  CHECK(a.bound_cycles == 14);
  CHECK(a.effective_tops == doctest::Approx(2 * 200 / 7.5e-9 / 1e12));
  CHECK(a.tops_per_watt == doctest::Approx(100));  // 400 operations, 4 pJ
  REQUIRE(a.spread);
  CHECK(a.spread->cycles == report::Spread{10, 20, 15, 5});
  const report::Figures& totals = document.totals;
  CHECK(totals.cycles == 20);
  CHECK(totals.stalls == std::map<std::string, double>{{"busy", 14.5}, {"dram", 5}, {"imbalance", 0.5}});
  CHECK(totals.energy_by_component_pj.at("dram") == 3);
  CHECK(totals.dram.inputs == 8);
  CHECK(totals.pe_utilisation == doctest::Approx((0.5 * 30 + 0.9 * 10) / 40));
  CHECK(totals.bound_cycles == 28);
  CHECK(totals.synthetic);
  REQUIRE(totals.spread);
  CHECK(totals.spread->cycles == report::Spread{16, 24, 20, 4});
  CHECK(totals.spread->dram_bytes == report::Spread{24, 36, 30, 6});
}

TEST_CASE("causes sum to the cycles also when the images do not divide them") {
  for (const std::uint64_t images : {1, 3, 7, 10, 1000}) {
    const report::Document document =
        report::make_document(test::sample_result({.layers = 20, .images = images, .seed = images}));
    const auto sum_matches = [](const report::Figures& figures) {
      double sum = 0;
      for (const auto& [cause, cycles] : figures.stalls) sum += cycles;
      return std::abs(sum - figures.cycles) <= 1e-12 * figures.cycles;
    };
    CHECK(sum_matches(document.totals));
    double cycles = 0;
    for (const report::LayerFigures& layer : document.layers) {
      CHECK(sum_matches(layer));
      cycles += layer.cycles;
    }
    CHECK(cycles == doctest::Approx(document.totals.cycles).epsilon(1e-12));
  }
}

TEST_CASE("a result whose causes do not sum to its cycles is an internal error that names the layer") {
  sim::Result result = tiny();
  result.layers[1].stalls["busy"] += 1;
  try {
    static_cast<void>(report::make_document(result));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.status() == Status::internal);
    CHECK(std::string(error.what()).find("layer b") != std::string::npos);
  }
}

TEST_CASE("JSON reads back what was written") {
  for (const int layers : {0, 1, 40}) {
    for (const std::uint64_t images : {1, 3}) {
      const report::Document document =
          report::make_document(test::sample_result({.layers = layers, .images = images, .synthetic = images == 3}));
      CHECK(report::from_json(report::to_json(document), "r.json") == document);
    }
  }
}

TEST_CASE("JSON has the fields that scripts rely on") {
  const json value = json::parse(report::to_json(report::make_document(tiny())));
  CHECK(value["schema"] == json{{"name", "rebasis-result"}, {"version", 1}});
  for (const char* key : {"provenance", "accelerator", "totals", "layers", "notes", "unsupported"})
    CHECK(value.contains(key));
  for (const json& figures : {value["totals"], value["layers"][0]}) {
    for (const char* key :
         {"cycles", "time_s", "macs", "energy_pj", "dram_bytes", "stalls", "actions", "energy_by_component_pj"}) {
      CHECK_MESSAGE(figures.contains(key), key);
    }
  }
  for (const char* key : {"name", "shape", "mapping", "bounds"}) CHECK_MESSAGE(value["layers"][0].contains(key), key);
  CHECK(value["layers"][0]["cycles"].is_number_integer());
  CHECK(value["layers"][0]["dram_bytes"] ==
        json{{"weights", 1}, {"basis", 2}, {"index", 3}, {"inputs", 4}, {"outputs", 5}});
}

TEST_CASE("the area: by component in JSON, in three columns of the totals' CSV; a result without one is read") {
  const report::Document document = report::make_document(test::sample_result({.layers = 1}));
  json value = json::parse(report::to_json(document));
  json& area = value["accelerator"]["area"];
  CHECK(area["total_mm2"] == doctest::Approx(4.1632));
  REQUIRE(area["components"].size() == 2);
  CHECK(area["components"][1] == json{{"component", "bit-serial MACs"},
                                      {"block", "booth_mac"},
                                      {"instances", 8192},
                                      {"nand2", 7350000},
                                      {"mm2", 3.2434}});
  CHECK(report::to_table(document).find("4.16 mm2") != std::string::npos);
  CHECK(report::to_area_table(document).find("bit-serial MACs") != std::string::npos);
  area["logic_mm2"] = 9;
  CHECK(error_of(value.dump()).find("do not sum") != std::string::npos);
  value["accelerator"].erase("area");
  const report::Document old = report::from_json(value.dump(), "old.json");
  CHECK(old.accelerator.area.items.empty());
  CHECK(report::to_area_table(old).empty());
  const std::string csv = report::totals_csv({document, old});
  CHECK(csv.find("area_mm2,area_logic_mm2,area_sram_mm2") != std::string::npos);
  CHECK(csv.find(",,,") != std::string::npos);  // blank in the old one's row
}

TEST_CASE("equal runs differ in the provenance block alone") {
  sim::Result other = tiny();
  other.command = "another command";
  other.trace_path = "elsewhere.trace";
  other.trace_provenance = R"({"b": 1, "a": 2})";
  json first = json::parse(report::to_json(report::make_document(tiny())));
  json second = json::parse(report::to_json(report::make_document(other)));
  CHECK(first != second);
  first.erase("provenance");
  second.erase("provenance");
  CHECK(first == second);
}

TEST_CASE("a provenance that is not JSON and text that is not UTF-8 survive") {
  sim::Result result = tiny();
  result.trace_provenance = "not json";
  result.layers[0].name = "bad\xff name";
  const report::Document document = report::from_json(report::to_json(report::make_document(result)), "r.json");
  CHECK(document.provenance.trace == "\"not json\"");
  CHECK(document.layers[0].name == "bad\xef\xbf\xbd name");
}

TEST_CASE("the reader refuses what is not a result") {
  CHECK(error_of("").find("r.json") == 0);
  CHECK(error_of("[1, 2]").find("r.json") == 0);
  CHECK(error_of("{}").find("rebasis simulate") != std::string::npos);
  CHECK(error_of(std::string(100000, '[')).find("nested") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["schema"]["version"] = 2; })).find("newer") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["schema"]["name"] = "other"; })).find("other") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["layers"][1]["cycles"] = "many"; })).find("layer 2") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["layers"][0]["cycles"] = 16; })).find("sum") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["totals"]["energy_pj"] = -1; })).find("negative") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["totals"]["pe_utilisation"] = 1.5; })).find("fraction") != std::string::npos);
  CHECK(error_of(changed([](json& j) {
          j["layers"][0]["shape"]["stride"] = {0, 1};
        })).find("stride") != std::string::npos);
  CHECK(error_of(changed([](json& j) { j["layers"][0]["shape"]["padding"] = {1}; })).find("padding") !=
        std::string::npos);
  CHECK(error_of(changed([](json& j) { j["layers"][0]["shape"]["M"] = std::uint64_t{1} << 63; })) != "");
  CHECK(error_of(changed([](json& j) { j["accelerator"]["frequency_hz"] = 0; })) != "");
  CHECK(error_of(changed([](json& j) { j["notes"] = {1}; })) != "");
  CHECK(error_of(changed([](json& j) { j["layers"] = 7; })) != "");
}

TEST_CASE("the reader names every field that is missing or of another type") {
  const json whole = json::parse(report::to_json(report::make_document(tiny())));
  for (const char* part : {"provenance", "accelerator", "totals", "layers"}) {
    const json& object = part == std::string("layers") ? whole[part][0] : whole[part];
    for (const auto& item : object.items()) {
      const std::string& key = item.key();
      json missing = whole, wrong = whole;
      json& target = part == std::string("layers") ? missing[part][0] : missing[part];
      json& other = part == std::string("layers") ? wrong[part][0] : wrong[part];
      target.erase(key);
      other[key] = nullptr;
      const bool optional = key == "spread" || key == "area";
      CHECK_MESSAGE((error_of(missing.dump()).find(key) != std::string::npos || optional), key);
      if (key != "trace") CHECK_MESSAGE(error_of(wrong.dump()).find(key) != std::string::npos, key);
    }
  }
}

TEST_CASE("layer CSV: one row a layer, every row the same columns") {
  sim::Result result = tiny();
  result.layers[0].name = "a,\"quoted\"\nname";
  const std::string text = report::layers_csv({report::make_document(result)});
  CHECK(text.find("\"a,\"\"quoted\"\"\nname\"") != std::string::npos);
  const auto lines = lines_of(report::layers_csv({report::make_document(tiny())}));
  REQUIRE(lines.size() == 3);
  const auto commas = [](const std::string& line) { return std::count(line.begin(), line.end(), ','); };
  CHECK(commas(lines[1]) == commas(lines[0]));
  CHECK(commas(lines[2]) == commas(lines[0]));
  for (const char* column :
       {"layer", "cycles", "dram_bytes_weights", "stall_dram", "energy_mac_pj", "action_mac_digit", "bound_dram"}) {
    CHECK_MESSAGE(("," + lines[0] + ",").find("," + std::string(column) + ",") != std::string::npos, column);
  }
  CHECK(lines_of(report::totals_csv({report::make_document(tiny()), report::make_document(tiny())})).size() == 3);
}

TEST_CASE("names that would share a CSV column are refused") {
  sim::Result result = tiny();
  result.layers[0].actions = {{"a.b", 1}, {"a_b", 2}};
  CHECK_THROWS_AS(static_cast<void>(report::layers_csv({report::make_document(result)})), Error);
}
