// Work in processes of its own, a few at a time: what one does to itself (a crash, a leak, an endless loop, SystemC's
// single elaboration) stays there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace rebasis::dse {

enum class Ending { finished, crashed, timed_out, out_of_memory };

struct ProcessEnd {
  std::int64_t id = 0;
  Ending ending = Ending::finished;
  std::string result;  ///< of `finished`
  std::string reason;  ///< otherwise, in words
  std::string log;     ///< the last of what it wrote to standard output and error
  double seconds = 0;
};

class ProcessPool {
 public:
  explicit ProcessPool(std::size_t slots) : slots_(slots) {}
  /// Kills what runs.
  ~ProcessPool();
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  [[nodiscard]] std::size_t slots() const { return slots_; }
  [[nodiscard]] std::size_t running() const { return running_.size(); }

  /// Forks a process that runs `work` and hands back what it returns; an exception ends it as `crashed` with its
  /// message. `memory_bytes` is on top of what this process has mapped; 0: its own limit holds. The process ends when
  /// this one does.
  void start(std::int64_t id, const std::function<std::string()>& work, double seconds, std::int64_t memory_bytes);
  /// Those that ended, waiting up to `seconds` for the first. Kills those that ran too long.
  [[nodiscard]] std::vector<ProcessEnd> wait(double seconds);
  void kill_all();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    int process = 0, ended = -1;  ///< `ended`: pidfd
    int result = -1, log = -1;    ///< memory files
    Clock::time_point begin, latest;
    double limit_s = 0;
    std::int64_t memory_bytes = 0;
    bool killed = false;
  };
  [[nodiscard]] ProcessEnd collect(std::int64_t id, Running& running);

  std::size_t slots_;
  std::map<std::int64_t, Running> running_;
};

}  // namespace rebasis::dse
