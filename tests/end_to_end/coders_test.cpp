// rebasis coders on traces whose weights are known.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "common/file.h"
#include "common/json.h"
#include "tests/support/process.h"
#include "tests/support/sample_trace.h"

using namespace rebasis;
using rebasis::test::Outcome;
using rebasis::test::run_rebasis;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

nlohmann::json figures(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "coders");
  arguments.insert(arguments.end(), {"--json", "coders.json"});
  const Outcome outcome = run_rebasis(arguments);
  INFO(outcome.errors);
  REQUIRE(outcome.status == 0);
  return parse_json(read_file("coders.json"), "coders.json");
}

}  // namespace

TEST_CASE("sizes of the sample trace, in layers and in total") {
  test::write_sample_trace("sample.trace");
  const auto json = figures({"sample.trace"});
  CHECK(json["schema"]["name"] == "rebasis-coders");
  const auto& conv = json["layers"][0];
  CHECK(conv["values"] == 54);
  CHECK(conv["coders"]["dense"]["bytes"] == 54);
  CHECK(conv["coders"]["dense"]["ratio_to_dense"] == 1.0);
  CHECK(conv["coders"]["dense"]["ratio_to_float32"] == doctest::Approx(4.0 * 54 / (54 + 8)));
  CHECK(conv["coders"]["direct-index"]["bits"]["index"] == 54);
  // The coefficients of the SmartDeal layer: 8 values of 3 bits, 3 of them not zero; basis of 8 bytes and two shifts.
  const auto& fc = json["layers"][1];
  CHECK(fc["encoding"] == "smartdeal");
  CHECK(fc["weight_provenance"] == "synthetic");
  CHECK(fc["rows"] == 4);
  CHECK(fc["columns"] == 2);
  CHECK(fc["weights"] == 8);
  CHECK(fc["coders"]["dense"]["bytes"] == 3);
  CHECK(fc["coders"]["direct-index"]["bits"] == nlohmann::json({{"index", 8}, {"values", 9}}));
  CHECK(fc["coders"]["direct-index"]["ratio_to_float32"] == doctest::Approx(32.0 / (3 + 10)));
  // Totals are sums; the best of each layer takes a byte a layer more.
  const auto& totals = json["totals"];
  CHECK(totals["uncoded_bytes"] == 8 + 10);
  std::uint64_t best = 2;
  for (const auto& layer : json["layers"]) {
    std::uint64_t least = UINT64_MAX;
    for (const auto& [name, coder] : layer["coders"].items())
      least = std::min(least, coder["bytes"].get<std::uint64_t>());
    CHECK(layer["coders"][layer["best"].get<std::string>()]["bytes"] == least);
    best += least;
  }
  CHECK(totals["best_of_each_layer"]["bytes"] == best);
  for (const auto& [name, coder] : totals["coders"].items()) {
    const std::string coder_name = name;
    CAPTURE(coder_name);
    std::uint64_t sum = 0;
    for (const auto& layer : json["layers"]) sum += layer["coders"][coder_name]["bytes"].get<std::uint64_t>();
    CHECK(coder["bytes"] == sum);
  }
}

TEST_CASE("the text says what was coded, and marks synthetic weights") {
  test::write_sample_trace("sample.trace");
  const Outcome outcome = run_rebasis({"coders", "sample.trace", "--quiet"});
  CHECK(outcome.status == 0);
  CHECK(outcome.errors.empty());
  for (const char* part :
       {"2 layers", "SYNTHETIC", "every coded matrix was decoded", "1 of the layers are in SmartDeal",
        "(best of each layer)", "18 bytes of scales, basis matrices"})
    CHECK_MESSAGE(has(outcome.output, part), part);
  CHECK(run_rebasis({"coders", "sample.trace"}).output == outcome.output);
}

TEST_CASE("layers and coders are chosen, sorted and timed") {
  test::write_sample_trace("sample.trace");
  const auto json = figures({"sample.trace", "--layer", "fc*", "--coders", "huffman,dense,huffman", "--time"});
  CHECK(json["layers"].size() == 1);
  CHECK(json["totals"]["coders"].size() == 2);
  CHECK(json["totals"]["coders"]["dense"]["encode_mb_per_s"] > 0);
  const std::string by_size = run_rebasis({"coders", "sample.trace", "--sort", "--coders", "csr,dense"}).output;
  CHECK(by_size.find("dense") < by_size.find("csr"));
  const std::string by_name = run_rebasis({"coders", "sample.trace", "--coders", "csr,dense"}).output;
  CHECK(by_name.find("csr") < by_name.find("dense"));
}

TEST_CASE("CSV has a row a layer and coder") {
  test::write_ternary_trace("ternary.trace");
  REQUIRE(run_rebasis({"coders", "ternary.trace", "--coders", "dense,csr", "--csv", "coders.csv"}).status == 0);
  const std::string csv = read_file("coders.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
  CHECK(csv.starts_with("network,layer,encoding,coder,rows,columns,bits,values,zeros,weights,bytes,"));
  CHECK(has(csv, "\nternary sample,ternary,ternary,dense,2,9,2,18,13,18,5,5,12,72,"));  // 18 x 2 bits are 5 bytes
}

TEST_CASE("what is not there is named, and nothing is written") {
  test::write_sample_trace("sample.trace");
  std::filesystem::remove("out.json");
  const Outcome layer = run_rebasis({"coders", "sample.trace", "--layer", "conv2", "--json", "out.json"});
  CHECK(layer.status == 2);
  CHECK(layer.errors ==
        "rebasis: sample.trace: has no layer 'conv2'; did you mean 'conv1'?; `rebasis inspect` lists them\n");
  const Outcome coder = run_rebasis({"coders", "sample.trace", "--coders", "hufman", "--json", "out.json"});
  CHECK(coder.status == 2);
  CHECK(coder.errors.starts_with("rebasis: unknown coder 'hufman'; did you mean 'huffman'?; known: arithmetic, "));
  CHECK_FALSE(std::filesystem::exists("out.json"));
  CHECK(run_rebasis({"coders", "no/such.trace"}).status == 2);
}
