// rebasis memory on a shipped trace: the plot and the table over passes, and the order of the methods.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "common/file.h"
#include "tests/support/process.h"

using namespace rebasis;
using rebasis::test::Outcome;
using rebasis::test::run_rebasis;

namespace {

constexpr const char* resnet20 = REBASIS_SOURCE_DIR "/tests/golden/traces/fmnist_resnet20.dense.trace";

struct Passes {
  std::vector<std::string> names;         ///< "forward", ... in order
  std::vector<std::int64_t> total_bytes;  ///< of each pass; the sum of its parts, or the case fails
};

Passes passes_of(const std::string& csv) {
  Passes passes;
  std::istringstream lines(read_file(csv));
  std::string line;
  std::getline(lines, line);
  CHECK(line.starts_with("layer,pass,"));
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string layer, pass, cell;
    std::getline(cells, layer, ',');
    std::getline(cells, pass, ',');
    std::vector<std::int64_t> bytes;
    while (std::getline(cells, cell, ',')) bytes.push_back(std::stoll(cell));
    std::int64_t sum = 0;
    for (std::size_t part = 0; part + 1 < bytes.size(); ++part) sum += bytes[part];
    CHECK(sum == bytes.back());
    passes.names.push_back(pass);
    passes.total_bytes.push_back(bytes.back());
  }
  return passes;
}

/// The peak in bytes of a step on 8 images.
std::int64_t peak(std::vector<std::string> more) {
  std::vector<std::string> words{"memory", resnet20, "--batch", "8", "--csv", "memory.csv", "--svg", "memory.svg"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = run_rebasis(words);
  INFO(outcome.errors);
  REQUIRE(outcome.status == 0);
  CHECK(read_file("memory.svg").find("</svg>") != std::string::npos);
  const Passes passes = passes_of("memory.csv");
  const std::int64_t most = *std::max_element(passes.total_bytes.begin(), passes.total_bytes.end());
  char printed[64];
  (void)std::snprintf(printed, sizeof(printed), "peak %.3f MB in ", static_cast<double>(most) / 1e6);
  CHECK(outcome.output.starts_with(printed));
  return most;
}

}  // namespace

TEST_CASE("memory of a training step: less of it for methods that keep less") {
  const std::int64_t dense = peak({});
  const Passes passes = passes_of("memory.csv");
  CHECK(passes.names.front() == "forward");
  CHECK(std::count(passes.names.begin(), passes.names.end(), "forward") == 22);
  const std::int64_t bias = peak({"--method", "bias-only"}), last = peak({"--method", "last-layer"});
  CHECK(bias < dense);
  CHECK(last < bias);
  CHECK(peak({"--recompute", "4"}) < dense);
  CHECK(peak({"--states", "2"}) > dense);
  CHECK(peak({"--frozen", "*"}) < dense);
}

TEST_CASE("what memory refuses") {
  CHECK(run_rebasis({"memory", "missing.trace"}).status == 2);
  CHECK(run_rebasis({"memory", resnet20, "--batch", "0"}).status == 2);
  CHECK(run_rebasis({"memory", resnet20, "--method", "none"}).status == 2);
  CHECK(run_rebasis({"memory", resnet20, "--frozen", "no_such_layer"}).status == 2);
}
