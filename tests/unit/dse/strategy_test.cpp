// Strategies: what they cover, that seeds repeat, that searches find known fronts.
#include "dse/strategy.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "common/text/yaml.h"
#include "dse/strategies/sensitivity.h"
#include "tests/support/errors.h"

using namespace rebasis;

namespace {

dse::Space space(const std::string& text) { return dse::Space::parse(parse_yaml(text, "s.yaml"), "s.yaml"); }

constexpr const char* square =
    "space:\n  a: {from: 0, to: 31, by: 1}\n  b: {from: 0, to: 31, by: 1}\nwhere:\n  - a + b != 3\n";

struct Spent {};

/// Records what is asked; the objectives are the distances to two corners, whose Pareto front is the line between.
struct Asked {
  const dse::Space& space;
  std::size_t limit = 1'000'000;
  std::vector<dse::Choice> choices{};
  std::vector<dse::Evaluation> operator()(const std::vector<dse::Choice>& wanted) {
    std::vector<dse::Evaluation> answers;
    for (const dse::Choice& choice : wanted) {
      if (choices.size() == limit) throw Spent{};
      choices.push_back(choice);
      const double a = static_cast<double>(choice[0]), b = static_cast<double>(choice[1]);
      const bool feasible = space.broken(space.point(choice)) == nullptr;
      answers.push_back({feasible, feasible
                                       ? std::vector<double>{a * a + b * b, (31 - a) * (31 - a) + (31 - b) * (31 - b)}
                                       : std::vector<double>{}});
    }
    return answers;
  }
};

std::vector<dse::Choice> asked(const std::string& strategy, const dse::Space& s, std::int64_t points,
                               std::uint64_t seed = 1, const std::string& options = {}) {
  Asked asked{s, points > 0 ? static_cast<std::size_t>(points) : 1'000'000};
  const auto made = dse::StrategyRegistry::global().create(strategy, arch::RawConfig::parse(options, "o.yaml"));
  try {
    made->run({s, 2, points, seed}, std::ref(asked));
  } catch (const Spent&) {
  }
  return asked.choices;
}

}  // namespace

TEST_CASE("a grid asks for every combination that meets the conditions, once") {
  const dse::Space s = space(square);
  const auto choices = asked("grid", s, 0);
  CHECK(choices.size() == 32 * 32 - 4);
  CHECK(std::set<dse::Choice>(choices.begin(), choices.end()).size() == choices.size());
  CHECK(test::bad_input([&] { (void)asked("grid", s, 0, 1, "most: 1000\n"); }).find("1024 combinations") !=
        std::string::npos);
}

TEST_CASE("samples are distinct, meet the conditions, repeat with the seed and spread") {
  const dse::Space s = space(square);
  for (const std::string strategy : {"random", "latin_hypercube", "sobol"}) {
    CAPTURE(strategy);
    const auto choices = asked(strategy, s, 128);
    CHECK(choices.size() == 128);
    CHECK(std::set<dse::Choice>(choices.begin(), choices.end()).size() == 128);
    for (const dse::Choice& choice : choices) CHECK(s.broken(s.point(choice)) == nullptr);
    CHECK(choices == asked(strategy, s, 128));
    CHECK(choices != asked(strategy, s, 128, 3));
    std::vector<int> quarter(4, 0);
    for (const dse::Choice& choice : choices) ++quarter[(choice[0] / 16) * 2 + choice[1] / 16];
    for (const int count : quarter) CHECK(count >= (strategy == "random" ? 15 : 26));
  }
  CHECK(asked("random", space("space:\n  a: [1, 2]\n  b: [1, 2]\n"), 100).size() == 4);  // all there is
}

