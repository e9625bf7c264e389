#include "cli/signals.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

#include "common/error.h"
#include "common/file.h"

namespace rebasis::cli {
namespace {

/// Async-signal-safe: a write, the removal of temporaries, the end.
extern "C" void stop(int signal_number) {
  remove_temporary_files();
  constexpr std::string_view message = "\nrebasis: interrupted; no partial file is left\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message.data(), message.size());
  _exit(128 + signal_number);
}

/// A mapped input whose pages are gone: somebody truncated the file, or its disk failed.
extern "C" void stop_without_input(int /*signal_number*/) {
  remove_temporary_files();
  constexpr std::string_view message = "rebasis: an input file was truncated or became unreadable while it was read\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message.data(), message.size());
  _exit(static_cast<int>(Status::bad_input));
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = stop;
  sigfillset(&action.sa_mask);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(signal_number, nullptr, &before);
    // A shell that starts a job in the background, and nohup, have signals ignored: that stays.
    if (before.sa_handler != SIG_IGN) sigaction(signal_number, &action, nullptr);
  }
  action.sa_handler = stop_without_input;
  sigaction(SIGBUS, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is then an error of write(), with the file's name in the message
}

}  // namespace rebasis::cli
