// Damaged networks and images through the commands that execute networks.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/end_to_end/bad_input/bad_input.h"
#include "tests/support/process.h"

using namespace rebasis::test;

namespace {

const std::string networks = REBASIS_SOURCE_DIR "/workloads/networks/";
const std::string network = networks + "fmnist_resnet20.onnx";
const std::string images = networks + "fmnist_test64-images-idx3-ubyte";

const CommandCase inspect{{"inspect", "@"}, ""};
const CommandCase execute{{"run", "@", "--inputs", images, "--limit", "1", "-o", "out/y.npy"}, ""};
const CommandCase compress{
    {"compress", "@", "--recipe", "dense-int8", "--inputs", images, "--limit", "1", "-o", "out/t.trace"}, ""};
const CommandCase read_images{{"run", network, "--inputs", "@", "--limit", "2", "-o", "out/y.npy"}, ""};

}  // namespace

TEST_CASE("a network that is cut, empty or something else is refused") {
  const std::string good = content_of(network);
  expect_refusal("bad.onnx", broken(good, 3), {inspect, execute}, true);
  expect_refusal("bad.onnx", {{"nothing in it", ""}, {"half of it", good.substr(0, good.size() / 2)}}, {compress},
                 true);
}

TEST_CASE("a network with a flipped bit is refused or runs") {
  const std::string good = content_of(network);
  // The structure is in small messages between the weights: flip near the names as well as anywhere.
  std::vector<Damage> damages = flipped(good, 6);
  const std::size_t conv = good.find("Conv");
  for (std::size_t offset = 0; offset < 60; offset += 5) {
    Damage damage{"a bit near an operator's name flipped, offset " + std::to_string(offset), good};
    damage.content[conv - 30 + offset] = static_cast<char>(damage.content[conv - 30 + offset] ^ 0x10);
    damages.push_back(std::move(damage));
  }
  expect_refusal("bad.onnx", damages, {execute}, false);
}

TEST_CASE("images that are cut, empty or something else are refused") {
  const std::string good = content_of(images);
  expect_refusal("bad-images",
                 {{"nothing in it", ""},
                  {"a text", "no images\n"},
                  {"cut in the header", good.substr(0, 10)},
                  {"cut", good.substr(0, 1000)}},
                 {read_images}, true);
  expect_refusal("bad.npy", broken("", 0), {read_images}, true);
}

TEST_CASE("a folder with a damaged image is refused") {
  (void)fresh_folder("images");
  const CommandCase read_folder{{"run", network, "--inputs", "images", "-o", "out/y.npy"}, "images/bad.png"};
  std::vector<Damage> damages = broken("", 0);
  damages.push_back({"a huge image", content_of(REBASIS_SOURCE_DIR "/tests/fuzz/corpus/fuzz_image/huge.png")});
  expect_refusal("images/bad.png", damages, {read_folder}, true);
}

TEST_CASE("a damaged recipe is refused") {
  const std::vector<Damage> damages{{"a text", "no recipe\n"},
                                    {"an unknown key", "no_such_key: 3\n"},
                                    {"an open bracket", "[\n"},
                                    {"zeros", std::string(40, '\0')}};
  expect_refusal(
      "bad.yaml", damages,
      {{{"compress", network, "--recipe", "@", "--inputs", images, "--limit", "1", "-o", "out/t.trace"}, ""}}, true);
}

TEST_CASE("an interrupted compression leaves all of its output or nothing") {
  if (!has_command("compress")) return;
  for (const int delay_ms : {50, 400, 900, 1500}) {
    (void)fresh_folder("out");
    const Outcome outcome =
        run_rebasis({"compress", network, "--recipe", "smartdeal", "--inputs", images, "-o", "out/t.trace"},
                    {.timeout_s = 120, .signal_after_ms = delay_ms, .signal_number = SIGINT});
    INFO("after " << delay_ms << " ms: status " << outcome.status << ", " << outcome.errors);
    CHECK((outcome.status == 130 || outcome.status == 0));
    const auto entries =
        std::distance(std::filesystem::directory_iterator("out"), std::filesystem::directory_iterator());
    CHECK(entries == (std::filesystem::exists("out/t.trace") ? 1 : 0));
  }
}
