#include "common/progress.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <utility>

namespace rebasis {
namespace {

using namespace std::chrono_literals;

constexpr auto terminal_interval = 100ms;
constexpr auto line_interval = 5s;  // for logs: a job of an hour leaves 720 lines
constexpr std::size_t bar_width = 30;

std::atomic<bool> is_quiet{false};

std::string bar(std::uint64_t done, std::uint64_t total) {
  const std::uint64_t part = total == 0 ? 0 : std::min<std::uint64_t>(bar_width, done * bar_width / total);
  const auto filled = static_cast<std::size_t>(part);
  return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] ";
}

std::string count(std::uint64_t done, std::uint64_t total) {
  return total == 0 ? std::to_string(done) : std::to_string(done) + "/" + std::to_string(total);
}

}  // namespace

Progress::Progress(std::string label, std::uint64_t total)
    : label_(std::move(label)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) == 1),
      exceptions_(std::uncaught_exceptions()),
      last_shown_(std::chrono::steady_clock::now()) {
  if (terminal_) show({}, false);
}

Progress::~Progress() {
  if (std::uncaught_exceptions() > exceptions_) {
    if (terminal_ && !quiet()) std::fputc('\n', stderr);
    return;
  }
  if (terminal_ || shown_ != done_ || done_ == 0) show({}, true);
}

void Progress::advance(std::uint64_t steps, std::string_view step) {
  const std::lock_guard lock(mutex_);
  done_ += steps;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_shown_ < (terminal_ ? std::chrono::milliseconds(terminal_interval) : line_interval)) return;
  last_shown_ = now;
  show(step, false);
}

void Progress::show(std::string_view step, bool last) {
  if (quiet()) return;
  shown_ = done_;
  std::string line = terminal_ ? "\r\x1b[K" + label_ + " " + bar(done_, total_) : "rebasis: " + label_ + " ";
  line += count(done_, total_);
  if (!step.empty()) line.append(" ").append(step);
  if (!terminal_ || last) line += '\n';
  std::fputs(line.c_str(), stderr);
}

void Progress::set_quiet(bool quiet) { is_quiet = quiet; }

bool Progress::quiet() { return is_quiet; }

void Progress::note(std::string_view text) {
  if (quiet()) return;
  const std::string line = "rebasis: " + std::string(text) + "\n";
  std::fputs(line.c_str(), stderr);
}

}  // namespace rebasis
