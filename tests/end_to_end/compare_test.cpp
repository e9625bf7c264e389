// `rebasis compare` as a user meets it, on the traces of the shipped networks.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/process.h"

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using rebasis::test::fresh_folder;
using rebasis::test::Outcome;
using rebasis::test::run;
using rebasis::test::run_rebasis;

const std::string resnet = REBASIS_SOURCE_DIR "/tests/golden/traces/fmnist_resnet20.trace";
const std::string vgg = REBASIS_SOURCE_DIR "/tests/golden/traces/fmnist_vggsmall.trace";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A folder with accelerators of our own: a smaller one, and one that cannot hold a group of partial sums.
std::string folder_with_designs(const std::string& name) {
  const std::string folder = fresh_folder(name);
  std::ofstream(folder + "/small.yaml") << "based_on: smartdeal\narray.dim_M: 16\n";
  std::ofstream(folder + "/tiny.yaml") << "based_on: smartdeal\noutput_gb.size: 16\noutput_gb.banks: 1\n";
  return folder;
}

Outcome compare(const std::vector<std::string>& more, const rebasis::test::RunOptions& options = {}) {
  std::vector<std::string> words = {"compare"};
  words.insert(words.end(), more.begin(), more.end());
  return run_rebasis(words, options);
}

Json comparison_in(const std::string& folder) {
  Json json = Json::parse(contents(folder + "/comparison.json"));
  CHECK(json.erase("provenance") == 1);
  return json;
}

const Json& entry_of(const Json& comparison, const std::string& network, const std::string& accelerator,
                     const std::string& dram) {
  for (const Json& entry : comparison.at("entries")) {
    if (entry.at("network") == network && entry.at("accelerator") == accelerator && entry.at("dram_model") == dram)
      return entry;
  }
  throw std::runtime_error("no entry");
}

/// "" or the name of a file that no finished run leaves behind.
std::string leftovers(const std::string& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool known = name.ends_with(".json") || name.ends_with(".key") || name.ends_with(".yaml") ||
                       name == ".lock" || name == "commands.txt" || name.starts_with("comparison.");
    if (entry.is_regular_file() && !known) return name;
  }
  return {};
}

std::size_t count_results(const std::string& folder, const std::string& extension) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder + "/results"))
    count += entry.path().extension() == extension ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("two designs on two networks: the figures are those of the results behind them") {
  const std::string folder = folder_with_designs("compare");
  const Outcome outcome = compare(
      {resnet, vgg, "--accelerators", "smartdeal," + folder + "/small.yaml", "--baseline", "small", "-o", folder});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(leftovers(folder).empty());
  const Json comparison = comparison_in(folder);
  CHECK(comparison.at("schema").at("name") == "rebasis-comparison");
  CHECK(comparison.at("networks") == Json{"fmnist_resnet20", "fmnist_vggsmall"});
  CHECK(comparison.at("entries").size() == 2 * 2 * 3);
  CHECK(comparison.at("options").at("traffic_baseline") == "smartdeal");

  // Sums of the layers in the result files, without the fully connected ones, by hand.
  const auto totals = [&](const std::string& network, const std::string& accelerator, const std::string& dram) {
    const Json& entry = entry_of(comparison, network, accelerator, dram);
    const Json result = Json::parse(contents(folder + "/" + entry.at("result").get<std::string>()));
    CHECK(result.at("accelerator").at("dram_model") == dram);
    std::array<double, 3> sum{};
    for (const Json& layer : result.at("layers")) {
      if (layer.at("op") == "fc") continue;
      sum[0] += layer.at("time_s").get<double>();
      sum[1] += layer.at("energy_pj").get<double>();
      for (const auto& [tensor, bytes] : layer.at("dram_bytes").items()) sum[2] += bytes.get<double>();
    }
    CHECK(entry.at("totals").at("time_s").get<double>() == doctest::Approx(sum[0]));
    CHECK(entry.at("totals").at("energy_pj").get<double>() == doctest::Approx(sum[1]));
    return sum;
  };
  for (const char* dram : {"lpddr4-3200-x32", "ddr4-2400-x64", "ddr3-1066-x16"}) {
    std::array<double, 3> product{1, 1, 1};
    for (const char* network : {"fmnist_resnet20", "fmnist_vggsmall"}) {
      const auto own = totals(network, "smartdeal", dram), base = totals(network, "small", dram);
      const Json& normalised = entry_of(comparison, network, "smartdeal", dram).at("normalised");
      CHECK(normalised.at("speed_up").get<double>() == doctest::Approx(base[0] / own[0]));
      CHECK(normalised.at("energy_efficiency").get<double>() == doctest::Approx(base[1] / own[1]));
      CHECK(entry_of(comparison, network, "small", dram).at("normalised").at("dram_accesses").get<double>() ==
            doctest::Approx(base[2] / own[2]));
      for (std::size_t i = 0; i < 3; ++i) product[i] *= base[i] / own[i];
    }
    const Json& mean = comparison.at("accelerators").at(0).at("geometric_mean").at(dram);
    CHECK(mean.at("speed_up").get<double>() == doctest::Approx(std::sqrt(product[0])));
    CHECK(mean.at("energy_efficiency").get<double>() == doctest::Approx(std::sqrt(product[1])));
  }

  CHECK(comparison.at("left_out").size() == 3);  // one fully connected layer, and two
  CHECK(comparison.at("traces").at(0).at("accuracy_after") == 0.875);
  CHECK(comparison.at("traces").at(0).at("compression_rate").get<double>() > 7);
  CHECK(lines_of(contents(folder + "/comparison.csv")).size() == 13);
  CHECK(has(contents(folder + "/comparison.html"), "id=\"comparison\""));
  for (const char* part : {"geometric mean", "87.5 % (of 89.1 %)", "Left out of every total: fmnist_resnet20: fc.Gemm"})
    CHECK_MESSAGE(has(outcome.output, part), outcome.output);
}

