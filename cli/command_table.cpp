#include "cli/command_table.h"

#include <algorithm>

namespace rebasis::cli {

const std::vector<CommandEntry>& command_table() {
  static const std::vector<CommandEntry> table = {
#include "cli/command_table.inc"
  };
  return table;
}

const CommandEntry* find_entry(std::string_view name) {
  const auto& table = command_table();
  const auto found = std::ranges::find(table, name, &CommandEntry::name);
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandEntry& entry : command_table()) names.emplace_back(entry.name);
  return names;
}

}  // namespace rebasis::cli
