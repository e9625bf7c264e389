// Totals of the shipped traces. A change of them is a change of the model (or of the mapper,
// the energy table, the default configuration): intended or not, it has to be seen.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/process.h"

namespace {

using Json = nlohmann::ordered_json;

const std::string folder = REBASIS_SOURCE_DIR "/tests/golden/";
const std::string golden = folder + "simulate_totals.json";

Json read(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// What is kept of a run: totals, and each layer's cycles and DRAM bytes.
Json figures_of(const std::string& trace, const std::string& accelerator) {
  const std::string work = rebasis::test::fresh_folder(trace + "-" + accelerator);
  const auto outcome = rebasis::test::run_rebasis({"simulate", folder + "traces/" + trace + ".trace", "--accelerator",
                                                   accelerator, "--quiet", "-o", work + "/R.json"});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  const Json result = read(work + "/R.json");
  const Json& totals = result.at("totals");
  Json figures = {{"cycles", totals.at("cycles")},
                  {"dram_bytes", totals.at("dram_bytes")},
                  {"energy_pj", totals.at("energy_pj")},
                  {"effective_macs", totals.at("effective_macs")},
                  {"stalls", totals.at("stalls")}};
  for (const Json& layer : result.at("layers"))
    figures["layer_cycles"][layer.at("name").get<std::string>()] = layer.at("cycles");
  return figures;
}

/// Every leaf equal; real numbers to nine digits, because another compiler may add them up in another order.
void compare(const Json& expected, const Json& actual, const std::string& where) {
  if (!expected.is_object()) {
    CHECK_MESSAGE(actual.get<double>() == doctest::Approx(expected.get<double>()).epsilon(1e-9),
                  where << ": " << actual << ", was " << expected);
    return;
  }
  CHECK_MESSAGE(expected.size() == actual.size(), where);
  for (const auto& item : expected.items()) {
    const std::string& key = item.key();
    CHECK_MESSAGE(actual.contains(key), where << "/" << key);
    if (actual.contains(key)) compare(item.value(), actual.at(key), where + "/" + key);
  }
}

}  // namespace

TEST_CASE("totals of the shipped networks") {
  Json actual;
  for (const std::string network : {"fmnist_resnet20", "fmnist_vggsmall"}) {
    actual[network] = figures_of(network, "smartdeal");
    actual[network + " on diannao"] = figures_of(network + ".dense", "diannao");
    actual[network + " on pynq-z1-ternary"] = figures_of(network + ".ternary", "pynq-z1-ternary");
  }
  if (std::getenv("REBASIS_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden) << actual.dump(2) << '\n';
    MESSAGE("wrote " << golden);
    return;
  }
  INFO("If the change is intended, run tests/golden/update_totals and say in CHANGELOG.md what moved the figures.");
  compare(read(golden), actual, "");
}
