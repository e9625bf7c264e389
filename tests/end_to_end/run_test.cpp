// rebasis run as a user types it.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "workloads/io/npy.h"

using namespace rebasis;
using test::Outcome;
using test::run_rebasis;

namespace {

const std::string networks = std::string(REBASIS_SOURCE_DIR) + "/workloads/networks/";
const std::string vgg = networks + "fmnist_vggsmall";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> on_images(const std::vector<std::string>& more) {
  std::vector<std::string> words{"run",    vgg + ".onnx", "--inputs", networks + "fmnist_test64-images-idx3-ubyte",
                                 "--mean", "0.2860",      "--std",    "0.3530"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Exit status 2, one line on standard error that holds `part`, no output file.
void check_refused(const std::vector<std::string>& words, const std::string& part) {
  const Outcome outcome = run_rebasis(words);
  CHECK(outcome.status == 2);
  CHECK_MESSAGE(has(outcome.errors, part), outcome.errors);
  CHECK(outcome.errors.starts_with("rebasis: "));
}

}  // namespace

TEST_CASE("outputs equal the reference and are written") {
  const Outcome outcome = run_rebasis({"run", vgg + ".onnx", "--inputs", vgg + ".input.npy", "--reference",
                                       vgg + ".output.npy", "--tolerance", "1e-4", "-o", "outputs.npy"});
  CHECK(outcome.status == 0);
  CHECK_MESSAGE(has(outcome.output, "8 with 583456 weights, 29424640 multiply-accumulates an image"),
                outcome.output << outcome.errors);
  CHECK(has(outcome.output, "greatest difference from the reference"));
  CHECK(io::read_npy_float("outputs.npy").shape == Shape{16, 10});
}

TEST_CASE("accuracy and sparsity of labelled images, as JSON") {
  const Outcome outcome =
      run_rebasis(on_images({"--labels", networks + "fmnist_test64-labels-idx1-ubyte", "--sparsity", "--json"}));
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  const auto value = nlohmann::json::parse(outcome.output);
  CHECK(value.at("images") == 64);
  CHECK(value.at("accuracy").get<double>() > 0.8);
  CHECK(value.at("quantised_accuracy").get<double>() > 0.8);
  CHECK(value.at("layers").size() == 8);
  const auto& second = value.at("layers").at(1);
  CHECK(second.at("activations").at("signed") == false);
  for (const char* key : {"activation_value_sparsity", "activation_row_sparsity", "activation_bit_sparsity",
                          "activation_booth_sparsity"}) {
    CHECK(second.at("sparsity").at(key).get<double>() >= 0);
    CHECK(second.at("sparsity").at(key).get<double>() < 1);
  }
  CHECK(run_rebasis(on_images({"--sparsity", "--json", "--batch", "7"})).output ==
        run_rebasis(on_images({"--sparsity", "--json", "--batch", "7"})).output);
}

TEST_CASE("what does not fit is refused") {
  io::write_npy("wrong.npy", Tensor<float>({1, 1, 28, 27}));
  check_refused({"run", vgg + ".onnx", "--inputs", "wrong.npy"}, "[1, 28, 27]");
  check_refused({"run", vgg + ".onnx", "--inputs", "nowhere"}, "nowhere: does not exist");
  check_refused({"run", "wrong.npy", "--inputs", "wrong.npy"}, "ONNX");
  check_refused(on_images({"--mean", "1,2,3"}), "channels");
  check_refused(on_images({"--labels", networks + "fmnist_test64-images-idx3-ubyte"}), "one-dimensional");
  io::write_npy("zeros.npy", Tensor<float>({16, 10}));
  check_refused(
      {"run", vgg + ".onnx", "--inputs", vgg + ".input.npy", "--reference", "zeros.npy", "--tolerance", "1e-4"},
      "tolerance");
  check_refused({"run", vgg + ".onnx", "--inputs", vgg + ".input.npy", "-o", "no/such/folder/y.npy"}, "no/such/folder");
}
