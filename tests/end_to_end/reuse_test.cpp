// rebasis reuse on traces whose buckets are known.
#include <doctest/doctest.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/support/process.h"
#include "tests/support/sample_trace.h"

using namespace rebasis;
using rebasis::test::Outcome;
using rebasis::test::run_rebasis;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The sample trace whose convolution of 20 rows of 27 has reuse with hash vectors of zeros: one bucket a column.
void write_reuse_trace(const std::string& path) {
  trace::TraceWriter writer;
  test::add_sample_tensors(writer);
  const std::vector<std::int8_t> zeros(3 * 10);
  writer.add<std::int8_t>("conv1/hash_vectors", {3, 10}, zeros);
  trace::Metadata metadata = test::sample_metadata();
  metadata.layers[0].reuse = {10, 3};
  writer.write(path, metadata);
}

}  // namespace

TEST_CASE("redundancy for each batch size, and cycles of each step") {
  write_reuse_trace("reuse.trace");
  const Outcome outcome = run_rebasis({"reuse", "reuse.trace", "--batch", "1,2", "--json", "reuse.json"});
  INFO(outcome.errors);
  REQUIRE(outcome.status == 0);
  CHECK(has(outcome.output, "20x27x2"));
  CHECK(has(outcome.output, "cortex-m4-180mhz"));
  CHECK_FALSE(has(outcome.output, "fc/2"));
  const auto json = parse_json(read_file("reuse.json"), "reuse.json");
  CHECK(json["schema"]["name"] == "rebasis-reuse");
  REQUIRE(json["layers"].size() == 1);
  const auto& layer = json["layers"][0];
  CHECK(layer["rows"] == 20);
  CHECK(layer["depth"] == 27);
  CHECK(layer["length"] == 10);
  CHECK(layer["redundancy"][0]["ratio"] == doctest::Approx(1 - 1 / 20.0));
  CHECK(layer["redundancy"][1]["ratio"] == doctest::Approx(1 - 1 / 40.0));
  CHECK(layer["least_redundancy"] == doctest::Approx(1 - 8 / 20.0));
  for (const auto& [name, core] : layer["microcontrollers"].items()) {
    double full = 0, shared = 0;
    for (const auto& [step, cycles] : core["full_cycles"].items()) full += cycles.get<double>();
    for (const auto& [step, cycles] : core["reuse_cycles"].items()) shared += cycles.get<double>();
    CHECK(core["speedup"] == doctest::Approx(full / shared));
  }
}

TEST_CASE("other sub-vectors, settings, and what is refused") {
  write_reuse_trace("reuse.trace");
  test::write_sample_trace("plain.trace");
  const Outcome other = run_rebasis({"reuse", "plain.trace", "--length", "100", "--hashes", "4", "--microcontroller",
                                     "cortex-m4-180mhz", "--set", "weights=sram"});
  CHECK(other.status == 0);
  CHECK(has(other.output, "27  4"));  // a length beyond the row is the row
  CHECK_FALSE(has(other.output, "cortex-m7"));
  const Outcome none = run_rebasis({"reuse", "plain.trace"});
  CHECK(none.status == 2);
  CHECK(has(none.errors, "plain.trace: has no convolution with reuse"));
  CHECK(has(run_rebasis({"reuse", "reuse.trace", "--layer", "conv2"}).errors, "did you mean"));
  const Outcome core = run_rebasis({"reuse", "reuse.trace", "--microcontroller", "cortex-m4"});
  CHECK(core.status == 2);
  CHECK(has(core.errors, "cortex-m4-180mhz"));
  CHECK(run_rebasis({"reuse", "reuse.trace", "--set", "issue=9"}).status == 2);
}
