// The commands that the source tree has, in the order of the manual. The table is made by CMake from the
// rebasis_command() lines, so that `rebasis --help` knows the commands that need libtorch without loading it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rebasis::cli {

struct CommandEntry {
  std::string_view name;
  std::string_view summary;  ///< one line, without a full stop
  bool needs_torch;          ///< lives in rebasis-torch
};

[[nodiscard]] const std::vector<CommandEntry>& command_table();
/// nullptr when there is none of that name.
[[nodiscard]] const CommandEntry* find_entry(std::string_view name);
[[nodiscard]] std::vector<std::string> command_names();

}  // namespace rebasis::cli
