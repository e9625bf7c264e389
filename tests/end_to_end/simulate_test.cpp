// `rebasis simulate` and `rebasis verify` as a user meets them.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/sample_trace.h"

namespace {

using Json = nlohmann::ordered_json;
using rebasis::test::fresh_folder;
using rebasis::test::Outcome;
using rebasis::test::run;
using rebasis::test::run_rebasis;

const std::string traces = REBASIS_SOURCE_DIR "/tests/golden/traces/";
const std::string resnet = traces + "fmnist_resnet20.trace";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder with the hand-written trace of two small layers, "conv1" and "fc/2".
std::string sample_folder(const std::string& name) {
  const std::string folder = fresh_folder(name);
  rebasis::test::write_sample_trace(folder + "/T.trace");
  return folder;
}

Outcome simulate(const std::string& trace, std::vector<std::string> more) {
  std::vector<std::string> words = {"simulate", trace, "--accelerator", "smartdeal"};
  words.insert(words.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return run_rebasis(words);
}

/// The status, one line that says `part`, and nothing in the folder but what was there.
void check_refused(const Outcome& outcome, int status, const std::string& part, const std::string& folder) {
  CHECK(outcome.status == status);
  CHECK(outcome.errors.starts_with("rebasis: "));
  CHECK_MESSAGE(has(outcome.errors, part), outcome.errors);
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename());
  CHECK(names == std::set<std::string>{"T.trace"});
}

Json result_without_provenance(const std::string& path) {
  Json json = Json::parse(contents(path));
  CHECK(json.erase("provenance") == 1);
  return json;
}

/// Commands in the EXAMPLES section of a manual.
std::vector<std::string> examples_of(const std::string& command) {
  std::istringstream manual(run_rebasis({command, "--help"}).output);
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(manual, line);) {
    if (!line.empty() && line[0] != ' ') inside = line == "EXAMPLES";
    const std::size_t word = line.find_first_not_of(' ');
    if (inside && word != std::string::npos && line.compare(word, 8, "rebasis ") == 0)
      examples.push_back(line.substr(word + 8));
  }
  return examples;
}

/// What an independent reader makes of a VCD file: it throws when the file is not one.
struct Waveform {
  std::string timescale;
  std::map<std::string, std::string> signals;  ///< identifier -> name
  std::vector<std::uint64_t> times;
  std::map<std::string, int> changes;  ///< by name
};

Waveform read_vcd(const std::string& path) {
  std::ifstream file(path);
  Waveform wave;
  std::string word;
  const auto until_end = [&] {
    std::string text, part;
    while (file >> part && part != "$end") text += (text.empty() ? "" : " ") + part;
    return text;
  };
  bool definitions = true;
  while (file >> word) {
    if (definitions && word == "$timescale") {
      wave.timescale = until_end();
    } else if (definitions && word == "$var") {
      std::istringstream fields(until_end());
      std::string type, size, identifier, name;
      fields >> type >> size >> identifier >> name;
      wave.signals[identifier] = name;
    } else if (word == "$enddefinitions") {
      until_end();
      definitions = false;
    } else if (word == "$dumpvars" || word == "$end") {
      continue;  // the initial values look like changes
    } else if (word[0] == '$') {
      until_end();
    } else if (word[0] == '#') {
      wave.times.push_back(std::stoull(word.substr(1)));
    } else if (word[0] == 'b') {
      std::string identifier;
      file >> identifier;
      ++wave.changes[wave.signals.at(identifier)];
    } else if (word[0] == '0' || word[0] == '1') {
      ++wave.changes[wave.signals.at(word.substr(1))];
    } else {
      throw std::runtime_error("not VCD: " + word);
    }
  }
  return wave;
}

}  // namespace

