#include "tests/end_to_end/bad_input/bad_input.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/process.h"

namespace rebasis::test {
namespace {

namespace fs = std::filesystem;

bool is_empty(const std::string& folder) { return fs::directory_iterator(folder) == fs::directory_iterator(); }

void expect_refusal(const std::string& file, const Damage& damage, const CommandCase& command, bool must_fail) {
  (void)fresh_folder("out");
  std::vector<std::string> words = command.words;
  for (std::string& word : words) {
    if (word == "@") word = file;
  }
  const Outcome outcome = run_rebasis(words);
  std::string line;
  for (const std::string& word : words) line += word + " ";
  INFO(line << "with " << damage.what);
  INFO("status " << outcome.status << ", errors: " << outcome.errors);
  if (must_fail) CHECK(outcome.status == 2);
  if (outcome.status == 0) return;
  CHECK((outcome.status == 2 || (outcome.status == 1 && !must_fail)));  // 1: a layer that the design cannot run
  CHECK(outcome.errors.find("rebasis: ") != std::string::npos);
  CHECK(outcome.errors.find(command.names.empty() ? file : command.names) != std::string::npos);
  CHECK(outcome.errors.find("internal error") == std::string::npos);
  CHECK(is_empty("out"));
}

}  // namespace

std::vector<Damage> broken(const std::string& content, int cuts) {
  std::vector<Damage> damages{
      {"nothing in it", ""},
      {"a text", "This is no such file.\n"},
      {"zeros", std::string(100, '\0')},
      {"the head of an NPY file", std::string("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', ", 26)},
      {"the head of a PNG file", "\x89PNG\r\n\x1a\n"},
      {"the head of an ELF file", std::string("\x7f"
                                              "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
                                              16)}};
  for (int i = 0; i < cuts; ++i) {
    const std::size_t length = 1 + (content.size() - 2) * static_cast<std::size_t>(i) / static_cast<std::size_t>(cuts);
    damages.push_back({"only " + std::to_string(length) + " bytes", content.substr(0, length)});
  }
  if (cuts > 0) damages.push_back({"the last byte missing", content.substr(0, content.size() - 1)});
  return damages;
}

std::vector<Damage> flipped(const std::string& content, int count) {
  std::vector<Damage> damages;
  for (int i = 0; i < count; ++i) {
    const std::size_t place = content.size() * static_cast<std::size_t>(i) / static_cast<std::size_t>(count);
    const int bit = i * 5 % 8;
    Damage damage{"bit " + std::to_string(bit) + " of byte " + std::to_string(place) + " flipped", content};
    damage.content[place] = static_cast<char>(damage.content[place] ^ (1 << bit));
    damages.push_back(std::move(damage));
  }
  return damages;
}

bool has_command(const std::string& command) { return run_rebasis({command, "--help"}).status == 0; }

void expect_refusal(const std::string& file, const std::vector<Damage>& damages,
                    const std::vector<CommandCase>& commands, bool must_fail) {
  for (const CommandCase& command : commands) {
    if (!has_command(command.words[0])) {
      MESSAGE("left out: this build has no command " << command.words[0]);
      continue;
    }
    for (const Damage& damage : damages) {
      put(file, damage.content);
      expect_refusal(file, damage, command, must_fail);
    }
  }
  fs::remove(file);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void put(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  REQUIRE(file.flush());
}

}  // namespace rebasis::test
