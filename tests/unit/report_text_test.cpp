// What people read on a terminal and in a timeline viewer.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/error.h"
#include "report/document.h"
#include "report/table.h"
#include "report/timeline.h"
#include "report/units_text.h"
#include "tests/support/sample_result.h"

using namespace rebasis;
using nlohmann::json;

namespace {

/// Characters of the longest line; a UTF-8 character is one column.
std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const auto columns = std::count_if(line.begin(), line.end(),
                                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    most = std::max(most, static_cast<std::size_t>(columns));
  }
  return most;
}

}  // namespace

TEST_CASE("quantities have three digits and a prefix") {
  CHECK(report::with_prefix(0.00152, "s") == "1.52 ms");
  CHECK(report::with_prefix(446000, "B") == "446 kB");
  CHECK(report::with_prefix(999.96, "B") == "1.00 kB");
  CHECK(report::with_prefix(99.97e-6, "J") == "100 uJ");
  CHECK(report::with_prefix(0, "J") == "0 J");
  CHECK(report::with_prefix(5e-15, "J") == "0.005 pJ");
  CHECK(report::grouped(1234567.4) == "1,234,567");
  CHECK(report::grouped(999) == "999");
  CHECK(report::percentage(0.1234) == "12.3 %");
  CHECK(report::three_digits(12.345) == "12.3");
}

TEST_CASE("the table fits 100 columns whatever the names are") {
  for (const std::uint64_t images : {1, 10}) {
    sim::Result result = test::sample_result({.layers = 30, .images = images, .synthetic = true});
    result.network = std::string(500, 'n');
    result.accelerator = std::string(500, 'a');
    result.layers[3].name = std::string(500, 'x') + "\xc3\xa9";
    result.layers[4].name = "line\nbreak\x1b[31m";
    result.layers[5].stalls[std::string(300, 'c')] = result.layers[5].cycles * 100;
    result.layers[5].cycles *= 101;
    result.layers[6].bounds.push_back({std::string(300, 'b'), 1e15});
    result.notes.push_back(std::string(300, 'w') + " and " + std::string(300, 'v'));
    result.unsupported.emplace_back("layer", std::string(90, 'r') + " reason");
    const std::string text = report::to_table(report::make_document(result));
    CHECK(widest(text) <= 100);
    CHECK(text.find("SYNTHETIC") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a long network shows the layers that take most, and says how many it leaves out") {
  const report::Document document = report::make_document(test::sample_result({.layers = 50}));
  const std::string text = report::to_table(document, 10);
  CHECK(text.find("40 layers") != std::string::npos);
  const auto slowest = std::max_element(document.layers.begin(), document.layers.end(),
                                        [](const auto& a, const auto& b) { return a.cycles < b.cycles; });
  CHECK(text.find(slowest->name) != std::string::npos);
}

TEST_CASE("a comparison is relative to the first result of the network") {
  const report::Document base = report::make_document(test::sample_result());
  report::Document other = base;
  other.accelerator.name = "half";
  other.totals.time_s *= 2;
  const std::string text = report::to_comparison_table({base, other});
  CHECK(text.find("1.00x") != std::string::npos);
  CHECK(text.find("2.00x") != std::string::npos);
  CHECK(widest(text) <= 100);
}

TEST_CASE("a timeline holds every event on its block's track") {
  const std::vector<sim::TimelineEvent> events = {
      {"layers", "conv1", 0, 100}, {"dma", "load \"w\"", 0, 40}, {"dma", "store", 40, 60}, {"dma", "late", 50, 70}};
  const json timeline = json::parse(report::to_timeline(events));
  std::map<int, std::string> tracks;
  std::vector<json> slices;
  for (const json& record : timeline["traceEvents"]) {
    if (record["name"] == "thread_name") tracks[record["tid"]] = record["args"]["name"];
    if (record["ph"] == "X") slices.push_back(record);
  }
  REQUIRE(slices.size() == 4);
  CHECK(tracks[slices[0]["tid"]] == "layers");
  CHECK(tracks[slices[1]["tid"]] == "dma");
  CHECK(slices[1]["name"] == "load \"w\"");
  CHECK(slices[2]["ts"] == 40);
  CHECK(slices[2]["dur"] == 20);
  CHECK(slices[2]["tid"] == slices[1]["tid"]);
  CHECK(tracks[slices[3]["tid"]] == "dma (2)");  // overlaps: viewers would draw it wrongly on the same track
  CHECK(timeline["otherData"]["slices_left_out"] == 0);
}

TEST_CASE("a timeline that is cut says so") {
  std::vector<sim::TimelineEvent> events(20, {"layers", "l", 0, 0});
  for (std::uint64_t i = 0; i < events.size(); ++i) events[i] = {"layers", "l", i, i + 1};
  const json timeline = json::parse(report::to_timeline(events, 5));
  CHECK(timeline["otherData"]["slices"] == 5);
  CHECK(timeline["otherData"]["slices_left_out"] == 15);
  CHECK(timeline["traceEvents"].back()["name"].get<std::string>().find("15 more slices") != std::string::npos);
  CHECK_THROWS_AS(static_cast<void>(report::to_timeline({{"a", "b", 5, 4}})), Error);
}