TEST_CASE("a result: table on standard output, JSON in the file, status 0") {
  const std::string folder = sample_folder("plain");
  const Outcome outcome = simulate(folder + "/T.trace", {"-o", folder + "/R.json"});
  CHECK(outcome.status == 0);
  CHECK(has(outcome.output, "conv1"));
  const Json json = Json::parse(contents(folder + "/R.json"));
  CHECK(json.at("schema").is_object());
  CHECK(json.at("layers").at(0).at("name") == "conv1");
  CHECK(json.at("totals").at("cycles") > 0);
  CHECK(json.at("totals").at("images") == 2);
  for (const Json& layer : json.at("layers")) {
    double cycles = 0;
    for (const auto& [cause, value] : layer.at("stalls").items()) cycles += value.get<double>();
    CHECK(cycles == doctest::Approx(layer.at("cycles").get<double>()));
  }
  const Outcome quiet = simulate(folder + "/T.trace", {"--quiet", "-o", folder + "/Q.json"});
  CHECK(quiet.output.empty());
  CHECK(quiet.errors.empty());
}

TEST_CASE("two runs give the same bytes outside `provenance`, and both fidelities the same figures") {
  const std::string folder = sample_folder("same");
  CHECK(simulate(resnet, {"-q", "-o", folder + "/a.json"}).status == 0);
  CHECK(simulate(resnet, {"-q", "-o", folder + "/b.json"}).status == 0);
  CHECK(result_without_provenance(folder + "/a.json").dump() == result_without_provenance(folder + "/b.json").dump());
  CHECK(simulate(folder + "/T.trace", {"-q", "-o", folder + "/fast.json"}).status == 0);
  CHECK(simulate(folder + "/T.trace", {"-q", "--fidelity", "clocked", "-o", folder + "/clocked.json"}).status == 0);
  Json fast = result_without_provenance(folder + "/fast.json"),
       clocked = result_without_provenance(folder + "/clocked.json");
  CHECK(fast.at("accelerator").at("fidelity") == "fast");
  CHECK(clocked.at("accelerator").at("fidelity") == "clocked");
  fast.at("accelerator").erase("fidelity");
  clocked.at("accelerator").erase("fidelity");
  CHECK(fast.dump() == clocked.dump());
}

TEST_CASE("--layers picks layers; an unknown one is bad usage") {
  const std::string folder = sample_folder("layers");
  check_refused(simulate(folder + "/T.trace", {"--layers", "conv1,conv9", "-o", folder + "/R.json"}), 2,
                "no layer 'conv9'", folder);
  CHECK(simulate(folder + "/T.trace", {"-q", "--layers", "fc/2", "-o", folder + "/R.json"}).status == 0);
  const Json result = Json::parse(contents(folder + "/R.json"));
  for (const Json& layer : result.at("layers")) CHECK(layer.at("name") != "conv1");
}

TEST_CASE("parameters: a misspelt one, a wrong unit, a value out of range") {
  const std::string folder = sample_folder("parameters");
  const auto set = [&](const std::string& value) {
    return simulate(folder + "/T.trace", {"--set", value, "-o", folder + "/R.json"});
  };
  check_refused(set("input_gb.sise=64KB"), 2, "did you mean 'input_gb.size'", folder);
  check_refused(set("array.dim_M=0"), 2, "array.dim_M", folder);
  check_refused(set("clock.frequency=1 KB"), 2, "clock.frequency", folder);
  check_refused(set("pe.mac_sync=sometimes"), 2, "sometimes", folder);
  check_refused(set("dram.model=lpddr9"), 2, "lpddr9", folder);
  check_refused(set("array.dim_M"), 2, "array.dim_M", folder);
}

