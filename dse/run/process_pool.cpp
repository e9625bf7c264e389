#include "dse/run/process_pool.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>

#include "common/error.h"

namespace rebasis::dse {

namespace {

constexpr int crashed_status = 3, memory_status = 4;
constexpr std::size_t longest_log = 16 * 1024;

[[noreturn]] void fail_system(const char* what) { fail_input(std::string(what) + ": " + std::strerror(errno)); }

int memory_file(const char* name) {
  const int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0) fail_system("cannot keep the output of a worker");
  return file;
}

bool write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  return true;
}

std::string read_last(int file, std::size_t most) {
  const off_t size = lseek(file, 0, SEEK_END);
  if (size <= 0) return {};
  const std::size_t count = std::min(most, static_cast<std::size_t>(size));
  std::string text(count, '\0');
  const ssize_t got = pread(file, text.data(), count, size - static_cast<off_t>(count));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REBASIS_HUGE_SHADOW
#endif
#endif

/// Limits what this process may map beyond what it has mapped. Not under the address sanitizer, which maps terabytes.
void limit_memory([[maybe_unused]] std::int64_t bytes) {
#if !defined(REBASIS_HUGE_SHADOW) && !defined(__SANITIZE_ADDRESS__)
  if (bytes == 0) return;
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto limit = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + bytes);
  const rlimit both{limit, limit};
  setrlimit(RLIMIT_AS, &both);
#endif
}

/// What the forked process does; it never returns to the caller's code.
[[noreturn]] void work_and_exit(const std::function<std::string()>& work, int result, int log, pid_t parent,
                                std::int64_t memory_bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(crashed_status);
  // Ctrl-C goes to the whole foreground group: the parent decides what becomes of running points.
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal_number, SIG_IGN);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // what a crash or a time limit cuts off is in the log as far as it came
  limit_memory(memory_bytes);
  int status = 0;
  try {
    if (!write_all(result, work())) status = crashed_status;
  } catch (const std::bad_alloc&) {
    status = memory_status;
  } catch (const std::exception& error) {
    status = crashed_status;
    (void)write_all(log, std::string(error.what()) + "\n");
  }
  std::fflush(nullptr);
  _exit(status);
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "no message";
  const std::size_t before = text.find_last_of('\n', end);
  return text.substr(before == std::string::npos ? 0 : before + 1,
                     end + 1 - (before == std::string::npos ? 0 : before + 1));
}

}  // namespace

ProcessPool::~ProcessPool() { kill_all(); }

void ProcessPool::start(std::int64_t id, const std::function<std::string()>& work, double seconds,
                        std::int64_t memory_bytes) {
  Running running;
  running.result = memory_file("rebasis-result");
  running.log = memory_file("rebasis-log");
  running.limit_s = seconds;
  running.memory_bytes = memory_bytes;
  running.begin = Clock::now();
  running.latest = running.begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::fflush(nullptr);  // or the child would write it again
  const pid_t parent = getpid();
  running.process = fork();
  if (running.process < 0) fail_system("cannot start a worker");
  if (running.process == 0) work_and_exit(work, running.result, running.log, parent, memory_bytes);
  running.ended = static_cast<int>(syscall(SYS_pidfd_open, running.process, 0));
  if (running.ended < 0) fail_system("cannot watch a worker");
  running_[id] = running;
}

ProcessEnd ProcessPool::collect(std::int64_t id, Running& running) {
  int status = 0;
  waitpid(running.process, &status, 0);
  ProcessEnd end;
  end.id = id;
  end.seconds = std::chrono::duration<double>(Clock::now() - running.begin).count();
  end.log = read_last(running.log, longest_log);
  if (running.killed) {
    end.ending = Ending::timed_out;
    end.reason = "ran longer than " + std::to_string(running.limit_s) + " s";
  } else if (WIFSIGNALED(status)) {
    end.ending = Ending::crashed;
    end.reason =
        std::string("ended by signal ") + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  } else if (WEXITSTATUS(status) == memory_status) {
    end.ending = Ending::out_of_memory;
    end.reason = "needs more than " + std::to_string(running.memory_bytes >> 20) + " MiB";
  } else if (WEXITSTATUS(status) != 0) {
    end.ending = Ending::crashed;
    end.reason = last_line(end.log);
  } else {
    end.result = read_last(running.result, SIZE_MAX);
  }
  for (const int file : {running.ended, running.result, running.log}) close(file);
  return end;
}

std::vector<ProcessEnd> ProcessPool::wait(double seconds) {
  if (running_.empty()) return {};
  const auto now = Clock::now();
  double left = seconds;
  std::vector<pollfd> watched;
  for (auto& [id, running] : running_) {
    left = std::min(left, std::chrono::duration<double>(running.latest - now).count());
    watched.push_back({running.ended, POLLIN, 0});
  }
  // Rounded up, or the last millisecond of a time limit would be spent spinning.
  (void)poll(watched.data(), watched.size(), static_cast<int>(std::max(0.0, left * 1000)) + (left > 0 ? 1 : 0));
  std::vector<ProcessEnd> ends;
  std::size_t position = 0;
  for (auto it = running_.begin(); it != running_.end(); ++position) {
    Running& running = it->second;
    bool ended = (watched[position].revents & POLLIN) != 0;
    if (!ended && Clock::now() >= running.latest) {
      kill(running.process, SIGKILL);
      running.killed = true;
      ended = true;
    }
    if (ended) ends.push_back(collect(it->first, running));
    it = ended ? running_.erase(it) : std::next(it);
  }
  return ends;
}

void ProcessPool::kill_all() {
  for (auto& [id, running] : running_) kill(running.process, SIGKILL);
  for (auto& [id, running] : running_) (void)collect(id, running);
  running_.clear();
}

}  // namespace rebasis::dse
