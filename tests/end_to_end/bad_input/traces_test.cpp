// Damaged traces through every command that reads one.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/end_to_end/bad_input/bad_input.h"
#include "tests/support/process.h"
#include "tests/support/sample_trace.h"
#include "tests/support/trace_parts.h"

using namespace rebasis::test;

namespace {

const std::vector<CommandCase> reading{{{"inspect", "@"}, ""},
                                       {{"inspect", "@", "--extract", "fc/2", "-o", "out/tensors"}, ""},
                                       {{"coders", "@", "--json", "out/coders.json"}, ""},
                                       {{"simulate", "@", "--accelerator", "smartdeal", "-o", "out/result.json"}, ""},
                                       {{"verify", "@", "--accelerator", "smartdeal"}, ""}};

std::string sample() {
  write_sample_trace("sample.trace");
  return content_of("sample.trace");
}

}  // namespace

TEST_CASE("a trace that is cut, empty or something else is refused") {
  expect_refusal("bad.trace", broken(sample(), 12), reading, true);
}

TEST_CASE("a trace with a flipped bit is refused or still a trace") {
  expect_refusal("bad.trace", flipped(sample(), 24), reading, false);
}

TEST_CASE("inspect --check finds every flipped bit") {
  expect_refusal("bad.trace", flipped(sample(), 80), {{{"inspect", "--check", "@"}, ""}}, true);
}

TEST_CASE("a trace with other numbers and right checksums is simulated or refused") {
  const TraceParts good(sample());
  const std::vector<std::string> places{"/0/shape/stride",
                                        "/0/shape/pads",
                                        "/0/shape/dilation",
                                        "/0/shape/groups",
                                        "/0/shape/H",
                                        "/0/shape/W",
                                        "/0/shape/C",
                                        "/0/shape/R",
                                        "/0/images",
                                        "/0/activations/bits",
                                        "/0/activations/scale",
                                        "/1/smartdeal/n",
                                        "/1/smartdeal/rows",
                                        "/1/smartdeal/slice_rows",
                                        "/1/smartdeal/exponents",
                                        "/1/shape/M"};
  std::vector<Damage> damages;
  for (const std::string& place : places) {
    for (const int value : {-1, 0, 2, 1 << 20}) {
      TraceParts parts = good;
      auto& member = parts.layers[nlohmann::json::json_pointer(place)];
      if (member.is_array()) {
        member[member.size() - 1] = value;
      } else {
        member = value;
      }
      parts.meta()["layers"] = parts.layers.dump();
      parts.sign();
      damages.push_back({place + " set to " + std::to_string(value), parts.assembled()});
    }
  }
  expect_refusal("bad.trace", damages, {{{"simulate", "@", "--accelerator", "smartdeal", "-o", "out/result.json"}, ""}},
                 false);
}

TEST_CASE("a trace of the future says so") {
  TraceParts parts(sample());
  parts.meta()["schema"] = "7";
  put("future.trace", parts.assembled());
  const Outcome outcome = run_rebasis({"inspect", "future.trace"});
  CHECK(outcome.status == 2);
  CHECK(outcome.errors.find("rebasis: future.trace: is a trace of schema version 7; this rebasis reads version 1") ==
        0);
}

TEST_CASE("a layer that is not there is named with the nearest one") {
  write_sample_trace("sample.trace");
  const Outcome outcome = run_rebasis({"inspect", "sample.trace", "--extract", "conv2", "-o", "out"});
  CHECK(outcome.status == 2);
  CHECK(outcome.errors == "rebasis: sample.trace: has no layer 'conv2'; did you mean 'conv1'?\n");
}

TEST_CASE("what is no file is refused") {
  for (const std::string path : {"/dev/zero", "/proc/self/mem", ".", "no/such/file", "/dev/null"}) {
    const Outcome outcome = run_rebasis({"inspect", path});
    INFO(outcome.errors);
    CHECK(outcome.status == 2);
    CHECK(outcome.errors.find("rebasis: " + path + ": ") == 0);
  }
}
