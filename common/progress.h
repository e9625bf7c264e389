// How far a long job is: a bar on a terminal, a plain line now and then elsewhere, nothing with --quiet.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace rebasis {

/// Shows `done` of `total` steps on standard error. advance() may be called from several threads.
class Progress {
 public:
  /// `label` names the job, e.g. "compress"; `total` 0 means that the number of steps is not known.
  Progress(std::string label, std::uint64_t total);
  /// Ends the line. After an exception the bar stays as it was.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `step` says what is being done now (a layer's name); it is shown behind the count.
  void advance(std::uint64_t steps = 1, std::string_view step = {});

  /// Silences every Progress and every note() of this process.
  static void set_quiet(bool quiet);
  [[nodiscard]] static bool quiet();
  /// A plain line on standard error ("rebasis: TEXT"), silent with --quiet.
  static void note(std::string_view text);

 private:
  void show(std::string_view step, bool last);

  std::string label_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  std::uint64_t shown_ = 0;
  bool terminal_;
  int exceptions_;
  std::chrono::steady_clock::time_point last_shown_;
  std::mutex mutex_;
};

}  // namespace rebasis