TEST_CASE("a Latin hypercube has every value equally often") {
  const dse::Space s = space("space:\n  a: {from: 0, to: 15, by: 1}\n  b: {from: 0, to: 15, by: 1}\n");
  const auto choices = asked("latin_hypercube", s, 16);
  std::set<std::size_t> first, second;
  for (const dse::Choice& choice : choices) {
    first.insert(choice[0]);
    second.insert(choice[1]);
  }
  CHECK(first.size() >= 15);  // one draw may repeat a point and be replaced
  CHECK(second.size() >= 15);
}

TEST_CASE("searches find the front with a part of the points and repeat with the seed") {
  const dse::Space s = space(square);
  for (const std::string strategy : {"nsga2", "moead", "nspso"}) {
    CAPTURE(strategy);
    const auto choices = asked(strategy, s, 400, 1, "population: 40\n");
    CHECK(choices.size() == 400);
    CHECK(choices == asked(strategy, s, 400, 1, "population: 40\n"));
    std::set<std::size_t> on_front;
    for (const dse::Choice& choice : choices) {
      if (choice[0] == choice[1]) on_front.insert(choice[0]);
    }
    std::set<dse::Choice> random_front;
    for (const dse::Choice& choice : asked("random", s, 400)) {
      if (choice[0] == choice[1]) random_front.insert(choice);
    }
    MESSAGE(strategy << ": " << on_front.size() << " points of the front, random " << random_front.size());
    if (strategy == "nsga2") CHECK(on_front.size() > random_front.size());
  }
}

TEST_CASE("one at a time varies each dimension around the base point") {
  const dse::Space s = space("space:\n  a: [1, 2, 3]\n  b: [10, 20]\n");
  const auto choices = asked("one_at_a_time", s, 0, 1, "base:\n  b: 20\n");
  CHECK(choices == std::vector<dse::Choice>{{1, 1}, {0, 1}, {2, 1}, {1, 0}});
  CHECK(test::bad_input([&] { (void)asked("one_at_a_time", s, 0, 1, "base:\n  c: 20\n"); }).find("base.b") !=
        std::string::npos);
  CHECK(test::bad_input([&] { (void)asked("one_at_a_time", s, 0, 1, "base:\n  b: 15\n"); }).find("no value of b") !=
        std::string::npos);
}

TEST_CASE("Saltelli's design: A, B, and A with one column of B") {
  const dse::Space s = space(square);
  const auto design = dse::SaltelliDesign::draw(s, 64, 7);
  REQUIRE(design.ab.size() == 2);
  for (std::size_t row = 0; row < 64; ++row) {
    CHECK(design.ab[0][row] == dse::Choice{design.b[row][0], design.a[row][1]});
    CHECK(design.ab[1][row] == dse::Choice{design.a[row][0], design.b[row][1]});
  }
  CHECK(design.a != design.b);
  CHECK(asked("saltelli", s, 0, 7, "rows: 64\n").size() == 4 * 64);
  CHECK(asked("saltelli", s, 10, 7).size() == 8);  // the budget pays for two rows
  CHECK(test::bad_input([&] { (void)asked("saltelli", s, 3); }).find("rows") != std::string::npos);
}

TEST_CASE("searches take small populations and three objectives") {
  const dse::Space s = space("space:\n  a: {from: 0, to: 31, by: 1}\n  b: {from: 0, to: 31, by: 1}\n");
  for (const std::string strategy : {"nsga2", "moead", "nspso"}) {
    CAPTURE(strategy);
    const auto search = dse::StrategyRegistry::global().create(
        strategy, arch::RawConfig::parse("population: 8\ngenerations: 3\n", "o.yaml"));
    std::size_t asked_for = 0;
    search->run({s, 3, 0, 1}, [&](const std::vector<dse::Choice>& choices) {
      std::vector<dse::Evaluation> answers;
      for (const dse::Choice& c : choices)
        answers.push_back(
            {true, {static_cast<double>(c[0]), static_cast<double>(c[1]), static_cast<double>(31 - c[0])}});
      asked_for += choices.size();
      return answers;
    });
    CHECK(asked_for >= 16);
  }
}
