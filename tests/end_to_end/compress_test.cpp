// rebasis compress through the command line, on the network and images that ship.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../support/process.h"
#include "common/file.h"
#include "workloads/encode/layer_decoder.h"
#include "workloads/encode/sizes.h"
#include "workloads/trace/trace.h"

using namespace rebasis;

namespace {

const std::string networks = std::string(REBASIS_SOURCE_DIR) + "/workloads/networks/";
const std::string network = networks + "fmnist_vggsmall.onnx";

std::vector<std::string> compress(const std::string& recipe, const std::string& output,
                                  std::vector<std::string> more = {}) {
  std::vector<std::string> words{"compress", network,
                                 "--recipe", recipe,
                                 "--inputs", networks + "fmnist_test64-images-idx3-ubyte",
                                 "--labels", networks + "fmnist_test64-labels-idx1-ubyte",
                                 "--mean",   "0.2860",
                                 "--std",    "0.3530",
                                 "-o",       output};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string write_recipe(const std::string& folder, const std::string& text) {
  const std::string path = folder + "/recipe.yaml";
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("smartdeal: accuracy, sizes that add up to the trace, and activations of the compressed network") {
  const std::string folder = test::fresh_folder("smartdeal");
  const std::string trace = folder + "/vgg.trace", evolution = folder + "/evolution.csv";
  const test::Outcome outcome =
      test::run_rebasis(compress("smartdeal", trace, {"--json", "--trace-images", "2", "--evolution", evolution}));
  CAPTURE(outcome.errors);
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.output);
  CHECK(json.at("accuracy_before").get<double>() > 0.85);
  CHECK(json.at("accuracy_after").get<double>() > 0.8);
  CHECK(json.at("compression_rate").get<double>() > 7);

  const trace::TraceReader reader(trace);
  reader.verify_checksums();
  std::uint64_t bytes = 0;
  for (const std::string& name : reader.tensor_names()) {
    if (!name.ends_with("/activations")) bytes += reader.tensor(name).bytes.size();
  }
  CHECK(json.at("bytes").at("total").get<std::uint64_t>() == bytes);
  const auto provenance = nlohmann::json::parse(reader.metadata().provenance);
  CHECK(provenance.at("network_sha256").get<std::string>().size() == 64);
  CHECK(provenance.at("recipe") == "smartdeal");
  CHECK(provenance.at("weights") == "trained");
  CHECK(provenance.at("accuracy_after") == json.at("accuracy_after"));
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    reader.check_layer(layer);
    CHECK(layer.images == 2);
    CHECK(encode::integer_weights(reader, layer).size() == static_cast<std::size_t>(layer.shape.weights()));
    CHECK(layer.statistics.contains("activation_bit_sparsity"));
    CHECK(layer.statistics.contains("weight_error"));
  }
  CHECK(read_file(evolution).starts_with("layer,iteration,error,sparsity,basis_distance\n"));
}

TEST_CASE("ternary-pe: 16-bit activations, group index, sizes without the zero groups, equation 2.8") {
  const std::string trace = test::fresh_folder("ternary") + "/vgg.trace";
  const test::Outcome outcome = test::run_rebasis(
      compress("ternary-pe", trace, {"--json", "--calibration-inputs", networks + "fmnist_test64-images-idx3-ubyte"}));
  CAPTURE(outcome.errors);
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.output);
  CHECK(json.at("accuracy_after").get<double>() > 0.7);  // 0.2 without the correction of the outputs
  CHECK(json.at("activation_bits") == 16);
  CHECK(json.at("ternary").at("layers") == 6);
  CHECK(json.at("ternary").at("group_sparsity").get<double>() == doctest::Approx(0.25));
  CHECK(json.at("ternary").at("compression_rate").get<double>() == doctest::Approx(16 / 0.75));

  const trace::TraceReader reader(trace);
  std::uint64_t codes = 0;
  for (const trace::LayerInfo& layer : reader.metadata().layers) {
    reader.check_layer(layer);
    CHECK(layer.activations.bits == 16);
    const auto dtype = layer.activations.is_signed ? trace::DType::i16 : trace::DType::u16;
    CHECK(reader.tensor(layer.name + "/activations").dtype == dtype);
    const bool end = &layer == &reader.metadata().layers.front() || &layer == &reader.metadata().layers.back();
    CHECK(layer.encoding == (end ? "dense-int8" : "ternary"));
    if (end) continue;
    CHECK(layer.ternary.group_channels == 16);
    const auto weights = encode::integer_weights(reader, layer);
    const LayerShape& s = layer.shape;
    const std::ptrdiff_t group = 16 * s.R * s.S;  // all channel counts are multiples of 16
    std::uint64_t kept = 0;                       // bits of groups with a weight
    for (auto begin = weights.begin(); begin != weights.end(); begin += group) {
      const bool used = std::any_of(begin, begin + group, [](std::int32_t w) { return w != 0; });
      kept += used ? 2 * static_cast<std::uint64_t>(group) : 0;
    }
    codes += (kept + 7) / 8;
  }
  CHECK(json.at("bytes").at("codes").get<std::uint64_t>() == codes);

