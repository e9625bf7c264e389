#include "workloads/graph/contained.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>

#include "common/error.h"

namespace rebasis::graph {
namespace {

constexpr rlim_t most_seconds = 60;
constexpr std::size_t most_bytes = std::size_t{256} << 20U;  // of a result

void write_all(int pipe_end, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(pipe_end, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // the parent sees a result without its end mark
    done += static_cast<std::size_t>(written);
  }
}

/// What the child does: no handler of the parent's runs in it, and nothing of the parent's is flushed or destroyed.
[[noreturn]] void child(int pipe_end, const std::function<std::string()>& work) {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM, SIGXCPU}) signal(number, SIG_DFL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const rlimit seconds{most_seconds, most_seconds};
  setrlimit(RLIMIT_CPU, &seconds);
  // libonnx and the allocator print before they abort; the parent's message replaces that.
  close(STDERR_FILENO);
  std::string result;
  try {
    result = "R" + work() + ".";
  } catch (const std::exception& error) {
    result = std::string("T") + error.what() + ".";
  }
  write_all(pipe_end, result);
  _exit(0);
}

std::string read_all(int pipe_end) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() < most_bytes) {
    const ssize_t got = read(pipe_end, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

ContainedResult run_contained(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) fail_internal("cannot make a pipe");
  const pid_t process = fork();
  if (process < 0) {
    close(ends[0]);
    close(ends[1]);
    fail_internal("cannot start a process");
  }
  if (process == 0) {
    close(ends[0]);
    child(ends[1], work);
  }
  close(ends[1]);
  std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  const bool complete = WIFEXITED(status) && WEXITSTATUS(status) == 0 && text.size() >= 2 && text.back() == '.';
  if (!complete) return {ContainedResult::End::died, ""};
  const auto end = text.front() == 'R' ? ContainedResult::End::returned : ContainedResult::End::threw;
  return {end, text.substr(1, text.size() - 2)};
}

}  // namespace rebasis::graph
