#include "tests/support/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace rebasis::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void redirect(const std::string& path, int flags, int descriptor) {
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

[[noreturn]] void become(const std::vector<std::string>& words, const RunOptions& options, const std::string& folder) {
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(folder + "/output", O_CREAT | O_WRONLY | O_TRUNC, STDOUT_FILENO);
  redirect(folder + "/errors", O_CREAT | O_WRONLY | O_TRUNC, STDERR_FILENO);
  for (const std::string& variable : options.environment) putenv(strdup(variable.c_str()));
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

int exit_status(int state) { return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state); }

/// Waits in small steps, so that a program that hangs fails its test instead of stopping all of them.
int wait_for(pid_t child, const RunOptions& options, Clock::time_point start) {
  bool signalled = options.signal_after_ms == 0;
  for (;;) {
    int state = 0;
    if (waitpid(child, &state, WNOHANG) == child) return exit_status(state);
    const auto elapsed = Clock::now() - start;
    if (!signalled && elapsed > std::chrono::milliseconds(options.signal_after_ms)) {
      kill(child, options.signal_number);
      signalled = true;
    }
    if (elapsed > std::chrono::seconds(options.timeout_s)) {
      kill(child, SIGKILL);
      waitpid(child, &state, 0);
      return 124;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

Outcome run(const std::vector<std::string>& words, const RunOptions& options) {
  const std::string folder = fresh_folder("process." + std::to_string(getpid()));
  const auto start = Clock::now();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) become(words, options, folder);
  Outcome outcome;
  outcome.status = wait_for(child, options, start);
  outcome.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  outcome.output = content(folder + "/output");
  outcome.errors = content(folder + "/errors");
  std::filesystem::remove_all(folder);
  return outcome;
}

Outcome run_rebasis(const std::vector<std::string>& arguments, const RunOptions& options) {
  std::vector<std::string> words = {REBASIS_BIN_DIR "/rebasis"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(words, options);
}

std::string fresh_folder(const std::string& name) {
  std::filesystem::remove_all(name);
  std::filesystem::create_directories(name);
  return name;
}

}  // namespace rebasis::test
