#include "cli/compare/processes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>

#include "common/error.h"

namespace rebasis::cli {
namespace {

constexpr std::size_t most_output = std::size_t{1} << 20U;
constexpr int grace_s = 10;  ///< between SIGTERM and SIGKILL

/// What a child prints, kept in memory: there is no file to clean up.
class Capture {
 public:
  Capture() : file_(memfd_create("rebasis", MFD_CLOEXEC)) {
    if (file_ < 0) fail_internal(std::string("memfd_create: ") + std::strerror(errno));
  }
  ~Capture() {
    if (file_ >= 0) close(file_);
  }
  Capture(Capture&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  Capture& operator=(Capture&&) = delete;
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  [[nodiscard]] int descriptor() const { return file_; }
  [[nodiscard]] std::string text() const {
    std::string text(most_output, '\0');
    const ssize_t count = pread(file_, text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

 private:
  int file_;
};

/// Holds back the signals that this part of the program waits for, and lets them through again at the end.
class SignalWait {
 public:
  SignalWait() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGCHLD);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction now {};
      sigaction(number, nullptr, &now);
      if (now.sa_handler != SIG_IGN) sigaddset(&set_, number);  // nohup and background jobs ignore some: that stays
    }
    sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  ~SignalWait() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalWait(const SignalWait&) = delete;
  SignalWait& operator=(const SignalWait&) = delete;

  /// The number of the next signal, or 0 after a second.
  [[nodiscard]] int next() const {
    const timespec second{1, 0};
    const int number = sigtimedwait(&set_, nullptr, &second);
    return number < 0 ? 0 : number;
  }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t set_{}, before_{};
};

struct Child {
  std::size_t index = 0;
  Capture output, errors;
};

[[noreturn]] void become(const std::string& program, std::vector<char*>& arguments, const Child& child, pid_t parent,
                         const sigset_t& signals) {
  // Survives exec: an orphan would go on computing, and write into a folder that somebody has restarted.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(128 + SIGTERM);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(child.output.descriptor(), STDOUT_FILENO) < 0 ||
      dup2(child.errors.descriptor(), STDERR_FILENO) < 0) {
    _exit(126);
  }
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  execv(program.c_str(), arguments.data());
  _exit(127);
}

class Pool {
 public:
  Pool(const std::string& program, const std::vector<std::vector<std::string>>& argument_lists, const ProcessDone& done)
      : program_(program), argument_lists_(argument_lists), done_(done) {}

  void run(std::size_t at_once) {
    try {
      for (std::size_t next = 0; next < argument_lists_.size() || !children_.empty();) {
        while (next < argument_lists_.size() && children_.size() < std::max<std::size_t>(at_once, 1)) start(next++);
        const int signal_number = signals_.next();
        if (signal_number == SIGINT || signal_number == SIGTERM || signal_number == SIGHUP) interrupt(signal_number);
        collect();
      }
    } catch (...) {
      end_children();
      throw;
    }
  }

 private:
  void start(std::size_t index) {
    std::vector<std::string> words = argument_lists_[index];
    words.insert(words.begin(), "rebasis");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    Child child{index, {}, {}};
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) fail_internal(std::string("cannot start a process: ") + std::strerror(errno));
    if (pid == 0) become(program_, arguments, child, parent, signals_.before());
    children_.emplace(pid, std::move(child));
  }

  void collect() {
    int state = 0;
    for (pid_t pid = waitpid(-1, &state, WNOHANG); pid > 0; pid = waitpid(-1, &state, WNOHANG)) {
      const auto found = children_.find(pid);
      if (found == children_.end()) continue;
      const Child child = std::move(found->second);
      children_.erase(found);
      const int status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
      done_(child.index, {status, child.output.text(), child.errors.text()});
    }
  }

  void signal_children(int number) const {
    for (const auto& [pid, child] : children_) kill(pid, number);
  }

  /// Nothing is told of children that end here.
  void end_children() {
    signal_children(SIGTERM);
    for (int seconds = 0; !children_.empty(); ++seconds) {
      int state = 0;
      for (pid_t pid = waitpid(-1, &state, WNOHANG); pid > 0; pid = waitpid(-1, &state, WNOHANG)) children_.erase(pid);
      if (children_.empty()) break;
      if (seconds == grace_s) signal_children(SIGKILL);
      (void)signals_.next();
    }
  }

  void interrupt(int number) {
    end_children();
    sigset_t only{};
    sigemptyset(&only);
    sigaddset(&only, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &only, nullptr);  // the program's handler runs here, and does not come back
  }

  const std::string& program_;
  const std::vector<std::vector<std::string>>& argument_lists_;
  const ProcessDone& done_;
  SignalWait signals_;
  std::map<pid_t, Child> children_;
};

}  // namespace

void run_processes(const std::string& program, const std::vector<std::vector<std::string>>& argument_lists,
                   std::size_t at_once, const ProcessDone& done) {
  Pool(program, argument_lists, done).run(at_once);
}

}  // namespace rebasis::cli
