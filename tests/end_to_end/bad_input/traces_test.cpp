// Damaged traces through every command that reads one.
#include <doctest/doctest.h>

#include "common/file.h"
#include "tests/end_to_end/bad_input/bad_input.h"
#include "tests/support/process.h"
#include "tests/support/sample_trace.h"

using namespace rebasis::test;

namespace {

const std::vector<CommandCase> reading{{{"inspect", "@"}, ""},
                                       {{"inspect", "@", "--extract", "fc/2", "-o", "out/tensors"}, ""},
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

TEST_CASE("a trace with a flipped bit is refused or still a trace") { expect_refusal("bad.trace", flipped(sample(), 60), reading, false); }

TEST_CASE("inspect --check finds every flipped bit") {
  expect_refusal("bad.trace", flipped(sample(), 120), {{{"inspect", "--check", "@"}, ""}}, true);
}

TEST_CASE("a trace of the future says so") {
  std::string content = sample();
  const std::string version = "\"schema\":\"1\"";
  REQUIRE(content.find(version) != std::string::npos);
  content.replace(content.find(version), version.size(), "\"schema\":\"7\"");
  put("future.trace", content);
  const Outcome outcome = run_rebasis({"inspect", "future.trace"});
  CHECK(outcome.status == 2);
  CHECK(outcome.errors.find("rebasis: future.trace: is a trace of schema version 7; this rebasis reads version 1") == 0);
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