TEST_CASE("the commands in commands.txt are what was run") {
  const std::string folder = folder_with_designs("commands");
  REQUIRE(compare({resnet, "--accelerators", "smartdeal", "--dram", "bandwidth:8,unlimited", "--set",
                   "smartdeal:array.dim_M=32", "-q", "-o", folder})
              .status == 0);
  const auto commands = lines_of(contents(folder + "/commands.txt"));
  REQUIRE(commands.size() == 2);
  CHECK(has(commands[0], "--set dram.model=bandwidth --set 'dram.bandwidth=8 GB/s' --set array.dim_M=32"));
  const std::string result = folder + "/results/fmnist_resnet20.smartdeal.bandwidth-8.json";
  Json kept = Json::parse(contents(result));
  fs::remove(result);
  REQUIRE(run({"/bin/sh", "-c", REBASIS_BIN_DIR "/" + commands[0] + " -q"}).status == 0);
  Json again = Json::parse(contents(result));
  kept.erase("provenance");
  again.erase("provenance");
  CHECK(kept == again);
  CHECK(kept.at("accelerator").at("dram_bytes_per_cycle") == 8);
}

TEST_CASE("what is there is kept, and made again when what it depends on has changed") {
  const std::string folder = folder_with_designs("again");
  const auto once = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {resnet,   "--accelerators",        "smartdeal," + folder + "/small.yaml",
                                      "--dram", "unlimited,bandwidth:4", "-o",
                                      folder};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = compare(words);
    CHECK_MESSAGE(outcome.status == 0, outcome.errors);
    return outcome.errors;
  };
  CHECK_FALSE(has(once({}), "kept"));
  const Json first = comparison_in(folder);
  CHECK(has(once({}), "4 outputs of an earlier run are kept"));
  CHECK(comparison_in(folder) == first);
  CHECK(has(once({"--include-fc"}), "4 outputs of an earlier run are kept"));  // no simulation depends on it
  CHECK(has(once({"--set", "small:clock.frequency=500 MHz"}), "2 outputs of an earlier run are kept"));
  CHECK(has(once({}), "2 outputs of an earlier run are kept"));
  std::ofstream(folder + "/small.yaml") << "based_on: smartdeal\narray.dim_M: 8\n";
  CHECK(has(once({}), "2 outputs of an earlier run are kept"));
  std::ofstream(folder + "/results/fmnist_resnet20.smartdeal.unlimited.json", std::ios::app) << " ";
  CHECK(has(once({}), "3 outputs of an earlier run are kept"));
  CHECK_FALSE(has(once({"--fresh"}), "kept"));
}

TEST_CASE("an interrupted comparison goes on where it was") {
  std::string drams = "unlimited";
  for (int rate = 1; rate < 24; ++rate) drams += ",bandwidth:" + std::to_string(rate);
  const std::string folder = folder_with_designs("interrupted");
  const std::vector<std::string> words = {resnet, "--accelerators", "smartdeal", "--dram", drams, "--jobs", "2",
                                          "-o",   folder + "/out"};
  std::size_t finished = 0;
  int after_ms = 0;
  for (const int signal_number : {SIGINT, SIGTERM, SIGKILL}) {
    const Outcome outcome = compare(words, {.signal_after_ms = after_ms += 300, .signal_number = signal_number});
    if (outcome.status == 0) break;  // a machine that is faster than the signal
    CHECK(outcome.status == 128 + signal_number);
    if (signal_number != SIGKILL) {
      CHECK_MESSAGE(has(outcome.errors, "interrupted; no partial file is left"), outcome.errors);
      CHECK(leftovers(folder).empty());
    }
    if (fs::exists(folder + "/out/comparison.json")) {  // the signal came between the last file and the end
      CHECK(count_results(folder + "/out", ".key") == 24);
      break;
    }
    const std::size_t now = count_results(folder + "/out", ".key");
    CHECK(now >= finished);
    finished = now;
  }
  const Outcome last = compare(words);
  CHECK(last.status == 0);
  if (finished > 0) CHECK_MESSAGE(has(last.errors, " outputs of an earlier run are kept"), last.errors);
  CHECK(count_results(folder + "/out", ".json") == 24);

  const std::string other = fresh_folder("uninterrupted");
  REQUIRE(compare({resnet, "--accelerators", "smartdeal", "--dram", drams, "-q", "-o", other}).status == 0);
  CHECK(comparison_in(folder + "/out") == comparison_in(other));
}

