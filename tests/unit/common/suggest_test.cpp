#include "common/text/suggest.h"

#include <doctest/doctest.h>

using namespace rebasis;

TEST_CASE("the nearest word is the one with the fewest edits") {
  CHECK(nearest("bank", {"lines", "banks", "blank"}) == "banks");  // ties go to the first
  CHECK(nearest("sise", {"side", "size"}) == "side");
  CHECK(nearest("frequncy", {"dram.model", "frequency"}) == "frequency");
}

TEST_CASE("nothing is suggested when nothing is near") {
  CHECK(nearest("zzz", {"lines", "banks"}).empty());
  CHECK(nearest("", {"a"}).empty());
  CHECK(nearest(std::string(100000, 'a'), {"a"}).empty());
  CHECK(did_you_mean("zzz", {"lines"}).empty());
}

TEST_CASE("quoted text cannot write to the terminal") {
  CHECK(in_quotes("a b") == "'a b'");
  CHECK(in_quotes("a\x1b[31m\n\xff") == "'a\\x1b[31m\\x0a\\xff'");
  CHECK(in_quotes(std::string(81, 'x')) == "'" + std::string(80, 'x') + "...'");
}
