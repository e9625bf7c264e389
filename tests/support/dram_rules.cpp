#include "tests/support/dram_rules.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace rebasis::test {
namespace {

using enum sim::DramCommand;
using enum sim::DramScope;
using sim::IssuedCommand;

const char* text(sim::DramCommand command) {
  constexpr const char* names[] = {"ACT", "PRE", "RD", "WR", "REF"};
  return names[static_cast<int>(command)];
}

std::string text(const IssuedCommand& c) {
  return std::string(text(c.command)) + " bank " + std::to_string(c.bank) + " row " + std::to_string(c.row) + " @" +
         std::to_string(c.clock);
}

bool concerns(const sim::TimingRule& rule, const PartRules& part, const IssuedCommand& a, const IssuedCommand& b) {
  if (rule.previous != a.command || rule.next != b.command) return false;
  if (rule.scope == bank) return a.bank == b.bank;
  return rule.scope == rank || a.bank % part.groups == b.bank % part.groups;
}

void check_pairs(const PartRules& part, const std::vector<IssuedCommand>& trace, std::vector<std::string>& found) {
  for (std::size_t j = 0; j < trace.size(); ++j) {
    for (std::size_t i = j; i-- > 0 && trace[i].clock + 500 > trace[j].clock;) {
      for (const sim::TimingRule& rule : part.pairs) {
        if (concerns(rule, part, trace[i], trace[j]) && trace[j].clock < trace[i].clock + rule.clocks) {
          found.push_back(text(trace[i]) + " then " + text(trace[j]) + " needs " + std::to_string(rule.clocks));
        }
      }
    }
  }
}

void check_window(const PartRules& part, const std::vector<IssuedCommand>& trace, std::vector<std::string>& found) {
  std::vector<std::uint64_t> activates;
  for (const IssuedCommand& c : trace) {
    if (c.command != activate) continue;
    if (activates.size() >= 4 && c.clock < activates[activates.size() - 4] + part.faw) {
      found.push_back(text(c) + " is the fifth activate in the window");
    }
    activates.push_back(c.clock);
  }
}

void check_bus(const PartRules& part, const std::vector<IssuedCommand>& trace, std::vector<std::string>& found) {
  std::uint64_t free = 0;
  for (const IssuedCommand& c : trace) {
    if (c.clock < free) found.push_back(text(c) + " while the command bus is taken until " + std::to_string(free));
    free = c.clock + (c.command == activate    ? part.activate_slots
                      : c.command == precharge ? part.precharge_slots
                      : c.command == refresh   ? part.refresh_slots
                                               : part.column_slots);
  }
}

void check_rows(const std::vector<IssuedCommand>& trace, std::vector<std::string>& found) {
  std::map<std::uint32_t, std::uint32_t> open;
  for (const IssuedCommand& c : trace) {
    const auto row = open.find(c.bank);
    if (c.command == activate && !open.emplace(c.bank, c.row).second) found.push_back(text(c) + " of an open bank");
    if (c.command == precharge && open.erase(c.bank) == 0) found.push_back(text(c) + " of a closed bank");
    if (c.command == refresh && !open.empty()) found.push_back(text(c) + " with open banks");
    if ((c.command == read || c.command == write) && (row == open.end() || row->second != c.row)) {
      found.push_back(text(c) + " of a row that is not open");
    }
  }
}

void check_refresh(const PartRules& part, const std::vector<IssuedCommand>& trace, std::vector<std::string>& found) {
  std::uint64_t due = part.refi;
  for (const IssuedCommand& c : trace) {
    if (c.command == refresh) {
      if (c.clock < due || c.clock >= due + part.refi) found.push_back(text(c) + " was due at " + std::to_string(due));
      due += part.refi;
    } else if (c.clock >= due + part.refi) {
      found.push_back(text(c) + " a whole interval after the refresh due at " + std::to_string(due));
    }
  }
}

}  // namespace

const std::vector<PartRules>& dram_rules() {
  static const std::vector<PartRules> all = {
      {"ddr4-2400-x64",
       4,
       16,
       26,
       9360,
       1,
       1,
       1,
       1,
       {{bank, activate, read, 17},
        {bank, activate, write, 17},
        {bank, activate, precharge, 39},
        {bank, activate, activate, 56},
        {bank, precharge, activate, 17},
        {bank, read, precharge, 9},
        {bank, write, precharge, 34},
        {group, activate, activate, 6},
        {group, read, read, 6},
        {group, write, write, 6},
        {group, write, read, 25},
        {rank, activate, activate, 4},
        {rank, read, read, 4},
        {rank, write, write, 4},
        {rank, write, read, 19},
        {rank, read, write, 11},
        {rank, precharge, refresh, 17},
        {rank, refresh, activate, 420},
        {rank, refresh, refresh, 420}}},
      {"lpddr4-3200-x32",
       1,
       8,
       64,
       6247,
       4,
       2,
       4,
       2,
       {{bank, activate, read, 29},
        {bank, activate, write, 29},
        {bank, activate, precharge, 68},
        {bank, activate, activate, 95},
        {bank, precharge, activate, 27},
        {bank, read, precharge, 14},
        {bank, write, precharge, 54},
        {rank, activate, activate, 16},
        {rank, read, read, 8},
        {rank, write, write, 8},
        {rank, write, read, 42},
        {rank, read, write, 24},
        {rank, precharge, refresh, 27},
        {rank, refresh, activate, 288},
        {rank, refresh, refresh, 288}}},
      {"ddr3-1066-x16",
       1,
       8,
       27,
       4160,
       1,
       1,
       1,
       1,
       {{bank, activate, read, 7},
        {bank, activate, write, 7},
        {bank, activate, precharge, 20},
        {bank, activate, activate, 27},
        {bank, precharge, activate, 7},
        {bank, read, precharge, 4},
        {bank, write, precharge, 18},
        {rank, activate, activate, 6},
        {rank, read, read, 4},
        {rank, write, write, 4},
        {rank, write, read, 14},
        {rank, read, write, 7},
        {rank, precharge, refresh, 7},
        {rank, refresh, activate, 139},
        {rank, refresh, refresh, 139}}},
  };
  return all;
}

const PartRules& dram_rules(const std::string& name) {
  for (const PartRules& rules : dram_rules()) {
    if (rules.name == name) return rules;
  }
  throw std::logic_error("no rules for " + name);
}

std::vector<std::string> violations(const PartRules& rules, std::vector<IssuedCommand> trace) {
  std::stable_sort(trace.begin(), trace.end(),
                   [](const IssuedCommand& a, const IssuedCommand& b) { return a.clock < b.clock; });
  std::vector<std::string> found;
  check_pairs(rules, trace, found);
  check_window(rules, trace, found);
  check_bus(rules, trace, found);
  check_rows(trace, found);
  check_refresh(rules, trace, found);
  return found;
}

}  // namespace rebasis::test
