#include "common/json.h"

#include <doctest/doctest.h>

#include <string>

#include "common/error.h"
#include "tests/support/errors.h"

using namespace rebasis;

namespace {

std::string parse_message(const std::string& text) {
  return test::bad_input([&] { (void)parse_json(text, "f.json", 3); });
}

}  // namespace

TEST_CASE("JSON that no honest tool writes is refused") {
  CHECK(parse_message("{\"a\": [1]}") == "(no error)");
  CHECK(parse_message("").find("f.json:1: not valid JSON") == 0);
  CHECK(parse_message("{\n\n\"a\": }").find("f.json:3: not valid JSON") == 0);
  CHECK(parse_message("{\"a\": 1, \"a\": 2}") == "f.json: the key \"a\" occurs twice in one JSON object");
  CHECK(parse_message("{\"a\": {\"a\": 1}}") == "(no error)");
  CHECK(parse_message("[[[1]]]") == "(no error)");
  CHECK(parse_message("[[[[1]]]]") == "f.json: JSON is nested deeper than 3 levels");
  CHECK(parse_message(std::string(1'000'000, '[')) == "f.json: JSON is nested deeper than 3 levels");
  CHECK(parse_message("1e999").find("f.json: not valid JSON") == 0);
  CHECK(parse_message("\"\xff\"").find("f.json:1: not valid JSON") == 0);
  // What the file holds does not reach the terminal as it is.
  const std::string wild = "\x1b[2J" + std::string(100'000, 'x');
  for (const std::string& text : {"{\"a\": \"" + wild + "\"}", "{\"" + std::string(500, '\x7f') + "\": 1, \"" +
                                                                   std::string(500, '\x7f') + "\": 2}"}) {
    const std::string message = parse_message(text);
    CHECK(message.size() < 300);
    CHECK(message.find('\x1b') == std::string::npos);
    CHECK(message.find('\x7f') == std::string::npos);
  }
  CHECK(parse_message("NaN").find("f.json:1: not valid JSON") == 0);
}

TEST_CASE("members are fetched with type and range") {
  const auto value =
      parse_json(R"({"i": 5, "big": 18446744073709551615, "f": 1.5, "s": "x", "b": true, "l": [1, 2], "o": {}})", "f");
  const JsonObject object(value, "f");
  CHECK(object.integer("i", 0, 5) == 5);
  CHECK(test::bad_input([&] { (void)object.integer("i", 0, 4); }) == "f: \"i\" is 5; an integer from 0 to 4 is needed");
  CHECK_THROWS_AS((void)object.integer("big", -5, INT64_MAX), Error);
  CHECK_THROWS_AS((void)object.integer("f", 0, 5), Error);
  CHECK_THROWS_AS((void)object.integer("s", 0, 5), Error);
  CHECK(object.number("f") == 1.5);
  CHECK_THROWS_AS((void)object.number("s"), Error);
  CHECK(object.integers("l", 1, 2, 2) == std::vector<std::int64_t>{1, 2});
  CHECK_THROWS_AS((void)object.integers("l", 1, 2, 1), Error);
  CHECK_THROWS_AS((void)object.integers("l", 2, 2, 2), Error);
  CHECK(object.boolean("b"));
  CHECK_THROWS_AS((void)object.boolean("i"), Error);
  CHECK(object.one_of("s", {"x", "y"}) == "x");
  CHECK(test::bad_input([&] { (void)object.one_of("s", {"y", "z"}); }) == "f: \"s\" is \"x\"; one of y, z is needed");
  CHECK(test::bad_input([&] { (void)object.text("t"); }) == "f: \"t\" is missing");
  CHECK(object.object("o").name() == "f: \"o\"");
  CHECK_THROWS_AS((void)object.object("l"), Error);
}

TEST_CASE("text that is not UTF-8 can be written") {
  CHECK(to_line(nlohmann::json("\xff")) == "\"\xEF\xBF\xBD\"");
  CHECK(to_text({{"a", 1}}) == "{\n  \"a\": 1\n}\n");
}
