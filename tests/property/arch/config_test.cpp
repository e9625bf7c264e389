// Properties of configuration: what is printed reads back as the same spec, and any text ends in a value or a message.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "arch/accelerator_file.h"
#include "arch/parameter.h"
#include "common/text/yaml.h"
#include "tests/support/toy_spec.h"

using rebasis::Error;
using rebasis::Status;
using rebasis::arch::RawConfig;
using rebasis::test::toy_parameters;
using rebasis::test::ToySpec;

namespace {

/// Text on one line with the characters that YAML gives a meaning.
rc::Gen<std::string> line_of_text() {
  return rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::inRange<char>(32, 127), rc::gen::elementOf(std::string(":#-[]{}*&!|>'\"%@`,~?= 0n"))));
}

rc::Gen<ToySpec> any_spec() {
  return rc::gen::exec([] {
    ToySpec spec;
    spec.lines = *rc::gen::inRange<std::int64_t>(1, 9);
    spec.banks = spec.lines * *rc::gen::inRange<std::int64_t>(1, 8);
    spec.buffer = *rc::gen::oneOf(
        rc::gen::inRange<std::int64_t>(1024, (1 << 20) + 1),
        rc::gen::map(rc::gen::inRange<std::int64_t>(1, 1025), [](std::int64_t kib) { return kib << 10; }));
    spec.frequency = 1e6 + *rc::gen::inRange<int>(0, 1000000) * 9.87654321;
    spec.skip = *rc::gen::arbitrary<bool>();
    spec.note = *line_of_text();
    spec.dram.bandwidth = 0.1 + *rc::gen::inRange<int>(0, 1000000) / 1234.5;
    spec.dram.model = *rc::gen::elementOf(std::vector<std::string>{"bandwidth", "jedec", "unlimited"});
    return spec;
  });
}

/// Runs `action`; only a bad-input Error may leave it.
template <class Action>
void only_bad_input(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    RC_ASSERT(error.status() == Status::bad_input);
  }
}

}  // namespace

TEST_CASE("print, parse and resolve is the identity through YAML") {
  CHECK(rc::check([] {
    const ToySpec spec = *any_spec();
    const auto set = toy_parameters();
    const auto printed = set.print(spec);
    const ToySpec again = set.resolve(RawConfig::parse(rebasis::arch::to_yaml(printed), "printed"));
    RC_ASSERT(again == spec);
    RC_ASSERT(set.print(again) == printed);
  }));
}

TEST_CASE("print, parse and resolve is the identity through --set") {
  CHECK(rc::check([] {
    const ToySpec spec = *any_spec();
    const auto set = toy_parameters();
    RawConfig config;
    for (const auto& [key, value] : set.print(spec)) config.set(key + "=" + value);
    RC_ASSERT(set.resolve(config) == spec);
  }));
}

TEST_CASE("a scalar that is written reads back") {
  CHECK(rc::check([](const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
      if (static_cast<unsigned char>(c) < 128 && c != '\0') text += c;
    }
    const YAML::Node node = rebasis::parse_yaml("key: " + rebasis::yaml_scalar(text) + "\n", "written");
    RC_ASSERT(node["key"].IsScalar());
    RC_ASSERT(node["key"].Scalar() == text);
  }));
}

TEST_CASE("any text is a configuration or bad input") {
  CHECK(rc::check([](const std::string& text) {
    only_bad_input([&] { (void)toy_parameters().resolve(RawConfig::parse(text, "any")); });
  }));
  CHECK(rc::check([] {
    const auto lines = *rc::gen::container<std::vector<std::string>>(line_of_text());
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    only_bad_input([&] { (void)toy_parameters().resolve(RawConfig::parse(text, "any")); });
  }));
}

TEST_CASE("any value of any key is accepted within its range or bad input") {
  CHECK(rc::check([] {
    const auto set = toy_parameters();
    const auto infos = set.describe();
    const auto& info = infos[*rc::gen::inRange<std::size_t>(0, infos.size())];
    only_bad_input([&] {
      RawConfig config;
      config.set(info.key + "=" + *line_of_text());
      const ToySpec spec = set.resolve(config);
      RC_ASSERT(spec.banks >= 1);
      RC_ASSERT(spec.banks <= 64);
      RC_ASSERT(spec.buffer >= 1024);
      RC_ASSERT(spec.frequency >= 1e6);
    });
  }));
}
