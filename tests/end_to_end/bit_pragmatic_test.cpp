// What Bit-Pragmatic refuses, and what it says, through the command line.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/process.h"

namespace {

using rebasis::test::Outcome;

Outcome simulate(const std::string& trace, const std::vector<std::string>& overrides,
                 const std::string& accelerator = "bit-pragmatic") {
  std::vector<std::string> words = {"simulate",      REBASIS_SOURCE_DIR "/tests/golden/traces/" + trace + ".trace",
                                    "--accelerator", accelerator,
                                    "--quiet",       "-o",
                                    "out.json"};
  for (const std::string& value : overrides) words.insert(words.end(), {"--set", value});
  return rebasis::test::run_rebasis(words);
}

bool says(const Outcome& outcome, const std::string& text) { return outcome.errors.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("a network in another encoding is refused") {
  const Outcome outcome = simulate("fmnist_resnet20", {});
  CHECK(outcome.status == 2);
  CHECK(says(outcome, "encoding smartdeal; this accelerator takes dense-int8"));
}

TEST_CASE("a layer that does not fit names itself and the buffer") {
  const Outcome outcome = simulate("fmnist_resnet20.dense", {"sb.size=1KB"});
  CHECK(outcome.status == 1);
  CHECK(says(outcome, "does not fit: the weight buffer would need"));
}

TEST_CASE("impossible designs are bad input") {
  CHECK(simulate("fmnist_resnet20.dense", {"array.precision=12"}).status == 2);
  CHECK(simulate("fmnist_resnet20.dense", {"sync.mode=tile"}).status == 2);
  CHECK(simulate("fmnist_resnet20.dense", {"array.column=8"}).status == 2);
  CHECK(says(simulate("fmnist_resnet20.dense", {"nbin.banks=7"}), "nbin.banks must divide nbin.size"));
}

TEST_CASE("both presets run the dense networks") {
  for (const char* accelerator : {"bit-pragmatic", "bit-pragmatic-original"}) {
    for (const char* trace : {"fmnist_resnet20.dense", "fmnist_vggsmall.dense"}) {
      const Outcome outcome = simulate(trace, {}, accelerator);
      INFO(outcome.errors);
      CHECK(outcome.status == 0);
    }
  }
}
