#include "arch/config.h"

#include <doctest/doctest.h>

#include <string>

#include "common/file.h"
#include "tests/support/errors.h"

using rebasis::arch::ConfigEntry;
using rebasis::arch::RawConfig;
using rebasis::test::bad_input;

TEST_CASE("entries keep the order, text and line of the file") {
  const RawConfig config =
      RawConfig::parse("# comment\na: 1\nb:\n  c: 2 GB/s # note\n  d: [x, y]\n  e:\n    - 1\n    - 2\n", "f.yaml");
  REQUIRE(config.entries().size() == 4);
  CHECK(config.entries()[0].key == "a");
  CHECK(config.entries()[1].key == "b.c");
  CHECK(config.entries()[1].value == "2 GB/s");
  CHECK(config.entries()[1].where.line == 4);
  CHECK(config.entries()[1].where.file == "f.yaml");
  CHECK(config.entries()[2].value == "[x, y]");
  CHECK(config.entries()[3].value == "[1, 2]");
  CHECK(config.find("b.d")->where.line == 5);
  CHECK(config.find("b") == nullptr);
}

TEST_CASE("take_below removes the keys below a name, and that name from them") {
  RawConfig config = RawConfig::parse("a: 1\nprune:\n  share: 2\n  deep: {er: 3}\npruned: 4\n", "f.yaml");
  const RawConfig below = config.take_below("prune");
  REQUIRE(below.entries().size() == 2);
  CHECK(below.find("share")->value == "2");
  CHECK(below.find("deep.er")->where.line == 4);
  REQUIRE(config.entries().size() == 2);
  CHECK(config.find("pruned")->value == "4");
  CHECK(config.take_below("prune").entries().empty());
}

TEST_CASE("take removes one key and leaves the others findable") {
  RawConfig config = RawConfig::parse("a: 1\nb: 2\nc: 3\n", "f.yaml");
  CHECK(config.take("b").value == "2");
  CHECK(config.take("b").key.empty());
  CHECK(config.find("b") == nullptr);
  CHECK(config.find("c")->value == "3");
  CHECK(config.entries().size() == 2);
}

TEST_CASE("an override keeps its place and brings its location") {
  RawConfig config = RawConfig::parse("a: 1\nb: 2\n", "f.yaml");
  config.override_with(RawConfig::parse("\n\nc: 4\na: 3\n", "g.yaml"));
  REQUIRE(config.entries().size() == 3);
  CHECK(config.entries()[0].value == "3");
  CHECK(config.entries()[0].where.file == "g.yaml");
  CHECK(config.entries()[0].where.line == 4);
  CHECK(config.entries()[2].key == "c");
}

TEST_CASE("a file that is not flat text in maps is refused at its line") {
  struct Case {
    std::string yaml;
    std::string message;
  };
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "{a: ";
  deep += "1" + std::string(20, '}');
  const Case cases[] = {
      {"a: 1\na: 2\n", "f.yaml:2: key 'a' is given twice; keep one of the two lines"},
      {"a:\n  b: 1\na.b: 2\n", "f.yaml:3: a.b is given twice, first in line 2; keep one of the two"},
      {"a: 1\nb:\n", "f.yaml:2: b has no value; write 'b: VALUE' or remove the line"},
      {"a: 1\nb: ~\n", "f.yaml:2: b has no value; write 'b: VALUE' or remove the line"},
      {"- a\n- b\n", "f.yaml:1: the file is not a map; write lines of 'key: value'"},
      {"word\n", "f.yaml:1: the file is not a map; write lines of 'key: value'"},
      {"a: 1\nb:\n  - {c: 1}\n", "f.yaml:3: b holds a list of more than single values; write [a, b, c]"},
      {"a: 1\n? [x, y]\n: 2\n", "f.yaml:2: a key is not a plain word; write 'key: value'"},
      {"a b: 1\n", "f.yaml:1: 'a b' is not a key; a key is letters, digits, '_' and '-' with dots between its parts"},
      {".a: 1\n", "f.yaml:1: '.a' is not a key; a key is letters, digits, '_' and '-' with dots between its parts"},
      {"\"a\\e[31m\": 1\n",
       "f.yaml:1: 'a\\x1b[31m' is not a key; a key is letters, digits, '_' and '-' with dots between its parts"},
      {"x: &x {a: 1}\ny:\n  <<: *x\n", "f.yaml:3: the merge key '<<' is not supported; write the keys out"},
      {"a: 1\n---\nb: 2\n", "f.yaml:2: text follows the end of the document; keep one document a file"},
      {"a: 1\nb: [1, 2\nc: 3\n", "f.yaml:3: not valid YAML: end of sequence flow not found; correct the syntax"},
      {"a: *nowhere\n", "f.yaml:1: not valid YAML: the referenced anchor is not defined; correct the syntax"},
      {",\n", "f.yaml:1: text follows the end of the document; keep one document a file"},
      {"a: 1\nb: \"x\n", "f.yaml:2: not valid YAML: illegal EOF in scalar; correct the syntax"},
      {std::string("a: 1\0b", 6), "f.yaml: has a zero byte at offset 4; give a YAML text file"},
      {deep, "f.yaml:1: maps and lists are nested deeper than 16; flatten them"},
      {"a: " + std::string(5000, 'x'), "f.yaml:1: a has a value of 5000 characters; write at most 4096"},
      {std::string(300000, ' '), "f.yaml: is larger than 262144 bytes; a YAML file of this kind is smaller"},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.yaml.substr(0, 60));
    CHECK(bad_input([&] { RawConfig::parse(bad.yaml, "f.yaml"); }) == bad.message);
  }
}

TEST_CASE("aliases that multiply are refused, not expanded") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 1; j < 10; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  const std::string message = bad_input([&] { RawConfig::parse(bomb, "f.yaml"); });
  CHECK(message.find("the document has more than 20000 values, aliases expanded") != std::string::npos);
}

TEST_CASE("an anchor that holds itself ends with a message") {
  CHECK(bad_input([] { RawConfig::parse("a: &a\n  b: *a\n", "f.yaml"); }) != "(no error)");
}

TEST_CASE("a plain alias of a value is followed") {
  const RawConfig config = RawConfig::parse("a: &width 64\nb: *width\n", "f.yaml");
  CHECK(config.find("b")->value == "64");
}

TEST_CASE("deeply nested text is refused and does not overflow the stack") {
  for (const char* open : {"[", "{", "{a: ", "- ", "? ", "[{", "a: &a [", "!t "}) {
    std::string text;
    while (text.size() < 100000) text += open;
    CAPTURE(open);
    CHECK(bad_input([&] { RawConfig::parse(text, "f.yaml"); }) != "(no error)");
  }
}

TEST_CASE("--set needs a key and an equals sign") {
  RawConfig config;
  CHECK(bad_input([&] { config.set("frequency"); }) == "--set frequency: there is no '='; write --set key=value");
  CHECK(bad_input([&] { config.set("=3"); }) ==
        "--set =3: '' is not a key; a key is letters, digits, '_' and '-' with dots between its parts");
  config.set("note=a=b");
  CHECK(config.find("note")->value == "a=b");
  CHECK(config.find("note")->where.file == "--set note=a=b");
}

TEST_CASE("a file that cannot be read is bad input with its name") {
  CHECK(bad_input([] { RawConfig::load("no/such.yaml"); }) == "no/such.yaml: cannot open: No such file or directory");
  CHECK(bad_input([] { RawConfig::load("/"); }) == "/: is a directory; a file is needed");
  CHECK(bad_input([] { RawConfig::load("/dev/zero"); }).find("/dev/zero: is larger than 262144 bytes") == 0);
}
