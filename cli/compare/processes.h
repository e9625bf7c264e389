// Child processes, several at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace rebasis::cli {

struct ProcessOutcome {
  int status = 0;      ///< exit status; 128 + N when signal N ended it
  std::string output;  ///< first MiB of standard output
  std::string errors;  ///< first MiB of standard error
};

using ProcessDone = std::function<void(std::size_t index, const ProcessOutcome& outcome)>;

/// Runs `program` once for each list of arguments, at most `at_once` at a time, started in the given order; `done` is
/// called as each ends. SIGINT, SIGTERM and SIGHUP are handed to the children; when they have ended, this process is
/// ended by the signal as it would have been without them. Children end (SIGTERM) when this process dies in any other
/// way. Standard input of a child is empty. Call from the main thread.
void run_processes(const std::string& program, const std::vector<std::vector<std::string>>& argument_lists,
                   std::size_t at_once, const ProcessDone& done);

}  // namespace rebasis::cli
