// rebasis succinct as a user meets it, with and without sdsl-lite in the build.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/build_info.h"
#include "tests/support/process.h"

namespace {

using Json = nlohmann::ordered_json;
using rebasis::test::Outcome;

Outcome succinct(const std::string& trace, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"succinct", REBASIS_SOURCE_DIR "/tests/golden/traces/" + trace + ".trace",
                                    "--quiet", "--repeats", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return rebasis::test::run_rebasis(words);
}

Json read(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::uint64_t form_bytes(const Json& forms, const std::string& name) {
  for (const Json& form : forms) {
    if (form.at("form") == name) return form.at("bytes");
  }
  return 0;
}

}  // namespace

TEST_CASE("The version says whether the program is under GPL-3") {
  const Outcome outcome = rebasis::test::run_rebasis({"--version"});
  CHECK((outcome.output.find("GPL-3") != std::string::npos) == rebasis::cli::build_has_succinct);
}

TEST_CASE("A build without sdsl-lite says how to get it") {
  if (rebasis::cli::build_has_succinct) return;
  const Outcome outcome = succinct("fmnist_vggsmall.ternary");
  CHECK(outcome.status == 2);
  CHECK(outcome.errors.find("-DREBASIS_SUCCINCT=ON") != std::string::npos);
  CHECK(outcome.output.empty());
}

TEST_CASE("The structure of a ternary network is smaller than its best ordinary form") {
  if (!rebasis::cli::build_has_succinct) return;
  const std::string folder = rebasis::test::fresh_folder("succinct");
  const Outcome outcome =
      succinct("fmnist_vggsmall.ternary", {"--json", folder + "/s.json", "--coder", "succinct-block"});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(outcome.output.find("classifier.classifier.0.Gemm") != std::string::npos);
  const Json json = read(folder + "/s.json");
  const Json& totals = json.at("totals");
  CHECK(totals.at("compression_rate_improved") > 1.1);
  CHECK(totals.at("bytes_32_bit") == 4.0 * 583456);
  const Json& structure = json.at("structure");
  const std::uint64_t parts = structure.at("wavelet_bytes").get<std::uint64_t>() +
                              structure.at("rank_bytes").get<std::uint64_t>() +
                              structure.at("table_bytes").get<std::uint64_t>();
  CHECK(totals.at("bytes").at(1) == parts);
  CHECK(form_bytes(totals.at("forms"), "dense") == 583456);
  CHECK(form_bytes(totals.at("forms"), "coder succinct-block") > 0);
  for (const Json& layer : json.at("layers")) {
    const bool fc = layer.at("macs_per_weight") == 1.0;
    CHECK(layer.at("ras").get<std::string>().starts_with(fc ? "element-wise" : "block-wise"));
  }
}

TEST_CASE("--threshold and --layers choose") {
  if (!rebasis::cli::build_has_succinct) return;
  const std::string folder = rebasis::test::fresh_folder("succinct_layers");
  const Outcome outcome = succinct("fmnist_resnet20.pruned",
                                   {"--layers", "*.0.conv?.*", "--threshold", "785", "--json", folder + "/s.json"});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  const Json json = read(folder + "/s.json");
  CHECK(json.at("layers").size() == 2);
  for (const Json& layer : json.at("layers")) CHECK(layer.at("ras").get<std::string>().starts_with("element-wise"));
}

TEST_CASE("What cannot be measured is refused with the reason") {
  if (!rebasis::cli::build_has_succinct) return;
  const auto refused = [](const Outcome& outcome, const std::string& reason) {
    CHECK(outcome.status == 2);
    CHECK_MESSAGE(outcome.errors.find(reason) != std::string::npos, outcome.errors);
  };
  refused(succinct("fmnist_vggsmall"), "SmartDeal's form");
  refused(succinct("fmnist_vggsmall.dense", {"--image", "1"}), "has 1 images");
  refused(succinct("fmnist_vggsmall.dense", {"--layers", "x*"}), "no layer is named like 'x*'");
  refused(succinct("fmnist_vggsmall.dense", {"--coder", "zip"}), "zip");
  refused(succinct("none"), "none.trace");
}
