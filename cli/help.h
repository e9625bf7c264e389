// The manual, as `rebasis --help` and `rebasis COMMAND --help` print it: the sections of a man page, 80 columns.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace rebasis::cli {

/// `text` in lines of at most 80 columns, each indented by `indent` spaces. Paragraphs are divided by an empty line;
/// lines that start with a space are kept as they are when they fit, and else continued two columns further in.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent);

[[nodiscard]] std::string program_help();
[[nodiscard]] std::string command_help(std::string_view name, std::string_view summary, const Command& command,
                                       const CLI::App& app);
/// "rebasis 0.1.0" and what the build holds.
[[nodiscard]] std::string version_text();

}  // namespace rebasis::cli
