// Errors that reach the user: one type, one exit status, one format.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace rebasis {

/// Exit status of the command line (docs/user-guide.md, "Exit status").
enum class Status { done = 0, infeasible = 1, bad_input = 2, internal = 3 };

/// Where in a user's file the trouble is. `line` and `column` are 1-based; 0 means unknown.
struct SourceLocation {
  std::string file;
  int line = 0;
};

/// Every failure that has a cause outside the code is thrown as an Error. `what()` reads
/// "FILE:LINE: what is wrong; what would be right" as far as file and line are known.
class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  Error(Status status, const SourceLocation& where, const std::string& message)
      : std::runtime_error(prefix(where) + message), status_(status) {}

  [[nodiscard]] Status status() const noexcept { return status_; }

 private:
  static std::string prefix(const SourceLocation& where) {
    if (where.file.empty()) return {};
    std::string text = where.file;
    if (where.line > 0) text += ":" + std::to_string(where.line);
    return text + ": ";
  }
  Status status_;
};

/// Bad usage or bad input (exit status 2).
[[noreturn]] inline void fail_input(const std::string& message) { throw Error(Status::bad_input, message); }
[[noreturn]] inline void fail_input(const SourceLocation& where, const std::string& message) {
  throw Error(Status::bad_input, where, message);
}
/// The design asked for cannot be built or cannot run the layer (exit status 1).
[[noreturn]] inline void fail_infeasible(const std::string& message) { throw Error(Status::infeasible, message); }
/// A broken invariant of our own (exit status 3).
[[noreturn]] inline void fail_internal(const std::string& message) { throw Error(Status::internal, message); }

}  // namespace rebasis
