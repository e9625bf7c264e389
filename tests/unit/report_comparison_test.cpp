// Which layers count, what is divided by what, and what is shown when something is missing.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/error.h"
#include "report/comparison.h"
#include "tests/support/errors.h"
#include "tests/support/sample_result.h"

using namespace rebasis;
using nlohmann::json;
using report::ComparisonEntry;
using report::RunState;

namespace {

/// A layer of 1000 cycles a unit of `cost`, 10 pJ and 5 bytes of inputs a unit.
sim::LayerResult layer(const std::string& name, std::uint64_t cost, const std::string& op = "conv") {
  sim::LayerResult out;
  out.name = name;
  out.op = op;
  out.encoding = op == "MaxPool" ? "none" : "dense-int8";
  out.macs = 100;
  out.cycles = 1000 * cost;
  out.stalls = {{"busy", 600 * cost}, {"dram", 400 * cost}};
  out.dram.inputs = 5 * cost;
  out.energy_by_component_pj = {{"mac", 4.0 * static_cast<double>(cost)}, {"dram", 6.0 * static_cast<double>(cost)}};
  out.energy_pj = 10.0 * static_cast<double>(cost);
  return out;
}

report::ComparedRun run(const std::string& network, const std::string& accelerator,
                        const std::vector<sim::LayerResult>& layers, double frequency_hz = 1e9,
                        const std::string& dram = "slow") {
  sim::Result result;
  result.accelerator = accelerator;
  result.network = network;
  result.frequency_hz = frequency_hz;
  result.dram_model = dram;
  result.dram_bytes_per_cycle = 12.8e9 / frequency_hz;
  result.energy_table = "table";
  result.layers = layers;
  return {
      network, accelerator, dram, network + ".t", RunState::done, "", "results/x.json", report::make_document(result)};
}

report::ComparisonInput input(std::vector<report::ComparedRun> runs) {
  report::ComparisonInput out;
  const auto note = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const report::ComparedRun& one : runs) {
    note(out.networks, one.network);
    note(out.accelerators, one.accelerator);
    note(out.drams, one.dram);
  }
  for (const std::string& network : out.networks) {
    report::ComparedTrace trace;
    trace.name = network + ".t";
    trace.network = network;
    trace.recipe = "dense-int8";
    trace.bytes = 1000;
    trace.fp32_bytes = 4000;
    out.traces.push_back(trace);
  }
  out.runs = std::move(runs);
  return out;
}

