// Spaces of studies: ranges, formulas, conditions and what is refused.
#include "dse/space.h"

#include <doctest/doctest.h>

#include "common/text/yaml.h"
#include "tests/support/errors.h"

using namespace rebasis;

namespace {

dse::Space space(const std::string& text) { return dse::Space::parse(parse_yaml(text, "s.yaml"), "s.yaml"); }
std::string refused(const std::string& text) {
  return test::bad_input([&] { (void)space(text); });
}
std::vector<std::string> texts(const dse::Dimension& dimension) {
  std::vector<std::string> all;
  for (const dse::Value& value : dimension.values) all.push_back(value.text);
  return all;
}

}  // namespace

TEST_CASE("lists and ranges hold what a user would write") {
  const dse::Space s = space(
      "space:\n  a: [1, 2.5, x]\n  b: {from: 64 KiB, to: 256 KiB, times: 2}\n  c: {from: 0.1, to: 0.3, by: 0.1}\n"
      "  d: {from: 1 GHz, to: 2 GHz, by: 0.5 GHz}\n");
  CHECK(texts(s.dimensions[0]) == std::vector<std::string>{"1", "2.5", "x"});
  CHECK_FALSE(s.dimensions[0].values[2].number);
  CHECK(texts(s.dimensions[1]) == std::vector<std::string>{"64 KiB", "128 KiB", "256 KiB"});
  CHECK(s.dimensions[1].values[1].number == 131072);
  CHECK(s.dimensions[2].values.size() == 3);
  CHECK(texts(s.dimensions[3]) == std::vector<std::string>{"1 GHz", "1.5 GHz", "2 GHz"});
  CHECK(s.dimensions[3].values[2].number == 2e9);
  CHECK(s.size() == 3 * 3 * 3 * 3);
}

TEST_CASE("every combination has one number") {
  const dse::Space s = space("space:\n  a: [1, 2]\n  b: [1, 2, 3]\n");
  for (std::uint64_t i = 0; i < s.size(); ++i) {
    const dse::Choice choice = s.choice(i);
    CHECK(choice[0] * 3 + choice[1] == i);
  }
  const dse::Space large = space(
      "space:\n  a: {from: 1, to: 1000000, by: 1}\n  b: {from: 1, to: 1000000, by: 1}\n"
      "  c: {from: 1, to: 1000000, by: 1}\n  d: {from: 1, to: 1000000, by: 1}\n");
  CHECK(large.size() == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("derived parameters and conditions follow the point") {
  const dse::Space s = space(
      "space:\n  dim_M: [16, 32, 64]\n  dim_F: [4, 8]\nlet:\n  budget: 1024\nderived:\n  dim_C: budget / (dim_M * "
      "dim_F)\n"
      "where:\n  - dim_C >= 4\n  - sram <= 1 MiB\n");
  std::size_t kept = 0;
  for (std::uint64_t i = 0; i < s.size(); ++i) {
    const dse::Point point = s.point(s.choice(i));
    CHECK(point.numbers.at("dim_M") * point.numbers.at("dim_F") * point.numbers.at("dim_C") == 1024);
    CHECK(point.settings.at("dim_C") == std::to_string(static_cast<int>(point.numbers.at("dim_C"))));
    if (s.broken(point) == nullptr) ++kept;
    REQUIRE(s.broken(point, {{"sram", 2e6}}) != nullptr);  // the other condition needs what only the hardware knows
  }
  CHECK(kept == 5);  // 64 x 8 leaves dim_C 2
}

TEST_CASE("spaces that make no sense are refused at their line") {
  CHECK(refused("objectives: []\n").find("has no space") != std::string::npos);
  CHECK(refused("space:\n  a: []\n").starts_with("s.yaml:2: a has no values"));
  CHECK(refused("space:\n  a: [1, 2, 1]\n").find("lists 1 twice") != std::string::npos);
  CHECK(refused("space:\n  a: {from: 3, to: 1, by: 1}\n").find("empty") != std::string::npos);
  CHECK(refused("space:\n  a: {from: 1, to: 3, by: 0}\n").find("never ends") != std::string::npos);
  CHECK(refused("space:\n  a: {from: 1, to: 3, times: 1}\n").find("never ends") != std::string::npos);
  CHECK(refused("space:\n  a: {from: 0, to: 1e12, by: 1}\n").find("more than a million") != std::string::npos);
  CHECK(refused("space:\n  a: {from: 1, to: 3}\n").find("by (a step) or times") != std::string::npos);
  CHECK(refused("space:\n  a: {from: x, to: 3, by: 1}\n").find("not a number") != std::string::npos);
  CHECK(refused("space:\n  a: [1]\nlet:\n  a: 2\n").find("defined twice") != std::string::npos);
  CHECK(refused("space:\n  a: [1]\nwhere:\n  - a >\n").starts_with("s.yaml:4: 'a >' is no formula"));
  const dse::Space unknown = space("space:\n  a: [1]\nderived:\n  b: c + 1\n");
  CHECK(test::bad_input([&] { (void)unknown.point({0}); }).find("needs the value of c") != std::string::npos);
  const dse::Space zero = space("space:\n  a: [0]\nderived:\n  b: 1 / a\n");
  CHECK(zero.point({0}).undefined == &zero.derived[0].expression);
  CHECK(zero.broken(zero.point({0})) == zero.point({0}).undefined);
  const dse::Space late = space("space:\n  a: [0, 1]\nwhere:\n  - 1 / a < 3\n");
  CHECK(late.broken(late.point({0})) != nullptr);
  CHECK(late.broken(late.point({1})) == nullptr);
}
