#include "cli/help.h"

#include <sstream>

#include "cli/build_info.h"
#include "cli/command_table.h"

namespace rebasis::cli {
namespace {

constexpr std::size_t line_width = 80;
constexpr std::size_t body = 7;     // columns, as man(1) indents
constexpr std::size_t detail = 14;  // of the text below an option

constexpr std::string_view exit_status =
    "0      Done.\n"
    " 1      The simulated design is infeasible; the reason is printed.\n"
    " 2      Bad usage or bad input; the message names the file and line.\n"
    " 3      An internal error, or not enough memory.\n"
    " 130    Interrupted (128 + the signal's number); no partial file is left.";

/// The words of `text` in lines of at most 80 columns; "" for no words.
std::string fill(const std::string& text, std::size_t first_indent, std::size_t indent) {
  std::string result;
  std::string line(first_indent, ' ');
  bool empty = true;
  std::istringstream words{text};
  for (std::string word; words >> word; empty = false) {
    if (!empty && line.size() + 1 + word.size() > line_width) {
      result += line + "\n";
      line = std::string(indent, ' ');
      empty = true;
    }
    line += empty ? word : " " + word;
  }
  return empty ? result : result + line + "\n";
}

std::string section(std::string_view title, const std::string& text) { return std::string(title) + "\n" + text + "\n"; }

/// "TEXT:{fast,clocked}" and "TEXT:FILE" of CLI11 without the part that says nothing.
std::string value_name(const CLI::Option& option) {
  std::string name = option.get_type_name();
  const auto colon = name.find(':');
  if (colon != std::string::npos && colon + 1 < name.size()) name.erase(0, colon + 1);
  return name;
}

std::string option_head(const CLI::Option& option) {
  std::string head = option.get_positional() ? option.get_name() : option.get_name(false, true);
  for (std::size_t at = head.find(','); at != std::string::npos; at = head.find(',', at + 2)) head.insert(at + 1, " ");
  if (option.get_positional()) return option.get_expected_max() > 1 ? head + "..." : head;
  if (option.get_expected_max() > 0) head += " " + value_name(option);
  return head;
}

std::string option_text(const CLI::Option& option) {
  std::string text = option.get_description();
  const std::string& standard = option.get_default_str();
  const bool is_flag = option.get_expected_max() == 0;
  if (!text.empty() && text.back() != '.' && text.back() != ')') text += '.';
  if (option.get_required() && !option.get_positional()) text += " Required.";
  if (!is_flag && !standard.empty() && standard != "[]" && standard != "\"\"") text += " Default: " + standard + ".";
  if (option.get_expected_max() > 1 && !option.get_positional()) text += " May be given several times.";
  return text;
}

std::string synopsis(std::string_view name, const CLI::App& app) {
  std::string line = "rebasis " + std::string(name) + " [OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) {
      if (option->get_required()) line += " " + option->get_name() + " " + value_name(*option);
      continue;
    }
    const std::string argument = option_head(*option);
    line += option->get_required() ? " " + argument : " [" + argument + "]";
  }
  return line;
}

std::string options(const CLI::App& app) {
  std::string text;
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional() != positional || option->get_group().empty()) continue;
      text += std::string(body, ' ') + option_head(*option) + "\n" + wrapped(option_text(*option), detail);
    }
  }
  return text;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::string paragraph;
  const auto end_paragraph = [&] {
    result += fill(paragraph, indent, indent);
    paragraph.clear();
  };
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != ' ') {
      paragraph += line + " ";
      continue;
    }
    end_paragraph();
    if (line.empty()) {
      result += "\n";
    } else if (indent + line.size() - 1 <= line_width) {
      result += std::string(indent, ' ') + line.substr(1) + "\n";
    } else {
      const std::size_t own = indent + line.find_first_not_of(' ') - 1;
      result += fill(line, own, own + 2);
    }
  }
  end_paragraph();
  return result;
}

std::string program_help() {
  std::string commands;
  for (const CommandEntry& entry : command_table()) {
    std::string text(entry.summary);
    if (entry.needs_torch && !build_has_torch) text += " (not in this build: it has no libtorch)";
    commands += std::string(body, ' ') + std::string(entry.name) + "\n" + wrapped(text, detail);
  }
  return section("NAME", wrapped("rebasis - simulate accelerators of compressed neural networks", body)) +
         section("SYNOPSIS", wrapped(" rebasis COMMAND [OPTIONS] [ARGUMENTS]\n rebasis COMMAND --help\n"
                                     " rebasis --version",
                                     body)) +
         section("DESCRIPTION",
                 wrapped("Compresses a trained network, runs it on a model of an accelerator, and says what that costs "
                         "in time, energy and DRAM traffic, and why.",
                         body)) +
         section("COMMANDS", commands) +
         section("OPTIONS", std::string(body, ' ') + "-q, --quiet\n" +
                                wrapped("No progress and no notes on standard error.", detail) +
                                std::string(body, ' ') + "-h, --help\n" + wrapped("Print this manual.", detail) +
                                std::string(body, ' ') + "--version\n" +
                                wrapped("Print the version and what the build holds.", detail)) +
         section("ENVIRONMENT", std::string(body, ' ') + "REBASIS_DATA_DIR\n" +
                                    wrapped("Folder of the shipped presets, recipes, energy tables and networks; "
                                            "normally found beside the program.",
                                            detail)) +
         section("EXIT STATUS", wrapped(" " + std::string(exit_status), body));
}

std::string command_help(std::string_view name, std::string_view summary, const Command& command, const CLI::App& app) {
  std::string examples;
  for (const Example& example : command.examples()) {
    examples += std::string(body, ' ') + example.command + "\n" + wrapped(example.explanation, detail);
  }
  return section("NAME", wrapped("rebasis " + std::string(name) + " - " + std::string(summary), body)) +
         section("SYNOPSIS", wrapped(synopsis(name, app), body)) +
         section("DESCRIPTION", wrapped(command.description(), body)) + section("OPTIONS", options(app)) +
         section("EXAMPLES", examples) + section("EXIT STATUS", wrapped(" " + std::string(exit_status), body));
}

std::string version_text() {
  return "rebasis " + std::string(build_version) + (build_has_torch ? "" : " (without libtorch)") +
         (build_has_succinct ? " (with sdsl-lite: this program is under GPL-3)" : "") + "\n";
}

}  // namespace rebasis::cli
