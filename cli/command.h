// What a command of `rebasis` is. A command is two files in cli/commands and nothing else:
//   NAME.cpp    a class derived from Command, and one RegisterCommand object
//   NAME.cmake  rebasis_command(NAME ORDER n SUMMARY "..." LINK parts...)      (cli/CMakeLists.txt)
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rebasis::cli {

/// One entry of EXAMPLES: what to type, and what it does.
struct Example {
  std::string command;
  std::string explanation;
};

class Command {
 public:
  virtual ~Command() = default;

  /// DESCRIPTION of the manual: paragraphs divided by an empty line. Lines that start with a space are kept as they
  /// are.
  [[nodiscard]] virtual std::string description() const = 0;
  /// At least one; each must work as it stands once its files exist.
  [[nodiscard]] virtual std::vector<Example> examples() const = 0;

  /// Adds options and arguments. --help and --quiet are there already. Defaults of variables are shown by themselves.
  /// An option that takes several values is given once a value: --set a=1 --set b=2.
  virtual void configure(CLI::App& app) = 0;

  /// Does the work, with the options parsed, and returns the exit status (common/error.h, Status). An Error that is
  /// thrown is printed as `rebasis: MESSAGE` and gives its own status. Results go to standard output or to files,
  /// everything else to standard error (common/progress.h).
  virtual int run() = 0;
};

using CommandFactory = std::unique_ptr<Command> (*)();

/// At namespace scope: const RegisterCommand<Inspect> registration("inspect");
template <class T>
class RegisterCommand;

void register_command(std::string_view name, CommandFactory factory);
/// The command of that name in this program, or nullptr.
[[nodiscard]] std::unique_ptr<Command> make_command(std::string_view name);

template <class T>
class RegisterCommand {
 public:
  explicit RegisterCommand(std::string_view name) {
    register_command(name, []() -> std::unique_ptr<Command> { return std::make_unique<T>(); });
  }
};

/// The command line of this process as a shell would need it, for the provenance of results: `rebasis simulate ...`.
[[nodiscard]] const std::string& command_line();
/// A word of a command line as a shell needs it.
[[nodiscard]] std::string shell_quoted(std::string_view word);

}  // namespace rebasis::cli
