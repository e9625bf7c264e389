// rebasis list in its three formats.
#include <doctest/doctest.h>

#include "common/json.h"
#include "tests/support/process.h"

using rebasis::parse_json;
using rebasis::test::Outcome;
using rebasis::test::run_rebasis;

TEST_CASE("the lists are listed, and each of them prints in every format") {
  const Outcome kinds = run_rebasis({"list", "--json"});
  REQUIRE(kinds.status == 0);
  for (const auto& kind : parse_json(kinds.output, "list")) {
    const auto name = kind["name"].get<std::string>();
    CAPTURE(name);
    CHECK(run_rebasis({"list", name}).status == 0);
    CHECK(run_rebasis({"list", name, "--markdown"}).output.starts_with("| name | what it is |\n| --- | --- |\n"));
    const Outcome entries = run_rebasis({"list", name, "--json"});
    REQUIRE(entries.status == 0);
    for (const auto& entry : parse_json(entries.output, "list")) {
      const Outcome described = run_rebasis({"list", name, entry["name"].get<std::string>(), "--json"});
      CHECK(described.status == 0);
      CHECK_FALSE(parse_json(described.output, "list").empty());
    }
  }
}

TEST_CASE("the parameters of smartdeal are complete") {
  const Outcome outcome = run_rebasis({"list", "parameters", "smartdeal", "--json"});
  REQUIRE(outcome.status == 0);
  const auto parameters = parse_json(outcome.output, "list");
  CHECK(parameters.size() > 30);
  for (const auto& parameter : parameters) {
    for (const char* field : {"key", "type", "default", "description", "source"}) {
      CAPTURE(parameter.dump());
      CHECK_FALSE(parameter[field].get<std::string>().empty());
    }
    CHECK(run_rebasis({"list", "parameters", "smartdeal"}).output.find(parameter["source"].get<std::string>()) !=
          std::string::npos);
  }
}

TEST_CASE("a name that is not known is bad usage with the known ones") {
  const Outcome outcome = run_rebasis({"list", "parameters", "smartdel"});
  CHECK(outcome.status == 2);
  CHECK(outcome.output.empty());
  CHECK(outcome.errors.starts_with(
      "rebasis: unknown accelerator model 'smartdel'; did you mean 'smartdeal'?; known: bit-pragmatic, cambricon-x, "
      "diannao, "));
  CHECK(outcome.errors.find(", smartdeal") != std::string::npos);
  CHECK(run_rebasis({"list", "parametrs"})
            .errors.starts_with(
                "rebasis: unknown kind of list 'parametrs'; did you mean 'parameters'?; known: accelerators, "));
  CHECK(run_rebasis({"list", "--json", "--markdown"}).status == 2);
}