  const test::Outcome text = test::run_rebasis({"inspect", trace});
  CHECK(text.output.find("ternary C_g=16 groups=0: 25.0%") != std::string::npos);
  const std::string folder = test::fresh_folder("ternary_extract");
  const test::Outcome extracted =
      test::run_rebasis({"inspect", trace, "--extract", "features.features.3.Conv", "-o", folder});
  CHECK(extracted.status == 0);
  CHECK(extracted.output.find("decoded_weights.npy  int32 32x32x3x3") != std::string::npos);
}

TEST_CASE("the second layer reads what the first computes from the integers in the trace") {
  const std::string trace = test::fresh_folder("chain") + "/vgg.trace";
  REQUIRE(test::run_rebasis(compress("smartdeal", trace)).status == 0);
  const trace::TraceReader reader(trace);
  const trace::LayerInfo& first = reader.metadata().layers[0];
  const trace::LayerInfo& second = reader.metadata().layers[1];
  const LayerShape& s = first.shape;
  const auto weights = encode::integer_weights(reader, first);
  const auto units = encode::weight_units(reader, first);
  const auto inputs = reader.tensor(first.name + "/activations");
  const auto bias = reader.tensor(first.name + "/bias").as<std::int32_t>();
  const auto next = reader.tensor(second.name + "/activations").as<std::uint8_t>();
  REQUIRE(s.E() * s.F() == second.shape.H * second.shape.W);  // nothing but the activation function between them
  const auto input = [&](std::int64_t c, std::int64_t h, std::int64_t w) -> std::int64_t {
    if (h < 0 || w < 0 || h >= s.H || w >= s.W) return 0;
    const auto index = static_cast<std::size_t>((c * s.H + h) * s.W + w);
    return first.activations.is_signed ? std::int64_t{inputs.as<std::int8_t>()[index]}
                                       : std::int64_t{inputs.as<std::uint8_t>()[index]};
  };
  std::int64_t off_by_one = 0;
  for (std::int64_t m = 0; m < s.M; ++m) {
    for (std::int64_t e = 0; e < s.E(); ++e) {
      for (std::int64_t f = 0; f < s.F(); ++f) {
        std::int64_t sum = bias[static_cast<std::size_t>(m)];
        for (std::int64_t c = 0; c < s.C; ++c) {
          for (std::int64_t r = 0; r < s.R; ++r) {
            for (std::int64_t k = 0; k < s.S; ++k) {
              sum += weights[static_cast<std::size_t>(((m * s.C + c) * s.R + r) * s.S + k)] *
                     input(c, e * s.stride_h + r - s.pad_top, f * s.stride_w + k - s.pad_left);
            }
          }
        }
        const double real =
            std::max(0.0, static_cast<double>(sum) * units[static_cast<std::size_t>(m)] * first.activations.scale);
        const double code = std::min(255.0, std::nearbyint(real / second.activations.scale));
        const double stored = next[static_cast<std::size_t>((m * s.E() + e) * s.F() + f)];
        REQUIRE(std::abs(code - stored) <= 1);
        off_by_one += code != stored ? 1 : 0;
      }
    }
  }
  CHECK(off_by_one <= s.M * s.E() * s.F() / 1000);  // float rounding at halves
}

