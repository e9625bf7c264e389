// Fronts, hypervolumes and sensitivity against definitions written out, and against closed forms.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include "dse/results/front.h"
#include "dse/results/hypervolume.h"
#include "dse/results/saltelli.h"
#include "dse/results/sensitivity.h"

using namespace rebasis;
using Points = std::vector<std::vector<double>>;

namespace {

constexpr int side = 7;  // points have coordinates 0 to 6: many ties, and volumes are counts of unit cells

Points lattice_points(std::size_t objectives, std::size_t most) {
  const auto count = *rc::gen::inRange<std::size_t>(0, most);
  Points points(count, std::vector<double>(objectives));
  for (auto& point : points) {
    for (double& x : point) x = *rc::gen::inRange(0, side);
  }
  return points;
}

std::vector<std::size_t> front_by_definition(const Points& points) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool beaten = false;
    for (const auto& other : points) {
      bool no_worse = true, better = false;
      for (std::size_t k = 0; k < other.size(); ++k) {
        no_worse = no_worse && other[k] <= points[i][k];
        better = better || other[k] < points[i][k];
      }
      beaten = beaten || (no_worse && better);
    }
    if (!beaten) front.push_back(i);
  }
  return front;
}

/// Share of the unit cells of the lattice whose lower corner some point is at or below.
double volume_by_cells(const Points& points, std::size_t objectives) {
  const auto cells = static_cast<std::size_t>(std::pow(side, static_cast<double>(objectives)));
  std::size_t covered = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    std::vector<double> corner;
    for (std::size_t rest = cell, k = 0; k < objectives; ++k, rest /= side)
      corner.push_back(static_cast<double>(rest % side));
    const bool in = std::any_of(points.begin(), points.end(), [&](const auto& point) {
      for (std::size_t k = 0; k < objectives; ++k) {
        if (point[k] > corner[k]) return false;
      }
      return true;
    });
    covered += in ? 1 : 0;
  }
  return static_cast<double>(covered) / static_cast<double>(cells);
}

dse::Box lattice_box(std::size_t objectives) {
  return {std::vector<double>(objectives, 0), std::vector<double>(objectives, side)};
}

/// All combinations of `levels` values in each of `factors` factors.
std::vector<dse::Factor> full_grid(const std::vector<std::size_t>& levels) {
  std::size_t points = 1;
  for (const std::size_t count : levels) points *= count;
  std::vector<dse::Factor> factors;
  std::size_t stride = 1;
  for (const std::size_t count : levels) {
    dse::Factor factor{"x" + std::to_string(factors.size()), count, {}};
    for (std::size_t i = 0; i < points; ++i) factor.codes.push_back(static_cast<std::uint32_t>(i / stride % count));
    stride *= count;
    factors.push_back(std::move(factor));
  }
  return factors;
}

constexpr double pi = std::numbers::pi;
double ishigami(double a, double b, double c) {
  return std::sin(a) + 7 * std::sin(b) * std::sin(b) + 0.1 * std::pow(c, 4) * std::sin(a);
}
/// Ishigami and Homma (1990): first order and total, in closed form.
struct ClosedForm {
  double v1 = 0.5 * std::pow(1 + 0.1 * std::pow(pi, 4) / 5, 2), v2 = 49.0 / 8;
  double v13 = 0.01 * std::pow(pi, 8) * (1.0 / 18 - 1.0 / 50), all = v1 + v2 + v13;
  std::array<double, 3> first{v1 / all, v2 / all, 0}, total{(v1 + v13) / all, v2 / all, v13 / all};
};

}  // namespace

TEST_CASE("the front is what its definition says, in one to five objectives, with ties") {
  CHECK(rc::check([] {
    const auto objectives = *rc::gen::inRange<std::size_t>(1, 6);
    const Points points = lattice_points(objectives, 60);
    RC_ASSERT(dse::pareto_front(points) == front_by_definition(points));
  }));
}

TEST_CASE("equal points are on the front together") {
  CHECK(dse::pareto_front({{1, 2}, {2, 1}, {1, 2}, {2, 2}}) == std::vector<std::size_t>{0, 1, 2});
  CHECK(dse::pareto_front({}).empty());
}

