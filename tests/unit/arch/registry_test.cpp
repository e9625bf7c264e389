#include "arch/registry.h"

#include <doctest/doctest.h>

#include "tests/support/errors.h"

using rebasis::Error;
using rebasis::Status;
using rebasis::arch::Registration;
using rebasis::arch::Registry;
using rebasis::test::bad_input;

namespace {

struct Shape {
  static constexpr const char* kind = "shape";
  Shape() = default;
  Shape(const Shape&) = delete;
  Shape& operator=(const Shape&) = delete;
  virtual ~Shape() = default;
  virtual int corners() const = 0;
};

struct Polygon : Shape {
  explicit Polygon(int n) : n_(n) {}
  int corners() const override { return n_; }
  int n_;
};

// Out of order on purpose.
const Registration<Shape> square("square", "four corners", [] { return std::make_unique<Polygon>(4); });
const Registration<Shape> hexagon("hexagon", "six corners", [] { return std::make_unique<Polygon>(6); });
const Registration<Shape> triangle("triangle", "three corners", [] { return std::make_unique<Polygon>(3); });

}  // namespace

TEST_CASE("what registers itself before main is known by name, in the order of names") {
  const auto& registry = Registry<Shape>::global();
  CHECK(registry.names() == std::vector<std::string>{"hexagon", "square", "triangle"});
  CHECK(registry.create("square")->corners() == 4);
  CHECK(registry.at("triangle").summary == "three corners");
  CHECK(registry.contains("hexagon"));
  CHECK_FALSE(registry.contains("circle"));
}

TEST_CASE("an unknown name lists the known ones") {
  const auto& registry = Registry<Shape>::global();
  CHECK(bad_input([&] { (void)registry.create("sqare"); }) ==
        "unknown shape 'sqare'; did you mean 'square'?; known: hexagon, square, triangle");
  CHECK(bad_input([&] {
          (void)registry.at("circle", {"f.yaml", 3});
        }) == "f.yaml:3: unknown shape 'circle'; known: hexagon, square, triangle");
  const Registry<Shape> empty;
  CHECK(bad_input([&] { (void)empty.create("a"); }) == "unknown shape 'a'; none is built in");
}

TEST_CASE("a name taken twice is an internal error") {
  Registry<Shape> registry;
  const auto make = [] { return std::make_unique<Polygon>(5); };
  registry.add("pentagon", "five corners", make);
  try {
    registry.add("pentagon", "again", make);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.status() == Status::internal);
    CHECK(std::string(error.what()) == "shape 'pentagon' is registered twice");
  }
}

TEST_CASE("factories may take arguments") {
  Registry<Shape, int> registry;
  registry.add("polygon", "any corners", [](int n) { return std::make_unique<Polygon>(n); });
  CHECK(registry.create("polygon", 9)->corners() == 9);
}