TEST_CASE("the tensors do not depend on the number of threads") {
  const std::string folder = test::fresh_folder("threads");
  for (const char* threads : {"1", "8"}) {
    REQUIRE(test::run_rebasis(
                compress("smartdeal-rows", folder + "/" + threads + ".trace", {"--threads", threads, "--limit", "8"}))
                .status == 0);
  }
  const trace::TraceReader one(folder + "/1.trace"), eight(folder + "/8.trace");
  REQUIRE(one.tensor_names() == eight.tensor_names());
  for (const std::string& name : one.tensor_names()) {
    const auto a = one.tensor(name).bytes, b = eight.tensor(name).bytes;
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

TEST_CASE("several networks: a trace each, all or none, one table; exact zeros of a network stay") {
  const std::string folder = test::fresh_folder("family") + "/traces";
  const std::string ternary = networks + "fmnist_resnet20_ternary.onnx";  // trained to 61 % zero weights
  const test::Outcome outcome = test::run_rebasis(compress("dense-int8", folder, {ternary, "--json"}));
  CAPTURE(outcome.errors);
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.output);
  REQUIRE(json.at("networks").size() == 2);
  CHECK(json.at("networks").at(0).at("network") == "fmnist_vggsmall");
  CHECK(json.at("networks").at(0).at("sparsity").get<double>() < 0.1);
  CHECK(json.at("networks").at(1).at("sparsity").get<double>() > 0.6);
  CHECK(json.at("networks").at(1).at("accuracy_after").get<double>() > 0.8);
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) files += file.is_regular_file() ? 1 : 2;
  CHECK(files == 2);
  for (const std::string name : {"fmnist_vggsmall", "fmnist_resnet20_ternary"}) {
    const trace::TraceReader reader(folder + "/" + name + ".trace");
    CHECK(reader.metadata().network == name);
    reader.verify_checksums();
  }
  const test::Outcome table = test::run_rebasis(compress("dense-int8", folder, {ternary, "--limit", "8"}));
  CHECK(table.output.find("fmnist_resnet20_ternary") != std::string::npos);

  const std::string other = test::fresh_folder("family_bad") + "/traces";
  const test::Outcome missing = test::run_rebasis(compress("dense-int8", other, {"absent.onnx", "--limit", "8"}));
  CHECK(missing.status == 2);
  CHECK(missing.errors.find("absent.onnx") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(other));
  const test::Outcome twice = test::run_rebasis(compress("dense-int8", other, {network}));
  CHECK(twice.status == 2);
  CHECK(twice.errors.find("another name") != std::string::npos);
}

TEST_CASE("several networks: nothing is left after Ctrl-C, and what a kill leaves is removed by the next run") {
  const std::string folder = test::fresh_folder("family_stopped") + "/traces";
  const auto words = compress("smartdeal", folder, {networks + "fmnist_resnet20.onnx", "--limit", "8"});
  const auto left = [&] {
    std::vector<std::string> names;
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& file : std::filesystem::directory_iterator(folder)) names.push_back(file.path().filename());
    return names;
  };
  const double whole = test::run_rebasis(words).seconds;
  const auto stopped = [&](double share, int number) {  // false when it was over before
    std::filesystem::remove_all(folder);
    const int delay = static_cast<int>(1000 * share * whole);
    return test::run_rebasis(words, {.signal_after_ms = delay, .signal_number = number}).status != 0;
  };
  int interrupted = 0;
  for (const double share : {0.8, 0.6, 0.4}) {
    CAPTURE(share);
    if (!stopped(share, SIGINT)) continue;
    ++interrupted;
    CHECK_FALSE(std::filesystem::exists(folder));
  }
  CHECK(interrupted > 0);
  bool killed = false;
  for (double share = 0.7; share > 0.05 && !killed; share *= 0.8)
    killed = stopped(share, SIGKILL) && left().size() == 1;
  REQUIRE(killed);
  const test::Outcome outcome = test::run_rebasis(words);
  CHECK(outcome.status == 0);
  CHECK_MESSAGE(outcome.errors.find("was left by a run that was killed") != std::string::npos, outcome.errors);
  CHECK(left().size() == 2);
}

TEST_CASE("bad recipes and inputs are status 2, say where, and leave no file") {
  const std::string folder = test::fresh_folder("bad");
  const auto refused = [&](const std::vector<std::string>& words, const std::string& part) {
    const test::Outcome outcome = test::run_rebasis(words);
    CAPTURE(outcome.errors);
    CHECK(outcome.status == 2);
    CHECK(outcome.errors.find(part) != std::string::npos);
    CHECK(outcome.output.empty());
    for (const auto& file : std::filesystem::directory_iterator(folder)) CHECK(file.path().filename() == "recipe.yaml");
  };
  const std::string trace = folder + "/x.trace";
  refused(compress("smartdael", trace), "smartdeal");
  refused(compress(write_recipe(folder, "passes:\n  - smartdeal: {treshold: 1}\n"), trace), "recipe.yaml:2: ");
  refused(
      compress(write_recipe(folder, "passes:\n  - int8:\n      layers:\n        - {match: nothing, bits: 4}\n"), trace),
      "recipe.yaml:4: ");
  refused(compress("smartdeal-resnet18-cifar10", trace), "smartdeal-resnet18-cifar10.yaml:");
  refused(compress("smartdeal", trace, {"--evolution", folder + "/e.pdf"}), ".svg");
  refused(compress("smartdeal", folder + "/none/x.trace"), "none");
  refused({"compress", network, "--recipe", "smartdeal", "--inputs", folder + "/absent.npy", "-o", trace},
          "absent.npy");
}