TEST_CASE("an accelerator that cannot run the layer: status 1, the layer and the buffer") {
  const std::string folder = sample_folder("infeasible");
  const auto refused = [&](const std::string& value, const std::string& layer, const std::string& buffer) {
    // 16 bits a value: 3 x 3 weights do not fit twice in 32 bytes, nor 3 rows of 28 columns in 256.
    const Outcome outcome =
        simulate(resnet, {"-q", "--set", value, "--set", "array.precision=16", "-o", folder + "/R.json"});
    check_refused(outcome, 1, buffer, folder);
    CHECK_MESSAGE(has(outcome.errors, "layer '" + layer + "'"), outcome.errors);
  };
  refused("weight_buffer.size=32", "conv1.Conv", "weight_buffer.size");
  refused("input_gb.size=256", "conv1.Conv", "input_gb.size");
  refused("output_gb.size=16", "conv1.Conv", "output_gb.size");
  refused("index_gb.size=32", "layers.layers.6.conv1.Conv", "index_gb.size");  // 64 filters x 3 rows of a channel
}

TEST_CASE("a memory a thousand times too slow: waits beyond 32 bits are summed, the watchdog keeps still") {
  const std::string folder = sample_folder("slow_memory");
  const std::string result = folder + "/R.json";
  // Each wait fits 32 bits, the waits of all lines together do not.
  const Outcome bandwidth = simulate(traces + "fmnist_vggsmall.trace", {"-q", "--set", "dram.model=bandwidth", "--set",
                                                                        "dram.bandwidth=0.001", "-o", result});
  CHECK_MESSAGE(bandwidth.status == 0, bandwidth.errors);
  // One answer takes almost as long as the watchdog waits, two in a row take longer.
  const Outcome latency =
      simulate(resnet, {"-q", "--layers", "fc.Gemm", "--fidelity", "clocked", "--set", "dram.model=bandwidth", "--set",
                        "dram.latency=900us", "--set", "array.dim_M=8", "--set", "array.dim_C=1", "-o", result});
  CHECK_MESSAGE(latency.status == 0, latency.errors);
}

TEST_CASE("--vcd needs --fidelity clocked") {
  const std::string folder = sample_folder("vcd_fast");
  check_refused(simulate(folder + "/T.trace", {"--vcd", folder + "/F.vcd"}), 2, "--fidelity clocked", folder);
}

