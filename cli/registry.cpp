#include <map>

#include "cli/command.h"
#include "common/error.h"

namespace rebasis::cli {
namespace {

std::map<std::string, CommandFactory, std::less<>>& factories() {
  static std::map<std::string, CommandFactory, std::less<>> all;
  return all;
}

}  // namespace

void register_command(std::string_view name, CommandFactory factory) {
  if (!factories().emplace(name, factory).second) fail_internal("two commands are called " + std::string(name));
}

std::unique_ptr<Command> make_command(std::string_view name) {
  const auto found = factories().find(name);
  return found == factories().end() ? nullptr : found->second();
}

}  // namespace rebasis::cli
