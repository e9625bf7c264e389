// An output is kept when what it was made from is the same, and itself is as it was.
#include "cli/compare/kept_outputs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "common/file.h"
#include "tests/support/sample_trace.h"

using namespace rebasis;
using cli::OutputKey;

namespace {

OutputKey key_with(const std::string& value) {
  OutputKey key;
  key.add("option", value);
  return key;
}

}  // namespace

TEST_CASE("kept with its key only, and unchanged") {
  write_file("out.json", "one");
  CHECK_FALSE(cli::is_kept("out.json", key_with("a")));
  cli::keep("out.json", key_with("a"));
  CHECK(cli::is_kept("out.json", key_with("a")));
  CHECK_FALSE(cli::is_kept("out.json", key_with("b")));
  write_file("out.json", "two");
  CHECK_FALSE(cli::is_kept("out.json", key_with("a")));
  write_file("out.json", "one");
  CHECK(cli::is_kept("out.json", key_with("a")));
  cli::forget("out.json");
  CHECK_FALSE(cli::is_kept("out.json", key_with("a")));
  std::filesystem::remove("out.json");
  cli::forget("out.json");
  CHECK_FALSE(cli::is_kept("out.json", key_with("a")));
}

TEST_CASE("a trace is known by its header, which has the checksums of its tensors") {
  test::write_sample_trace("T.trace");
  const std::string before = cli::fingerprint("T.trace");
  test::write_sample_trace("T.trace");
  CHECK(cli::fingerprint("T.trace") == before);
  write_file("T.trace", read_file("T.trace") + "x");
  CHECK(cli::fingerprint("T.trace") != before);
  write_file("short.trace", "abc");
  CHECK(cli::fingerprint("short.trace").size() == 64);
}

TEST_CASE("the files of a folder count, with their names") {
  std::filesystem::remove_all("images");
  std::filesystem::create_directories("images");
  write_file("images/a.png", "a");
  const auto text = [] {
    OutputKey key;
    key.add_file("inputs", "images");
    return key.text();
  };
  const std::string one = text();
  write_file("images/b.png", "b");
  const std::string two = text();
  CHECK(two != one);
  std::filesystem::rename("images/b.png", "images/c.png");
  CHECK(text() != two);
  std::filesystem::remove("images/c.png");
  CHECK(text() == one);
}

TEST_CASE("a long value stands as its checksum, so a key has one line a value") {
  OutputKey key;
  key.add("recipe", "passes:\n  - int8\n");
  CHECK(key.text().find("recipe sha256:") == 0);
  CHECK(std::count(key.text().begin(), key.text().end(), '\n') == 1);
}