TEST_CASE("an infeasible design is shown, the others go on, and the status is 1") {
  const std::string folder = folder_with_designs("infeasible");
  const Outcome outcome =
      compare({resnet, "--accelerators", "smartdeal," + folder + "/tiny.yaml", "--dram", "unlimited", "-o", folder});
  CHECK(outcome.status == 1);
  CHECK_MESSAGE(has(outcome.errors, "status 1: layer 'conv1.Conv': a group of output tiles takes"), outcome.errors);
  CHECK(has(outcome.errors, "rebasis simulate " + resnet + " --accelerator " + folder + "/tiny.yaml"));
  CHECK(has(outcome.output, "infeasible: tiny on fmnist_resnet20 (unlimited): layer 'conv1.Conv'"));
  const Json comparison = comparison_in(folder);
  CHECK(entry_of(comparison, "fmnist_resnet20", "tiny", "unlimited").at("state") == "infeasible");
  CHECK(entry_of(comparison, "fmnist_resnet20", "smartdeal", "unlimited").at("state") == "done");
  CHECK(entry_of(comparison, "fmnist_resnet20", "smartdeal", "unlimited").at("normalised").at("speed_up") == 1);
  CHECK(has(contents(folder + "/comparison.csv"), "tiny,unlimited,infeasible"));
  CHECK(has(contents(folder + "/comparison.html"), "a group of output tiles takes"));
}

TEST_CASE("what cannot be right is refused before anything runs") {
  const std::string folder = folder_with_designs("refused");
  fs::copy_file(resnet, folder + "/copy.trace");
  std::ofstream(folder + "/net.onnx") << "x";
  const auto refused = [&](const std::vector<std::string>& more, const std::string& part) {
    std::vector<std::string> words = more;
    words.insert(words.end(), {"-o", folder + "/out"});
    const Outcome outcome = compare(words);
    CHECK(outcome.status == 2);
    CHECK_MESSAGE(has(outcome.errors, part), outcome.errors);
    CHECK_FALSE(fs::exists(folder + "/out"));
  };
  refused({resnet, "--accelerators", "smartdeel"}, "unknown accelerator 'smartdeel'; did you mean 'smartdeal'?");
  refused({resnet, "--accelerators", "smartdeal,smartdeal"}, "two are called 'smartdeal'");
  refused({resnet, "--accelerators", "smartdeal", "--baseline", "dianao"}, "--baseline: 'dianao' is not compared");
  refused({resnet, "--accelerators", "smartdeal", "--dram", "ddr9"}, "--dram: unknown memory model 'ddr9'");
  refused({resnet, "--accelerators", "smartdeal", "--dram", "unlimited:8"}, "only the model bandwidth takes a rate");
  refused({resnet, "--accelerators", "smartdeal", "--set", "dram.model=unlimited"}, "give it with --dram");
  refused({resnet, "--accelerators", "smartdeal", "--set", "smartdeel:array.dim_M=3"}, "did you mean 'smartdeal'?");
  refused({resnet, folder + "/copy.trace", "--accelerators", "smartdeal"},
          "are traces of fmnist_resnet20 with the recipe smartdeal; give one of them");
  refused({folder + "/net.onnx", "--accelerators", "smartdeal"},
          "is compressed on real inputs; give them with --inputs");
  refused(
      {folder + "/net.onnx", "--accelerators", "smartdeal", "--inputs", resnet, "--recipe", "smartdeal=nothing.yaml"},
      "nothing.yaml");
  refused({folder + "/small.yaml", "--accelerators", "smartdeal"}, folder + "/small.yaml: ");
}

TEST_CASE("one comparison a folder at a time") {
  const std::string folder = fresh_folder("locked");
  const int lock = open((folder + "/.lock").c_str(), O_CREAT | O_RDWR, 0600);
  REQUIRE(flock(lock, LOCK_EX) == 0);
  const Outcome outcome = compare({resnet, "--accelerators", "smartdeal", "-o", folder});
  CHECK(outcome.status == 2);
  CHECK(has(outcome.errors, "another comparison is running in this folder"));
  close(lock);
  CHECK(compare({resnet, "--accelerators", "smartdeal", "--dram", "unlimited", "-q", "-o", folder}).status == 0);
}

TEST_CASE("an accelerator without a trace of its own kind runs another one, and says so") {
  const std::string folder = folder_with_designs("other_kind");
  std::ofstream(folder + "/other.yaml") << "based_on: smartdeal\nrecipe: dense-int8\n";
  const Outcome outcome =
      compare({resnet, "--accelerators", folder + "/other.yaml", "--dram", "unlimited", "-o", folder});
  CHECK(outcome.status == 0);
  CHECK_MESSAGE(
      has(outcome.output, "Note: other was made for the recipe dense-int8; of fmnist_resnet20 it ran the trace with"),
      outcome.output);
}
