// The PE-wise ternary accelerator as a user meets it: resources in every result, designs that do not fit, layers it
// cannot run, and that clocked and fast write the same result.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace {

using Json = nlohmann::ordered_json;
using rebasis::test::Outcome;

Outcome simulate(const std::string& trace, std::vector<std::string> more) {
  std::vector<std::string> words = {"simulate", REBASIS_SOURCE_DIR "/tests/golden/traces/" + trace + ".trace",
                                    "--quiet"};
  words.insert(words.end(), more.begin(), more.end());
  return rebasis::test::run_rebasis(words);
}

Json read(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

TEST_CASE("clocked and fast give the same totals and layers; the resources are in the result") {
  const std::string folder = rebasis::test::fresh_folder("fidelities");
  for (const std::string fidelity : {"fast", "clocked"}) {
    const Outcome outcome = simulate("fmnist_vggsmall.ternary", {"--accelerator", "pynq-z1-ternary", "--fidelity",
                                                                 fidelity, "-o", folder + "/" + fidelity + ".json"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  }
  const Json fast = read(folder + "/fast.json"), clocked = read(folder + "/clocked.json");
  CHECK(fast.at("totals") == clocked.at("totals"));
  CHECK(fast.at("layers") == clocked.at("layers"));
  CHECK(fast.dump().find("FPGA resources (estimate): LUT ") != std::string::npos);
  CHECK(fast.dump().find("estimate.PEs") != std::string::npos);
}

TEST_CASE("skipping groups saves time and traffic") {
  const std::string folder = rebasis::test::fresh_folder("skipping");
  std::vector<std::uint64_t> cycles, bytes;
  for (const std::string preset : {"pynq-z1-ternary", "pynq-z1-ternary-reference"}) {
    const Outcome outcome = simulate("fmnist_resnet20.ternary", {"--accelerator", preset, "-o", folder + "/r.json"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
    const Json totals = read(folder + "/r.json").at("totals");
    cycles.push_back(totals.at("cycles").get<std::uint64_t>());
    bytes.push_back(totals.at("dram_bytes").at("weights").get<std::uint64_t>());
  }
  CHECK(cycles[0] < cycles[1]);
  CHECK(bytes[0] < bytes[1]);
}

TEST_CASE("a design that does not fit the FPGA ends with status 1 and what would fit") {
  const Outcome outcome =
      simulate("fmnist_resnet20.ternary", {"--accelerator", "pynq-z1-mac", "--set", "array.pes=2", "-o", "x.json"});
  CHECK(outcome.status == 1);
  CHECK(outcome.errors.find("296 DSP48E1 of 220; array.pes 1 ") != std::string::npos);
}

TEST_CASE("without the MAC engine, layers in full precision are left out and listed") {
  const std::string folder = rebasis::test::fresh_folder("unsupported");
  const Outcome outcome = simulate("fmnist_resnet20.ternary", {"--accelerator", "pynq-z1-ternary", "--set",
                                                               "mac_engine.dsps=0", "-o", folder + "/r.json"});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  const std::string text = read(folder + "/r.json").dump();
  CHECK(text.find("set mac_engine.dsps") != std::string::npos);
  CHECK(text.find("2 layers are not supported") != std::string::npos);
}

TEST_CASE("weights in another encoding, and malformed configurations") {
  const Outcome other = simulate("fmnist_resnet20", {"--accelerator", "pynq-z1-ternary", "-o", "x.json"});
  CHECK(other.status != 3);
  const Outcome wrong = simulate("fmnist_resnet20.ternary",
                                 {"--accelerator", "pynq-z1-ternary", "--set", "pe.kind=binary", "-o", "x.json"});
  CHECK(wrong.status == 2);
  CHECK(wrong.errors.find("pe.kind") != std::string::npos);
}