TEST_CASE("the waveform: a VCD file that another program can read") {
  const std::string folder = sample_folder("vcd");
  CHECK(simulate(folder + "/T.trace",
                 {"-q", "--fidelity", "clocked", "--vcd", folder + "/F.vcd", "-o", folder + "/R.json"})
            .status == 0);
  const Waveform wave = read_vcd(folder + "/F.vcd");
  CHECK(wave.timescale == "1 ps");
  CHECK(wave.signals.size() > 60);  // 64 slices and the other blocks
  REQUIRE(wave.times.size() > 10);
  CHECK(std::adjacent_find(wave.times.begin(), wave.times.end(), std::greater_equal<>()) == wave.times.end());
  const double cycles =
      Json::parse(contents(folder + "/R.json")).at("totals").at("cycles").get<double>() * 2;  // images
  CHECK(static_cast<double>(wave.times.back()) <= cycles * 1000);                             // a cycle is 1000 ps
  const auto changes = [&](const std::string& part) {
    int count = 0;
    for (const auto& [signal, number] : wave.changes) count += has(signal, part) ? number : 0;
    return count;
  };
  for (const char* signal :
       {"layer", "blocks_started", "lanes_busy", "tiles_done", "port_busy", "requests", "lines_working"}) {
    CHECK_MESSAGE(changes(signal) > 2, signal);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    CHECK_FALSE(has(entry.path().filename(), ".part"));
}

TEST_CASE("the timeline: slices of a track do not overlap and end with the last layer") {
  const std::string folder = sample_folder("timeline");
  CHECK(simulate(resnet, {"-q", "--timeline", folder + "/F.json", "-o", folder + "/R.json"}).status == 0);
  const Json timeline = Json::parse(contents(folder + "/F.json"));
  std::map<std::pair<int, int>, std::vector<std::pair<double, double>>> tracks;
  double end = 0;
  std::size_t slices = 0;
  for (const Json& event : timeline.at("traceEvents")) {
    if (event.at("ph") != "X") continue;
    const double begin = event.at("ts"), duration = event.at("dur");
    CHECK(duration >= 0);
    tracks[{event.at("pid"), event.at("tid")}].emplace_back(begin, begin + duration);
    end = std::max(end, begin + duration);
    ++slices;
  }
  CHECK(tracks.size() >= 3);
  CHECK(slices > 3 * 22);
  bool apart = true;
  for (auto& [track, list] : tracks) {
    std::sort(list.begin(), list.end());
    for (std::size_t i = 0; i + 1 < list.size(); ++i) apart = apart && list[i].second <= list[i + 1].first;
  }
  CHECK(apart);
  const double cycles = Json::parse(contents(folder + "/R.json")).at("totals").at("cycles");
  CHECK(end <= cycles);
  CHECK(end > 0.9 * cycles);  // layers that only move data have no slice
}

TEST_CASE("outputs that cannot be written: status 2, the file is named") {
  const std::string folder = sample_folder("unwritable");
  const std::string nowhere = folder + "/none/F";
  check_refused(simulate(folder + "/T.trace", {"-q", "-o", nowhere}), 2, nowhere, folder);
  check_refused(simulate(folder + "/T.trace", {"-q", "--timeline", nowhere}), 2, nowhere, folder);
  check_refused(simulate(folder + "/T.trace", {"-q", "--fidelity", "clocked", "--vcd", nowhere}), 2, nowhere, folder);
}

TEST_CASE("verify: equal, layer by layer") {
  const std::string folder = sample_folder("verify");
  const Outcome outcome = run_rebasis({"verify", folder + "/T.trace", "-a", "smartdeal", "-q"});
  CHECK(outcome.status == 0);
  CHECK(has(outcome.output, "4 of 4 checks equal"));  // two layers, two images
  CHECK_FALSE(has(outcome.output, "DIFFERENT"));
  CHECK(has(run_rebasis({"verify", folder + "/T.trace", "-a", "smartdeal", "-q", "--sample", "1"}).output,
            "2 of 2 checks equal"));
}

TEST_CASE("verify: a damaged trace is bad input, an accelerator without room is infeasible") {
  const std::string folder = sample_folder("verify_bad");
  std::string bytes = contents(folder + "/T.trace");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(folder + "/T.trace", std::ios::binary) << bytes;
  check_refused(run_rebasis({"verify", folder + "/T.trace", "-a", "smartdeal"}), 2, "T.trace", folder);
  check_refused(run_rebasis({"verify", resnet, "-a", "smartdeal", "--set", "output_gb.size=16"}), 1, "output_gb.size",
                folder);
}

TEST_CASE("the examples of the manuals work") {
  const std::string folder = sample_folder("examples");
  std::ofstream(folder + "/mine.yaml") << "accelerator: smartdeal\narray:\n  dim_M: 8\n";
  for (const char* command : {"simulate", "verify"}) {
    const std::vector<std::string> examples = examples_of(command);
    CHECK(examples.size() >= 2);
    for (const std::string& example : examples) {
      const Outcome outcome = run({"/bin/sh", "-c", "cd '" + folder + "' && " REBASIS_BIN_DIR "/rebasis " + example});
      CHECK_MESSAGE(outcome.status == 0, example << ": " << outcome.errors);
    }
  }
  for (const char* file : {"R.json", "F.vcd", "F.json"}) CHECK(std::filesystem::exists(folder + "/" + file));
}

TEST_CASE("simulate starts without libtorch and in under 0.1 s") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--version"}, {"simulate", "--help"}}) {
    double best = 1e9;  // of ten: other tests run at the same time
    for (int i = 0; i < 10; ++i) best = std::min(best, run_rebasis(words).seconds);
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(best < 0.1);
#endif
    const Outcome libraries = run_rebasis(words, {.environment = {"LD_TRACE_LOADED_OBJECTS=1"}});
    CHECK(has(libraries.output, "libc.so"));
    CHECK_FALSE(has(libraries.output, "torch"));
    CHECK_FALSE(has(libraries.output, "libonnx"));
  }
  // Nor does a library come in later.
  const Outcome maps =
      run({"/bin/sh", "-c", "LD_DEBUG=files " REBASIS_BIN_DIR "/rebasis simulate -q -a smartdeal " + resnet});
  CHECK(maps.status == 0);
  CHECK(has(maps.errors, "libsystemc"));
  CHECK_FALSE(has(maps.errors, "torch"));
}