TEST_CASE("a front of 100,000 points takes no time") {
  std::mt19937_64 random(1);
  Points points(100'000, std::vector<double>(3));
  for (auto& point : points) {
    for (double& x : point) x = static_cast<double>(random() >> 11);
  }
  const std::vector<std::size_t> front = dse::pareto_front(points);
  CHECK(front.size() > 20);
  CHECK(front.size() < 1000);  // about ln(n)^2 / 2
}

TEST_CASE("hypervolume is the number of dominated cells, in one to four objectives") {
  CHECK(rc::check([] {
    const auto objectives = *rc::gen::inRange<std::size_t>(1, 5);
    const Points points = lattice_points(objectives, 20);
    const double expected = volume_by_cells(points, objectives);
    RC_ASSERT(std::abs(dse::hypervolume(points, lattice_box(objectives)) - expected) < 1e-9);
  }));
}

TEST_CASE("points at or beyond the reference count nothing, points below the ideal no more than it") {
  const dse::Box box{{0, 0}, {4, 4}};
  CHECK(dse::hypervolume({{4, 0}, {0, 9}}, box) == 0);
  CHECK(dse::hypervolume({{3.9, 0}}, box) == doctest::Approx(0.025));
  CHECK(dse::hypervolume({{2, 2}}, box) == doctest::Approx(0.25));
  CHECK(dse::hypervolume({{-5, 2}}, box) == doctest::Approx(0.5));
}

TEST_CASE("the box lies a tenth of the front's extent behind its worst values") {
  const dse::Box box = dse::box_of({{1, 30}, {11, 10}});
  CHECK(box.ideal == std::vector<double>{1, 10});
  CHECK(box.reference == std::vector<double>{12, 32});
  const dse::Box flat = dse::box_of({{-5, 0}});
  CHECK(flat.reference == std::vector<double>{-4.5, 1});
}

TEST_CASE("the history grows to the volume of all points, and each step is the volume so far") {
  CHECK(rc::check([] {
    const Points points = lattice_points(3, 40);
    const dse::Box box = lattice_box(3);
    const auto history = dse::hypervolume_history(points, box, *rc::gen::inRange<std::size_t>(1, 50));
    RC_ASSERT(history.empty() == points.empty());
    for (const dse::Progress& step : history) {
      const Points seen(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(step.evaluations));
      RC_ASSERT(std::abs(step.volume - dse::hypervolume(seen, box)) < 1e-9);
    }
    if (!history.empty()) RC_ASSERT(history.back().evaluations == points.size());
  }));
}

TEST_CASE("a sum of squares on a grid: each factor's share is its variance") {
  CHECK(rc::check([] {
    const std::vector<std::size_t> levels{*rc::gen::inRange<std::size_t>(2, 6), *rc::gen::inRange<std::size_t>(2, 6),
                                          3};
    const std::vector<double> weights{static_cast<double>(*rc::gen::inRange(1, 9)),
                                      static_cast<double>(*rc::gen::inRange(0, 9)), 2};
    const auto factors = full_grid(levels);
    std::vector<double> y(factors[0].codes.size(), 0);
    double variance = 0;
    std::vector<double> shares;
    for (std::size_t f = 0; f < 3; ++f) {
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += weights[f] * factors[f].codes[i];
      const auto n = static_cast<double>(levels[f]);
      shares.push_back(weights[f] * weights[f] * (n * n - 1) / 12);  // of a discrete uniform variable
      variance += shares.back();
    }
    const dse::Sensitivity found = dse::analyse(factors, y);
    RC_ASSERT(found.method == dse::VarianceMethod::grid);
    double range = 0;
    for (std::size_t f = 0; f < 3; ++f) range += weights[f] * static_cast<double>(levels[f] - 1);
    for (std::size_t f = 0; f < 3; ++f) {
      RC_ASSERT(std::abs(*found.effects[f].first_order - shares[f] / variance) < 1e-9);
      RC_ASSERT(std::abs(*found.effects[f].total - shares[f] / variance) < 1e-9);
      const double alone = weights[f] * static_cast<double>(levels[f] - 1) / range;
      RC_ASSERT(std::abs(*found.effects[f].one_at_a_time - alone) < 1e-9);
    }
  }));
}

TEST_CASE("Ishigami's function on a grid") {
  const std::size_t n = 32;
  const auto factors = full_grid({n, n, n});
  const auto at = [&](std::uint32_t code) { return -pi + 2 * pi * (code + 0.5) / static_cast<double>(n); };
  std::vector<double> y;
  for (std::size_t i = 0; i < n * n * n; ++i)
    y.push_back(ishigami(at(factors[0].codes[i]), at(factors[1].codes[i]), at(factors[2].codes[i])));
  const dse::Sensitivity found = dse::analyse(factors, y);
  const ClosedForm expected;
  for (std::size_t f = 0; f < 3; ++f) {
    CHECK(*found.effects[f].first_order == doctest::Approx(expected.first[f]).epsilon(0.01));
    CHECK(*found.effects[f].total == doctest::Approx(expected.total[f]).epsilon(0.01));
  }
}

TEST_CASE("Ishigami's function from a random sample, every value once") {
  const std::size_t n = 8000;
  std::mt19937_64 random(3);
  std::vector<dse::Factor> factors;
  std::vector<std::vector<double>> x(3);
  for (std::size_t f = 0; f < 3; ++f) {
    dse::Factor factor{"x" + std::to_string(f), n, std::vector<std::uint32_t>(n)};
    for (std::uint32_t i = 0; i < n; ++i) factor.codes[i] = i;
    for (std::size_t i = n; i > 1; --i) std::swap(factor.codes[i - 1], factor.codes[random() % i]);
    for (const std::uint32_t code : factor.codes) x[f].push_back(-pi + 2 * pi * (code + 0.5) / static_cast<double>(n));
    factors.push_back(std::move(factor));
  }
  std::vector<double> y;
  for (std::size_t i = 0; i < n; ++i) y.push_back(ishigami(x[0][i], x[1][i], x[2][i]));
  const dse::Sensitivity found = dse::analyse(factors, y);
  CHECK(found.method == dse::VarianceMethod::binned);
  const ClosedForm expected;
  for (std::size_t f = 0; f < 3; ++f) {
    CHECK(std::abs(*found.effects[f].first_order - expected.first[f]) < 0.03);
    CHECK_FALSE(found.effects[f].total);
    CHECK_FALSE(found.effects[f].one_at_a_time);
  }
}

TEST_CASE("one factor at a time around a base: ranges are those of its lines") {
  // Base (0, 0, 0); x0 = 1, 2 and x1 = 1 alone. y = 3 x0 + 10 x1.
  const std::vector<dse::Factor> factors{{"a", 3, {0, 1, 2, 0}}, {"b", 2, {0, 0, 0, 1}}};
  const dse::Sensitivity found = dse::analyse(factors, {0, 3, 6, 10});
  CHECK(*found.effects[0].one_at_a_time == doctest::Approx(0.6));
  CHECK(*found.effects[1].one_at_a_time == doctest::Approx(1.0));
  CHECK(found.effects[0].groups == 1);
  CHECK_FALSE(found.effects[0].total);
}

TEST_CASE("a constant has no sensitivity") {
  const dse::Sensitivity found = dse::analyse(full_grid({2, 2}), {5, 5, 5, 5});
  CHECK(found.method == dse::VarianceMethod::none);
  CHECK_FALSE(found.effects[0].first_order);
}

TEST_CASE("Ishigami's function from Saltelli's design, with and without missing points") {
  dse::Space space;
  const std::size_t n = 512;
  for (std::size_t f = 0; f < 3; ++f) {
    dse::Dimension dimension{"x" + std::to_string(f), {}, {}};
    for (std::size_t i = 0; i < n; ++i) dimension.values.push_back({std::to_string(i), static_cast<double>(i)});
    space.dimensions.push_back(std::move(dimension));
  }
  const auto at = [&](std::size_t code) {
    return -pi + 2 * pi * (static_cast<double>(code) + 0.5) / static_cast<double>(n);
  };
  const dse::SaltelliDesign design = dse::SaltelliDesign::draw(space, 4096, 5);
  const auto value = [&](const dse::Choice& c) -> std::optional<double> {
    return 1000 + ishigami(at(c[0]), at(c[1]), at(c[2]));
  };
  const auto partly = [&](const dse::Choice& c) { return (c[0] + c[1] + c[2]) % 10 == 0 ? std::nullopt : value(c); };
  const ClosedForm expected;
  for (const auto& [found, tolerance] :
       {std::pair{dse::sobol_indices(design, value), 0.02}, std::pair{dse::sobol_indices(design, partly), 0.05}}) {
    for (std::size_t f = 0; f < 3; ++f) {
      CHECK(std::abs(*found.first_order[f] - expected.first[f]) < tolerance);
      CHECK(std::abs(*found.total[f] - expected.total[f]) < tolerance);
    }
  }
  CHECK_FALSE(dse::sobol_indices(design, [](const dse::Choice&) { return std::optional<double>(3); }).total[0]);
  CHECK_FALSE(dse::sobol_indices(design, [](const dse::Choice&) { return std::optional<double>(); }).first_order[0]);
}
