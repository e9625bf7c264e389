// Damaged files and what a command must do with them: exit status 2, a message that names the file, and no output.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rebasis::test {

/// A file's content damaged in one way.
struct Damage {
  std::string what;  ///< for the test's messages
  std::string content;
};

/// Empty, cut at `cuts` lengths, text, zeros, and the head of files of other types.
[[nodiscard]] std::vector<Damage> broken(const std::string& content, int cuts);

/// One bit flipped at each of `count` places spread over the content.
[[nodiscard]] std::vector<Damage> flipped(const std::string& content, int count);

/// A command line; the word "@" is the damaged file, a word that starts with "out/" an output.
struct CommandCase {
  std::vector<std::string> words;
  std::string names;  ///< what the message must contain; empty: the damaged file's name
};

/// Whether the program has the command (it may be left out of a build).
[[nodiscard]] bool has_command(const std::string& command);

/// Writes each damaged content to `file` and runs each command on it. `must_fail`: status 2 is demanded; otherwise 0
/// and 1 are right too (a flipped bit may be another valid value, or a layer that the design cannot run).
void expect_refusal(const std::string& file, const std::vector<Damage>& damages,
                    const std::vector<CommandCase>& commands, bool must_fail);

/// The content of a file, and its opposite (without the care of write_file: these are test inputs).
[[nodiscard]] std::string content_of(const std::string& path);
void put(const std::string& path, const std::string& content);

}  // namespace rebasis::test
