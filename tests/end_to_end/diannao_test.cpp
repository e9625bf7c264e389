// DianNao as a user meets it: what it accepts, what it refuses, and that clocked and fast write the same result.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace {

using Json = nlohmann::ordered_json;
using rebasis::test::Outcome;

const std::string traces = REBASIS_SOURCE_DIR "/tests/golden/traces/";

Outcome simulate(const std::string& trace, const std::string& accelerator, std::vector<std::string> more) {
  std::vector<std::string> words = {"simulate", traces + trace + ".trace", "--accelerator", accelerator, "--quiet"};
  words.insert(words.end(), more.begin(), more.end());
  return rebasis::test::run_rebasis(words);
}

Json read(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

TEST_CASE("clocked and fast give the same totals, layers and blocks") {
  const std::string folder = rebasis::test::fresh_folder("fidelities");
  for (const std::string fidelity : {"fast", "clocked"}) {
    const Outcome outcome =
        simulate("fmnist_vggsmall.dense", "diannao", {"--fidelity", fidelity, "-o", folder + "/" + fidelity + ".json"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  }
  const Json fast = read(folder + "/fast.json"), clocked = read(folder + "/clocked.json");
  CHECK(fast.at("totals") == clocked.at("totals"));
  CHECK(fast.at("layers") == clocked.at("layers"));
}

TEST_CASE("compressed weights are refused with the recipes that would do") {
  const Outcome outcome =
      simulate("fmnist_resnet20", "diannao", {"-o", rebasis::test::fresh_folder("refused") + "/R.json"});
  CHECK(outcome.status == 2);
  CHECK_MESSAGE(
      outcome.errors.find(
          "are in the encoding smartdeal; this accelerator takes dense-int8 (recipes dense-int8, pruned-int8)") !=
          std::string::npos,
      outcome.errors);
}

TEST_CASE("a buffer too small for a layer: status 1, the layer and the buffer; an impossible array: status 2") {
  const Outcome small =
      simulate("fmnist_resnet20.dense", "diannao", {"--set", "nbin.size=128", "--set", "nbin.banks=2"});
  CHECK(small.status == 1);
  CHECK_MESSAGE(small.errors.find("does not fit: the input buffer would need ") != std::string::npos, small.errors);
  const Outcome impossible = simulate("fmnist_resnet20.dense", "diannao", {"--set", "nfu.tn=64"});
  CHECK(impossible.status == 2);
  CHECK_MESSAGE(impossible.errors.find("a half of SB does not deliver Tn x Ti synapses a cycle") != std::string::npos,
                impossible.errors);
}

TEST_CASE("the published design runs the shipped networks") {
  const Outcome outcome = simulate("fmnist_resnet20.dense", "diannao-original",
                                   {"-o", rebasis::test::fresh_folder("original") + "/R.json"});
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
}
