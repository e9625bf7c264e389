// rebasis train as a user types it: killed and started again, on image files, with parts of the data.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/training_folder.h"

using namespace rebasis;
using namespace rebasis::test::tiny;
using test::Outcome;
using test::run_rebasis;
namespace fs = std::filesystem;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// 3 x 32 x 32 networks of CIFAR's shape: conv 3x3 (4 filters), ReLU, mean, 10 classes.
void write_cifar_network(const std::string& path) {
  test::OnnxModel model;
  model.input("x", {1, 3, 32, 32});
  model.initialiser("w", test::noise({4, 3, 3, 3}, 1));
  model.initialiser("v", test::noise({10, 4}, 2));
  model.initialiser("b", Tensor<float>({10}, std::vector<float>(10, 0)));
  model.node("Conv", {"x", "w"}, {"c"});
  model.node("Relu", {"c"}, {"r"});
  model.node("GlobalAveragePool", {"r"}, {"p"});
  model.node("Flatten", {"p"}, {"f"});
  test::set(model.node("Gemm", {"f", "v", "b"}, {"y"}), "transB", std::int64_t{1});
  model.output("y");
  model.write(path);
}

/// Images whose colour is their class.
std::string cifar_records(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const int label = i % 10;
    bytes += static_cast<char>(label);
    for (const int plane : {25 * label, 255 - 25 * label, 100}) bytes += std::string(1024, static_cast<char>(plane));
  }
  return bytes;
}

}  // namespace

TEST_CASE("the same command after SIGKILL and Ctrl-C ends with the same file, byte for byte") {
  const TrainingFolder files("train_killed");
  const std::string& folder = files.path;
  const auto words = files.command(
      "epochs: 300\nbatch_size: 10\nlearning_rate: 0.01\nvalidation: 0.2\naugment: {shift: 1, mirror: true}\n",
      {"--checkpoint", folder + "/net.ckpt"});
  const Outcome whole = run_rebasis(words, {.timeout_s = 120});
  REQUIRE_MESSAGE(whole.status == 0, whole.errors);
  fs::rename(folder + "/out.onnx", folder + "/whole.onnx");
  fs::remove(folder + "/net.ckpt");

  double delay = 0.4 * whole.seconds;
  int kills = 0;
  Outcome outcome;
  for (int attempt = 0; attempt < 40; ++attempt) {
    const int signal_number = attempt % 2 == 0 ? SIGKILL : SIGINT;
    outcome = run_rebasis(
        words, {.timeout_s = 120, .signal_after_ms = static_cast<int>(1000 * delay), .signal_number = signal_number});
    if (outcome.status == 0 && kills > 0) break;
    if (fs::exists(folder + "/out.onnx")) {  // it was over before the signal: once more, with an earlier one
      fs::remove(folder + "/out.onnx");
      fs::remove(folder + "/net.ckpt");
      kills = 0;
      delay *= 0.5;
      continue;
    }
    REQUIRE_MESSAGE(outcome.status == 128 + signal_number, outcome.errors);
    if (fs::exists(folder + "/net.ckpt")) ++kills;
    delay *= 1.3;  // a slow machine comes to an end all the same
  }
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(kills > 0);
  CHECK_MESSAGE((has(outcome.errors, "net.ckpt: goes on at epoch") || has(outcome.errors, "epochs are done")),
                outcome.errors);
  CHECK(content(folder + "/out.onnx") == content(folder + "/whole.onnx"));
}

TEST_CASE("Ctrl-C ends with status 130 and leaves the checkpoint alone") {
  const TrainingFolder files("train_interrupted");
  const std::string& folder = files.path;
  const auto words = files.command("epochs: 100000\nbatch_size: 10\n", {"--checkpoint", folder + "/net.ckpt"});
  Outcome outcome;
  for (int delay = 2000; delay < 60000; delay *= 2) {
    outcome = run_rebasis(words, {.timeout_s = 120, .signal_after_ms = delay, .signal_number = SIGINT});
    if (fs::exists(folder + "/net.ckpt")) break;
  }
  CHECK(outcome.status == 130);
  CHECK(has(outcome.errors, "interrupted; no partial file is left"));
  CHECK(files_in(folder) == 5);  // network, images, labels, recipe, checkpoint: no temporary
}

TEST_CASE("CIFAR files: a folder for training, its test part for testing, classes of the recipe") {
  const std::string folder = test::fresh_folder("train_cifar");
  write_cifar_network(folder + "/net.onnx");
  fs::create_directories(folder + "/cifar");
  write(folder + "/cifar/data_batch_1.bin", cifar_records(100));
  write(folder + "/cifar/data_batch_2.bin", cifar_records(100));
  write(folder + "/cifar/test_batch.bin", cifar_records(50));
  write(folder + "/r.yaml", "epochs: 2\nbatch_size: 20\nlearning_rate: 0.01\ndata: {classes: [5, 6]}\n");
  const std::vector<std::string> words{"train",    folder + "/net.onnx", "--recipe",      folder + "/r.yaml",
                                       "--inputs", folder + "/cifar",    "--test-inputs", folder + "/cifar",
                                       "-o",       folder + "/out.onnx"};
  const Outcome outcome = run_rebasis(words, {.timeout_s = 120});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK_MESSAGE(has(outcome.output, "40 training images of classes 5, 6"), outcome.output);
  CHECK_MESSAGE(has(outcome.output, "Top-1 on the 10 test images of classes 5, 6: "), outcome.output);
  fs::create_directories(folder + "/other");
  write(folder + "/other/test_batch.bin", cifar_records(10));
  write(folder + "/cifar/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
  write(folder + "/other/batches.meta.txt", "j\ni\nh\ng\nf\ne\nd\nc\nb\na\n");
  const Outcome mixed = run_rebasis({"train", folder + "/net.onnx", "--recipe", folder + "/r.yaml", "--inputs",
                                     folder + "/cifar", "--test-inputs", folder + "/other", "-o", folder + "/no.onnx"});
  CHECK(mixed.status == 2);
  CHECK_MESSAGE(has(mixed.errors, "has other classes than the training images"), mixed.errors);
  CHECK_FALSE(fs::exists(folder + "/no.onnx"));
  const Outcome run = run_rebasis({"run", folder + "/net.onnx", "--inputs", folder + "/cifar"});
  CHECK(run.status == 2);
  CHECK_MESSAGE(has(run.errors, "name one of its files"), run.errors);
}
