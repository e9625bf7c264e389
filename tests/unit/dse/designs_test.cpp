// Parameters of one accelerator of a study: "smartdeal:array.dim_M".
#include "dse/run/designs.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/errors.h"

using namespace rebasis;

namespace {

dse::Study study(const std::string& derived) {
  return dse::Study::parse(
      "workloads: [{trace: t.trace}]\nspace: {accelerator: [smartdeal, diannao], more: [1, 2]}\nderived:\n  " +
          derived + "\nobjectives: [area_mm2, area_logic_mm2, area_sram_mm2]\n",
      "study.yaml");
}

}  // namespace

TEST_CASE("a derived parameter with an owner is set in the owner alone") {
  const dse::Study both = study("smartdeal:array.dim_M: 16 * more\n  diannao:nfu.tn: 8 * more");
  const dse::Designs designs(both);
  const dse::Design smartdeal = designs.resolve(both.space.point({0, 1}));
  CHECK(smartdeal.infeasible.empty());
  CHECK(smartdeal.overrides == std::vector<std::string>{"array.dim_M=32"});
  CHECK(smartdeal.facts.multipliers == 32 * 16 * 8);
  const dse::Design diannao = designs.resolve(both.space.point({1, 1}));
  CHECK(diannao.overrides == std::vector<std::string>{"nfu.tn=16"});
  CHECK(diannao.facts.multipliers == 16 * 32);
  CHECK(diannao.facts.area.total_mm2() > 0);
}

TEST_CASE("owners and their parameters are checked") {
  const auto error = [](const std::string& derived) {
    return test::bad_input([&] { const dse::Designs designs(study(derived)); });
  };
  CHECK(error("scnn:array.rows: more").find("study.yaml:4: scnn:array.rows: scnn is no accelerator of this study") !=
        std::string::npos);
  CHECK(error("diannao:array.dim_M: more").find("study.yaml:4") != std::string::npos);
  CHECK(error("smartdeal:array.dim_M: more") == "(no error)");
}