TEST_CASE("a family of traces: joined, looked into, simulated as the traces in it, played under a budget") {
  const std::string folder = fresh_folder("family");
  const std::string dense = traces + "fmnist_resnet20.dense.trace", half = traces + "fmnist_resnet20.2of4.trace";
  const std::string family = folder + "/F.trace", script = folder + "/S.yaml", result = folder + "/R.json";
  REQUIRE(
      run_rebasis({"trace", "join", "dense=" + dense, "half=" + half, "--pattern", "half=2:4", "-o", family}).status ==
      0);
  const Json shown = Json::parse(run_rebasis({"inspect", "--json", "--check", family}).output);
  CHECK(shown["kind"] == "trace-family");
  CHECK(shown["subnets"][1]["pattern"] == "2:4");
  CHECK(has(run_rebasis({"inspect", family, "--subnet", "half"}).output, "22 layers"));
  const auto simulated = [&](const std::vector<std::string>& trace) {
    std::vector<std::string> words{"simulate"};
    words.insert(words.end(), trace.begin(), trace.end());
    words.insert(words.end(), {"--accelerator", "cambricon-x", "-o", result, "--quiet"});
    REQUIRE(run_rebasis(words).status == 0);
    return result_without_provenance(result);
  };
  const Json of_half = simulated({half});
  CHECK(simulated({family, "--subnet", "half"}) == of_half);
  CHECK(simulated({family + "#half"}) == of_half);
  const Outcome plain = run_rebasis({"simulate", family, "--accelerator", "scnn"});
  CHECK(plain.status == 2);
  CHECK(has(plain.errors, "name a sub-net of it with " + family + "#NAME: dense, half"));

  std::ofstream(script) << "duration: 10 ms\nrate: 1 kHz\nbudget:\n  - {from: 0 s}\n  - {from: 4 ms, power: 120 mW}\n"
                           "governors: [hysteresis: {margin: 0, hold: 2}, oracle, fixed]\n";
  const auto played = [&](const std::string& fidelity) {
    REQUIRE(
        run_rebasis({"dynamic", family, "--accelerator", "cambricon-x", "--budget", script, "--hardware",
                     "switch.residence=storage", "--fidelity", fidelity, "--html", folder + "/R.html", "-o", result})
            .status == 0);
    return result_without_provenance(result);
  };
  const Json fast = played("fast");
  REQUIRE(fast["subnets"].size() == 2);
  CHECK(fast["subnets"][1]["cycles"] == of_half["totals"]["cycles"]);
  CHECK(fast["subnets"][1]["accuracy"] == 0.875);
  REQUIRE(fast["runs"].size() == 3);
  CHECK(fast["runs"][0]["totals"]["frames"] == 10);
  CHECK(fast["switches"][0]["bytes"]["storage"] > 50'000);
  const std::string page = contents(folder + "/R.html");
  CHECK(has(page, "<svg"));
  CHECK_FALSE(has(page, "http://www.w3.org/1999"));
  CHECK_FALSE(has(page, "<script"));
  CHECK(run_rebasis({"dynamic", half, "--accelerator", "scnn", "--budget", script}).status == 2);
  CHECK(
      has(run_rebasis({"dynamic", family, "--accelerator", "scnn", "--budget", script, "--governor", "orcale"}).errors,
          "did you mean 'oracle'?"));
}
