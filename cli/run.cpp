#include "cli/run.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <span>

#include "cli/command.h"
#include "cli/command_table.h"
#include "cli/help.h"
#include "cli/torch_program.h"
#include "common/error.h"
#include "common/progress.h"
#include "common/text/suggest.h"

namespace rebasis::cli {
namespace {

std::string& command_line_storage() {
  static std::string line;
  return line;
}

/// The names of the options ("--fidelity"), for suggestions.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

[[noreturn]] void fail_usage(std::string_view command, const std::string& problem) {
  fail_input(problem + "; see 'rebasis " + std::string(command) + " --help'");
}

/// A misspelt option is named before what is missing because of it.
[[noreturn]] void fail_parse(std::string_view command, const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> rest = app.remaining();
  for (const std::string& left_over : rest) {
    if (!left_over.starts_with("-")) continue;
    const std::string word = left_over.substr(0, left_over.find('='));
    fail_usage(command, "unknown option " + in_quotes(word) + did_you_mean(word, option_names(app)));
  }
  if (!rest.empty()) fail_usage(command, "unexpected argument " + in_quotes(rest.front()));
  fail_usage(command, error.what());
}

/// Each occurrence of an option takes one value, so that `--set a=1 T.trace` does not swallow the trace.
void take_one_value_each(CLI::App& app) {
  for (CLI::Option* option : app.get_options([](CLI::Option* each) { return !each->get_positional(); })) {
    if (option->get_expected_max() > 1) option->allow_extra_args(false);
  }
}

/// Output that does not reach its reader is an error, e.g. a full disk.
void flush_output() {
  errno = 0;
  std::cout.flush();
  if (!std::cout || std::fflush(stdout) != 0) {
    fail_input("standard output: " + std::string(errno == 0 ? "write failed" : std::strerror(errno)));
  }
}

int run_command(const CommandEntry& entry, std::span<char*> arguments, char* argv[]) {
  const std::unique_ptr<Command> command = make_command(entry.name);
  if (!command) {
    if (entry.needs_torch) run_torch_program(entry.name, argv);
    fail_internal("command '" + std::string(entry.name) + "' is not linked into this program");
  }
  CLI::App app(std::string(entry.summary), "rebasis " + std::string(entry.name));
  app.option_defaults()->always_capture_default();
  command->configure(app);
  bool quiet = false;
  app.set_help_flag("-h,--help", "Print this manual");
  app.add_flag("-q,--quiet", quiet, "No progress and no notes on standard error");
  take_one_value_each(app);

  std::vector<std::string> words(arguments.rbegin(), arguments.rend());  // CLI11 wants them last first
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    std::cout << command_help(entry.name, entry.summary, *command, app);
    flush_output();
    return 0;
  } catch (const CLI::ParseError& error) {
    fail_parse(entry.name, app, error);
  }
  if (quiet) Progress::set_quiet(true);
  const int status = command->run();
  flush_output();
  return status;
}

int print(const std::string& text) {
  std::cout << text;
  flush_output();
  return 0;
}

const CommandEntry& known_entry(std::string_view word) {
  const CommandEntry* entry = find_entry(word);
  if (entry == nullptr) {
    fail_input("unknown command " + in_quotes(word) + did_you_mean(word, command_names()) + "; see 'rebasis --help'");
  }
  return *entry;
}

/// `rebasis help COMMAND` is `rebasis COMMAND --help`.
int show_manual(char* name) {
  std::string program = "rebasis";
  std::string option = "--help";
  char* words[] = {program.data(), name, option.data(), nullptr};
  return run_command(known_entry(name), std::span<char*>(words).subspan(2, 1), words);
}

int dispatch(std::span<char*> arguments, char* argv[]) {
  while (!arguments.empty()) {
    const std::string_view word = arguments.front();
    if (word != "-q" && word != "--quiet") break;
    Progress::set_quiet(true);
    arguments = arguments.subspan(1);
  }
  if (arguments.empty()) fail_input("no command; see 'rebasis --help'");
  const std::string_view word = arguments.front();
  const std::span<char*> rest = arguments.subspan(1);
  if (word == "--version") return print(version_text());
  if (word == "-h" || word == "--help" || (word == "help" && rest.empty())) return print(program_help());
  if (word.starts_with("-")) fail_input("unknown option " + in_quotes(word) + "; see 'rebasis --help'");
  if (word == "help") return show_manual(rest.front());
  return run_command(known_entry(word), rest, argv);
}

/// Names from files reach messages: what a terminal would obey becomes '?'.
std::string without_control_characters(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F; },
      '?');
  return text;
}

int report(const std::string& message, Status status) {
  std::cout.flush();
  std::cerr << "rebasis: " << without_control_characters(message) << std::endl;
  return static_cast<int>(status);
}

}  // namespace

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_-+=:,./";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

const std::string& command_line() { return command_line_storage(); }

int run_program(int argc, char* argv[]) {
  try {
    const std::span<char*> arguments(argv + std::min(argc, 1), static_cast<std::size_t>(std::max(argc - 1, 0)));
    std::string& line = command_line_storage() = "rebasis";
    for (const char* word : arguments) line += " " + shell_quoted(word);
    return dispatch(arguments, argv);
  } catch (const Error& error) {
    const std::string prefix = error.status() == Status::internal ? "internal error: " : "";
    return report(prefix + error.what(), error.status());
  } catch (const std::bad_alloc&) {
    return report("not enough memory for this job; free some, or use smaller inputs", Status::internal);
  } catch (const std::exception& error) {
    return report(std::string("internal error: ") + error.what(), Status::internal);
  }
}

}  // namespace rebasis::cli
