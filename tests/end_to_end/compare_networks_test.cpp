// `rebasis compare` from a network: compression, then the accelerators.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using rebasis::test::fresh_folder;
using rebasis::test::Outcome;
using rebasis::test::run_rebasis;

const std::string networks = REBASIS_SOURCE_DIR "/workloads/networks/";

Outcome compare(const std::string& folder, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"compare",  networks + "fmnist_vggsmall.onnx",
                                    "--inputs", networks + "fmnist_test64-images-idx3-ubyte",
                                    "--labels", networks + "fmnist_test64-labels-idx1-ubyte",
                                    "--mean",   "0.2860",
                                    "--std",    "0.3530",
                                    "--dram",   "unlimited",
                                    "-o",       folder};
  words.insert(words.end(), more.begin(), more.end());
  return run_rebasis(words, {.timeout_s = 200});
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a network is compressed once a recipe, and each accelerator runs its own") {
  const std::string folder = fresh_folder("networks");
  std::ofstream(folder + "/small.yaml") << "based_on: smartdeal\narray.dim_M: 16\n";
  std::ofstream(folder + "/plain.yaml") << "based_on: smartdeal\nrecipe: dense-int8\n";
  const std::string designs = "smartdeal," + folder + "/small.yaml," + folder + "/plain.yaml";
  const Outcome first = compare(folder, {"--accelerators", designs});
  REQUIRE_MESSAGE(first.status == 0, first.errors);
  const Json comparison = Json::parse(contents(folder + "/comparison.json"));
  REQUIRE(comparison.at("traces").size() == 2);
  CHECK(comparison.at("traces")[0].at("recipe") == "smartdeal");
  CHECK(comparison.at("traces")[1].at("recipe") == "dense-int8");
  CHECK(comparison.at("traces")[1].at("accuracy_before").get<double>() > 0.85);
  CHECK(comparison.at("traces")[0].at("compression_rate") > comparison.at("traces")[1].at("compression_rate"));
  CHECK(comparison.at("entries")[1].at("trace") == "fmnist_vggsmall.smartdeal");
  CHECK(comparison.at("entries")[2].at("trace") == "fmnist_vggsmall.dense-int8");
  CHECK(comparison.at("provenance").at("commands").size() == 2 + 3);
  CHECK(fs::exists(folder + "/traces/fmnist_vggsmall.smartdeal.txt"));

  // A given trace takes the place of its compression; another recipe for one accelerator is compressed.
  const std::string other = fresh_folder("networks_and_traces");
  const Outcome second = compare(other, {folder + "/traces/fmnist_vggsmall.smartdeal.trace", "--accelerators", designs,
                                         "--recipe", "plain=pruned-int8"});
  REQUIRE_MESSAGE(second.status == 0, second.errors);
  CHECK(fs::exists(other + "/traces/fmnist_vggsmall.pruned-int8.trace"));
  CHECK_FALSE(fs::exists(other + "/traces/fmnist_vggsmall.smartdeal.trace"));

  // Compression is kept when an accelerator's recipe is the only thing that has changed.
  const Outcome third = compare(folder, {"--accelerators", designs, "--recipe", "plain=pruned-int8"});
  CHECK_MESSAGE(third.errors.find("3 outputs of an earlier run are kept") != std::string::npos, third.errors);
}

TEST_CASE("a compression that fails is shown once for all that need it") {
  const std::string folder = fresh_folder("failed");
  std::ofstream(folder + "/broken.onnx") << "no network";
  const Outcome outcome =
      run_rebasis({"compare", folder + "/broken.onnx", "--inputs", networks + "fmnist_test64-images-idx3-ubyte",
                   "--dram", "unlimited", "--accelerators", "smartdeal", "-o", folder});
  CHECK(outcome.status == 2);
  CHECK_MESSAGE(outcome.errors.find("rebasis compress " + folder + "/broken.onnx") != std::string::npos,
                outcome.errors);
  const Json comparison = Json::parse(contents(folder + "/comparison.json"));
  CHECK(comparison.at("entries")[0].at("state") == "failed");
  CHECK(
      comparison.at("entries")[0].at("message").get<std::string>().starts_with("compress: " + folder + "/broken.onnx"));
}

TEST_CASE("a re-trained network stands in for one accelerator") {
  const std::string folder = fresh_folder("networks_retrained");
  const std::string retrained = folder + "/other_name.onnx";
  fs::copy_file(networks + "fmnist_vggsmall.onnx", retrained);
  std::ofstream(folder + "/plain.yaml") << "based_on: smartdeal\nrecipe: dense-int8\n";
  const std::vector<std::string> designs = {"--accelerators", "smartdeal," + folder + "/plain.yaml", "--recipe",
                                            "smartdeal=dense-int8"};
  std::vector<std::string> words = designs;
  words.insert(words.end(), {"--retrained", "plain=" + retrained});
  const Outcome outcome = compare(folder, words);
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  const Json comparison = Json::parse(contents(folder + "/comparison.json"));
  CHECK(comparison.at("entries")[0].at("trace") == "fmnist_vggsmall.dense-int8");
  CHECK(comparison.at("entries")[1].at("trace") == "other_name.dense-int8");
  CHECK(outcome.output.find("re-trained for its compression") != std::string::npos);
  // The same weights under another name: the same network, the same figures.
  CHECK(comparison.at("entries")[0].at("totals").at("energy_pj") ==
        comparison.at("entries")[1].at("totals").at("energy_pj"));

  words = designs;
  words.insert(words.end(), {networks + "fmnist_resnet20.onnx", "--retrained", "plain=" + retrained});
  const Outcome ambiguous = compare(folder, words);
  CHECK(ambiguous.status == 2);
  CHECK(ambiguous.errors.find("exactly one network") != std::string::npos);
}