const ComparisonEntry& entry(const report::Comparison& comparison, const std::string& network,
                             const std::string& accelerator, const std::string& dram = "slow") {
  const ComparisonEntry* found = comparison.find(network, accelerator, dram);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("a layer that one accelerator cannot run counts for none") {
  report::ComparedRun scnn = run("net", "scnn", {layer("conv1", 2)});
  scnn.result->unsupported = {{"se", "a squeeze-and-excite layer has no plane"}};
  const report::Comparison comparison =
      make_comparison(input({run("net", "diannao", {layer("conv1", 4), layer("se", 100)}), scnn}), {"diannao", "scnn"});
  CHECK(entry(comparison, "net", "diannao").totals.cycles == 4000);
  CHECK(entry(comparison, "net", "scnn").normalised.speed_up == 2.0);
  REQUIRE(comparison.left_out.size() == 1);
  CHECK(comparison.left_out[0] == report::LeftOut{"net", "se", "scnn", "a squeeze-and-excite layer has no plane"});
  const auto& layers = entry(comparison, "net", "diannao").layers;
  CHECK(layers[0].counted);
  CHECK_FALSE(layers[1].counted);
}

TEST_CASE("an accelerator that runs less than half of the MACs is infeasible and leaves nothing out") {
  report::ComparedRun stranger = run("net", "fpga", {layer("conv1", 2)});
  stranger.result->unsupported = {{"conv2", "another encoding"}, {"conv3", "another encoding"}, {"fc", "no"}};
  const report::Comparison comparison = make_comparison(
      input({run("net", "base", {layer("conv1", 4), layer("conv2", 1), layer("conv3", 1), layer("fc", 9, "fc")}),
             stranger}),
      {"base", "base"});
  CHECK(entry(comparison, "net", "base").totals.cycles == 6000);
  CHECK(entry(comparison, "net", "fpga").state == RunState::infeasible);
  CHECK(entry(comparison, "net", "fpga").message == "cannot run 66.7 % of the MACs of net (conv2: another encoding)");
  CHECK(comparison.left_out.size() == 1);  // fc, by rule
  // Half is enough.
  stranger.result->unsupported = {{"conv2", "another encoding"}};
  const report::Comparison half =
      make_comparison(input({run("net", "base", {layer("conv1", 4), layer("conv2", 1)}), stranger}), {"base", "base"});
  CHECK(entry(half, "net", "fpga").state == RunState::done);
  CHECK(entry(half, "net", "base").totals.cycles == 4000);
}

TEST_CASE("it is left out under every memory, though only one run says so, and only in its network") {
  report::ComparedRun fast = run("a", "scnn", {layer("conv1", 1), layer("se", 1)}, 1e9, "fast");
  report::ComparedRun slow = run("a", "scnn", {layer("conv1", 1)}, 1e9, "slow");
  slow.result->unsupported = {{"se", "no"}};
  const report::Comparison comparison =
      make_comparison(input({fast, slow, run("b", "scnn", {layer("conv1", 1), layer("se", 1)}, 1e9, "fast"),
                             run("b", "scnn", {layer("se", 1)}, 1e9, "slow")}),
                      {"scnn", "scnn"});
  CHECK(entry(comparison, "a", "scnn", "fast").totals.cycles == 1000);
  CHECK(entry(comparison, "b", "scnn", "fast").totals.cycles == 1000);  // conv1 is not in both results of b
  REQUIRE(comparison.left_out.size() == 2);
  CHECK(comparison.left_out[0].layer == "se");
  CHECK(comparison.left_out[1].layer == "conv1");
  CHECK(comparison.left_out[1].network == "b");
  CHECK(comparison.left_out[1].reason == "not in the trace that it ran");
}

TEST_CASE("fully connected layers and operators follow the options") {
  const std::vector<sim::LayerResult> layers = {layer("conv1", 1), layer("pool", 10, "MaxPool"),
                                                layer("fc", 100, "fc")};
  const auto cycles = [&](bool fc, bool operators) {
    const report::Comparison comparison = make_comparison(input({run("net", "a", layers)}), {"a", "a", fc, operators});
    return entry(comparison, "net", "a").totals.cycles;
  };
  CHECK(cycles(false, true) == 11000);
  CHECK(cycles(true, true) == 111000);
  CHECK(cycles(false, false) == 1000);
  const report::Comparison comparison = make_comparison(input({run("net", "a", layers)}), {"a", "a"});
  REQUIRE(comparison.left_out.size() == 1);
  CHECK(comparison.left_out[0].layer == "fc");
  CHECK(comparison.left_out[0].accelerator.empty());
}

TEST_CASE("speed-up is a ratio of times, not of cycles; traffic has a baseline of its own") {
  const report::Comparison comparison = make_comparison(
      input({run("net", "asic", {layer("conv1", 8)}, 1e9), run("net", "fpga", {layer("conv1", 2)}, 1e8)}),
      {"asic", "fpga"});
  const auto& fpga = entry(comparison, "net", "fpga").normalised;
  CHECK(*fpga.speed_up == doctest::Approx(0.4));  // 8 us / 20 us
  CHECK(*fpga.energy_efficiency == doctest::Approx(4));
  CHECK(*fpga.dram_accesses == doctest::Approx(1));
  CHECK(*entry(comparison, "net", "asic").normalised.dram_accesses == doctest::Approx(4));
}

TEST_CASE("geometric means are over all networks or not at all") {
  std::vector<report::ComparedRun> runs = {run("a", "base", {layer("c", 4)}), run("a", "new", {layer("c", 2)}),
                                           run("b", "base", {layer("c", 8)}), run("b", "new", {layer("c", 1)})};
  report::Comparison comparison = make_comparison(input(runs), {"base", "new"});
  CHECK(*comparison.accelerators[1].means.at("slow").speed_up == doctest::Approx(4));  // sqrt(2 * 8)
  CHECK(*comparison.accelerators[0].means.at("slow").speed_up == doctest::Approx(1));
  runs[3].result.reset();
  runs[3].state = RunState::infeasible;
  comparison = make_comparison(input(runs), {"base", "new"});
  CHECK_FALSE(comparison.accelerators[1].means.at("slow").speed_up.has_value());
  CHECK(*entry(comparison, "a", "new").normalised.speed_up == doctest::Approx(2));

  CHECK_FALSE(report::geometric_mean({}).has_value());
  CHECK_FALSE(report::geometric_mean({1.0, std::nullopt}).has_value());
  CHECK_FALSE(report::geometric_mean({1.0, 0.0}).has_value());
  CHECK(*report::geometric_mean({0.5, 2.0, 8.0}) == doctest::Approx(2));
}

TEST_CASE("without a result of the baseline there are absolute figures only") {
  std::vector<report::ComparedRun> runs = {run("a", "base", {layer("c", 4)}), run("a", "new", {layer("c", 2)})};
  runs[0].result.reset();
  runs[0].state = RunState::infeasible;
  runs[0].message = "layer c needs 12 KB of input_gb";
  const report::Comparison comparison = make_comparison(input(runs), {"base", "base"});
  CHECK_FALSE(entry(comparison, "a", "new").normalised.speed_up.has_value());
  CHECK(entry(comparison, "a", "new").totals.cycles == 2000);
  const std::string table = to_table(comparison);
  CHECK(table.find("infeasible: base on a (slow): layer c needs 12 KB of input_gb") != std::string::npos);
  const json written = json::parse(to_json(comparison));
  CHECK(written["entries"][0]["state"] == "infeasible");
  CHECK(written["entries"][0]["totals"].is_null());
  CHECK(written["entries"][1]["normalised"]["speed_up"].is_null());
}

TEST_CASE("the CSV has one row a run; what failed is blank") {
  std::vector<report::ComparedRun> runs = {run("a", "base", {layer("c", 4), layer("f", 1, "fc")}),
                                           run("a", "new", {layer("c", 2)})};
  runs[1].result.reset();
  runs[1].state = RunState::failed;
  runs[1].message = "said \"no\", twice";
  const std::string csv = comparison_csv(make_comparison(input(runs), {"base", "base"}));
  std::istringstream lines(csv);
  std::string head, first, second, rest;
  std::getline(lines, head);
  std::getline(lines, first);
  std::getline(lines, second);
  CHECK_FALSE(std::getline(lines, rest));
  const auto commas = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  CHECK(commas(head) == commas(first));
  CHECK(commas(second) == commas(head) + 1);  // one in the quoted message
  CHECK(first.starts_with("a,base,slow,done,-,a.t,dense-int8,,,1000,0,1,1,1,,,,f,1,False,1,4000,4e-06,100,"));
  CHECK(second.starts_with("a,new,slow,failed,\"said \"\"no\"\", twice\",a.t,dense-int8,,,1000,0,,,,,,,f,,"));
}

TEST_CASE("JSON: schema, provenance alone varies, synthetic figures say so") {
  report::ComparisonInput one = input({run("a", "base", {layer("c", 4)}), run("a", "new", {layer("c", 2)})});
  one.runs[1].result->totals.synthetic = true;
  one.runs[1].result->layers[0].synthetic = true;
  const report::Comparison comparison = make_comparison(one, {"base", "new"});
  json written = json::parse(to_json(comparison));
  CHECK(written["schema"] == json{{"name", "rebasis-comparison"}, {"version", 1}});
  CHECK(written["synthetic"] == true);
  CHECK(written["entries"][1]["totals"]["stalls"]["busy"] == 1200);
  CHECK(written["drams"][0]["peak_bytes_per_s"] == doctest::Approx(12.8e9));
  CHECK(to_table(comparison).find("SYNTHETIC") != std::string::npos);
  CHECK(to_html(comparison).find("(SYNTHETIC)</title>") != std::string::npos);
  json again = json::parse(to_json(make_comparison(one, {"base", "new"})));
  written.erase("provenance");
  again.erase("provenance");
  CHECK(written == again);
}

TEST_CASE("unequal clocks, objectives and energy tables are noted") {
  std::vector<report::ComparedRun> runs = {run("a", "base", {layer("c", 4)}), run("a", "fpga", {layer("c", 2)}, 1e8)};
  runs[0].result->accelerator.parameters = {{"mapper.objective", "dram"}};
  runs[1].result->accelerator.parameters = {{"mapper.objective", "latency"}};
  runs[1].result->accelerator.energy_table = "another";
  const report::Comparison comparison = make_comparison(input(runs), {"base", "base"});
  const std::string notes = to_table(comparison);
  CHECK(notes.find("energy table differs: table (base); another (fpga)") != std::string::npos);
  CHECK(notes.find("clock differs: 1.00 GHz (base); 100 MHz (fpga)") != std::string::npos);
  CHECK(notes.find("mapper.objective differs: dram (base); latency (fpga)") != std::string::npos);
}

TEST_CASE("who is fastest depends on the memory") {
  const report::Comparison comparison =
      make_comparison(input({run("a", "x", {layer("c", 1)}, 1e9, "slow"), run("a", "x", {layer("c", 4)}, 1e9, "fast"),
                             run("a", "y", {layer("c", 2)}, 1e9, "slow"), run("a", "y", {layer("c", 2)}, 1e9, "fast")}),
                      {"x", "x"});
  const std::string table = to_table(comparison);
  std::istringstream words(table.substr(table.find("\nfastest ")));
  std::string label, slow, fast;
  words >> label >> slow >> fast;
  CHECK(slow == "x");
  CHECK(fast == "y");
}

TEST_CASE("a baseline that is not compared is refused") {
  const auto message = test::bad_input([] {
    (void)make_comparison(input({run("a", "base", {layer("c", 4)})}), {"diannao", "base"});
  });
  CHECK(message == "'diannao' is not among the compared accelerators; a baseline must be");
}

TEST_CASE("hostile names stay text") {
  report::ComparedRun one = run("</script><b>", "x", {layer("</script>", 1)});
  const std::string html = to_html(make_comparison(input({one}), {"x", "x"}));
  CHECK(html.find("</script><b>") == std::string::npos);
}
