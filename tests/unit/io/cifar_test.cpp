// CIFAR's binary files, made here byte by byte.
#include "workloads/io/cifar.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/errors.h"
#include "workloads/io/inputs.h"

using namespace rebasis;
namespace fs = std::filesystem;

namespace {

std::string fresh(const std::string& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

/// Labels, then the value of each colour plane; the first pixel of the red plane is 7 instead.
std::string record(const std::vector<int>& labels, int red, int green, int blue) {
  std::string bytes;
  for (const int label : labels) bytes += static_cast<char>(label);
  for (const int value : {red, green, blue}) bytes += std::string(1024, static_cast<char>(value));
  bytes[labels.size()] = 7;
  return bytes;
}

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string refusal(const std::string& path, io::CifarPart part = io::CifarPart::training, bool coarse = false) {
  return test::bad_input([&] { (void)io::read_cifar(path, part, coarse); });
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a folder of CIFAR-10: batches in order, planes as stored, names of the classes") {
  const std::string folder = fresh("cifar10");
  write(folder + "/data_batch_2.bin", record({9}, 1, 2, 3));
  write(folder + "/data_batch_1.bin", record({3}, 10, 20, 30) + record({4}, 0, 255, 128));
  write(folder + "/test_batch.bin", record({5}, 0, 0, 0));
  write(folder + "/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  CHECK(io::is_cifar(folder));
  const io::Cifar data = io::read_cifar(folder, io::CifarPart::training, false);
  CHECK(data.labels == std::vector<std::int64_t>{3, 4, 9});
  CHECK(data.images.shape == Shape{3, 3, 32, 32});
  CHECK(data.images.values[0] == 7);
  CHECK(data.images.values[1] == 10);
  CHECK(data.images.values[1024] == 20);
  CHECK(data.images.values[3072 + 1024] == 255);
  CHECK(data.images.values[3 * 3072 - 1] == 3);
  CHECK(data.class_names.size() == 10);
  CHECK(data.class_names[9] == "j");
  CHECK(data.files == std::vector<std::string>{folder + "/data_batch_1.bin", folder + "/data_batch_2.bin"});
  CHECK(io::read_cifar(folder, io::CifarPart::test, false).labels == std::vector<std::int64_t>{5});
  CHECK(io::read_cifar(folder, io::CifarPart::training, false, 2).labels == std::vector<std::int64_t>{3, 4});
  CHECK(mentions(refusal(folder, io::CifarPart::unspecified), "name one of its files"));
}

TEST_CASE("CIFAR-100 has a fine and a coarse label") {
  const std::string folder = fresh("cifar100");
  write(folder + "/train.bin", record({19, 99}, 1, 2, 3) + record({0, 42}, 4, 5, 6));
  CHECK(io::read_cifar(folder, io::CifarPart::training, false).labels == std::vector<std::int64_t>{99, 42});
  CHECK(io::read_cifar(folder, io::CifarPart::training, true).labels == std::vector<std::int64_t>{19, 0});
  CHECK(io::read_cifar(folder, io::CifarPart::training, true).images.values[1] == 1);
  CHECK(mentions(refusal(folder, io::CifarPart::test), "no test_batch.bin or test.bin"));
}

TEST_CASE("CIFAR files are inputs like others: normalised, with their labels") {
  const std::string folder = fresh("cifar_inputs");
  write(folder + "/test_batch.bin", record({8}, 255, 51, 0));
  io::InputOptions options;
  options.mean = {0.5F, 0.2F, 0};
  options.std = {0.5F, 1, 1};
  options.shape = {3, 32, 32};
  const io::Inputs inputs = io::load_inputs(folder + "/test_batch.bin", "", options);
  CHECK(inputs.labels == std::vector<std::int64_t>{8});
  CHECK(inputs.images.values[1] == doctest::Approx(1));
  CHECK(inputs.images.values[1024] == doctest::Approx(0));
  options.shape = {1, 28, 28};
  CHECK(mentions(test::bad_input([&] { (void)io::load_inputs(folder + "/test_batch.bin", "", options); }),
                 "an image has shape [3, 32, 32] but the network reads [1, 28, 28]"));
}

TEST_CASE("damaged and foreign files are refused") {
  const std::string folder = fresh("cifar_bad");
  const std::string file = folder + "/data_batch_1.bin";
  write(file, record({3}, 1, 2, 3) + "xx");
  CHECK(mentions(refusal(file), "3075 bytes, no whole number"));
  write(file, record({3}, 1, 2, 3).substr(1));
  CHECK(mentions(refusal(file), "3072 bytes, no whole number"));
  write(file, "");
  CHECK(mentions(refusal(file), "0 bytes"));
  write(file, record({3}, 1, 2, 3) + record({10}, 1, 2, 3));
  CHECK(mentions(refusal(file), "image 1 has the class 10; CIFAR-10 has 10"));
  CHECK(mentions(refusal(file, io::CifarPart::training, true), "no coarse classes"));
  write(file, record({3}, 1, 2, 3));
  write(folder + "/train.bin", record({1, 2}, 1, 2, 3));
  CHECK(mentions(refusal(folder), "of another data set"));
  write(folder + "/train.bin", record({20, 2}, 1, 2, 3));
  CHECK(mentions(refusal(folder + "/train.bin", io::CifarPart::training, true), "the class 20; CIFAR-100 has 20"));
  CHECK(mentions(refusal(folder + "/none.bin"), "none.bin"));
  write(folder + "/batches.meta.txt", "a\nb\n");  // other names than classes: none are better than wrong ones
  CHECK(io::read_cifar(file, io::CifarPart::training, false).class_names.empty());
}

TEST_CASE("a size that fits both data sets is decided by the file's name") {
  const std::string folder = fresh("cifar_both");
  std::string bytes(3073 * 3074, '\0');  // every label 0
  write(folder + "/data_batch_1.bin", bytes);
  write(folder + "/train.bin", bytes);
  CHECK(io::read_cifar(folder + "/data_batch_1.bin", io::CifarPart::training, false, 1).images.size() == 3072);
  CHECK(io::read_cifar(folder + "/data_batch_1.bin", io::CifarPart::training, false).labels.size() == 3074);
  CHECK(io::read_cifar(folder + "/train.bin", io::CifarPart::training, false).labels.size() == 3073);
}
