// Runs a program as a user's shell would, and keeps what it printed.
#pragma once

#include <string>
#include <vector>

namespace rebasis::test {

struct Outcome {
  int status = -1;     ///< exit status; 128 + N when signal N ended it, 124 when it ran too long
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
  double seconds = 0;
};

struct RunOptions {
  std::vector<std::string> environment{};  ///< "NAME=value", added to this process's
  int timeout_s = 60;
  int signal_after_ms = 0;  ///< > 0: send `signal_number` then
  int signal_number = 0;
};

/// `words[0]` is the program's path. Standard input is empty.
[[nodiscard]] Outcome run(const std::vector<std::string>& words, const RunOptions& options = {});

/// The rebasis program of this build with these arguments.
[[nodiscard]] Outcome run_rebasis(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// A new empty folder below the working directory.
[[nodiscard]] std::string fresh_folder(const std::string& name);

}  // namespace rebasis::test
