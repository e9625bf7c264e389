#include "arch/parameter_page.h"

#include <doctest/doctest.h>

#include "common/json.h"

using namespace rebasis::arch;

namespace {

const std::vector<ParameterInfo> kParameters{
    {"lines", "integer", "8", "", "1 to 64", "PE lines.", "paper, Table IX"},
    {"frequency", "real", "1000000000 Hz", "Hz", "at least 1", "Clock | rate.", "decision", true}};

}  // namespace

TEST_CASE("the text has aligned columns") {
  CHECK(parameters_as_text(kParameters) ==
        "KEY        TYPE     DEFAULT        UNIT  RANGE\n"
        "lines      integer  8                    1 to 64\n"
        "    PE lines. Default from: paper, Table IX\n"
        "frequency  real     1000000000 Hz  Hz    at least 1\n"
        "    Clock | rate. Default from: decision (mapping only)\n");
}

TEST_CASE("the JSON has every field") {
  const auto json = rebasis::parse_json(parameters_as_json(kParameters), "parameters");
  REQUIRE(json.size() == 2);
  CHECK(json[1]["key"] == "frequency");
  CHECK(json[1]["type"] == "real");
  CHECK(json[1]["default"] == "1000000000 Hz");
  CHECK(json[1]["unit"] == "Hz");
  CHECK(json[1]["range"] == "at least 1");
  CHECK(json[1]["description"] == "Clock | rate.");
  CHECK(json[1]["source"] == "decision");
  CHECK(json[1]["mapping_only"] == true);
  CHECK(json[0]["mapping_only"] == false);
}

TEST_CASE("the page is a Markdown table whose cells cannot break it") {
  const std::string page = parameters_as_markdown("toy", "A toy.", kParameters);
  CHECK(page.find("# Parameters of `toy`\n\nA toy.\n") == 0);
  CHECK(page.find("| `lines` | integer | `8` |  | 1 to 64 | PE lines. | paper, Table IX |  |\n") != std::string::npos);
  CHECK(page.find("| Clock \\| rate. | decision | yes |\n") != std::string::npos);
}
